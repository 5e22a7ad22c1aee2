/* gen.c: expression trees into i386 code.
 *
 * gen(n) leaves an integer or pointer in eax (extended to 32 bits), a long long
 * in edx:eax, a floating value in st(0), a struct's address in eax.  ecx and edx
 * are scratch, ebx, esi and edi stay as they are.  What must wait while another
 * operand is computed is pushed; the x87 stack is empty at every call.
 *
 * A place is an operand that an instruction can name: set by find_place or
 * gen_place, used up by the next modrm(). */

enum { EAX = 0, ECX = 1, EDX = 2, ESP = 4, EBP = 5, NO_BASE = 8 };
enum {                                  /* condition codes of jcc and setcc */
    IF_BELOW = 2, IF_NOT_BELOW = 3, IF_EQUAL = 4, IF_UNEQUAL = 5, IF_ABOVE = 7, IF_LESS = 12,
    IF_NOT_LESS = 13, IF_NOT_GREATER = 14, IF_GREATER = 15, IF_NOT_ABOVE = 6
};

struct jump_label {
    int at;                             /* offset in the code, if placed */
    int is_placed;
    int waiting;                        /* chain of jumps to it, through their operands */
    struct name *name;                  /* of a goto's label */
    struct jump_label *next;
};

int place_base;                         /* EAX, ECX, EBP or NO_BASE */
int place_offset;
struct linked *place_link;              /* added for NO_BASE, may be 0 */

void gen(struct node *n);
void gen_void(struct node *n);
void gen_branch(struct node *n, int sense, struct jump_label *l);

/* ---- labels ---- */

struct jump_label *new_label() {
    return (struct jump_label *) alloc(sizeof(struct jump_label));
}

/* The operand of a jump; forward jumps are chained until the label is placed.
 * Offset 0 is never a jump's operand, so it ends the chain. */
void label_operand(struct jump_label *l) {
    if (l->is_placed) {
        emit_word(l->at - code_size - 4);
    } else {
        emit_word(l->waiting);
        l->waiting = code_size - 4;
    }
}

void jump(struct jump_label *l) {
    emit(0xe9);
    label_operand(l);
}

void jump_if(int when, struct jump_label *l) {
    emit2(0x0f, 0x80 + when);
    label_operand(l);
}

void place_label(struct jump_label *l) {
    int waiting = l->waiting;
    int before;
    l->at = code_size;
    l->is_placed = 1;
    while (waiting) {
        before = get4(code + waiting);
        put4(code + waiting, code_size - waiting - 4);
        waiting = before;
    }
}

/* ---- places ---- */

void set_place(int base, int offset) {
    place_base = base;
    place_offset = offset;
    place_link = 0;
}

/* The operand bytes of an instruction on the place, with `reg` beside it. */
void modrm(int reg) {
    reg = reg << 3;
    if (place_base == NO_BASE) {
        emit(reg | 5);
        emit_address(place_link, place_offset);
    } else if (place_offset == 0 && place_base != EBP) {
        emit(reg | place_base);
    } else if (place_offset >= -128 && place_offset < 128) {
        emit2(0x40 | reg | place_base, place_offset);
    } else {
        emit(0x80 | reg | place_base);
        emit_word(place_offset);
    }
}

void put_string(struct node *n) {
    n->link = new_linked(0);
    copy(place_data(n->link, n->lo, 1), n->bytes, n->lo);
    n->op = N_GLOBAL;
    n->lo = 0;
}

int find_place(struct node *n);

/* The place that a pointer points to, if it takes no code to find. */
int find_pointed(struct node *p) {
    if (p->op == N_ADDRESS) return find_place(p->a);
    if (p->op == N_CAST && p->a->type->kind == TY_PTR) return find_pointed(p->a);
    if (p->op == N_CONST) {
        set_place(NO_BASE, p->lo);
        return 1;
    }
    if ((p->op == N_ADD || p->op == N_SUB) && p->type->kind == TY_PTR && p->b->op == N_CONST) {
        if (!find_pointed(p->a)) return 0;
        place_offset += p->op == N_ADD ? p->b->lo : -p->b->lo;
        return 1;
    }
    return 0;
}

