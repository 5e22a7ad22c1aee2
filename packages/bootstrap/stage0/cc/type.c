/* type.c: types, scopes and declarators.
 *
 * Sizes and layout are those of the i386 System V ABI as gcc and tcc have it:
 * nothing is aligned to more than 4 inside a struct.  `long` is `int`,
 * qualifiers are read and forgotten.  Two types are the same if they are the
 * same object (structs), or compare equal in same_type. */

enum {
    KW_BREAK = T_KEYWORD_FIRST, KW_CASE, KW_CONTINUE, KW_DEFAULT, KW_DO, KW_ELSE, KW_FOR, KW_GOTO,
    KW_IF, KW_RETURN, KW_SIZEOF, KW_SWITCH, KW_WHILE, KW_ASM, KW_ATTRIBUTE,
    KW_TYPE_FIRST,                      /* those below may start a declaration */
    KW_TYPEDEF, KW_EXTERN, KW_STATIC, KW_AUTO, KW_QUALIFIER, KW_VOID, KW_CHAR, KW_SHORT, KW_INT,
    KW_LONG, KW_FLOAT, KW_DOUBLE, KW_SIGNED, KW_UNSIGNED, KW_STRUCT, KW_UNION, KW_ENUM,
    KW_TYPE_LAST
};
enum { SYM_TYPEDEF, SYM_ENUM, SYM_LOCAL, SYM_GLOBAL, SYM_TAG };
enum { SECTION_NONE, SECTION_TEXT, SECTION_DATA, SECTION_BSS };
enum { UNDEFINED, TENTATIVE, DEFINED };  /* `int x;` becomes bss if nothing better comes */
enum { COUNT_UNKNOWN = -1 };

struct type {
    int kind;
    int size;                           /* of all but arrays: see size_of */
    int align;
    struct type *base;                  /* pointed to, element, result */
    int count;                          /* elements of an array */
    struct member *members;             /* of a struct; parameters of a function */
    int incomplete;
    int is_union;
    int variadic;
    int unprototyped;                   /* f() takes anything */
    struct type *pointer;               /* the pointer to this type, once made */
    struct name *tag;
};

struct member {
    struct name *name;                  /* 0: an anonymous struct or union */
    struct type *type;
    int offset;
    int bits;                           /* width of a bit-field, or 0 */
    int bit_at;                         /* its lowest bit in the unit at offset */
    struct member *next;
};

struct linked {                         /* a place in the image */
    struct name *name;
    int section;
    int offset;
    int used;
    char *file;                         /* of the first use, for messages */
    int line;
    struct linked *next;
};

struct symbol {
    struct name *name;
    int kind;
    struct type *type;
    int value;                          /* of an enum constant; frame offset */
    struct linked *link;
    int is_static;
    int definition;                     /* of a variable in this unit, so far */
    int depth;
    struct symbol *shadowed;
    struct symbol *next;                /* in the same scope */
};

struct type *basic[TY_PTR];             /* by kind, TY_VOID to TY_LDOUBLE */
struct symbol *scope;                   /* all that is in scope, innermost first */
int depth;                              /* 0 is the file's scope */
struct name *decl_name;                 /* what declarator found */
int decl_storage;                       /* what specifiers found: KW_TYPEDEF ... or 0 */
int member_offset;                      /* what find_member found */
struct linked *linked_first;
struct linked *linked_last;

struct type *declarator(struct type *t);
struct type *specifiers();
int const_int();                        /* expr.c */

struct type *new_type(int kind, int size, int align) {
    struct type *t = (struct type *) alloc(sizeof(struct type));
    t->kind = kind;
    t->size = size;
    t->align = align;
    return t;
}

void basic_type(int kind, int size) {
    basic[kind] = new_type(kind, size, size > 4 ? 4 : size);
}

/* The words of a list become keywords of the kinds kind, kind + 1, … */
void keywords(char *list, int kind) {
    int len;
    while (*list) {
        for (len = 0; list[len] != ' '; len++) {
        }
        intern(list, len)->keyword = kind++;
        list = list + len + 1;
    }
}

void keyword(char *text, int kind) {
    intern_text(text)->keyword = kind;
}

