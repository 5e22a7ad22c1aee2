/* type.c: types, scopes, symbols.
 *
 * Sizes and layout are those of the i386 System V ABI as gcc and tcc have it:
 * nothing is aligned to more than 4 inside a struct.  `long` is `int`,
 * qualifiers are read and forgotten. */

enum {
    KW_BREAK = T_KEYWORD_FIRST, KW_CASE, KW_CONTINUE, KW_DEFAULT, KW_DO, KW_ELSE, KW_FOR, KW_GOTO,
    KW_IF, KW_RETURN, KW_SIZEOF, KW_SWITCH, KW_WHILE,
    KW_TYPE_FIRST,                      /* those below may start a declaration */
    KW_TYPEDEF, KW_EXTERN, KW_STATIC, KW_QUALIFIER, KW_VOID, KW_CHAR, KW_SHORT, KW_INT,
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
    int incomplete, is_union, variadic;
    struct type *pointer;               /* the pointer to this type, once made */
    struct name *tag;
};

struct member {
    struct name *name;                  /* 0: an anonymous struct or union */
    struct type *type;
    int offset;
    int bits;                           /* width of a bit-field, or 0 */
    struct member *next;
};

struct linked {                         /* a place in the image */
    struct name *name;
    int section, offset;
    char *file;                         /* of the first use, for messages */
    int line;
};

struct symbol {
    struct name *name;
    int kind;
    struct type *type;
    int value;                          /* of an enum constant; frame offset */
    struct linked *link;
    int definition;                     /* of a variable in this unit, so far */
    int depth;
    struct symbol *shadowed;
    struct symbol *next;                /* in the same scope */
};

struct type *basic[TY_PTR];             /* by kind, TY_VOID to TY_LDOUBLE */
struct symbol *scope;                   /* all that is in scope, innermost first */
int depth;                              /* 0 is the file's scope */
int member_offset;                      /* what find_member found */

struct type *new_type(int kind, int size, int align) {
    struct type *t = (struct type *) alloc(sizeof(struct type));
    t->kind = kind;
    t->size = size;
    t->align = align;
    return t;
}

/* The words of a list become keywords of the kinds kind, kind + step, ... */
void keywords(char *list, int kind, int step) {
    int len;
    for (; *list; list = list + len + 1) {
        for (len = 0; list[len] != ' '; len++) continue;
        intern(list, len)->keyword = kind;
        kind += step;
    }
}

void type_init() {
    char *sizes = "11122448848<";       /* of the basic types, '0' + 12 the last */
    int kind, size;
    for (kind = TY_VOID; kind < TY_PTR; kind++) {
        size = sizes[kind] - '0';
        basic[kind] = new_type(kind, size, size > 4 ? 4 : size);
    }
    keywords("break case continue default do else for goto if return sizeof switch while ",
             KW_BREAK, 1);
    keywords("typedef extern static ", KW_TYPEDEF, 1);
    keywords("auto register const volatile restrict inline __inline__ ", KW_QUALIFIER, 0);
    keywords("void char short int long float double signed unsigned struct union enum ",
             KW_VOID, 1);
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

int is_integer(struct type *t) { return t->kind >= TY_CHAR && t->kind <= TY_ULLONG; }
int is_real(struct type *t) { return t->kind >= TY_FLOAT && t->kind <= TY_LDOUBLE; }
int is_arithmetic(struct type *t) { return t->kind >= TY_CHAR && t->kind <= TY_LDOUBLE; }
int is_scalar(struct type *t) { return t->kind >= TY_CHAR && t->kind <= TY_PTR; }
int is_wide(struct type *t) { return t->kind == TY_LLONG || t->kind == TY_ULLONG; }

/* An integer or pointer of 32 bits. */
int is_word(struct type *t) { return is_scalar(t) && t->size == 4 && !is_real(t); }

int is_open_array(struct type *t) { return t->kind == TY_ARRAY && t->count == COUNT_UNKNOWN; }

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

/* The member called n, looked for in anonymous members too; its offset from
 * the start of t is left in member_offset. */
struct member *find_member(struct type *t, struct name *n) {
    struct member *m, *found;
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

void open_scope() { depth++; }

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
    return l;
}

/* The linker's symbol for a name: shared by all units, or the unit's own. */
struct linked *link_for(struct name *n, int is_static) {
    if (is_static) return new_linked(n);
    if (n->global == 0) n->global = new_linked(n);
    return n->global;
}
