/* init.c: initialisers.
 *
 * An initialiser is first read into a list of items (value, type, offset), with
 * braces, designators and left-out braces resolved.  Then its size is known,
 * and the items become bytes of the image (static) or assignments (local). */

struct item {
    int offset;
    struct type *type;
    struct member *field;               /* 0 or the bit-field it is for */
    struct node *value;                 /* of an array: always a N_STRING */
    struct item *next;
};

struct item *items_first;
struct item *items_last;
struct node *pending;                   /* a value read before its place was known */

int init_list(struct type *t, int offset, int braced);

void add_item(struct type *t, int offset, struct member *field, struct node *value) {
    struct item *i = (struct item *) alloc(sizeof(struct item));
    i->type = t;
    i->offset = offset;
    i->field = field;
    i->value = value;
    if (items_last) items_last->next = i;
    else items_first = i;
    items_last = i;
}

int is_char_array(struct type *t) {
    return t->kind == TY_ARRAY && (t->base->kind == TY_CHAR || t->base->kind == TY_UCHAR);
}

/* A string for an array of chars; it may drop its final zero. */
int init_string(struct type *t, int offset, struct node *string) {
    if (t->count != COUNT_UNKNOWN && string->lo > t->count) string->lo--;
    if (t->count != COUNT_UNKNOWN && string->lo > t->count) fail("string longer than its array");
    add_item(t, offset, 0, string);
    return string->lo;
}

/* One value for an object of type t; how many elements an array got. */
int init_value(struct type *t, int offset, struct member *field) {
    int is_aggregate = t->kind == TY_ARRAY || t->kind == TY_STRUCT;
    int count;
    struct node *n = pending;
    pending = 0;
    if (n == 0 && accept('{')) {
        if (is_aggregate && !(is_char_array(t) && tok == T_STRING)) {
            count = init_list(t, offset, 1);
        } else {
            count = init_value(t, offset, field);
            accept(',');
        }
        expect('}', "expected }");
        return count;
    }
    if (n == 0) n = assignment();
    if (n->op == N_STRING && is_char_array(t)) return init_string(t, offset, n);
    if (is_aggregate && n->type != t) {
        /* Left-out braces: the value belongs to the first member in there. */
        pending = n;
        return init_list(t, offset, 0);
    }
    add_item(t, offset, field, cast(n, t));
    return 1;
}

/* Whether another value follows in this list; without braces of its own, the
 * list leaves the final comma to the one around it. */
int more_values(int braced) {
    if (tok != ',') return 0;
    if (peek()->kind == '}') {
        if (braced) next();
        return 0;
    }
    return 1;
}

int init_array(struct type *t, int offset, int braced) {
    int i = 0;
    int count = 0;
    while (1) {
        if (braced && accept('[')) {
            i = const_int();
            expect(']', "expected ]");
            expect('=', "expected =");
        }
        if (i < 0 || (t->count != COUNT_UNKNOWN && i >= t->count)) fail("too many values for an array");
        init_value(t->base, offset + i * size_of(t->base), 0);
        i++;
        if (i > count) count = i;
        if (!braced && i == t->count) return count;
        if (!more_values(braced)) return count;
        next();
    }
}

int init_struct(struct type *t, int offset, int braced) {
    struct member *m = t->members;
    size_of(t);
    while (1) {
        if (m == 0) fail("too many values for a struct");
        init_value(m->type, offset + m->offset, m->bits ? m : 0);
        m = t->is_union ? 0 : m->next;
        if (!braced && m == 0) return 0;
        if (!more_values(braced)) return 0;
        next();
    }
}

int init_list(struct type *t, int offset, int braced) {
    if (braced && tok == '}') return 0;
    if (t->kind == TY_ARRAY) return init_array(t, offset, braced);
    return init_struct(t, offset, braced);
}

/* Reads the initialiser of an object of type t into the items; the type, with
 * the size that an array without one has got. */
