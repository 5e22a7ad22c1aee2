/* declarator.c: how source text describes a type: struct, union and enum bodies,
 * declaration specifiers (`static unsigned long`), declarators (`(*f[3])(int)`). */

struct name *decl_name;                 /* what declarator found */
int decl_storage;                       /* what specifiers found: KW_TYPEDEF ... or 0 */

struct type *declarator(struct type *t);
struct type *specifiers();
int const_int();                        /* expr.c */

/* ---- struct, union, enum ---- */

struct member *new_member(struct name *n, struct type *t) {
    struct member *m = (struct member *) alloc(sizeof(struct member));
    m->name = n;
    m->type = t;
    return m;
}

int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

/* Places the next member of a struct that is `size` bytes long so far (a union's
 * members all start at 0); where it ends. */
int place_member(struct type *s, struct member *m, int size) {
    int align = align_of(m->type);
    if (align > s->align) s->align = align;
    m->offset = s->is_union ? 0 : round_up(size, align);
    return m->offset + size_of(m->type);
}

/* A bit-field gets the whole of its type; gen.c holds its values to its bits. */
int bit_field_width(struct member *m) {
    int width = const_int();
    if (!is_integer(m->type) || !is_unsigned(m->type) || is_wide(m->type) || m->name == 0)
        fail("unsupported bit-field");
    if (width < 1 || width > size_of(m->type) * 8) fail("bad width of a bit-field");
    return width;
}

void add_member(struct type *s, struct member *m) {
    struct member *last = s->members;
    if (m->name && find_member(s, m->name)) fail_name("member declared twice: ", m->name);
    if (last == 0) {
        s->members = m;
        return;
    }
    while (last->next) last = last->next;
    last->next = m;
}

/* One `type declarator, declarator;` of a struct of `size` bytes so far; its new size. */
int member_declaration(struct type *s, int size) {
    struct type *base = specifiers();
    struct member *m;
    int end;
    if (decl_storage) fail("storage class in a struct");
    do {
        decl_name = 0;
        m = new_member(0, base);
        if (tok != ';') m->type = declarator(base);
        m->name = decl_name;
        if (accept(':')) m->bits = bit_field_width(m);
        if (m->name == 0 && m->type->kind != TY_STRUCT) fail("member without a name");
        if (m->type->kind == TY_FUNC || m->type->kind == TY_VOID) fail("bad type of a member");
        if (is_open_array(m->type)) m->type = array_of(m->type->base, 0);
        end = place_member(s, m, size);
        if (end > size) size = end;
        add_member(s, m);
    } while (accept(','));
    expect(';', "expected ;");
    return size;
}

void struct_body(struct type *s) {
    int size = 0;
    if (!s->incomplete) fail_name("struct defined twice: ", s->tag);
    s->align = 1;
    while (tok != '}') size = member_declaration(s, size);
    next();
    s->size = round_up(size, s->align);
    s->incomplete = 0;
}

void enum_body(struct type *e) {
    struct symbol *s;
    struct name *n;
    int value = 0;
    do {
        if (tok == '}') break;
        if (tok != T_NAME) fail_here("expected a name");
        n = current->name;
        next();
        if (accept('=')) value = const_int();
        s = declare(n, SYM_ENUM, basic[TY_INT]);
        s->value = value++;
    } while (accept(','));
    expect('}', "expected }");
    e->incomplete = 0;
}

/* `struct tag`, `struct tag { ... }`, the same with union and enum. */
struct type *tagged_type() {
    int keyword_kind = tok;
    struct name *tag = 0;
    struct symbol *s = 0;
    struct type *t;
    next();
    if (tok == T_NAME) {
        tag = current->name;
        s = tag->tag;
        next();
        /* A body defines a new type in this scope, if it is not there yet. */
        if (tok == '{' && s && s->depth != depth) s = 0;
    } else if (tok != '{') {
        fail_here("expected a tag or {");
    }
    if (s) {
        t = s->type;
        if ((t->kind == TY_STRUCT) != (keyword_kind != KW_ENUM)
            || (keyword_kind == KW_UNION) != t->is_union) fail_name("tag of another kind: ", tag);
    } else {
        t = new_type(keyword_kind == KW_ENUM ? TY_INT : TY_STRUCT, 4, 4);
        t->incomplete = 1;
        t->is_union = keyword_kind == KW_UNION;
        t->tag = tag;
        if (tag) declare(tag, SYM_TAG, t);
    }
    if (accept('{')) {
        if (keyword_kind == KW_ENUM) enum_body(t);
        else struct_body(t);
    }
    return t;
}

/* ---- specifiers ---- */

int starts_type(struct token *t) {
    int k;
    if (t->kind != T_NAME || evaluating_if) return 0;
    k = t->name->keyword;
    if (k) return k > KW_TYPE_FIRST && k < KW_TYPE_LAST;
    return t->name->symbol && t->name->symbol->kind == SYM_TYPEDEF;
}

/* A set of type keywords has two bits to count each of them. */
int once(int kw) { return 1 << 2 * (kw - KW_VOID); }
int times(int set, int kw) { return set >> 2 * (kw - KW_VOID) & 3; }

