/* gen64.c: code for long long, for floating types, and for conversions. */

/* ---- long long: the left operand on the stack, the right one in edx:eax ---- */

void push_wide() {
    emit2(0x52, 0x50);                                  /* push edx; push eax */
}

void gen_wide_pair(struct node *a, struct node *b) {
    gen(a);
    push_wide();
    gen(b);
}

void pop_wide_stack() {
    emit4(0x8d, 0x64, 0x24, 8);                         /* lea esp, [esp+8]: flags stay */
}

/* eax and edx each with its half of the left operand. */
void gen_wide_halves(int opcode) {
    emit(0x59);                                         /* pop ecx */
    emit2(opcode, 0xc8);                                /* op eax, ecx */
    emit(0x59);
    emit2(opcode, 0xca);                                /* op edx, ecx */
}

void gen_wide_sub() {
    emit2(0x89, 0xc1);                                  /* mov ecx, eax */
    emit(0x58);                                         /* pop eax */
    emit2(0x29, 0xc8);                                  /* sub eax, ecx */
    emit(0x59);                                         /* pop ecx */
    emit2(0x19, 0xd1);                                  /* sbb ecx, edx */
    emit2(0x89, 0xca);                                  /* mov edx, ecx */
}

/* low * low in full, plus the two crosswise products in the upper half */
void gen_wide_mul() {
    emit4(0x0f, 0xaf, 0x14, 0x24);                      /* imul edx, [esp] */
    emit4(0x8b, 0x4c, 0x24, 4);                         /* mov ecx, [esp+4] */
    emit3(0x0f, 0xaf, 0xc8);                            /* imul ecx, eax */
    emit2(0x01, 0xd1);                                  /* add ecx, edx */
    emit3(0xf7, 0x24, 0x24);                            /* mul dword [esp] */
    emit2(0x01, 0xca);                                  /* add edx, ecx */
    pop_wide_stack();
}

struct linked *helper(char *name) {
    struct name *n = intern_text(name);
    if (n->global == 0) n->global = new_linked(n);
    return n->global;
}

/* Division is a function of the libc: f(long long a, long long b). */
void gen_wide_division(struct node *n) {
    char *name = "__divdi3";
    if (is_unsigned(n->type)) name = n->op == N_DIV ? "__udivdi3" : "__umoddi3";
    else if (n->op == N_MOD) name = "__moddi3";
    gen_wide_pair(n->b, n->a);
    push_wide();
    emit(0xe8);
    emit_distance(helper(name));
    emit3(0x83, 0xc4, 16);                              /* add esp, 16 */
}

/* Shifts by 32 and more are done by moving one half into the other. */
void gen_wide_shift(struct node *n) {
    if (is_leaf(n->b)) {
        gen(n->a);
        load_leaf(n->b, ECX);
    } else {
        gen(n->a);
        push_wide();
        gen(n->b);
        emit2(0x89, 0xc1);                              /* mov ecx, eax */
        emit2(0x58, 0x5a);                              /* pop eax; pop edx */
    }
    if (n->op == N_SHL) {
        emit3(0x0f, 0xa5, 0xc2);                        /* shld edx, eax, cl */
        emit2(0xd3, 0xe0);                              /* shl eax, cl */
        emit3(0xf6, 0xc1, 32);                          /* test cl, 32 */
        emit2(0x74, 4);                                 /* jz past the rest */
        emit4(0x89, 0xc2, 0x31, 0xc0);                  /* mov edx, eax; xor eax, eax */
        return;
    }
    emit3(0x0f, 0xad, 0xd0);                            /* shrd eax, edx, cl */
    emit2(0xd3, is_unsigned(n->type) ? 0xea : 0xfa);    /* shr or sar edx, cl */
    emit3(0xf6, 0xc1, 32);
    if (is_unsigned(n->type)) {
        emit2(0x74, 4);
        emit4(0x89, 0xd0, 0x31, 0xd2);                  /* mov eax, edx; xor edx, edx */
    } else {
        emit2(0x74, 5);
        emit2(0x89, 0xd0);                              /* mov eax, edx */
        emit3(0xc1, 0xfa, 31);                          /* sar edx, 31 */
    }
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
    case N_ADD:
        emit3(0x03, 0x04, 0x24);                        /* add eax, [esp] */
        emit4(0x13, 0x54, 0x24, 4);                     /* adc edx, [esp+4] */
        pop_wide_stack();
        break;
    case N_SUB: gen_wide_sub(); break;
    case N_MUL: gen_wide_mul(); break;
    case N_BIT_AND: gen_wide_halves(0x21); break;
    case N_BIT_OR: gen_wide_halves(0x09); break;
    case N_BIT_XOR: gen_wide_halves(0x31); break;
    }
}

