/* init.c: initialisers.
 *
 * An initialiser is first read into a list of items (value, type, offset).
 * Then its size is known, and the items become bytes of the image (static) or
 * assignments (local). */

struct item {
    int offset;
    struct type *type;
    struct node *value;                 /* of an array: always a N_STRING */
    struct item *next;
};

struct item *items_first;
struct item *items_last;

int init_value(struct type *t, int offset);

void add_item(struct type *t, int offset, struct node *value) {
    struct item *i = (struct item *) alloc(sizeof(struct item));
    i->type = t;
    i->offset = offset;
    i->value = value;
    if (items_last) items_last->next = i;
    else items_first = i;
    items_last = i;
}

int is_char_array(struct type *t) {
    return t->kind == TY_ARRAY && (t->base->kind == TY_CHAR || t->base->kind == TY_UCHAR);
}

/* A string for an array of chars; it may drop its final zero. */
int init_string(struct type *t, int offset) {
    struct node *n = string_node();
    if (t->count != COUNT_UNKNOWN && n->lo > t->count) n->lo--;
    if (t->count != COUNT_UNKNOWN && n->lo > t->count) fail("string longer than its array");
    add_item(t, offset, n);
    return n->lo;
}

int init_array(struct type *t, int offset) {
    int i;
    for (i = 0; tok != '}'; i++) {
        if (i == t->count) fail("too many values for an array");
        init_value(t->base, offset + i * size_of(t->base));
        if (tok != '}') expect(',', "expected , or }");
    }
    return i;
}

/* A union's initialiser is for its first member. */
void init_struct(struct type *t, int offset) {
    struct member *m = t->members;
    size_of(t);
    while (tok != '}') {
        if (m == 0) fail("too many values for a struct");
        if (m->bits) fail("initialisers of bit-fields are not supported");
        init_value(m->type, offset + m->offset);
        m = t->is_union ? 0 : m->next;
        if (tok != '}') expect(',', "expected , or }");
    }
}

/* One value for an object of type t; how many elements an array got. */
int init_value(struct type *t, int offset) {
    int count = 0;
    if (is_char_array(t) && tok == T_STRING) return init_string(t, offset);
    if (t->kind == TY_ARRAY || (t->kind == TY_STRUCT && tok == '{')) {
        expect('{', "expected {");
        if (is_char_array(t) && tok == T_STRING) count = init_string(t, offset);
        else if (t->kind == TY_ARRAY) count = init_array(t, offset);
        else init_struct(t, offset);
        expect('}', "expected }");
    } else {
        add_item(t, offset, cast(assignment(), t));
    }
    return count;
}

/* Reads the initialiser of an object of type t into the items; the type, with
 * the size that an array without one has got. */
struct type *read_initialiser(struct type *t) {
    int count;
    items_first = 0;
    items_last = 0;
    count = init_value(t, 0);
    return is_open_array(t) ? array_of(t->base, count) : t;
}

/* ---- static objects ---- */

void put_static_address(struct node *n, int offset) {
    while (n->op == N_CAST && is_word(n->type) && is_word(n->a->type)) n = n->a;
    if (!find_pointed(n) || place_base != NO_BASE) fail("initialiser is not constant");
    put4(image_data + offset, place_offset);
    if (place_link) relocate(SECTION_DATA, offset, place_link, 0);
}

void put_static_item(struct item *i, int offset) {
    struct node *n = i->value;
    char *to = image_data + offset;
    int size = i->type->size;           /* of all but arrays */
    if (i->type->kind == TY_ARRAY) {
        copy(to, n->bytes, n->lo);
    } else if (n->op == N_CONST) {
        put_bytes(to, n->lo, size > 4 ? 4 : size);
        if (size == 8) put4(to + 4, n->hi);
    } else {
        if (!is_word(i->type)) fail("initialiser is not constant");
        put_static_address(n, offset);
    }
}

/* The items as bytes of data. */
void put_static(struct linked *link, struct type *t) {
    struct item *i;
    place_data(link, size_of(t), 4);
    for (i = items_first; i; i = i->next) put_static_item(i, link->offset + i->offset);
}

/* ---- local objects ---- */

void gen_zero(int offset, int size) {
    set_place(EBP, offset, 0);
    hex("57 8d");                                       /* push edi; lea edi, place */
    modrm(EDI);
    hex("31c0 b9");                                     /* xor eax, eax; mov ecx, words */
    emit_word(size / 4);
    hex("f3ab 5f");                                     /* rep stosd; pop edi */
}

/* The items into the local at `offset`. */
void gen_local_items(struct type *t, int offset) {
    struct item *i;
    int is_copy = items_first && items_first->type == t;
    if (t->kind == TY_ARRAY || (t->kind == TY_STRUCT && !is_copy))
        gen_zero(offset, round_up(size_of(t), 4));
    for (i = items_first; i; i = i->next) {
        if (i->type->kind == TY_ARRAY) fail("string for a local array");
        gen_void(assign(local_node(i->type, offset + i->offset), i->value));
    }
}
