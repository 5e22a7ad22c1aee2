/* stmt.c: statements, compiled as they are read. */

struct switch_case {
    int value;
    struct jump_label *label;
    struct switch_case *next;
};

struct switch_frame {                   /* the switch statement around */
    struct type *type;
    struct switch_case *cases;          /* the newest first */
    struct jump_label *otherwise;
};

struct jump_label *return_label;
struct jump_label *break_label;
struct jump_label *continue_label;
struct switch_frame *switching;
struct jump_label *goto_labels;         /* of this function */

void statement();
void declaration();                     /* decl.c */

struct node *condition() {
    struct node *n;
    expect('(', "expected (");
    n = scalar(expression());
    expect(')', "expected )");
    return n;
}

void if_statement() {
    struct jump_label *no = new_label(), *end = new_label();
    gen_branch(condition(), 0, no);
    statement();
    if (accept(KW_ELSE)) {
        jump(end);
        place_label(no);
        statement();
        no = end;
    }
    place_label(no);
}

/* A loop's body with its own break and continue. */
void loop_body(struct jump_label *end, struct jump_label *again) {
    struct jump_label *outer_break = break_label, *outer_continue = continue_label;
    break_label = end;
    continue_label = again;
    statement();
    break_label = outer_break;
    continue_label = outer_continue;
}

void while_statement() {
    struct jump_label *again = new_label(), *end = new_label();
    place_label(again);
    gen_branch(condition(), 0, end);
    loop_body(end, again);
    jump(again);
    place_label(end);
}

void do_statement() {
    struct jump_label *top = new_label(), *again = new_label(), *end = new_label();
    place_label(top);
    loop_body(end, again);
    expect(KW_WHILE, "expected while");
    place_label(again);
    gen_branch(condition(), 1, top);
    place_label(end);
    expect(';', "expected ;");
}

void for_statement() {
    struct jump_label *top = new_label(), *again = new_label(), *end = new_label();
    struct node *after = 0;
    expect('(', "expected (");
    if (tok != ';') gen_void(expression());
    expect(';', "expected ;");
    place_label(top);
    if (tok != ';') gen_branch(scalar(expression()), 0, end);
    expect(';', "expected ;");
    if (tok != ')') after = expression();
    expect(')', "expected )");
    loop_body(end, again);
    place_label(again);
    if (after) gen_void(after);
    jump(top);
    place_label(end);
}

/* ---- switch ---- */

void case_label() {
    struct switch_case *c = (struct switch_case *) alloc(sizeof(struct switch_case)), *other;
    if (switching == 0) fail("case outside a switch");
    c->value = cast(const_node(), switching->type)->lo;
    expect(':', "expected :");
    for (other = switching->cases; other; other = other->next)
        if (other->value == c->value) fail("the same case twice");
    c->label = new_label();
    c->next = switching->cases;
    switching->cases = c;
    place_label(c->label);
}

void default_label() {
    if (switching == 0) fail("default outside a switch");
    if (switching->otherwise) fail("two defaults in a switch");
    expect(':', "expected :");
    switching->otherwise = new_label();
    place_label(switching->otherwise);
}

/* The tests stand behind the body, which is jumped over. */
void switch_statement() {
    struct switch_frame *s = (struct switch_frame *) alloc(sizeof(struct switch_frame));
    struct switch_frame *outer = switching;
    struct switch_case *c;
    struct jump_label *dispatch = new_label(), *end = new_label();
    struct node *n;
    n = promote(condition());
    if (!is_word(n->type)) fail("switch on something that is not an int");
    s->type = n->type;
    gen(n);
    jump(dispatch);
    switching = s;
    loop_body(end, continue_label);
    switching = outer;
    jump(end);
    place_label(dispatch);
    for (c = s->cases; c; c = c->next) {
        emit(0x3d);                                     /* cmp eax, value */
        emit_word(c->value);
        jump_if(IF_EQUAL, c->label);
    }
    if (s->otherwise) jump(s->otherwise);
    place_label(end);
}

/* ---- jumps ---- */

void return_statement() {
    struct type *t = function_type->base;
    struct node *n;
    if (tok != ';') {
        n = cast(expression(), t);
        if (t->kind == TY_VOID) gen_void(n);
        else gen(n);
    } else if (t->kind != TY_VOID) {
        fail("return without a value");
    }
    expect(';', "expected ;");
    jump(return_label);
}

void jump_statement(struct jump_label *l, char *message) {
    if (l == 0) fail(message);
    expect(';', "expected ;");
    jump(l);
}

struct jump_label *goto_label(struct name *n) {
    if (n->label == 0) {
        n->label = new_label();
        n->label->name = n;
        n->label->next = goto_labels;
        goto_labels = n->label;
    }
    return n->label;
}

void goto_statement() {
    if (tok != T_NAME) fail_here("expected a label");
    jump(goto_label(current->name));
    next();
    expect(';', "expected ;");
}

void labelled_statement() {
    struct jump_label *l = goto_label(current->name);
    if (l->is_placed) fail_name("label defined twice: ", l->name);
    place_label(l);
    next();
    next();
}

/* ---- blocks ---- */

void block() {
    int saved_frame = frame;
    open_scope();
    expect('{', "expected {");
    while (tok != '}') {
        if (tok == T_END) fail_here("expected }");
        statement();
    }
    close_scope();
    frame = saved_frame;
    next();
}

void expression_statement() {
    int saved_frame = frame;
    if (accept(';')) return;
    gen_void(expression());
    expect(';', "expected ;");
    frame = saved_frame;
}

void labels() {
    while (1) {
        if (accept(KW_CASE)) case_label();
        else if (accept(KW_DEFAULT)) default_label();
        else if (tok == T_NAME && peek()->kind == ':') labelled_statement();
        else return;
    }
}

void statement() {
    labels();
    if (tok == '}') return;             /* after a label */
    if (tok == '{') block();
    else if (accept(KW_IF)) if_statement();
    else if (accept(KW_WHILE)) while_statement();
    else if (accept(KW_DO)) do_statement();
    else if (accept(KW_FOR)) for_statement();
    else if (accept(KW_SWITCH)) switch_statement();
    else if (accept(KW_RETURN)) return_statement();
    else if (accept(KW_BREAK)) jump_statement(break_label, "break outside a loop");
    else if (accept(KW_CONTINUE)) jump_statement(continue_label, "continue outside a loop");
    else if (accept(KW_GOTO)) goto_statement();
    else if (starts_type(current)) declaration();
    else expression_statement();
}
