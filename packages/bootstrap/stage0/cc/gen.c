/* gen.c: expression trees into i386 code.
 *
 * gen(n) leaves an integer or pointer in edx:eax, extended to 64 bits as its
 * type has it, so that the same few instructions serve integers of every size;
 * a floating value in st(0); a struct's address in eax.  ecx is scratch, ebx,
 * esi and edi stay as they are.  What must wait while another operand is
 * computed is pushed; the x87 stack is empty at every call.
 *
 * A place is an operand that an instruction can name: set by find_place or
 * gen_place, used up by the next modrm(). */

enum { EAX = 0, ECX = 1, EDX = 2, EBP = 5, EDI = 7, NO_BASE = 8 };
enum {                                  /* condition codes of jcc and setcc */
    IF_BELOW = 2, IF_NOT_BELOW = 3, IF_EQUAL = 4, IF_UNEQUAL = 5,
    IF_LESS = 12, IF_NOT_LESS = 13
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
    int waiting = l->waiting, before;
    l->at = code_size;
    l->is_placed = 1;
    while (waiting) {
        before = get4(code + waiting);
        put4(code + waiting, code_size - waiting - 4);
        waiting = before;
    }
}

/* ---- places ---- */

void set_place(int base, int offset, struct linked *link) {
    place_base = base;
    place_offset = offset;
    place_link = link;
}

/* The operand bytes of an instruction on the place, with `reg` beside it. */
void modrm(int reg) {
    emit(reg << 3 | (place_base == NO_BASE ? 0x05 : 0x80 | place_base));
    emit_address(place_link, place_offset);
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
    if ((p->op != N_ADD && p->op != N_SUB) || p->b->op != N_CONST || !find_pointed(p->a)) return 0;
    place_offset += p->op == N_ADD ? p->b->lo : -p->b->lo;
    return 1;
}

int find_place(struct node *n) {
    if (n->op == N_STRING) put_string(n);
    if (n->op == N_LOCAL) {
        set_place(EBP, n->lo, 0);
        return 1;
    }
    if (n->op == N_GLOBAL) {
        set_place(NO_BASE, n->lo, n->link);
        return 1;
    }
    if (n->op != N_MEMBER) return n->op == N_DEREF && find_pointed(n->a);
    if (!find_place(n->a)) return 0;
    place_offset += n->lo;
    return 1;
}

/* The place of n; if it takes code, eax is its base. */
void gen_place(struct node *n) {
    if (find_place(n)) return;
    if (n->op == N_MEMBER) {
        gen_place(n->a);
        place_offset += n->lo;
    } else {
        gen(n->op == N_DEREF ? n->a : n);
        set_place(EAX, 0, 0);
    }
}

void gen_address(struct node *n) {
    gen_place(n);
    emit(0x8d);                                         /* lea eax, place */
    modrm(EAX);
}

/* ---- loads and stores ---- */

/* 32 bits in eax become 64 in edx:eax. */
void extend_word(struct type *t) {
    hex(is_unsigned(t) ? "31d2" : "99");                /* xor edx, edx; cdq */
}

/* The second byte of movzx and movsx from 8 or 16 bits. */
int extension(struct type *t) { return (is_unsigned(t) ? 0xb6 : 0xbe) + (t->size == 2); }

/* What eax holds becomes a value of type t. */
void extend(struct type *t) {
    if (t->size < 4) emit3(0x0f, extension(t), 0xc0);
    if (!is_wide(t)) extend_word(t);
}

void load_word(struct type *t, int reg) {
    if (t->size < 4) emit2(0x0f, extension(t));
    else emit(0x8b);
    modrm(reg);
}

void load_real(struct type *t) {
    emit(t->kind == TY_FLOAT ? 0xd9 : t->kind == TY_DOUBLE ? 0xdd : 0xdb);
    modrm(t->kind == TY_LDOUBLE ? 5 : 0);
}

void load(struct node *n) {
    gen_place(n);
    if (is_real(n->type)) {
        load_real(n->type);
    } else if (!is_scalar(n->type)) {
        emit(0x8d);                                     /* lea eax, place */
        modrm(EAX);
    } else if (is_wide(n->type)) {
        place_offset += 4;
        load_word(n->type, EDX);
        place_offset -= 4;
        load_word(n->type, EAX);
    } else {
        load_word(n->type, EAX);
        extend_word(n->type);
    }
}

