/* gen64.c: code for long long, for floating types, and for conversions. */

/* ---- long long: the left operand on the stack, the right one in edx:eax ---- */

void push_wide() {
    hex("52 50");                                       /* push edx; push eax */
}

void gen_wide_pair(struct node *a, struct node *b) {
    gen(a);
    push_wide();
    gen(b);
}

struct linked *helper(char *name) {
    struct name *n = intern_text(name);
    if (n->global == 0) n->global = new_linked(n);
    return n->global;
}

/* Division is a function of the libc: f(long long a, long long b). */
void gen_wide_division(struct node *n) {
    char *name = n->op == N_DIV ? "__divdi3" : "__moddi3";
    if (is_unsigned(n->type)) name = n->op == N_DIV ? "__udivdi3" : "__umoddi3";
    gen_wide_pair(n->b, n->a);
    push_wide();
    emit(0xe8);
    emit_distance(helper(name));
    hex("83c410");                                      /* add esp, 16 */
}

/* The count goes to ecx; from 32 on one half moves into the other. */
void gen_wide_shift(struct node *n) {
    gen(n->a);
    if (is_leaf(n->b)) {
        load_leaf(n->b, ECX);
    } else {
        push_wide();
        gen(n->b);
        hex("89c1 58 5a");                              /* mov ecx, eax; pop eax; pop edx */
    }
    /* shld edx, eax, cl; shl eax, cl; test cl, 32; jz end; mov edx, eax; xor eax, eax */
    if (n->op == N_SHL) hex("0fa5c2 d3e0 f6c120 7404 89c2 31c0");
    /* shrd eax, edx, cl; shr edx, cl; test cl, 32; jz end; mov eax, edx; xor edx, edx */
    else if (is_unsigned(n->type)) hex("0fadd0 d3ea f6c120 7404 89d0 31d2");
    /* the same with sar edx, cl; and sar edx, 31 at the end */
    else hex("0fadd0 d3fa f6c120 7405 89d0 c1fa1f");
}

void gen_wide_binary(struct node *n) {
    if (n->op == N_SHL || n->op == N_SHR) {
        gen_wide_shift(n);
        return;
    }
    if (n->op == N_DIV || n->op == N_MOD) {
        gen_wide_division(n);
        return;
    }
    gen_wide_pair(n->a, n->b);
    switch (n->op) {
    /* add eax, [esp]; adc edx, [esp+4]; lea esp, [esp+8] */
    case N_ADD: hex("030424 13542404 8d642408"); break;
    /* mov ecx, eax; pop eax; sub eax, ecx; pop ecx; sbb ecx, edx; mov edx, ecx */
    case N_SUB: hex("89c1 58 29c8 59 19d1 89ca"); break;
    /* imul edx, [esp]; mov ecx, [esp+4]; imul ecx, eax; add ecx, edx: crosswise;
     * mul dword [esp]; add edx, ecx; lea esp, [esp+8] */
    case N_MUL: hex("0faf1424 8b4c2404 0fafc8 01d1 f72424 01ca 8d642408"); break;
    /* pop ecx; op eax, ecx; pop ecx; op edx, ecx */
    case N_BIT_AND: hex("59 21c8 59 21ca"); break;
    case N_BIT_OR: hex("59 09c8 59 09ca"); break;
    case N_BIT_XOR: hex("59 31c8 59 31ca"); break;
    }
}

int gen_wide_compare(struct node *n) {
    int op = n->op;
    gen_wide_pair(n->a, n->b);
    if (op == N_EQUAL || op == N_UNEQUAL) {
        hex("59 31c8 59 31ca 09d0");                    /* xor both halves; or eax, edx */
    } else if (op == N_LESS || op == N_GREATER_EQUAL) {
        /* mov ecx, eax; pop eax; cmp eax, ecx; pop eax; sbb eax, edx */
        hex("89c1 58 39c8 58 19d0");
    } else {
        /* After sbb only below and not-below are right, so a > b becomes b < a:
         * cmp eax, [esp]; sbb edx, [esp+4]; lea esp, [esp+8] */
        hex("3b0424 1b542404 8d642408");
        op = op == N_GREATER ? N_LESS : N_GREATER_EQUAL;
    }
    return small_condition(op, is_unsigned(n->a->type));
}

/* ---- floating types ---- */

int is_real_leaf(struct node *n) {
    return n->op == N_REAL || (is_lvalue(n) && find_place(n));
}

/* The bytes of a constant, of type t, to `to`. */
void put_real(struct node *n, struct type *t, char *to) {
    load_real(n);
    real_round(real_kind(t));
    if (t->kind == TY_LDOUBLE) {
        wide_set(real_lo, real_hi);
        put_bytes(to + 8, real_exp | (n->exponent & REAL_SIGN), 2);
    } else {
        real_encode(real_kind(t), n->exponent & REAL_SIGN);
    }
    put4(to, wide_lo);
    if (t->kind != TY_FLOAT) put4(to + 4, wide_hi);
}

/* A new constant in the data becomes the place; its bytes. */
char *constant_place(int size) {
    set_place(NO_BASE, 0);
    place_link = new_linked(0);
    return place_data(place_link, size, 4);
}

void gen_real_constant(struct node *n) {
    if (n->lo == 0 && n->hi == 0 && n->exponent == 0) {
        hex("d9ee");                                    /* fldz */
        return;
    }
    put_real(n, n->type, constant_place(size_of(n->type)));
    load_real_place(n->type);
}

