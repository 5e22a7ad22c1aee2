/* macro.c: macros, and the tokens that the parser sees.
 *
 *     file --lex_token--> file_token --contexts--> plain_token --macros--> pp_token
 *
 * A context is a list of tokens to be read before the file goes on: a macro's
 * replacement, a token put back, or (with a barrier) an argument or an #if line
 * being expanded by itself.  A macro is disabled while its replacement is being
 * read; its name met there is painted and never expanded again, as the standard
 * wants. */

struct macro {
    int is_function, params, disabled;
    struct token *body;
};

struct token_list {
    struct token *first, *last;
};

struct argument {
    struct token *tokens;
    struct argument *next;
};

struct context {
    struct token *list;
    struct macro *macro;                /* re-enabled when the list ends */
    int barrier;                        /* T_END comes at the end of the list */
    struct context *up;
};

struct context *context;
struct token *end_token;

struct token *file_token();             /* pp.c */
struct token *pp_token();

void push_context(struct token *list, struct macro *m, int barrier) {
    struct context *c = (struct context *) alloc(sizeof(struct context));
    c->list = list;
    c->macro = m;
    c->barrier = barrier;
    c->up = context;
    if (m) m->disabled = 1;
    context = c;
}

void pop_context() {
    if (context->macro) context->macro->disabled = 0;
    context = context->up;
}

struct token_list *new_list() { return (struct token_list *) alloc(sizeof(struct token_list)); }

void append(struct token_list *list, struct token *t) {
    if (list->last) list->last->next = t;
    else list->first = t;
    list->last = t;
}

int is(struct token *t, char *text) {
    return t->kind == T_NAME && t->len == length(text) && same_bytes(t->text, text, t->len);
}

struct token *text_token(int kind, char *text, int len) {
    struct token *t = (struct token *) alloc(sizeof(struct token));
    t->kind = kind;
    t->text = text;
    t->len = len;
    return t;
}

/* ---- #define ---- */

struct name *macro_name() {
    struct token *t = lex_token();
    if (t->kind != T_NAME || is(t, "defined")) fail("macro name expected");
    return t->name;
}

/* The parameters of a function-like macro; lex_at is behind its parenthesis. */
struct token *macro_parameters(struct macro *m) {
    struct token_list *params = new_list();
    struct token *t = lex_token();
    if (t->kind == ')') return 0;
    while (t->kind == T_NAME) {
        t->value = m->params++;
        append(params, t);
        t = lex_token();
        if (t->kind == ')') return params->first;
        if (t->kind == ',') t = lex_token();
        else break;
    }
    fail("bad parameter list of a macro");
    return 0;
}

void make_param(struct token *t, struct token *params) {
    struct token *p;
    if (t->kind != T_NAME) return;
    for (p = params; p; p = p->next) {
        if (p->name == t->name) {
            t->kind = T_PARAM;
            t->value = p->value;
        }
    }
}

/* The rest of the line as a replacement list. */
struct token *macro_body(struct macro *m, struct token *params, struct token *t) {
    struct token_list *body = new_list();
    int space;
    while (t->kind != T_NEWLINE) {
        if (t->kind == '#' && m->is_function) {
            space = t->space;
            t = lex_token();
            make_param(t, params);
            if (t->kind != T_PARAM) fail("# is not followed by a macro parameter");
            t->kind = T_HASH_PARAM;
            t->space = space;
        }
        make_param(t, params);
        if (t->kind == T_PASTE && !m->is_function) fail("## in a macro without parameters");
        if (t->kind == T_PASTE && body->first == 0) fail("## at the start of a macro");
        append(body, t);
        t = lex_token();
    }
    if (body->last && body->last->kind == T_PASTE) fail("## at the end of a macro");
    return body->first;
}

/* #define; lex_at is behind the word. */
void define_macro() {
    struct token *params = 0;
    struct name *n = macro_name();
    struct token *t = lex_token();
    struct macro *m = (struct macro *) alloc(sizeof(struct macro));
    if (t->kind == '(' && !t->space) {
        m->is_function = 1;
        params = macro_parameters(m);
        t = lex_token();
    }
    m->body = macro_body(m, params, t);
    n->macro = m;
}

/* ---- expansion ---- */

struct token *plain_token() {
    struct token *t;
    while (context) {
        t = context->list;
        if (t) {
            context->list = t->next;
            return t;
        }
        if (context->barrier) return end_token;
        pop_context();
    }
    return file_token();
}

void put_back(struct token *t) {
    if (t->kind != T_END) push_context(copy_token(t), 0, 0);
}

