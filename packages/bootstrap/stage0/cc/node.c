/* node.c: typed expression trees, built bottom-up with constants folded.
 *
 * An lvalue is N_LOCAL, N_GLOBAL, N_STRING, N_DEREF, N_MEMBER or N_FIELD.  A
 * struct-typed node stands for its place in memory.  What C defines by other
 * operators is rewritten here (a += b, a++, a[i], p->m), so that gen.c sees
 * only the nodes below. */

enum {
    N_CONST,                            /* integer or pointer lo, hi, extended to 64 bits */
    N_REAL,                             /* lo, hi, exponent: see real.c */
    N_STRING,                           /* bytes, lo of them, not yet in the image */
    N_LOCAL,                            /* at frame offset lo */
    N_GLOBAL,                           /* at link + lo */
    N_DEREF, N_ADDRESS,
    N_MEMBER,                           /* a at offset lo */
    N_FIELD,                            /* bit-field `member` of a, its unit at offset lo */
    N_CAST, N_NEGATE, N_COMPLEMENT, N_NOT,
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
    struct node *a;
    struct node *b;
    struct node *c;
    int lo;
    int hi;
    int exponent;                       /* N_REAL: real_exp, sign in bit 15 */
    int effects;                        /* evaluating it may change something */
    char *bytes;
    struct linked *link;
    struct member *member;
};

enum { REAL_SIGN = 32768 };

int frame;                              /* offset of the lowest local in use */
int frame_lowest;                       /* of the function so far */

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

struct node *wide_constant(int lo, int hi, struct type *t) {
    struct node *n = new_node(N_CONST, t, 0, 0);
    n->lo = lo;
    n->hi = hi;
    return n;
}

struct node *constant(int value) {
    return wide_constant(value, value >> 31, basic[TY_INT]);
}

struct node *size_constant(int value) {
    return wide_constant(value, 0, basic[TY_UINT]);
}

struct node *real_constant(struct type *t, int sign) {
    struct node *n = new_node(N_REAL, t, 0, 0);
    n->lo = real_lo;
    n->hi = real_hi;
    n->exponent = real_exp | sign;
    return n;
}

/* ---- storage ---- */

int allocate_local(int size) {
    frame -= round_up(size, 4);
    if (frame < frame_lowest) frame_lowest = frame;
    return frame;
}

struct node *local_node(struct type *t, int offset) {
    struct node *n = new_node(N_LOCAL, t, 0, 0);
    n->lo = offset;
    return n;
}

struct node *temporary(struct type *t) {
    return local_node(t, allocate_local(size_of(t)));
}

struct node *global_node(struct type *t, struct linked *link, int offset) {
    struct node *n = new_node(N_GLOBAL, t, 0, 0);
    n->link = link;
    n->lo = offset;
    return n;
}

/* ---- conversions ---- */

/* Cuts a constant down to its type. */
struct node *normalise(struct node *n) {
    switch (n->type->kind) {
    case TY_CHAR: n->lo = n->lo << 24 >> 24; break;
    case TY_UCHAR: n->lo = n->lo & 255; break;
    case TY_SHORT: n->lo = n->lo << 16 >> 16; break;
    case TY_USHORT: n->lo = n->lo & 65535; break;
    }
    if (!is_wide(n->type)) n->hi = is_unsigned(n->type) ? 0 : n->lo >> 31;
    return n;
}

int is_lvalue(struct node *n) {
    if (n->op == N_MEMBER || n->op == N_FIELD) return is_lvalue(n->a);
    return n->op == N_LOCAL || n->op == N_GLOBAL || n->op == N_STRING || n->op == N_DEREF;
}

/* &((struct s *) 0)->member, the offsetof of old, as a constant; or 0. */
struct node *constant_address(struct node *n, struct type *t) {
    int offset = 0;
    while (n->op == N_MEMBER) {
        offset += n->lo;
        n = n->a;
    }
    if (n->op != N_DEREF || n->a->op != N_CONST) return 0;
    return wide_constant(n->a->lo + offset, 0, t);
}