int find_place(struct node *n) {
    if (n->op == N_STRING) put_string(n);
    if (n->op == N_LOCAL) {
        set_place(EBP, n->lo);
        return 1;
    }
    if (n->op == N_GLOBAL) {
        set_place(NO_BASE, n->lo);
        place_link = n->link;
        return 1;
    }
    if (n->op == N_MEMBER || n->op == N_FIELD) {
        if (!find_place(n->a)) return 0;
        place_offset += n->lo;
        return 1;
    }
    return n->op == N_DEREF && find_pointed(n->a);
}

void gen_place(struct node *n);

void gen_pointed(struct node *p) {
    if (find_pointed(p)) return;
    if (p->op == N_ADDRESS) {
        gen_place(p->a);
    } else if (p->op == N_CAST && p->a->type->kind == TY_PTR) {
        gen_pointed(p->a);
    } else if (p->op == N_ADD && p->a->type->kind == TY_PTR && p->b->op == N_CONST) {
        gen_pointed(p->a);
        place_offset += p->b->lo;
    } else {
        gen(p);
        set_place(EAX, 0);
    }
}

/* The place of n; if it takes code, eax is its base. */
void gen_place(struct node *n) {
    if (find_place(n)) return;
    if (n->op == N_MEMBER || n->op == N_FIELD) {
        gen_place(n->a);
        place_offset += n->lo;
    } else if (n->op == N_DEREF) {
        gen_pointed(n->a);
    } else {
        gen(n);
        set_place(EAX, 0);
    }
}

/* The place's address into a register. */
void load_address(int reg) {
    if (place_base == NO_BASE) {
        emit(0xb8 + reg);
        emit_address(place_link, place_offset);
    } else if (place_base != reg || place_offset != 0) {
        emit(0x8d);
        modrm(reg);
    }
}

/* An integer of up to 32 bits from the place, extended. */
void load_integer(struct type *t, int reg) {
    int size = size_of(t);
    if (size == 4) emit(0x8b);
    else emit2(0x0f, (is_unsigned(t) ? 0xb6 : 0xbe) + (size == 2));
    modrm(reg);
}

void load_real_place(struct type *t) {
    if (t->kind == TY_LDOUBLE) {
        emit(0xdb);
        modrm(5);
    } else {
        emit(t->kind == TY_FLOAT ? 0xd9 : 0xdd);
        modrm(0);
    }
}

void load(struct type *t) {
    if (is_wide(t)) {
        place_offset += 4;
        load_integer(basic[TY_INT], EDX);
        place_offset -= 4;
        load_integer(basic[TY_INT], EAX);
    } else if (is_real(t)) {
        load_real_place(t);
    } else if (is_scalar(t)) {
        load_integer(t, EAX);
    } else {
        load_address(EAX);
    }
}

void store_integer(int size, int reg) {
    if (size == 2) emit(0x66);
    emit(size == 1 ? 0x88 : 0x89);
    modrm(reg);
}

/* fstp to the place */
void pop_real(struct type *t) {
    emit(t->kind == TY_FLOAT ? 0xd9 : t->kind == TY_DOUBLE ? 0xdd : 0xdb);
    modrm(t->kind == TY_LDOUBLE ? 7 : 3);
}

/* The value (in its register) into the place, which is not based on eax. */
void store(struct type *t, int want_value) {
    if (is_wide(t)) {
        store_integer(4, EAX);
        place_offset += 4;
        store_integer(4, EDX);
    } else if (is_real(t)) {
        pop_real(t);
        /* The value of an assignment is the rounded one. */
        if (want_value) load_real_place(t);
    } else {
        store_integer(size_of(t), EAX);
    }
}

/* ---- bit-fields ---- */

int field_mask(struct member *m) {
    return m->bits == 32 ? -1 : ~(-1 << m->bits);
}

/* eax holds the unit: moves the field down and extends it. */
void extract_field(struct member *m) {
    int left = 32 - m->bit_at - m->bits;
    if (left) emit3(0xc1, 0xe0, left);                  /* shl eax */
    if (m->bits < 32) emit3(0xc1, is_unsigned(m->type) ? 0xe8 : 0xf8, 32 - m->bits);
}