void type_init() {
    basic_type(TY_VOID, 1);
    basic_type(TY_CHAR, 1);
    basic_type(TY_UCHAR, 1);
    basic_type(TY_SHORT, 2);
    basic_type(TY_USHORT, 2);
    basic_type(TY_INT, 4);
    basic_type(TY_UINT, 4);
    basic_type(TY_LLONG, 8);
    basic_type(TY_ULLONG, 8);
    basic_type(TY_FLOAT, 4);
    basic_type(TY_DOUBLE, 8);
    basic_type(TY_LDOUBLE, 12);
    keywords("break case continue default do else for goto if return sizeof switch while __asm__ __attribute__ ",
             KW_BREAK);
    keywords("typedef extern static auto const void char short int long float double signed unsigned struct union enum ",
             KW_TYPEDEF);
    keyword("register", KW_AUTO);
    keyword("volatile", KW_QUALIFIER);
    keyword("restrict", KW_QUALIFIER);
    keyword("inline", KW_QUALIFIER);
    keyword("__inline__", KW_QUALIFIER);
}

/* ---- properties ---- */

struct type *pointer_to(struct type *t) {
    if (t->pointer == 0) {
        t->pointer = new_type(TY_PTR, 4, 4);
        t->pointer->base = t;
    }
    return t->pointer;
}

struct type *array_of(struct type *t, int count) {
    struct type *array = new_type(TY_ARRAY, 0, 0);
    array->base = t;
    array->count = count;
    return array;
}

int is_integer(struct type *t) {
    return t->kind >= TY_CHAR && t->kind <= TY_ULLONG;
}

int is_real(struct type *t) {
    return t->kind >= TY_FLOAT && t->kind <= TY_LDOUBLE;
}

int is_arithmetic(struct type *t) {
    return t->kind >= TY_CHAR && t->kind <= TY_LDOUBLE;
}

int is_scalar(struct type *t) {
    return t->kind >= TY_CHAR && t->kind <= TY_PTR;
}

int is_wide(struct type *t) {
    return t->kind == TY_LLONG || t->kind == TY_ULLONG;
}

int is_unsigned(struct type *t) {
    return t->kind == TY_UCHAR || t->kind == TY_USHORT || t->kind == TY_UINT
        || t->kind == TY_ULLONG || t->kind == TY_PTR;
}

int size_of(struct type *t) {
    if (t->kind == TY_ARRAY) {
        if (t->count == COUNT_UNKNOWN) fail("array without a size");
        return t->count * size_of(t->base);
    }
    if (t->incomplete) fail_name("incomplete struct ", t->tag);
    return t->size;
}

int align_of(struct type *t) {
    while (t->kind == TY_ARRAY) t = t->base;
    return t->align;
}

int same_type(struct type *a, struct type *b);

int same_parameters(struct member *a, struct member *b) {
    for (; a && b && same_type(a->type, b->type); a = a->next) b = b->next;
    return a == 0 && b == 0;
}

int same_type(struct type *a, struct type *b) {
    if (a == b) return 1;
    if (a->kind != b->kind || a->kind == TY_STRUCT) return 0;
    if (a->kind == TY_PTR) return same_type(a->base, b->base);
    if (a->kind == TY_ARRAY) {
        return same_type(a->base, b->base)
            && (a->count == b->count || a->count == COUNT_UNKNOWN || b->count == COUNT_UNKNOWN);
    }
    if (a->kind != TY_FUNC) return 1;
    if (a->unprototyped || b->unprototyped) return same_type(a->base, b->base);
    return same_type(a->base, b->base) && a->variadic == b->variadic && same_parameters(a->members, b->members);
}

/* The member called n, looked for in anonymous members too; its offset from
 * the start of t is left in member_offset. */
struct member *find_member(struct type *t, struct name *n) {
    struct member *m;
    struct member *found;
    for (m = t->members; m; m = m->next) {
        if (m->name == n) {
            member_offset = m->offset;
            return m;
        }
        if (m->name == 0 && m->type->kind == TY_STRUCT) {
            found = find_member(m->type, n);
            if (found) {
                member_offset += m->offset;
                return found;
            }
        }
    }
    return 0;
}

/* ---- scopes ---- */

