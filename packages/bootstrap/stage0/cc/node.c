/* node.c: typed expression trees, built bottom-up with constants folded.
 *
 * An lvalue is N_LOCAL, N_GLOBAL, N_STRING, N_DEREF or N_MEMBER.  A
 * struct-typed node stands for its place in memory.  What C defines by other
 * operators is rewritten here (a += b, a++, a[i], p->m), so that gen.c sees
 * only the nodes below.  Arithmetic on constants is folded up to 32 bits;
 * beyond that the program computes it. */

enum {
    N_CONST,                            /* integer or pointer lo, hi, extended to 64 bits */
    N_STRING,                           /* bytes, lo of them, not yet in the image */
    N_LOCAL,                            /* at frame offset lo */
    N_GLOBAL,                           /* at link + lo */
    N_DEREF, N_ADDRESS,
    N_MEMBER,                           /* `member` of a, at offset lo */
    N_CAST,
    N_ASSIGN, N_COMMA, N_AND, N_OR,
    N_COND,                             /* a ? b : c */
    N_CALL,                             /* a(b...) */
    N_ARGUMENT,                         /* a, then b: the argument before it */
    N_ADD, N_SUB, N_MUL, N_DIV, N_MOD, N_BIT_AND, N_BIT_OR, N_BIT_XOR, N_SHL, N_SHR,
    N_LESS, N_GREATER, N_LESS_EQUAL, N_GREATER_EQUAL, N_EQUAL, N_UNEQUAL
};

struct node {
    int op;
    struct type *type;
    struct node *a, *b, *c;
    int lo, hi;
    int effects;                        /* evaluating it may change something */
    char *bytes;
    struct linked *link;
    struct member *member;
};

int frame;                              /* offset of the lowest local in use */
int frame_lowest;                       /* of the function so far */
int fold_value;                         /* what fold_arithmetic found */

struct node *binary(int op, struct node *a, struct node *b);

struct node *new_node(int op, struct type *t, struct node *a, struct node *b) {
    struct node *n = (struct node *) alloc(sizeof(struct node));
    n->op = op;
    n->type = t;
    n->a = a;
    n->b = b;
    n->effects = op == N_ASSIGN || op == N_CALL || (a && a->effects) || (b && b->effects);
    return n;
}

/* A constant, cut down to its type. */
struct node *wide_constant(int lo, int hi, struct type *t) {
    struct node *n = new_node(N_CONST, t, 0, 0);
    int unused = 32 - 8 * t->size;      /* upper bits of lo */
    if (unused > 0) lo = is_unsigned(t) ? lo & ~(-1 << (32 - unused)) : lo << unused >> unused;
    n->lo = lo;
    n->hi = is_wide(t) ? hi : is_unsigned(t) ? 0 : lo >> 31;
    return n;
}

struct node *constant(int value) { return wide_constant(value, 0, basic[TY_INT]); }
int is_true(struct node *n) { return n->lo != 0 || n->hi != 0; }

/* ---- storage ---- */

struct node *local_node(struct type *t, int offset) {
    struct node *n = new_node(N_LOCAL, t, 0, 0);
    n->lo = offset;
    return n;
}

struct node *temporary(struct type *t) {
    frame -= round_up(size_of(t), 4);
    if (frame < frame_lowest) frame_lowest = frame;
    return local_node(t, frame);
}

struct node *global_node(struct type *t, struct linked *link) {
    struct node *n = new_node(N_GLOBAL, t, 0, 0);
    n->link = link;
    return n;
}

/* ---- conversions ---- */

int is_field(struct node *n) { return n->op == N_MEMBER && n->member->bits; }

/* Whether an lvalue is a variable or a part of one. */
int is_variable(struct node *n) {
    while (n->op == N_MEMBER) n = n->a;
    return n->op == N_LOCAL || n->op == N_GLOBAL;
}

int is_lvalue(struct node *n) {
    while (n->op == N_MEMBER) n = n->a;
    return is_variable(n) || n->op == N_STRING || n->op == N_DEREF;
}

/* &p->member of a constant p, the offsetof of old, is a constant too. */
struct node *address_of(struct node *n) {
    struct type *t = pointer_to(n->type);
    struct node *base = n;
    int offset = 0;
    if (!is_lvalue(n)) fail("address of something that has none");
    if (is_field(n)) fail("address of a bit-field");
    for (; base->op == N_MEMBER; base = base->a) offset += base->lo;
    if (base->op == N_DEREF && base->a->op == N_CONST)
        return wide_constant(base->a->lo + offset, 0, t);
    if (n->op == N_DEREF) return new_node(N_CAST, t, n->a, 0);
    return new_node(N_ADDRESS, t, n, 0);
}

/* Arrays and functions become pointers. */
struct node *decay(struct node *n) {
    struct node *p;
    if (n->type->kind == TY_FUNC) return address_of(n);
    if (n->type->kind != TY_ARRAY) return n;
    p = address_of(n);
    p->type = pointer_to(n->type->base);
    return p;
}

/* What assignment converts silently, too; C's constraints on pointers are not
 * checked beyond the kinds, as every pointer has the same form. */