void store_word(int size, int reg) {
    if (size == 2) emit(0x66);
    emit(size == 1 ? 0x88 : 0x89);
    modrm(reg);
}

/* The value in its register into the place, which is not based on eax. */
void store(struct type *t) {
    if (is_real(t)) {
        emit(t->kind == TY_FLOAT ? 0xd9 : t->kind == TY_DOUBLE ? 0xdd : 0xdb);
        modrm(t->kind == TY_LDOUBLE ? 7 : 3);           /* fstp */
        load_real(t);                                   /* the rounded one */
        return;
    }
    store_word(t->size, EAX);
    if (is_wide(t)) {
        place_offset += 4;
        store_word(4, EDX);
    }
}

/* Ends the program if eax is more than a bit-field has bits for. */
void check_field(struct member *m) {
    if (m->bits == 32) return;
    emit(0x3d);                                         /* cmp eax, 2^bits */
    emit_word(1 << m->bits);
    hex("7201 f4");                                     /* jb past the next; hlt */
}

/* ---- integer operators: the left operand on the stack, the right in edx:eax ---- */

void push_integer() {
    hex("52 50");                                       /* push edx; push eax */
}

void gen_integer_pair(struct node *n) {
    gen(n->a);
    push_integer();
    gen(n->b);
}

/* Code for 64 bits; the lower half is right for shorter types as well. */
char *integer_code(int op, int unsign) {
    /* add eax, [esp]; adc edx, [esp+4]; add esp, 8 */
    if (op == N_ADD) return "030424 13542404 83c408";
    /* mov ecx, eax; pop eax; sub eax, ecx; pop ecx; sbb ecx, edx; mov edx, ecx */
    if (op == N_SUB) return "89c1 58 29c8 59 19d1 89ca";
    /* imul edx, [esp]; mov ecx, [esp+4]; imul ecx, eax; add ecx, edx: crosswise;
     * mul dword [esp]; add edx, ecx; add esp, 8 */
    if (op == N_MUL) return "0faf1424 8b4c2404 0fafc8 01d1 f72424 01ca 83c408";
    /* pop ecx; op eax, ecx; pop ecx; op edx, ecx */
    if (op == N_BIT_AND) return "59 21c8 59 21ca";
    if (op == N_BIT_OR) return "59 09c8 59 09ca";
    if (op == N_BIT_XOR) return "59 31c8 59 31ca";
    /* mov ecx, eax; pop eax; pop edx; then the count is in ecx, left in edx:eax:
     * shld edx, eax, cl; shl eax, cl; test cl, 32; jz end; mov edx, eax; xor eax, eax */
    if (op == N_SHL) return "89c1 58 5a 0fa5c2 d3e0 f6c120 7404 89c2 31c0";
    /* shrd eax, edx, cl; shr edx, cl; test cl, 32; jz end; mov eax, edx; xor edx, edx
     * or sar edx, cl, and sar edx, 31 at the end */
    if (op == N_SHR && unsign) return "89c1 58 5a 0fadd0 d3ea f6c120 7404 89d0 31d2";
    if (op == N_SHR) return "89c1 58 5a 0fadd0 d3fa f6c120 7405 89d0 c1fa1f";
    /* Signed division, of 32 bits: mov ecx, eax; pop eax; pop edx; idiv ecx; mov eax, edx */
    if (!unsign) return op == N_DIV ? "89c1 58 5a f7f9" : "89c1 58 5a f7f9 89d0";
    /* Unsigned division as on paper, by 32 bits; what is more ends the program: test edx, edx;
     * jz past the next; hlt; mov ecx, eax; mov eax, [esp+4]; div ecx; xchg eax, [esp]; div ecx;
     * pop edx; pop ecx; or for the rest mov eax, edx; xor edx, edx; pop ecx; pop ecx */
    if (op == N_DIV) return "85d2 7401 f4 89c1 8b442404 f7f1 870424 f7f1 5a 59";
    return "85d2 7401 f4 89c1 8b442404 f7f1 870424 f7f1 89d0 31d2 59 59";
}