struct symbol *declare(struct name *n, int kind, struct type *t) {
    struct symbol *s = (struct symbol *) alloc(sizeof(struct symbol));
    s->name = n;
    s->kind = kind;
    s->type = t;
    s->depth = depth;
    s->next = scope;
    scope = s;
    if (kind == SYM_TAG) {
        s->shadowed = n->tag;
        n->tag = s;
    } else {
        s->shadowed = n->symbol;
        if (n->symbol && n->symbol->depth == depth) fail_name("declared twice: ", n);
        n->symbol = s;
    }
    return s;
}

void open_scope() {
    depth++;
}

void close_scope() {
    while (scope && scope->depth == depth) {
        if (scope->kind == SYM_TAG) scope->name->tag = scope->shadowed;
        else scope->name->symbol = scope->shadowed;
        scope = scope->next;
    }
    depth--;
}

struct linked *new_linked(struct name *n) {
    struct linked *l = (struct linked *) alloc(sizeof(struct linked));
    l->name = n;
    if (linked_last) linked_last->next = l;
    else linked_first = l;
    linked_last = l;
    return l;
}

/* ---- struct, union, enum ---- */

struct member *new_member(struct name *n, struct type *t) {
    struct member *m = (struct member *) alloc(sizeof(struct member));
    m->name = n;
    m->type = t;
    return m;
}