struct node *cast(struct node *n, struct type *t) {
    n = decay(n);
    if (t->kind == TY_VOID) return new_node(N_CAST, t, n, 0);
    if (t->kind == TY_STRUCT || n->type->kind == TY_STRUCT) {
        if (n->type != t) fail("struct where another type is needed");
        return n;
    }
    if (!is_scalar(t) || !is_scalar(n->type)) fail("impossible conversion");
    if ((is_real(t) && n->type->kind == TY_PTR) || (is_real(n->type) && t->kind == TY_PTR))
        fail("conversion between pointer and floating type");
    if (t == n->type) return n;
    if (n->op == N_CONST && !is_real(t)) return wide_constant(n->lo, n->hi, t);
    return new_node(N_CAST, t, n, 0);
}

/* A number or pointer, as operands are. */
struct node *scalar(struct node *n) {
    n = decay(n);
    if (!is_scalar(n->type)) fail("number or pointer needed");
    return n;
}

struct node *promote(struct node *n) {
    n = decay(n);
    if (is_field(n) && n->member->bits < 32) return cast(n, basic[TY_INT]);
    return is_integer(n->type) && n->type->kind < TY_INT ? cast(n, basic[TY_INT]) : n;
}

/* The type in which two promoted operands meet: the higher of the kinds, which
 * are ordered for that. */
struct type *common_type(struct node *a, struct node *b) {
    if (!is_arithmetic(a->type) || !is_arithmetic(b->type)) fail("operands of the wrong type");
    return basic[a->type->kind > b->type->kind ? a->type->kind : b->type->kind];
}

/* ---- folding ---- */

/* a < b as unsigned numbers. */
int below(int a, int b) { return (a ^ 1 << 31) < (b ^ 1 << 31); }

int fold_compare(int op, int a, int b, int unsign) {
    if (op == N_EQUAL || op == N_UNEQUAL) return (a == b) == (op == N_EQUAL);
    return (unsign ? below(a, b) : a < b) == (op == N_LESS);
}

/* Whether a op b has a value, which is left in fold_value. */
int fold_arithmetic(int op, int a, int b, int unsign) {
    int is_division = op == N_DIV || op == N_MOD;
    if (is_division && (b == 0 || b == -1)) return 0;
    if ((op == N_SHL || op == N_SHR) && (b < 0 || b > 31)) return 0;
    if (unsign && ((is_division && b < 0) || ((is_division || op == N_SHR) && a < 0))) return 0;
    if (op == N_ADD) fold_value = a + b;
    else if (op == N_SUB) fold_value = a - b;
    else if (op == N_MUL) fold_value = a * b;
    else if (op == N_DIV) fold_value = a / b;
    else if (op == N_MOD) fold_value = a % b;
    else if (op == N_BIT_AND) fold_value = a & b;
    else if (op == N_BIT_OR) fold_value = a | b;
    else if (op == N_BIT_XOR) fold_value = a ^ b;
    else if (op == N_SHL) fold_value = a << b;
    else fold_value = a >> b;
    return 1;
}

/* a op b, whose operands have type `operands` already (the count of a shift
 * may differ) and whose result has type t. */
struct node *folded(int op, struct type *t, struct node *a, struct node *b, struct type *operands) {
    int unsign = is_unsigned(operands);
    if (a->op == N_CONST && b->op == N_CONST && !is_wide(operands)) {
        if (op >= N_LESS) return constant(fold_compare(op, a->lo, b->lo, unsign));
        if (fold_arithmetic(op, a->lo, b->lo, unsign)) return wide_constant(fold_value, 0, t);
    }
    return new_node(op, t, a, b);
}

/* ---- operators ---- */

int element_size(struct type *pointer) {
    if (pointer->base->kind == TY_FUNC) fail("arithmetic on a function pointer");
    return size_of(pointer->base);
}

struct node *add_pointer(int op, struct node *p, struct node *index) {
    int size = element_size(p->type);
    if (!is_integer(index->type)) fail("pointer arithmetic needs an integer");
    index = cast(index, basic[TY_INT]);
    if (size != 1) index = binary(N_MUL, index, constant(size));
    if (index->op == N_CONST && index->lo == 0) return p;
    return folded(op, p->type, p, index, basic[TY_UINT]);
}

struct node *subtract_pointers(struct node *a, struct node *b) {
    struct node *distance = new_node(N_SUB, basic[TY_INT], a, b);
    int size = element_size(a->type);
    if (element_size(b->type) != size) fail("difference of unlike pointers");
    return size == 1 ? distance : binary(N_DIV, distance, constant(size));
}

struct node *compare(int op, struct node *a, struct node *b) {
    struct type *t = basic[TY_UINT];
    /* a > b is b < a, a <= b is b >= a */
    if (op == N_GREATER) return compare(N_LESS, b, a);
    if (op == N_LESS_EQUAL) return compare(N_GREATER_EQUAL, b, a);
    if (a->type->kind != TY_PTR && b->type->kind != TY_PTR) t = common_type(a, b);
    else if (is_real(a->type) || is_real(b->type) || is_wide(a->type) || is_wide(b->type))
        fail("comparison of a pointer with a number");
    return folded(op, basic[TY_INT], cast(a, t), cast(b, t), t);
}