int gen_wide_compare(struct node *n) {
    int unsign = is_unsigned(n->a->type);
    gen_wide_pair(n->a, n->b);
    if (n->op == N_EQUAL || n->op == N_UNEQUAL) {
        gen_wide_halves(0x31);
        emit2(0x09, 0xd0);                              /* or eax, edx */
        return small_condition(n->op, 0);
    }
    if (n->op == N_LESS || n->op == N_GREATER_EQUAL) {
        emit2(0x89, 0xc1);                              /* mov ecx, eax */
        emit(0x58);                                     /* pop eax */
        emit2(0x39, 0xc8);                              /* cmp eax, ecx */
        emit(0x58);
        emit2(0x19, 0xd0);                              /* sbb eax, edx */
        return small_condition(n->op, unsign);
    }
    /* a > b is b < a: only below and not-below are right after sbb. */
    emit3(0x3b, 0x04, 0x24);                            /* cmp eax, [esp] */
    emit4(0x1b, 0x54, 0x24, 4);                         /* sbb edx, [esp+4] */
    pop_wide_stack();
    return small_condition(n->op == N_GREATER ? N_LESS : N_GREATER_EQUAL, unsign);
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
        put4(to, real_lo);
        put4(to + 4, real_hi);
        put_bytes(to + 8, real_exp | (n->exponent & REAL_SIGN), 2);
        return;
    }
    real_encode(real_kind(t), n->exponent & REAL_SIGN);
    put4(to, wide_lo);
    if (t->kind == TY_DOUBLE) put4(to + 4, wide_hi);
}

void gen_real_constant(struct node *n) {
    int offset;
    if (n->lo == 0 && n->hi == 0 && n->exponent == 0) {
        emit2(0xd9, 0xee);                              /* fldz */
        return;
    }
    offset = allocate_data(size_of(n->type), 4);
    put_real(n, n->type, image_data + offset);
    set_place(NO_BASE, 0);
    place_link = new_linked(0);
    place(place_link, SECTION_DATA, offset);
    load_real_place(n->type);
}

void push_real(struct type *t) {
    emit3(0x83, 0xec, size_of(t));                      /* sub esp, size */
    if (t->kind == TY_LDOUBLE) emit3(0xdb, 0x3c, 0x24); /* fstp [esp] */
    else emit3(t->kind == TY_FLOAT ? 0xd9 : 0xdd, 0x1c, 0x24);
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
    emit3(0xdb, 0x2c, 0x24);                            /* fld tbyte [esp] */
    emit3(0x83, 0xc4, 12);                              /* add esp, 12 */
    emit2(0xd9, 0xc9);                                  /* fxch */
}

void gen_real_binary(struct node *n) {
    gen_real_pair(n->a, n->b);
    switch (n->op) {
    case N_ADD: emit2(0xde, 0xc1); break;               /* faddp */
    case N_SUB: emit2(0xde, 0xe9); break;               /* fsubp */
    case N_MUL: emit2(0xde, 0xc9); break;               /* fmulp */
    case N_DIV: emit2(0xde, 0xf9); break;               /* fdivp */
    }
}

/* The conditions are chosen so that a NaN makes all but != false: st(0) above
 * (or not below) st(1), and equal only without the unordered flag. */
int gen_real_compare(struct node *n) {
    int is_equality = n->op == N_EQUAL || n->op == N_UNEQUAL;
    gen_real_pair(n->a, n->b);
    if (n->op == N_GREATER || n->op == N_GREATER_EQUAL) emit2(0xd9, 0xc9);      /* fxch */
    emit2(0xda, 0xe9);                                  /* fucompp */
    emit2(0xdf, 0xe0);                                  /* fnstsw ax */
    if (is_equality) {
        emit3(0x80, 0xe4, 0x45);                        /* and ah, C3 | C2 | C0 */
        emit3(0x80, 0xfc, 0x40);                        /* cmp ah, C3 */
        return n->op == N_EQUAL ? IF_EQUAL : IF_UNEQUAL;
    }
    emit(0x9e);                                         /* sahf */
    return n->op == N_LESS || n->op == N_GREATER ? IF_ABOVE : IF_NOT_BELOW;
}