struct type *read_initialiser(struct type *t) {
    int count;
    items_first = 0;
    items_last = 0;
    pending = 0;
    if (t->kind == TY_STRUCT && tok != '{') {
        add_item(t, 0, 0, cast(assignment(), t));
        return t;
    }
    if (t->kind == TY_ARRAY && tok != '{' && !(is_char_array(t) && tok == T_STRING)) fail_here("expected {");
    count = init_value(t, 0, 0);
    if (t->kind == TY_ARRAY && t->count == COUNT_UNKNOWN) return array_of(t->base, count);
    return t;
}

/* ---- static objects ---- */

void put_static_address(struct node *n, int offset) {
    n = strip_casts(n);
    if (!find_pointed(n) || place_base != NO_BASE) fail("initialiser is not constant");
    put4(image_data + offset, place_offset);
    if (place_link) relocate(SECTION_DATA, offset, place_link, 0);
}

void put_static_item(struct item *i, int offset) {
    struct node *n = i->value;
    char *to = image_data + offset;
    int size;
    if (i->type->kind == TY_ARRAY) {
        copy(to, n->bytes, n->lo);
        return;
    }
    size = size_of(i->type);
    if (i->type->kind == TY_STRUCT) {
        fail("initialiser is not constant");
    } else if (i->field) {
        if (n->op != N_CONST) fail("initialiser is not constant");
        put4(to, get4(to) | (n->lo & field_mask(i->field)) << i->field->bit_at);
    } else if (n->op == N_CONST) {
        put_bytes(to, n->lo, size > 4 ? 4 : size);
        if (size == 8) put4(to + 4, n->hi);
    } else if (n->op == N_REAL) {
        put_real(n, i->type, to);
    } else if (size == 4 && !is_real(i->type)) {
        put_static_address(n, offset);
    } else {
        fail("initialiser is not constant");
    }
}

/* The items as `size` bytes of data; where they are. */
int put_static(struct type *t) {
    /* A bit-field is written as 32 bits, which may reach past its unit. */
    int offset = allocate_data(round_up(size_of(t), 4) + 4, 4);
    struct item *i;
    data_size -= 4;
    for (i = items_first; i; i = i->next) put_static_item(i, offset + i->offset);
    return offset;
}

/* ---- local objects ---- */

void gen_zero(int offset, int size) {
    int at;
    if (size <= 32) {
        for (at = 0; at < size; at += 4) {
            set_place(EBP, offset + at);
            emit(0xc7);                                 /* mov dword [place], 0 */
            modrm(0);
            emit_word(0);
        }
        return;
    }
    emit(0x57);                                         /* push edi */
    set_place(EBP, offset);
    load_address(EAX);
    emit2(0x89, 0xc7);                                  /* mov edi, eax */
    emit2(0x31, 0xc0);                                  /* xor eax, eax */
    emit(0xb9);
    emit_word(size / 4);                                /* mov ecx, words */
    emit2(0xf3, 0xab);                                  /* rep stosd */
    emit(0x5f);                                         /* pop edi */
}

void gen_local_item(struct item *i, int offset) {
    struct node *n = local_node(i->type, offset + i->offset);
    int len = i->value->lo;
    if (i->type->kind == TY_ARRAY) {
        gen_address(i->value);
        emit2(0x89, 0xc1);                              /* mov ecx, eax */
        gen_address(n);
        gen_copy_bytes(len);
        return;
    }
    if (i->field) {
        n = new_node(N_FIELD, i->type, n, 0);
        n->member = i->field;
    }
    gen_void(assign(n, i->value));
}

/* The items into the local at `offset`. */
void gen_local_items(struct type *t, int offset) {
    struct item *i;
    if (t->kind == TY_ARRAY || (t->kind == TY_STRUCT && items_first->type != t))
        gen_zero(offset, round_up(size_of(t), 4));
    for (i = items_first; i; i = i->next) gen_local_item(i, offset);
}