struct node *binary(int op, struct node *a, struct node *b) {
    struct type *t;
    a = promote(scalar(a));
    b = promote(scalar(b));
    if (op >= N_LESS) return compare(op, a, b);
    if (op == N_ADD && a->type->kind == TY_PTR) return add_pointer(op, a, b);
    if (op == N_ADD && b->type->kind == TY_PTR) return add_pointer(op, b, a);
    if (op == N_SUB && a->type->kind == TY_PTR) {
        if (b->type->kind == TY_PTR) return subtract_pointers(a, b);
        return add_pointer(op, a, b);
    }
    t = common_type(a, b);
    if (op >= N_MOD && is_real(t)) fail("integer operands needed");
    if (op == N_SHL || op == N_SHR)
        return folded(op, a->type, a, cast(b, basic[TY_INT]), a->type);
    return folded(op, t, cast(a, t), cast(b, t), t);
}

struct node *negate(struct node *n) {
    n = promote(scalar(n));
    if (n->op == N_CONST) return wide_constant(-n->lo, ~n->hi + (n->lo == 0), n->type);
    /* Not 0 - n of a float, whose zero would lose its sign. */
    return is_real(n->type) ? binary(N_MUL, n, constant(-1)) : binary(N_SUB, constant(0), n);
}

struct node *truth(int op, struct node *n) { return binary(op, n, constant(0)); }

/* a && b, a || b.  A constant left side decides here. */
struct node *logical(int op, struct node *a, struct node *b) {
    a = scalar(a);
    b = scalar(b);
    if (a->op != N_CONST) return new_node(op, basic[TY_INT], a, b);
    if (is_true(a) == (op == N_OR)) return constant(op == N_OR);
    return truth(N_UNEQUAL, b);
}

int is_null(struct node *n) { return n->op == N_CONST && !is_true(n); }

struct type *conditional_type(struct node *b, struct node *c) {
    if (is_arithmetic(b->type) && is_arithmetic(c->type))
        return common_type(promote(b), promote(c));
    if (b->type->kind == TY_VOID || c->type->kind == TY_VOID) return basic[TY_VOID];
    if (c->type->kind != TY_PTR && b->type->kind != TY_PTR) fail("operands of ?: do not match");
    if (b->type->kind != TY_PTR || (is_null(b) && c->type->kind == TY_PTR)) return c->type;
    return b->type;
}

struct node *conditional(struct node *a, struct node *b, struct node *c) {
    struct node *n;
    struct type *t;
    b = decay(b);
    c = decay(c);
    t = conditional_type(b, c);
    b = cast(b, t);
    c = cast(c, t);
    a = scalar(a);
    if (a->op == N_CONST) return is_true(a) ? b : c;
    n = new_node(N_COND, t, a, b);
    n->c = c;
    if (c->effects) n->effects = 1;
    return n;
}

struct node *comma(struct node *a, struct node *b) {
    b = decay(b);
    return new_node(N_COMMA, b->type, a, b);
}

struct node *dereference(struct node *p) {
    p = decay(p);
    if (p->type->kind != TY_PTR) fail("pointer needed");
    if (p->type->base->kind == TY_VOID) fail("void pointer dereferenced");
    if (p->op == N_ADDRESS && p->a->type == p->type->base) return p->a;
    return new_node(N_DEREF, p->type->base, p, 0);
}

struct node *member_of(struct node *s, struct name *name) {
    struct node *n;
    struct member *m;
    if (s->type->kind != TY_STRUCT) fail_name("not a struct, so without member ", name);
    size_of(s->type);
    m = find_member(s->type, name);
    if (m == 0) fail_name("no member ", name);
    n = new_node(N_MEMBER, m->type, s, 0);
    n->member = m;
    n->lo = member_offset;
    return n;
}

struct node *assign(struct node *a, struct node *b) {
    if (!is_lvalue(a)) fail("assignment to something that is not a variable");
    if (a->type->kind == TY_ARRAY || a->type->kind == TY_FUNC) 
        fail("assignment to an array or function");
    return new_node(N_ASSIGN, a->type, a, cast(b, a->type));
}

/* a op= b, and with `want_old` the value of a++ and a--: the old one.  Unless a
 * is a variable, its address is computed once, into a temporary. */
struct node *update(int op, struct node *a, struct node *b, int want_old) {
    struct node *before = 0, *target, *n;
    if (!is_lvalue(a)) fail("assignment to something that is not a variable");
    if (!is_variable(a)) {
        target = is_field(a) ? a->a : a;
        n = temporary(pointer_to(target->type));
        before = assign(n, address_of(target));
        if (a == target) a = dereference(n);
        else a->a = dereference(n);
    }
    if (want_old) {
        target = temporary(a->type);
        n = comma(assign(target, a), comma(assign(a, binary(op, target, b)), target));
    } else {
        n = assign(a, binary(op, a, b));
    }
    return before ? comma(before, n) : n;
}