void load_field(struct member *m) {
    load_integer(m->type, EAX);
    extract_field(m);
}

/* eax into the field at the place; eax is its new value after that. */
void store_field(struct member *m) {
    emit(0x25);                                         /* and eax, mask */
    emit_word(field_mask(m));
    if (m->bit_at) emit3(0xc1, 0xe0, m->bit_at);        /* shl eax */
    load_integer(m->type, EDX);
    hex("81e2");                                        /* and edx, ~mask */
    emit_word(~(field_mask(m) << m->bit_at));
    hex("09c2");                                        /* or edx, eax */
    store_integer(size_of(m->type), EDX);
    extract_field(m);
}

/* ---- leaves: operands that a single instruction loads ---- */

int is_small(struct type *t) {
    return (is_integer(t) && !is_wide(t)) || t->kind == TY_PTR;
}

/* Conversions that a load does by itself. */
struct node *strip_casts(struct node *n) {
    while (n->op == N_CAST && is_small(n->type) && size_of(n->type) == 4 && is_small(n->a->type)) n = n->a;
    return n;
}

int is_leaf(struct node *n) {
    n = strip_casts(n);
    if (!is_small(n->type)) return 0;
    if (n->op == N_CONST) return 1;
    if (n->op == N_ADDRESS) return find_place(n->a);
    return n->op != N_FIELD && is_lvalue(n) && find_place(n);
}

void load_leaf(struct node *n, int reg) {
    n = strip_casts(n);
    if (n->op == N_CONST && n->lo == 0) {
        emit2(0x31, 0xc0 | reg << 3 | reg);             /* xor reg, reg */
    } else if (n->op == N_CONST) {
        emit(0xb8 + reg);
        emit_word(n->lo);
    } else if (n->op == N_ADDRESS) {
        find_place(n->a);
        load_address(reg);
    } else {
        find_place(n);
        load_integer(n->type, reg);
    }
}

/* ---- integer operators ---- */

/* a in eax, b in ecx. */
void gen_pair(struct node *a, struct node *b) {
    if (is_leaf(b)) {
        gen(a);
        load_leaf(b, ECX);
    } else if (is_leaf(a)) {
        gen(b);
        hex("89c1");                                    /* mov ecx, eax */
        load_leaf(a, EAX);
    } else {
        gen(a);
        hex("50");                                      /* push eax */
        gen(b);
        hex("89c1 58");                                 /* mov ecx, eax; pop eax */
    }
}

/* The middle digit of the opcodes of add, or, and, sub, xor, cmp. */
int alu_digit(int op) {
    switch (op) {
    case N_ADD: return 0;
    case N_BIT_OR: return 1;
    case N_BIT_AND: return 4;
    case N_SUB: return 5;
    case N_BIT_XOR: return 6;
    }
    return -1;
}

/* eax op constant, or eax op ecx. */
void gen_alu(int digit, struct node *a, struct node *b) {
    struct node *right = strip_casts(b);
    if (right->op == N_CONST) {
        gen(a);
        if (right->lo >= -128 && right->lo < 128) {
            emit3(0x83, 0xc0 | digit << 3, right->lo);
        } else {
            emit(0x05 | digit << 3);
            emit_word(right->lo);
        }
    } else {
        gen_pair(a, b);
        emit2(0x01 | digit << 3, 0xc8);
    }
}

void gen_division(int op, int unsign) {
    hex(unsign ? "31d2 f7f1" : "99 f7f9");              /* xor edx, edx; div ecx, or cdq; idiv ecx */
    if (op == N_MOD) hex("89d0");                       /* mov eax, edx */
}

int shift_code(int op, int unsign) {
    if (op == N_SHL) return 0xe0;
    return unsign ? 0xe8 : 0xf8;
}

void gen_small_binary(struct node *n) {
    int unsign = is_unsigned(n->type);
    int is_shift = n->op == N_SHL || n->op == N_SHR;
    if (alu_digit(n->op) >= 0) {
        gen_alu(alu_digit(n->op), n->a, n->b);
    } else if (n->op == N_MUL && n->b->op == N_CONST) {
        gen(n->a);
        hex("69c0");                                    /* imul eax, eax, constant */
        emit_word(n->b->lo);
    } else if (is_shift && n->b->op == N_CONST) {
        gen(n->a);
        emit3(0xc1, shift_code(n->op, unsign), n->b->lo);
    } else {
        gen_pair(n->a, n->b);
        if (n->op == N_MUL) hex("0fafc1");              /* imul eax, ecx */
        else if (is_shift) emit2(0xd3, shift_code(n->op, unsign));
        else gen_division(n->op, unsign);
    }
}