void gen_integer_binary(struct node *n) {
    int unsign = is_unsigned(n->type);
    if (n->type->kind == TY_LLONG && (n->op == N_DIV || n->op == N_MOD))
        fail("division of long long");
    gen_integer_pair(n);
    hex(integer_code(n->op, unsign));
    if (!is_wide(n->type)) extend_word(n->type);
}

int gen_integer_compare(struct node *n) {
    int unsign = is_unsigned(n->a->type);
    gen_integer_pair(n);
    if (n->op == N_EQUAL || n->op == N_UNEQUAL) {
        hex("59 31c8 59 31ca 09d0");                    /* xor both halves; or eax, edx */
        return n->op == N_EQUAL ? IF_EQUAL : IF_UNEQUAL;
    }
    /* mov ecx, eax; pop eax; cmp eax, ecx; pop eax; sbb eax, edx */
    hex("89c1 58 39c8 58 19d0");
    if (n->op == N_LESS) return unsign ? IF_BELOW : IF_LESS;
    return unsign ? IF_NOT_BELOW : IF_NOT_LESS;
}

/* ---- floating operators ---- */

void push_real(struct type *t) {
    emit3(0x83, 0xec, t->size);                         /* sub esp, size; fstp [esp] */
    hex(t->kind == TY_LDOUBLE ? "db3c24" : t->kind == TY_FLOAT ? "d91c24" : "dd1c24");
}

/* a in st(1), b in st(0). */
void gen_real_pair(struct node *n) {
    gen(n->a);
    push_real(basic[TY_LDOUBLE]);
    gen(n->b);
    hex("db2c24 83c40c d9c9");                          /* fld [esp]; add esp, 12; fxch */
}

void gen_real_binary(struct node *n) {
    gen_real_pair(n);
    if (n->op == N_ADD) hex("dec1");                    /* faddp */
    else if (n->op == N_SUB) hex("dee9");               /* fsubp */
    else if (n->op == N_MUL) hex("dec9");               /* fmulp */
    else hex("def9");                                   /* fdivp */
}

int gen_real_compare(struct node *n) {
    if (n->op != N_EQUAL && n->op != N_UNEQUAL) fail("order of floating numbers");
    gen_real_pair(n);
    /* fucompp; fnstsw ax; and ah, C3 | C2 | C0; cmp ah, C3: equal, not a NaN */
    hex("dae9 dfe0 80e445 80fc40");
    return n->op == N_EQUAL ? IF_EQUAL : IF_UNEQUAL;
}

/* ---- truth and branches ---- */

/* Sets the flags for n != 0, or for a comparison; the condition that makes it true. */
int gen_condition(struct node *n) {
    if (n->op >= N_LESS) return is_real(n->a->type) ? gen_real_compare(n) : gen_integer_compare(n);
    gen(n);
    if (is_real(n->type)) hex("d9ee dae9 dfe0 80e445 80fc40");         /* fldz; as above */
    else hex("09d0");                                   /* or eax, edx */
    return IF_UNEQUAL;
}

/* a && b (or, with sense turned round, a || b) jumps if it equals sense. */
void gen_and_branch(struct node *n, int is_and, int sense, struct jump_label *l) {
    struct jump_label *past = new_label();
    if (is_and != sense) gen_branch(n->a, sense, l);
    else gen_branch(n->a, !sense, past);
    gen_branch(n->b, sense, l);
    place_label(past);
}

/* Jumps to l if the truth of n is `sense`, else falls through. */
void gen_branch(struct node *n, int sense, struct jump_label *l) {
    int when;
    if (n->op == N_AND || n->op == N_OR) {
        gen_and_branch(n, n->op == N_AND, sense, l);
    } else if (n->op == N_CONST) {
        if (is_true(n) == sense) jump(l);
    } else {
        when = gen_condition(n);
        jump_if(sense ? when : when ^ 1, l);            /* the lowest bit negates it */
    }
}

/* The truth of n as 0 or 1. */
void gen_truth(struct node *n) {
    struct jump_label *no = new_label();
    gen_branch(n, 0, no);
    hex("b801000000 eb02");                             /* mov eax, 1; jmp past the xor */
    place_label(no);
    hex("31c0 99");                                     /* xor eax, eax; cdq */
}
