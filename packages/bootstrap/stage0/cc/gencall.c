/* gencall.c: code for conversions, assignments, calls, and gen itself. */

/* ---- conversions ---- */

void gen_integer_to_real(struct type *from) {
    push_integer();
    hex("df2c24 83c408");                               /* fild qword [esp]; add esp, 8 */
    /* test edx, edx; jns past; push 2^64 as a float; fadd [esp]; add esp, 4 */
    if (from->kind == TY_ULLONG) hex("85d2 790b 680000805f d80424 83c404");
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
        /* tcc does this only for programs that do it, and so not on the way to itself. */
        if (is_real(from)) hex("f4");                   /* hlt */
        extend(to);
    }
}

/* ---- assignments ---- */

/* eax stays: the place of what was assigned. */
void gen_struct_assign(struct node *n) {
    gen(n->b);
    hex("50");                                          /* push eax */
    gen_address(n->a);
    hex("59 56 57 89ce 89c7 b9");                       /* pop ecx; push esi; push edi; */
    emit_word(size_of(n->type));                        /* mov esi, ecx; mov edi, eax; */
    hex("f3a4 5f 5e");                                  /* mov ecx, size; rep movsb; pop both */
}

void gen_assign(struct node *n) {
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
    store(n->type);
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

void gen_conditional(struct node *n) {
    struct jump_label *no = new_label(), *end = new_label();
    gen_branch(n->a, 0, no);
    gen(n->b);
    jump(end);
    place_label(no);
    gen(n->c);
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
    } else if (op == N_ASSIGN) gen_assign(n);
    else if (op == N_COND) gen_conditional(n);
    else if (op == N_CALL) gen_call(n);
    else if (op == N_AND || op == N_OR || op >= N_LESS) gen_truth(n);
    else if (is_real(n->type)) gen_real_binary(n);
    else gen_integer_binary(n);
}

/* n for its effects only. */
void gen_void(struct node *n) {
    if (!n->effects) return;
    gen(n);
    if (is_real(n->type)) hex("ddd8");                  /* fstp st(0) */
}