int round_up(int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

/* Places the next member of a struct that is `bits` long so far (a union's
 * members all start at 0); the bit behind it. */
int place_member(struct type *s, struct member *m, int is_field, int bits) {
    int size = size_of(m->type) * 8;
    if (s->is_union) bits = 0;
    if (is_field && m->bits == 0) return round_up(bits, size);
    if (!is_field) bits = round_up(bits, align_of(m->type) * 8);
    else if (bits / size != (bits + m->bits - 1) / size) bits = round_up(bits, size);
    if (is_field) {
        m->offset = bits / size * (size / 8);
        m->bit_at = bits % size;
        bits += m->bits;
    } else {
        m->offset = bits / 8;
        bits += size;
    }
    if ((!is_field || m->name) && align_of(m->type) > s->align) s->align = align_of(m->type);
    return bits;
}

int bit_field_width(struct member *m) {
    int width = const_int();
    if (!is_integer(m->type) || is_wide(m->type)) fail("unsupported type of a bit-field");
    if (width < 0 || width > size_of(m->type) * 8 || (width == 0 && m->name)) fail("bad width of a bit-field");
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

/* One `type declarator, declarator;` of a struct; `bits` as in place_member,
 * except that for a union it is the longest member's. */
int member_declaration(struct type *s, int bits) {
    struct type *base = specifiers();
    struct member *m;
    int is_field;
    int end;
    if (decl_storage) fail("storage class in a struct");
    do {
        decl_name = 0;
        m = new_member(0, base);
        if (tok != ':' && tok != ';') m->type = declarator(base);
        m->name = decl_name;
        is_field = accept(':');
        if (is_field) m->bits = bit_field_width(m);
        else if (m->name == 0 && m->type->kind != TY_STRUCT) fail("member without a name");
        if (m->type->kind == TY_FUNC || m->type->kind == TY_VOID) fail("bad type of a member");
        if (m->type->kind == TY_ARRAY && m->type->count == COUNT_UNKNOWN) m->type = array_of(m->type->base, 0);
        end = place_member(s, m, is_field, bits);
        if (end > bits || !s->is_union) bits = end;
        if (!is_field || m->name) add_member(s, m);
    } while (accept(','));
    expect(';', "expected ;");
    return bits;
}

void struct_body(struct type *s) {
    int bits = 0;
    if (!s->incomplete) fail_name("struct defined twice: ", s->tag);
    s->align = 1;
    while (tok != '}') bits = member_declaration(s, bits);
    next();
    s->size = round_up(round_up(bits, 8) / 8, s->align);
    s->incomplete = 0;
}

void enum_body(struct type *e) {
    struct symbol *s;
    struct name *n;
    int value = 0;
    int negative = 0;
    do {
        if (tok == '}') break;
        if (tok != T_NAME) fail_here("expected a name");
        n = current->name;
        next();
        if (accept('=')) value = const_int();
        s = declare(n, SYM_ENUM, basic[TY_INT]);
        s->value = value++;
        if (s->value < 0) negative = 1;
    } while (accept(','));
    expect('}', "expected }");
    /* As gcc has it: an enum type without negative constants is unsigned. */
    e->kind = negative ? TY_INT : TY_UINT;
    e->incomplete = 0;
}

/* `struct tag`, `struct tag { … }`, the same with union and enum. */
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
        t = new_type(keyword_kind == KW_ENUM ? TY_UINT : TY_STRUCT, 4, 4);
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

void skip_parentheses() {
    int level = 0;
    do {
        if (tok == T_END) fail("attribute without end");
        if (tok == '(') level++;
        if (tok == ')') level--;
        next();
    } while (level);
}

/* __attribute__((…)): the few that do not change what code does. */
void skip_attributes() {
    struct token *t;
    while (accept(KW_ATTRIBUTE)) {
        expect('(', "expected (");
        expect('(', "expected (");
        t = current;
        if (!is(t, "noreturn") && !is(t, "format") && !is(t, "unused")) fail_with("unsupported attribute ", t->text, t->len);
        next();
        if (tok == '(') skip_parentheses();
        expect(')', "expected )");
        expect(')', "expected )");
    }
}

int starts_type(struct token *t) {
    int k;
    if (t->kind != T_NAME || evaluating_if) return 0;
    k = t->name->keyword;
    if (k) return k > KW_TYPE_FIRST && k < KW_TYPE_LAST;
    return t->name->symbol && t->name->symbol->kind == SYM_TYPEDEF;
}

/* A set of type keywords has two bits to count each of them. */
int once(int kw) {
    return 1 << 2 * (kw - KW_VOID);
}

int times(int set, int kw) {
    return set >> 2 * (kw - KW_VOID) & 3;
}

/* The kind that a set of type keywords means. */
int keyword_type(int set) {
    int unsign = times(set, KW_UNSIGNED);
    int longs = times(set, KW_LONG);
    int plain = set - unsign * once(KW_UNSIGNED) - times(set, KW_SIGNED) * once(KW_SIGNED);
    if (unsign + times(set, KW_SIGNED) < 2) {
        if (plain == once(KW_CHAR)) return TY_CHAR + unsign;
        if (times(set, KW_INT) == 1) plain -= once(KW_INT);
        if (plain == once(KW_SHORT)) return TY_SHORT + unsign;
        if (plain == longs * once(KW_LONG) && longs < 3) return (longs == 2 ? TY_LLONG : TY_INT) + unsign;
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
    int storage = 0;
    int set = 0;
    while (1) {
        skip_attributes();
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
        } else if (tok != KW_AUTO && tok != KW_QUALIFIER) {
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
    struct member *last = 0;
    struct member *m;
    struct type *t;
    if (accept(')')) {
        f->unprototyped = 1;
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
    int saved_storage = decl_storage;
    int count = COUNT_UNKNOWN;
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
    return t->kind == '*' || t->kind == '(' || t->kind == '[' || (t->kind == T_NAME && !starts_type(t));
}

/* In `(*f)(int)` the inner part comes first but describes the outer: it is read
 * with a hole for its type, which is filled in afterwards. */
struct type *nested(struct type *t) {
    struct type *hole = new_type(TY_VOID, 1, 1);
    struct type *inner;
    struct type *hole_pointer;
    next();
    inner = declarator(hole);
    expect(')', "expected )");
    t = declarator_suffix(t);
    if (inner == hole) return t;
    if (t->kind == TY_STRUCT && t->incomplete) fail("unsupported declarator of an incomplete struct");
    hole_pointer = hole->pointer;
    copy((char *) hole, (char *) t, sizeof(struct type));
    hole->pointer = hole_pointer;
    return inner;
}

/* A declarator with or without a name, which is left in decl_name. */
struct type *declarator(struct type *t) {
    skip_attributes();
    while (accept('*')) {
        t = pointer_to(t);
        while (accept(KW_QUALIFIER)) {
        }
    }
    skip_attributes();
    if (tok == '(' && nested_declarator()) return nested(t);
    if (tok == T_NAME) {
        decl_name = current->name;
        next();
    }
    t = declarator_suffix(t);
    skip_attributes();
    return t;
}

struct type *type_name() {
    struct type *t = specifiers();
    if (decl_storage) fail("storage class in a type name");
    decl_name = 0;
    t = declarator(t);
    if (decl_name) fail_name("name in a type name: ", decl_name);
    return t;
}