struct node *address_of(struct node *n) {
    struct node *folded = constant_address(n, pointer_to(n->type));
    if (folded) return folded;
    if (n->op == N_FIELD) fail("address of a bit-field");
    if (n->op == N_DEREF) return new_node(N_CAST, pointer_to(n->type), n->a, 0);
    return new_node(N_ADDRESS, pointer_to(n->type), n, 0);
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

int real_kind(struct type *t) {
    return t->kind - TY_FLOAT + REAL_FLOAT;
}

void load_real(struct node *n) {
    real_lo = n->lo;
    real_hi = n->hi;
    real_exp = n->exponent & ~REAL_SIGN;
}

struct node *real_of_constant(struct node *n, struct type *t) {
    int sign = 0;
    wide_set(n->lo, n->hi);
    if (n->hi < 0 && !is_unsigned(n->type)) {
        sign = REAL_SIGN;
        wide_sub(0, 0, n->lo, n->hi);
    }
    real_from_wide(wide_lo, wide_hi);
    real_round(real_kind(t));
    return real_constant(t, sign);
}

struct node *cast_constant(struct node *n, struct type *t) {
    if (n->op == N_CONST && (is_integer(t) || t->kind == TY_PTR))
        return normalise(wide_constant(n->lo, n->hi, t));
    if (n->op == N_CONST && is_real(t) && is_integer(n->type)) return real_of_constant(n, t);
    if (n->op == N_REAL && is_real(t)) {
        load_real(n);
        real_round(real_kind(t));
        return real_constant(t, n->exponent & REAL_SIGN);
    }
    return 0;
}

struct node *cast(struct node *n, struct type *t) {
    struct node *folded;
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
    folded = cast_constant(n, t);
    if (folded) return folded;
    return new_node(N_CAST, t, n, 0);
}

/* What assignment converts silently; C's constraints on pointers are not checked
 * beyond the kinds, as every pointer has the same form. */
struct node *promote(struct node *n) {
    n = decay(n);
    if (n->op == N_FIELD && n->member->bits < 32) return cast(n, basic[TY_INT]);
    if (is_integer(n->type) && n->type->kind < TY_INT) return cast(n, basic[TY_INT]);
    return n;
}

/* The type in which two promoted operands meet: the higher of the kinds, which
 * are ordered for that. */
struct type *common_type(struct node *a, struct node *b) {
    if (!is_arithmetic(a->type) || !is_arithmetic(b->type)) fail("operands of the wrong type");
    return basic[a->type->kind > b->type->kind ? a->type->kind : b->type->kind];
}

struct node *scalar(struct node *n) {
    n = decay(n);
    if (!is_scalar(n->type)) fail("number or pointer needed");
    return n;
}

/* ---- folding ---- */

int constant_is_true(struct node *n) {
    return n->lo != 0 || n->hi != 0;
}

int fold_compare(int op, struct node *a, struct node *b, int unsign) {
    int equal = a->lo == b->lo && a->hi == b->hi;
    int less = unsign ? wide_below(a->lo, a->hi, b->lo, b->hi) : wide_less(a->lo, a->hi, b->lo, b->hi);
    switch (op) {
    case N_LESS: return less;
    case N_GREATER: return !less && !equal;
    case N_LESS_EQUAL: return less || equal;
    case N_GREATER_EQUAL: return !less;
    case N_EQUAL: return equal;
    }
    return !equal;
}

/* The value of a op b, for operands of type t, in wide_*; 0 if it has none. */
int fold_arithmetic(int op, struct node *a, struct node *b, struct type *t) {
    int unsign = is_unsigned(t);
    if ((op == N_DIV || op == N_MOD) && !constant_is_true(b)) return 0;
    if ((op == N_SHL || op == N_SHR) && (b->hi || b->lo < 0 || b->lo >= size_of(t) * 8)) return 0;
    switch (op) {
    case N_ADD: wide_add(a->lo, a->hi, b->lo, b->hi); break;
    case N_SUB: wide_sub(a->lo, a->hi, b->lo, b->hi); break;
    case N_MUL: wide_mul(a->lo, a->hi, b->lo, b->hi); break;
    case N_BIT_AND: wide_set(a->lo & b->lo, a->hi & b->hi); break;
    case N_BIT_OR: wide_set(a->lo | b->lo, a->hi | b->hi); break;
    case N_BIT_XOR: wide_set(a->lo ^ b->lo, a->hi ^ b->hi); break;
    case N_SHL: wide_left(a->lo, a->hi, b->lo); break;
    case N_SHR:
        if (unsign) wide_right_unsigned(a->lo, a->hi, b->lo);
        else wide_right(a->lo, a->hi, b->lo);
        break;
    case N_DIV: case N_MOD:
        if (!unsign) {
            wide_divide(a->lo, a->hi, b->lo, b->hi, op == N_MOD);
            break;
        }
        wide_divide_unsigned(a->lo, a->hi, b->lo, b->hi);
        if (op == N_MOD) wide_set(wide_rest_lo, wide_rest_hi);
        break;
    default:
        return 0;
    }
    return 1;
}

/* a op b, whose operands have type `operands` already (the count of a shift
 * may differ) and whose result has type t. */
struct node *folded_binary(int op, struct type *t, struct node *a, struct node *b, struct type *operands) {
    if (a->op == N_CONST && b->op == N_CONST) {
        if (op >= N_LESS) return constant(fold_compare(op, a, b, is_unsigned(operands)));
        if (fold_arithmetic(op, a, b, operands)) return normalise(wide_constant(wide_lo, wide_hi, t));
    }
    return new_node(op, t, a, b);
}

/* ---- operators ---- */

int element_size(struct type *pointer) {
    if (pointer->base->kind == TY_FUNC) fail("arithmetic on a function pointer");
    return size_of(pointer->base);
}

/* An index as the distance in bytes. */
struct node *scaled(struct node *index, struct type *pointer) {
    if (!is_integer(index->type)) fail("pointer arithmetic needs an integer");
    return binary(N_MUL, cast(index, basic[TY_INT]), constant(element_size(pointer)));
}

struct node *add_pointer(int op, struct node *p, struct node *index) {
    struct node *distance = scaled(index, p->type);
    if (distance->op == N_CONST && !constant_is_true(distance)) return p;
    return folded_binary(op, p->type, p, distance, basic[TY_UINT]);
}

struct node *subtract_pointers(struct node *a, struct node *b) {
    struct node *distance = new_node(N_SUB, basic[TY_INT], a, b);
    int size = element_size(a->type);
    if (element_size(b->type) != size) fail("difference of unlike pointers");
    return size == 1 ? distance : binary(N_DIV, distance, constant(size));
}

struct node *compare(int op, struct node *a, struct node *b) {
    struct type *t = basic[TY_UINT];
    if (a->type->kind != TY_PTR && b->type->kind != TY_PTR) t = common_type(a, b);
    else if (is_real(a->type) || is_real(b->type) || is_wide(a->type) || is_wide(b->type))
        fail("comparison of a pointer with a number");
    return folded_binary(op, basic[TY_INT], cast(a, t), cast(b, t), t);
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
        return folded_binary(op, a->type, a, cast(b, basic[TY_INT]), a->type);
    /* x * 1 comes from indexing bytes. */
    if (op == N_MUL && b->op == N_CONST && b->lo == 1 && b->hi == 0) return cast(a, t);
    return folded_binary(op, t, cast(a, t), cast(b, t), t);
}

struct node *negate(struct node *n) {
    struct node *r;
    n = promote(scalar(n));
    if (!is_arithmetic(n->type)) fail("number needed");
    if (n->op == N_REAL) {
        load_real(n);
        return real_constant(n->type, (n->exponent & REAL_SIGN) ^ REAL_SIGN);
    }
    if (n->op == N_CONST) {
        wide_sub(0, 0, n->lo, n->hi);
        r = wide_constant(wide_lo, wide_hi, n->type);
        return normalise(r);
    }
    return new_node(N_NEGATE, n->type, n, 0);
}

struct node *complement(struct node *n) {
    n = promote(scalar(n));
    if (!is_integer(n->type)) fail("integer needed");
    if (n->op == N_CONST) return normalise(wide_constant(~n->lo, ~n->hi, n->type));
    return new_node(N_COMPLEMENT, n->type, n, 0);
}

struct node *logical_not(struct node *n) {
    n = scalar(n);
    if (n->op == N_CONST) return constant(!constant_is_true(n));
    return new_node(N_NOT, basic[TY_INT], n, 0);
}

/* a && b, a || b.  A constant left side decides here. */
struct node *logical(int op, struct node *a, struct node *b) {
    a = scalar(a);
    b = scalar(b);
    if (a->op == N_CONST) {
        if (constant_is_true(a) == (op == N_OR)) return constant(op == N_OR);
        return logical_not(logical_not(b));
    }
    return new_node(op, basic[TY_INT], a, b);
}

int is_null(struct node *n) {
    return n->op == N_CONST && !constant_is_true(n);
}

struct type *conditional_type(struct node *b, struct node *c) {
    if (is_arithmetic(b->type) && is_arithmetic(c->type)) return common_type(promote(b), promote(c));
    if (b->type->kind == TY_VOID || c->type->kind == TY_VOID) return basic[TY_VOID];
    if (b->type->kind == TY_STRUCT) return b->type;
    if (c->type->kind != TY_PTR && b->type->kind != TY_PTR) fail("operands of ?: do not match");
    if (b->type->kind != TY_PTR || (is_null(b) && c->type->kind == TY_PTR)) return c->type;
    return b->type;
}

struct node *conditional(struct node *a, struct node *b, struct node *c) {
    struct type *t;
    struct node *n;
    b = decay(b);
    c = decay(c);
    t = conditional_type(b, c);
    b = cast(b, t);
    c = cast(c, t);
    a = scalar(a);
    if (a->op == N_CONST) return constant_is_true(a) ? b : c;
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
    n = new_node(m->bits ? N_FIELD : N_MEMBER, m->type, s, 0);
    n->member = m;
    n->lo = member_offset;
    return n;
}

struct node *assign(struct node *a, struct node *b) {
    if (!is_lvalue(a)) fail("assignment to something that is not a variable");
    if (a->type->kind == TY_ARRAY || a->type->kind == TY_FUNC) fail("assignment to an array or function");
    return new_node(N_ASSIGN, a->type, a, cast(b, a->type));
}

int is_variable(struct node *n) {
    while (n->op == N_MEMBER || n->op == N_FIELD) n = n->a;
    return n->op == N_LOCAL || n->op == N_GLOBAL;
}

/* Whether evaluating the lvalue twice is as good as once: a variable, or
 * something behind one. */
int is_repeatable(struct node *n) {
    while (n->op == N_MEMBER || n->op == N_FIELD) n = n->a;
    if (n->op == N_DEREF) n = n->a;
    return is_variable(n);
}

/* a op= b, and with `want_old` the value of a++ and a--: the old one. */
struct node *update(int op, struct node *a, struct node *b, int want_old) {
    struct node *target;
    struct node *before = 0;
    struct node *old;
    struct node *n;
    if (!is_lvalue(a)) fail("assignment to something that is not a variable");
    if (!is_repeatable(a) || (b->effects && !is_variable(a))) {
        target = a->op == N_FIELD ? a->a : a;
        n = temporary(pointer_to(target->type));
        before = assign(n, address_of(target));
        if (a == target) a = dereference(n);
        else a->a = dereference(n);
    }
    if (!want_old) {
        n = assign(a, binary(op, a, b));
    } else if (a->op == N_FIELD || is_real(a->type)) {
        old = temporary(a->type);
        n = comma(assign(old, a), comma(assign(a, binary(op, old, b)), old));
    } else {
        /* The old value is one step back from the new one, also modulo 2^n. */
        n = assign(a, binary(op, a, b));
        n = cast(binary(op == N_ADD ? N_SUB : N_ADD, n, b), a->type);
    }
    return before ? comma(before, n) : n;
}
