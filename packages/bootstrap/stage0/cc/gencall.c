/* gencall.c: assignments, calls, and gen itself. */

/* `size` bytes from [ecx] to [eax]; edx is lost, eax stays. */
void gen_copy_bytes(int size) {
    int at = 0;
    int part;
    if (size > 32) {
        hex("56 57 89ce 89c7 b9");                      /* push both; mov esi, ecx; mov edi, eax; */
        emit_word(size);                                /* mov ecx, size */
        hex("f3a4 5f 5e");                              /* rep movsb; pop both */
        return;
    }
    while (at < size) {
        part = size - at >= 4 ? 4 : size - at >= 2 ? 2 : 1;
        set_place(ECX, at);
        load_integer(basic[part == 4 ? TY_INT : part == 2 ? TY_USHORT : TY_UCHAR], EDX);
        set_place(EAX, at);
        store_integer(part, EDX);
        at += part;
    }
}

void gen_address(struct node *n) {
    gen_place(n);
    load_address(EAX);
}

void gen_struct_assign(struct node *n) {
    gen(n->b);
    if (find_place(n->a)) {
        hex("89c1");                                    /* mov ecx, eax */
        gen_address(n->a);
    } else {
        hex("50");                                      /* push eax */
        gen_address(n->a);
        hex("59");                                      /* pop ecx */
    }
    gen_copy_bytes(size_of(n->type));
}

/* The value of n->b into eax, edx:eax or st(0) and the place of n->a such that
 * it is not based on eax. */
void gen_value_and_place(struct node *n, struct node *value) {
    int offset;
    if (find_place(n->a)) {
        gen(value);
        find_place(n->a);
        return;
    }
    gen_place(n->a);
    offset = place_offset;
    if (is_leaf(value)) {
        hex("89c1");                                    /* mov ecx, eax */
        load_leaf(value, EAX);
    } else {
        hex("50");                                      /* push eax */
        gen(value);
        hex("59");                                      /* pop ecx */
    }
    set_place(ECX, offset);
}

void gen_assign(struct node *n, int want_value) {
    struct node *value = n->b;
    if (n->type->kind == TY_STRUCT) {
        gen_struct_assign(n);
        return;
    }
    /* The store itself cuts the value down. */
    if (!want_value && value->op == N_CAST && is_small(value->type) && is_small(value->a->type)) value = value->a;
    gen_value_and_place(n, value);
    if (n->a->op == N_FIELD) store_field(n->a->member);
    else store(n->type, want_value);
}

/* ---- calls ---- */

/* Pushes an argument; the bytes it takes. */
int gen_argument(struct node *n) {
    struct node *plain = strip_casts(n);
    if (is_small(n->type) && plain->op == N_CONST) {
        hex("68");                                      /* push constant */
        emit_word(plain->lo);
        return 4;
    }
    gen(n);
    if (is_real(n->type)) push_real(n->type);
    else if (is_wide(n->type)) push_wide();
    else hex("50");                                     /* push eax */
    return round_up(size_of(n->type), 4);
}

void gen_call(struct node *n) {
    struct node *arg;
    int pushed = 0;
    for (arg = n->b; arg; arg = arg->b) pushed += gen_argument(arg->a);
    if (n->a->op == N_ADDRESS && n->a->a->op == N_GLOBAL) {
        hex("e8");                                      /* call */
        emit_distance(n->a->a->link);
    } else {
        gen(n->a);
        hex("ffd0");                                    /* call eax */
    }
    if (pushed) {
        hex("81c4");                                    /* add esp, pushed */
        emit_word(pushed);
    }
    if (is_small(n->type)) extend_small(n->type);
}

/* ---- everything ---- */

void gen_binary(struct node *n) {
    if (n->op >= N_LESS) gen_truth(n);
    else if (is_real(n->type)) gen_real_binary(n);
    else if (is_wide(n->type)) gen_wide_binary(n);
    else gen_small_binary(n);
}

void gen_constant(struct node *n) {
    if (is_wide(n->type)) {
        emit(0xba);
        emit_word(n->hi);                               /* mov edx, hi */
    }
    load_leaf(wide_constant(n->lo, 0, basic[TY_INT]), EAX);
}

void gen_unary(struct node *n) {
    gen(n->a);
    if (n->op == N_NEGATE && is_real(n->type)) {
        hex("d9e0");                                    /* fchs */
    } else if (n->op == N_NEGATE) {
        hex("f7d8");                                    /* neg eax */
        if (is_wide(n->type)) hex("83d200 f7da");       /* adc edx, 0; neg edx */
    } else {
        hex("f7d0");                                    /* not eax */
        if (is_wide(n->type)) hex("f7d2");              /* not edx */
    }
}

void gen(struct node *n) {
    switch (n->op) {
    case N_CONST: gen_constant(n); break;
    case N_REAL: gen_real_constant(n); break;
    case N_STRING: case N_LOCAL: case N_GLOBAL: case N_DEREF: case N_MEMBER:
        gen_place(n);
        load(n->type);
        break;
    case N_FIELD:
        gen_place(n);
        load_field(n->member);
        break;
    case N_ADDRESS: gen_address(n->a); break;
    case N_CAST:
        if (n->type->kind == TY_VOID) gen_void(n->a);
        else gen_cast(n);
        break;
    case N_NEGATE: case N_COMPLEMENT: gen_unary(n); break;
    case N_NOT: case N_AND: case N_OR: gen_truth(n); break;
    case N_ASSIGN: gen_assign(n, 1); break;
    case N_COMMA:
        gen_void(n->a);
        gen(n->b);
        break;
    case N_COND: gen_conditional(n, 1); break;
    case N_CALL: gen_call(n); break;
    default: gen_binary(n);
    }
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