/* The arguments behind the opening parenthesis, as many as there are parameters. */
struct argument *read_arguments(struct name *n, struct macro *m) {
    struct argument *first = 0, *last = 0, *a;
    struct token_list *list;
    struct token *t;
    int count = 0, level = 0;
    do {
        list = new_list();
        for (t = plain_token(); level || (t->kind != ',' && t->kind != ')'); t = plain_token()) {
            if (t->kind == T_END) fail_name("arguments without end of macro ", n);
            if (t->kind == '(') level++;
            if (t->kind == ')') level--;
            append(list, copy_token(t));
        }
        a = (struct argument *) alloc(sizeof(struct argument));
        a->tokens = list->first;
        if (last) last->next = a;
        else first = a;
        last = a;
        count++;
    } while (t->kind == ',');
    /* f() has one empty argument, unless f has no parameters. */
    if (m->params == 0 && count == 1 && first->tokens == 0) return 0;
    if (count != m->params) fail_name("wrong number of arguments for macro ", n);
    return first;
}

/* An argument is expanded by itself, behind a barrier. */
struct token *expand_argument(struct token *tokens) {
    struct token_list *list = new_list();
    struct token *t;
    push_context(tokens, 0, 1);
    for (t = pp_token(); t->kind != T_END; t = pp_token()) append(list, copy_token(t));
    pop_context();
    return list->first;
}

/* #param: the argument's spelling as a string. */
struct token *stringize(struct token *list) {
    struct token *t;
    char *text, *s;
    int i, quoted, size = 3;
    for (t = list; t; t = t->next) size += 2 * t->len + 1;
    text = alloc(size);
    s = text;
    *s++ = '"';
    for (t = list; t; t = t->next) {
        if (t->space && t != list) *s++ = ' ';
        quoted = t->kind == T_STRING || t->kind == T_CHAR;
        for (i = 0; i < t->len; i++) {
            if (quoted && (t->text[i] == '"' || t->text[i] == '\\')) *s++ = '\\';
            *s++ = t->text[i];
        }
    }
    *s++ = '"';
    return text_token(T_STRING, text, s - text);
}

/* a ## b, which must spell one token. */
struct token *paste(struct token *a, struct token *b) {
    char *saved_at = lex_at;
    int saved_line = lex_line;
    char *text = alloc(a->len + b->len + 2);
    struct token *t;
    copy(text, a->text, a->len);
    copy(text + a->len, b->text, b->len);
    text[a->len + b->len] = '\n';
    lex_at = text;
    t = lex_token();
    if (t->len != a->len + b->len) fail_with("## does not make one token: ", text, a->len + b->len);
    t->space = a->space;
    lex_at = saved_at;
    lex_line = saved_line;
    return t;
}

/* What stands for one token of a macro's body; `raw` beside a ##. */
struct token *body_piece(struct token *b, struct argument *args, int raw) {
    int i;
    if (b->kind != T_PARAM && b->kind != T_HASH_PARAM) return copy_token(b);
    for (i = 0; i < b->value; i++) args = args->next;
    if (b->kind == T_HASH_PARAM) return stringize(args->tokens);
    return raw ? args->tokens : expand_argument(args->tokens);
}

struct token *substitute(struct macro *m, struct argument *args) {
    struct token_list *out = new_list();
    struct token *b, *piece, *t;
    int pasting = 0;
    int solid = 0;                      /* the left side of a ## is not empty */
    int first;
    for (b = m->body; b; b = b->next) {
        if (b->kind == T_PASTE) {
            pasting = 1;
            continue;
        }
        piece = body_piece(b, args, pasting || (b->next && b->next->kind == T_PASTE));
        if (!pasting) solid = 0;
        first = 1;
        while (piece) {
            t = copy_token(piece);
            if (first) t->space = b->space;
            if (first && pasting && solid) {
                t = paste(out->last, t);
                copy((char *) out->last, (char *) t, sizeof(struct token));
            } else {
                append(out, t);
            }
            first = 0;
            piece = piece->next;
        }
        if (!first) solid = 1;
        pasting = 0;
    }
    return out->first;
}

/* Begins the expansion of t; 0 if it is to be taken as it stands. */
int expand(struct token *t, struct macro *m) {
    struct token *list = m->body, *paren;
    if (m->is_function) {
        paren = plain_token();
        if (paren->kind != '(') {
            put_back(paren);
            return 0;
        }
        list = substitute(m, read_arguments(t->name, m));
    }
    if (list) {
        /* The first token stands where the macro's name stood. */
        paren = list->next;
        list = copy_token(list);
        list->next = paren;
        list->space = t->space;
    }
    push_context(list, m, 0);
    return 1;
}

/* The next token after preprocessing. */
struct token *pp_token() {
    struct token *t;
    struct macro *m;
    while (1) {
        t = plain_token();
        if (t->kind != T_NAME) return t;
        m = t->name->macro;
        if (m == 0 || t->no_expand) return t;
        if (m->disabled) {
            t = copy_token(t);
            t->no_expand = 1;
            return t;
        }
        if (!expand(t, m)) return t;
    }
}
