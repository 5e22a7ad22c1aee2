/* decl.c: declarations and function definitions. */

/* The symbol for a function, or a variable of the file's scope, declared
 * perhaps many times. */
struct symbol *declare_global(struct name *n, struct type *t, int storage) {
    struct symbol *s = n->symbol;
    if (s && s->kind == SYM_GLOBAL && (s->depth == depth || storage != KW_STATIC)) {
        if (s->type->kind != t->kind) fail_name("declared differently before: ", n);
        /* The later declaration counts, unless it says less. */
        if (!is_open_array(t) && (t->kind != TY_FUNC || t->members)) s->type = t;
        return s;
    }
    s = declare(n, SYM_GLOBAL, t);
    s->link = link_for(n, storage == KW_STATIC);
    return s;
}

void declare_typedef(struct name *n, struct type *t) {
    struct symbol *s = n->symbol;
    if (s && s->depth == depth && s->kind == SYM_TYPEDEF && s->type->kind == t->kind) return;
    declare(n, SYM_TYPEDEF, t);
}

/* ---- variables ---- */

void static_variable(struct symbol *s) {
    if (accept('=')) {
        s->type = read_initialiser(s->type);
        put_static(s->link, s->type);
        s->definition = DEFINED;
    } else if (depth == 0) {
        if (s->definition == UNDEFINED) s->definition = TENTATIVE;
    } else {
        place_bss(s->link, size_of(s->type));
    }
}

/* At the unit's end, for `int x;` without anything else. */
void place_tentative() {
    struct symbol *s;
    for (s = scope; s; s = s->next) {
        if (s->definition == TENTATIVE) place_bss(s->link, size_of(s->type));
    }
}

void local_variable(struct name *n, struct type *t) {
    struct symbol *s;
    int saved_frame;
    if (is_open_array(t)) {
        expect('=', "expected =");
        t = read_initialiser(t);
        s = declare(n, SYM_LOCAL, t);
        s->value = temporary(t)->lo;
        gen_local_items(t, s->value);
        return;
    }
    s = declare(n, SYM_LOCAL, t);
    s->value = temporary(t)->lo;
    saved_frame = frame;
    if (accept('=')) {
        read_initialiser(t);
        gen_local_items(t, s->value);
    }
    frame = saved_frame;
}

void variable(struct name *n, struct type *t, int storage) {
    struct symbol *s;
    if (t->kind == TY_VOID) fail_name("void variable ", n);
    if (storage == KW_EXTERN) {
        declare_global(n, t, storage);
    } else if (depth == 0) {
        static_variable(declare_global(n, t, storage));
    } else if (storage == KW_STATIC) {
        s = declare(n, SYM_GLOBAL, t);
        s->link = new_linked(n);
        static_variable(s);
    } else {
        local_variable(n, t);
    }
}

/* ---- functions ---- */

/* The parameters become locals above the frame pointer. */
void declare_parameters(struct type *f) {
    struct member *p;
    int offset = 8;
    for (p = f->members; p; p = p->next) {
        if (p->type->kind == TY_STRUCT) fail("struct arguments are not supported");
        if (p->name) declare(p->name, SYM_LOCAL, p->type)->value = offset;
        offset += round_up(size_of(p->type), 4);
    }
}

void check_labels() {
    while (goto_labels) {
        if (!goto_labels->is_placed) fail_name("undefined label: ", goto_labels->name);
        goto_labels->name->label = 0;
        goto_labels = goto_labels->next;
    }
}

void function_body(struct symbol *s) {
    int frame_size_at;
    place(s->link, SECTION_TEXT, code_size);
    if (s->type->base->kind == TY_STRUCT) fail("struct results are not supported");
    function_type = s->type;
    return_label = new_label();
    frame = 0;
    frame_lowest = 0;
    open_scope();
    declare_parameters(s->type);
    hex("55 89e5 81ec");                                /* push ebp; mov ebp, esp; sub esp, frame */
    frame_size_at = code_size;
    emit_word(0);
    block();
    place_label(return_label);
    hex("c9 c3");                                       /* leave; ret */
    put4(code + frame_size_at, -frame_lowest);
    check_labels();
    close_scope();
    function_type = 0;
}

/* A function's declaration; whether it was a definition. */
int function(struct name *n, struct type *t, int storage) {
    struct symbol *s = declare_global(n, t, storage);
    if (tok != '{') return 0;
    if (depth) fail("function inside a function");
    s->type = t;
    function_body(s);
    return 1;
}

/* ---- declarations ---- */

void declaration() {
    struct type *base = specifiers();
    int storage = decl_storage;
    struct type *t;
    struct name *n;
    if (accept(';')) return;
    do {
        decl_name = 0;
        t = declarator(base);
        n = decl_name;
        if (n == 0) fail_here("expected a name");
        if (storage == KW_TYPEDEF) declare_typedef(n, t);
        else if (t->kind != TY_FUNC) variable(n, t, storage);
        else if (function(n, t, storage)) return;
    } while (accept(','));
    expect(';', "expected ;");
}

/* One source file. */
void unit(char *path) {
    pp_open(path);
    depth = 0;
    scope = 0;
    ahead = 0;
    next();
    while (tok != T_END) {
        if (!accept(';')) declaration();
    }
    place_tentative();
    close_scope();
    depth = 0;
}