/* ---- comparisons and branches ---- */

int small_condition(int op, int unsign) {
    switch (op) {
    case N_EQUAL: return IF_EQUAL;
    case N_UNEQUAL: return IF_UNEQUAL;
    case N_LESS: return unsign ? IF_BELOW : IF_LESS;
    case N_GREATER: return unsign ? IF_ABOVE : IF_GREATER;
    case N_LESS_EQUAL: return unsign ? IF_NOT_ABOVE : IF_NOT_GREATER;
    }
    return unsign ? IF_NOT_BELOW : IF_NOT_LESS;
}

int gen_wide_compare(struct node *n);   /* both in gen64.c */
int gen_real_compare(struct node *n);

/* Sets the flags for a comparison; the condition that makes it true. */
int gen_compare(struct node *n) {
    if (is_real(n->a->type)) return gen_real_compare(n);
    if (is_wide(n->a->type)) return gen_wide_compare(n);
    gen_alu(7, n->a, n->b);                             /* cmp */
    return small_condition(n->op, is_unsigned(n->a->type));
}

/* Sets the flags for n != 0 (IF_UNEQUAL). */
void gen_test(struct node *n) {
    gen(n);
    if (is_wide(n->type)) {
        hex("09d0");                                    /* or eax, edx */
    } else if (is_real(n->type)) {
        /* fldz; fucompp; fnstsw ax; and ah, C3 | C2 | C0; cmp ah, C3: equal, not a NaN */
        hex("d9ee dae9 dfe0 80e445 80fc40");
    } else {
        hex("85c0");                                    /* test eax, eax */
    }
}

/* a && b (or, with sense turned round, a || b) jumps if it equals sense. */
void gen_and_branch(struct node *n, int op_is_and, int sense, struct jump_label *l) {
    struct jump_label *past;
    if (op_is_and != sense) {
        gen_branch(n->a, sense, l);
        gen_branch(n->b, sense, l);
    } else {
        past = new_label();
        gen_branch(n->a, !sense, past);
        gen_branch(n->b, sense, l);
        place_label(past);
    }
}

/* Jumps to l if the truth of n is `sense`, else falls through. */
void gen_branch(struct node *n, int sense, struct jump_label *l) {
    int when = IF_UNEQUAL;
    if (n->op == N_NOT) {
        gen_branch(n->a, !sense, l);
        return;
    }
    if (n->op == N_AND || n->op == N_OR) {
        gen_and_branch(n, n->op == N_AND, sense, l);
        return;
    }
    if (n->op == N_CONST) {
        if (constant_is_true(n) == sense) jump(l);
        return;
    }
    if (n->op >= N_LESS) when = gen_compare(n);
    else gen_test(n);
    /* The lowest bit of a condition code negates it. */
    jump_if(sense ? when : when ^ 1, l);
}

/* The truth of n as 0 or 1 in eax. */
void gen_truth(struct node *n) {
    struct jump_label *no;
    if (n->op >= N_LESS) {
        emit3(0x0f, 0x90 + gen_compare(n), 0xc0);       /* setcc al */
        hex("0fb6c0");                                  /* movzx eax, al */
        return;
    }
    no = new_label();
    gen_branch(n, 0, no);
    hex("b801000000 eb02");                             /* mov eax, 1; jmp past the xor */
    place_label(no);
    hex("31c0");                                        /* xor eax, eax */
}

void gen_conditional(struct node *n, int want_value) {
    struct jump_label *no = new_label();
    struct jump_label *end = new_label();
    gen_branch(n->a, 0, no);
    if (want_value) gen(n->b);
    else gen_void(n->b);
    jump(end);
    place_label(no);
    if (want_value) gen(n->c);
    else gen_void(n->c);
    place_label(end);
}