void push_real(struct type *t) {
    emit3(0x83, 0xec, size_of(t));                      /* sub esp, size; fstp [esp] */
    hex(t->kind == TY_LDOUBLE ? "db3c24" : t->kind == TY_FLOAT ? "d91c24" : "dd1c24");
}

/* a in st(1), b in st(0). */
void gen_real_pair(struct node *a, struct node *b) {
    gen(a);
    if (is_real_leaf(b)) {
        gen(b);
        return;
    }
    push_real(basic[TY_LDOUBLE]);
    gen(b);
    hex("db2c24 83c40c d9c9");                          /* fld [esp]; add esp, 12; fxch */
}

void gen_real_binary(struct node *n) {
    gen_real_pair(n->a, n->b);
    switch (n->op) {
    case N_ADD: hex("dec1"); break;                     /* faddp */
    case N_SUB: hex("dee9"); break;                     /* fsubp */
    case N_MUL: hex("dec9"); break;                     /* fmulp */
    case N_DIV: hex("def9"); break;                     /* fdivp */
    }
}

/* The conditions are chosen so that a NaN makes all but != false: st(0) above
 * (or not below) st(1), and equal only without the unordered flag. */
int gen_real_compare(struct node *n) {
    gen_real_pair(n->a, n->b);
    if (n->op == N_GREATER || n->op == N_GREATER_EQUAL) hex("d9c9");    /* fxch */
    hex("dae9 dfe0");                                   /* fucompp; fnstsw ax */
    if (n->op == N_EQUAL || n->op == N_UNEQUAL) {
        hex("80e445 80fc40");                           /* and ah, C3 | C2 | C0; cmp ah, C3 */
        return small_condition(n->op, 0);
    }
    hex("9e");                                          /* sahf */
    return n->op == N_LESS || n->op == N_GREATER ? IF_ABOVE : IF_NOT_BELOW;
}

/* ---- conversions ---- */

void extend_small(struct type *t) {
    int size = size_of(t);
    if (size < 4) emit3(0x0f, (is_unsigned(t) ? 0xb6 : 0xbe) + (size == 2), 0xc0);
}

/* An instruction (digit) on a float constant, given by its bits. */
void gen_with_float(int digit, int bits) {
    put4(constant_place(4), bits);
    emit(0xd8);
    modrm(digit);
}

void gen_integer_to_real(struct type *from) {
    if (!is_wide(from) && !is_unsigned(from)) {
        hex("50 db0424 83c404");                        /* push eax; fild dword [esp]; add esp, 4 */
        return;
    }
    hex(is_wide(from) ? "52 50" : "6a00 50");           /* push edx (or 0); push eax */
    hex("df2c24 83c408");                               /* fild qword [esp]; add esp, 8 */
    if (from->kind == TY_ULLONG) {
        hex("85d2 7906");                               /* test edx, edx; jns past the fadd */
        gen_with_float(0, 0x5f800000);                  /* fadd 2^64 */
    }
}

/* st(0) towards zero into edx:eax; ecx stays. */
void gen_truncation() {
    hex("83ec0c d97c2408 668b442408");                  /* sub esp, 12; fnstcw [esp+8]; mov ax, [esp+8] */
    hex("80cc0c 668944240a d96c240a");                  /* or ah, 12; mov [esp+10], ax; fldcw [esp+10] */
    hex("df3c24 d96c2408 58 5a 83c404");                /* fistp qword [esp]; fldcw [esp+8]; pop both */
}

void gen_real_to_integer(struct type *to) {
    if (to->kind == TY_ULLONG) {
        /* From 2^63 on, 2^63 is taken away before and put back after. */
        hex("31c9");                                    /* xor ecx, ecx */
        gen_with_float(2, 0x5f000000);                  /* fcom 2^63 */
        hex("dfe0 9e 720b");                            /* fnstsw ax; sahf; jb past the mov */
        gen_with_float(4, 0x5f000000);                  /* fsub 2^63 */
        hex("b900000080");                              /* mov ecx, 0x80000000 */
    }
    gen_truncation();
    if (to->kind == TY_ULLONG) hex("31ca");             /* xor edx, ecx */
}

/* Rounds st(0) to float or double by way of memory. */
void gen_narrow_real(struct type *t) {
    push_real(t);
    hex(t->kind == TY_FLOAT ? "d90424" : "dd0424");     /* fld [esp] */
    emit3(0x83, 0xc4, size_of(t));                      /* add esp, size */
}

void gen_cast(struct node *n) {
    struct type *from = n->a->type;
    struct type *to = n->type;
    gen(n->a);
    if (is_real(to)) {
        if (!is_real(from)) gen_integer_to_real(from);
        if (to->kind < from->kind || (!is_real(from) && to->kind != TY_LDOUBLE)) gen_narrow_real(to);
    } else if (is_real(from)) {
        gen_real_to_integer(to);
        if (is_small(to)) extend_small(to);
    } else if (is_wide(to)) {
        if (!is_wide(from)) hex(is_unsigned(from) ? "31d2" : "99");     /* xor edx, edx; cdq */
    } else if (size_of(to) < size_of(from) || from->kind != to->kind) {
        extend_small(to);
    }
}
