/* gencall.c: code for conversions, assignments, calls, and gen itself. */

/* ---- conversions ---- */

void gen_integer_to_real(struct type *from) {
    push_integer();
    hex("df2c24 83c408");                               /* fild qword [esp]; add esp, 8 */
    /* test edx, edx; jns past; push 2^64 as a float; fadd [esp]; add esp, 4 */
    if (from->kind == TY_ULLONG) hex("85d2 790b 680000805f d80424 83c404");
}

/* st(0) towards zero into edx:eax. */
void gen_real_to_integer(struct type *to) {
    /* xor ecx, ecx; push 2^63 as a float; fcom [esp]; fnstsw ax; sahf; jb past the next;
     * fsub [esp]; mov ecx, 0x80000000; add esp, 4: what is above is put back at the end */
    if (to->kind == TY_ULLONG) hex("31c9 680000005f d81424 dfe0 9e 7208 d82424 b900000080 83c404");
    hex("83ec0c d97c2408 668b442408");          /* sub esp, 12; fnstcw [esp+8]; mov ax, [esp+8] */
    hex("80cc0c 668944240a d96c240a");          /* or ah, 12; mov [esp+10], ax; fldcw [esp+10] */
    hex("df3c24 d96c2408 58 5a 83c404");        /* fistp qword [esp]; fldcw [esp+8]; pop both */
    if (to->kind == TY_ULLONG) hex("31ca");             /* xor edx, ecx */
}

/* Rounds st(0) to float or double by way of memory. */
void gen_narrow_real(struct type *t) {
    push_real(t);
    hex(t->kind == TY_FLOAT ? "d90424" : "dd0424");     /* fld [esp] */
    emit3(0x83, 0xc4, t->size);                         /* add esp, size */
}

void gen_cast(struct node *n) {
    struct type *from = n->a->type, *to = n->type;
    gen(n->a);
    if (is_real(to)) {
        if (!is_real(from)) gen_integer_to_real(from);
        if (to->kind != TY_LDOUBLE) gen_narrow_real(to);
    } else {
        if (is_real(from)) gen_real_to_integer(to);
        extend(to);
    }
}

/* ---- assignments ---- */

/* `size` bytes from [ecx] to [eax]; eax stays. */
void gen_copy_bytes(int size) {
    hex("56 57 89ce 89c7 b9");                          /* push both; mov esi, ecx; mov edi, eax; */
    emit_word(size);                                    /* mov ecx, size */
    hex("f3a4 5f 5e");                                  /* rep movsb; pop both */
}

void gen_struct_assign(struct node *n) {
    gen(n->b);
    hex("50");                                          /* push eax */
    gen_address(n->a);
    hex("59");                                          /* pop ecx */
    gen_copy_bytes(size_of(n->type));
}

void gen_assign(struct node *n, int want_value) {
    if (n->type->kind == TY_STRUCT) {
        gen_struct_assign(n);
        return;
    }
    if (find_place(n->a)) {
        gen(n->b);
        find_place(n->a);
    } else {
        gen_address(n->a);
        hex("50");                                      /* push eax */
        gen(n->b);
        hex("59");                                      /* pop ecx */
        set_place(ECX, 0, 0);
    }
    if (is_field(n->a)) check_field(n->a->member);
    store(n->type, want_value);
}

/* ---- calls ---- */

/* Pushes an argument; the bytes it takes. */
int gen_argument(struct node *n) {
    gen(n);
    if (is_real(n->type)) push_real(n->type);
    else if (is_wide(n->type)) push_integer();
    else hex("50");                                     /* push eax */
    return round_up(n->type->size, 4);
}

void gen_call(struct node *n) {
    struct node *arg;
    int pushed = 0;
    for (arg = n->b; arg; arg = arg->b) pushed += gen_argument(arg->a);
    if (n->a->op == N_ADDRESS && n->a->a->op == N_GLOBAL) {
        emit(0xe8);                                     /* call */
        emit_distance(n->a->a->link);
    } else {
        gen(n->a);
        hex("ffd0");                                    /* call eax */
    }
    hex("81c4");                                        /* add esp, pushed */
    emit_word(pushed);
    if (is_scalar(n->type) && !is_real(n->type)) extend(n->type);
}

/* ---- everything ---- */

void gen_constant(struct node *n) {
    emit(0xb8);                                         /* mov eax, lo */
    emit_word(n->lo);
    emit(0xba);                                         /* mov edx, hi */
    emit_word(n->hi);
}

void gen_unary(struct node *n) {
    gen(n->a);
    if (is_real(n->type)) {
        hex("d9e0");                                    /* fchs */
        return;
    }
    hex(n->op == N_NEGATE ? "f7d8 83d200 f7da" : "f7d0 f7d2");  /* neg, adc, neg; or not both */
    extend(n->type);
}

void gen_conditional(struct node *n, int want_value) {
    struct jump_label *no = new_label(), *end = new_label();
    gen_branch(n->a, 0, no);
    if (want_value) gen(n->b);
    else gen_void(n->b);
    jump(end);
    place_label(no);
    if (want_value) gen(n->c);
    else gen_void(n->c);
    place_label(end);
}

void gen(struct node *n) {
    int op = n->op;
    if (op == N_CONST) {
        gen_constant(n);
    } else if (op <= N_MEMBER && op != N_ADDRESS) {
        load(n);
    } else if (op == N_ADDRESS) {
        gen_address(n->a);
        extend_word(n->type);
    } else if (op == N_CAST) {
        if (n->type->kind == TY_VOID) gen_void(n->a);
        else gen_cast(n);
    } else if (op == N_COMMA) {
        gen_void(n->a);
        gen(n->b);
    } else if (op == N_NEGATE || op == N_COMPLEMENT) gen_unary(n);
    else if (op == N_ASSIGN) gen_assign(n, 1);
    else if (op == N_COND) gen_conditional(n, 1);
    else if (op == N_CALL) gen_call(n);
    else if (op == N_NOT || op == N_AND || op == N_OR || op >= N_LESS) gen_truth(n);
    else if (is_real(n->type)) gen_real_binary(n);
    else gen_integer_binary(n);
}

/* n for its effects only. */
void gen_void(struct node *n) {
    if (n->op == N_ASSIGN) {
        gen_assign(n, 0);
    } else if (n->op == N_CALL) {
        gen(n);
        if (is_real(n->type)) hex("ddd8");              /* fstp st(0) */
    } else if (n->op == N_COND) {
        gen_conditional(n, 0);
    } else if (n->op == N_AND || n->op == N_OR) {
        gen_truth(n);
    } else {
        if (n->a) gen_void(n->a);
        if (n->b) gen_void(n->b);
    }
}