/* ---- conversions ---- */

void extend_small(struct type *t) {
    int byte = size_of(t) == 1;
    if (size_of(t) < 4) emit3(0x0f, (is_unsigned(t) ? 0xb7 : 0xbf) - byte, 0xc0);
}

/* An instruction (digit) on a float constant that is a power of two. */
void gen_with_power(int digit, int bits) {
    int offset = allocate_data(4, 4);
    put4(image_data + offset, bits);
    set_place(NO_BASE, 0);
    place_link = new_linked(0);
    place(place_link, SECTION_DATA, offset);
    emit(0xd8);
    modrm(digit);
}

void gen_integer_to_real(struct type *from) {
    if (is_wide(from)) {
        push_wide();
    } else if (is_unsigned(from)) {
        emit3(0x6a, 0, 0x50);                           /* push 0; push eax */
    } else {
        emit(0x50);                                     /* push eax */
        emit3(0xdb, 0x04, 0x24);                        /* fild dword [esp] */
        emit3(0x83, 0xc4, 4);                           /* add esp, 4 */
        return;
    }
    emit3(0xdf, 0x2c, 0x24);                            /* fild qword [esp] */
    emit3(0x83, 0xc4, 8);                               /* add esp, 8 */
    if (from->kind == TY_ULLONG) {
        emit2(0x85, 0xd2);                              /* test edx, edx */
        emit2(0x79, 6);                                 /* jns past the addition */
        gen_with_power(0, 0x5f800000);                  /* fadd 2^64 */
    }
}

/* st(0) towards zero into edx:eax; ecx stays. */
void gen_truncation() {
    emit3(0x83, 0xec, 12);                              /* sub esp, 12 */
    emit4(0xd9, 0x7c, 0x24, 8);                         /* fnstcw [esp+8] */
    emit(0x66);
    emit4(0x8b, 0x44, 0x24, 8);                         /* mov ax, [esp+8] */
    emit3(0x80, 0xcc, 0x0c);                            /* or ah, 12: round towards zero */
    emit(0x66);
    emit4(0x89, 0x44, 0x24, 10);                        /* mov [esp+10], ax */
    emit4(0xd9, 0x6c, 0x24, 10);                        /* fldcw [esp+10] */
    emit3(0xdf, 0x3c, 0x24);                            /* fistp qword [esp] */
    emit4(0xd9, 0x6c, 0x24, 8);                         /* fldcw [esp+8] */
    emit2(0x58, 0x5a);                                  /* pop eax; pop edx */
    emit3(0x83, 0xc4, 4);                               /* add esp, 4 */
}

void gen_real_to_integer(struct type *to) {
    if (to->kind != TY_ULLONG) {
        gen_truncation();
        return;
    }
    /* From 2^63 on, 2^63 is taken away before and put back after. */
    emit2(0x31, 0xc9);                                  /* xor ecx, ecx */
    gen_with_power(2, 0x5f000000);                      /* fcom 2^63 */
    emit2(0xdf, 0xe0);                                  /* fnstsw ax */
    emit(0x9e);                                         /* sahf */
    emit2(0x72, 11);                                    /* jb past the subtraction */
    gen_with_power(4, 0x5f000000);                      /* fsub 2^63 */
    emit(0xb9);
    emit_word(TOP_BIT);                                 /* mov ecx, 0x80000000 */
    gen_truncation();
    emit2(0x31, 0xca);                                  /* xor edx, ecx */
}

void gen_small_to_wide(struct type *from) {
    if (is_unsigned(from)) emit2(0x31, 0xd2);           /* xor edx, edx */
    else emit(0x99);                                    /* cdq */
}

/* Rounds st(0) to float or double by way of memory. */
void gen_narrow_real(struct type *t) {
    push_real(t);
    emit3(t->kind == TY_FLOAT ? 0xd9 : 0xdd, 0x04, 0x24);       /* fld [esp] */
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
        if (!is_wide(from)) gen_small_to_wide(from);
    } else if (size_of(to) < size_of(from) || from->kind != to->kind) {
        extend_small(to);
    }
}