/* The kind that a set of type keywords means. */
int keyword_type(int set) {
    int unsign = times(set, KW_UNSIGNED), longs = times(set, KW_LONG);
    int plain = set - unsign * once(KW_UNSIGNED) - times(set, KW_SIGNED) * once(KW_SIGNED);
    if (unsign + times(set, KW_SIGNED) < 2) {
        if (plain == once(KW_CHAR)) return TY_CHAR + unsign;
        if (times(set, KW_INT) == 1) plain -= once(KW_INT);
        if (plain == once(KW_SHORT)) return TY_SHORT + unsign;
        if (plain == longs * once(KW_LONG) && longs < 2) return TY_INT + unsign;
        if (plain == 2 * once(KW_LONG)) return TY_LLONG + unsign;
    }
    if (set == once(KW_VOID)) return TY_VOID;
    if (set == once(KW_FLOAT)) return TY_FLOAT;
    if (set == once(KW_DOUBLE)) return TY_DOUBLE;
    if (set == once(KW_DOUBLE) + once(KW_LONG)) return TY_LDOUBLE;
    fail("bad type");
    return 0;
}

/* Declaration specifiers: the type, and the storage class in decl_storage. */
struct type *specifiers() {
    struct type *t = 0;
    int storage = 0, set = 0;
    while (1) {
        if (tok == KW_TYPEDEF || tok == KW_EXTERN || tok == KW_STATIC) {
            if (storage) fail("two storage classes");
            storage = tok;
        } else if (tok >= KW_VOID && tok <= KW_UNSIGNED) {
            if (times(set, tok) == 3) fail("bad type");
            set += once(tok);
        } else if (tok == KW_STRUCT || tok == KW_UNION || tok == KW_ENUM) {
            if (t) fail("bad type");
            t = tagged_type();
            continue;
        } else if (tok == T_NAME && t == 0 && set == 0 && starts_type(current)) {
            t = current->name->symbol->type;
        } else if (tok != KW_QUALIFIER) {
            break;
        }
        next();
    }
    decl_storage = storage;
    if (t && set) fail("bad type");
    if (t == 0 && set == 0) fail_here("expected a type");
    return t ? t : basic[keyword_type(set)];
}

/* ---- declarators ---- */

struct type *parameter_type(struct type *t) {
    if (t->kind == TY_ARRAY) return pointer_to(t->base);
    if (t->kind == TY_FUNC) return pointer_to(t);
    return t;
}

/* The parameter list of f; the token is behind the opening parenthesis. */
void parameters(struct type *f) {
    struct member *last = 0, *m;
    struct type *t;
    if (accept(')')) {
        f->variadic = 1;                /* anything goes */
        return;
    }
    do {
        if (accept(T_ELLIPSIS)) {
            if (last == 0) fail("... without a parameter before it");
            f->variadic = 1;
            break;
        }
        t = specifiers();
        decl_name = 0;
        t = parameter_type(declarator(t));
        if (t->kind == TY_VOID && last == 0 && decl_name == 0 && tok == ')') break;
        if (t->kind == TY_VOID) fail("void parameter");
        m = new_member(decl_name, t);
        if (last) last->next = m;
        else f->members = m;
        last = m;
    } while (accept(','));
    expect(')', "expected )");
}

/* The array and function parts behind a declarator's name. */
struct type *declarator_suffix(struct type *t) {
    struct type *f;
    struct name *saved_name = decl_name;
    int saved_storage = decl_storage, count = COUNT_UNKNOWN;
    if (accept('[')) {
        if (tok != ']') {
            count = const_int();
            if (count < 0) fail("negative size of an array");
        }
        expect(']', "expected ]");
        t = declarator_suffix(t);
        if (t->kind == TY_FUNC || t->kind == TY_VOID) fail("bad type of an array's elements");
        t = array_of(t, count);
    } else if (accept('(')) {
        if (t->kind == TY_ARRAY || t->kind == TY_FUNC) fail("bad type of a function's result");
        f = new_type(TY_FUNC, 1, 1);
        f->base = t;
        parameters(f);
        t = f;
    }
    decl_name = saved_name;
    decl_storage = saved_storage;
    return t;
}

int nested_declarator() {
    struct token *t = peek();
    if (t->kind == T_NAME) return !starts_type(t);
    return t->kind == '*' || t->kind == '(' || t->kind == '[';
}

/* In `(*f)(int)` the inner part comes first but describes the outer: it is read
 * with a hole for its type, which is filled in afterwards. */
struct type *nested(struct type *t) {
    struct type *hole = new_type(TY_VOID, 1, 1), *inner, *hole_pointer;
    next();
    inner = declarator(hole);
    expect(')', "expected )");
    t = declarator_suffix(t);
    if (inner == hole) return t;
    if (t->kind == TY_STRUCT && t->incomplete) fail("declarator of an incomplete struct");
    hole_pointer = hole->pointer;
    copy((char *) hole, (char *) t, sizeof(struct type));
    hole->pointer = hole_pointer;
    return inner;
}

/* A declarator with or without a name, which is left in decl_name. */
struct type *declarator(struct type *t) {
    while (accept('*')) {
        t = pointer_to(t);
        while (accept(KW_QUALIFIER)) continue;
    }
    if (tok == '(' && nested_declarator()) return nested(t);
    if (tok == T_NAME) {
        decl_name = current->name;
        next();
    }
    return declarator_suffix(t);
}

struct type *type_name() {
    struct type *t = specifiers();
    if (decl_storage) fail("storage class in a type name");
    decl_name = 0;
    t = declarator(t);
    if (decl_name) fail_name("name in a type name: ", decl_name);
    return t;
}
