/* macro.c: macros, as texts.
 *
 * What a macro stands for is a text, entered as an include file is: the lexer
 * reads it, then goes on behind the macro's name.  Arguments are put into the
 * text as they are and expanded only there.  The standard expands them before,
 * too; that makes a difference for # and ## of a macro's name, which are refused.
 * While a macro without parameters is read, its name stands for itself; one with
 * parameters that calls itself never ends, and is refused at DEPTH_MAX. */

enum { BUILT_MAX = 1 << 20, DEPTH_MAX = 200, FROM_FILE = 0, FROM_MACRO, FROM_IF };

struct macro {
    int is_function, params, is_open;
    struct token *parameters;           /* the last first, like the arguments */
    char *body;
};

struct source {                         /* a text being read, and where to go on behind it */
    int kind;
    char *at, *file;
    int line;
    int conditions;                     /* depth of #if at its start */
    int depth;
    struct macro *macro;                /* without parameters, that it stands for; or 0 */
    struct source *up;
};

struct source *source;
struct token *returned;                 /* read too early: the next token */
char built[BUILT_MAX + 1];              /* texts being put together, one behind the other */
int built_size;
int built_last;                         /* where the last token of the text begins */

struct token *plain_token();            /* pp.c: the next one before macros are expanded */

int is(struct token *t, char *text) {
    return t->kind == T_NAME && t->len == length(text) && same_bytes(t->text, text, t->len);
}

/* Reads `text` before what follows at lex_at. */
void enter(int kind, char *text) {
    struct source *s = (struct source *) alloc(sizeof(struct source));
    s->kind = kind;
    s->at = lex_at;
    s->file = lex_file;
    s->line = lex_line;
    s->depth = source ? source->depth + 1 : 0;
    if (s->depth > DEPTH_MAX) fail("macros or include files nested too deep");
    s->up = source;
    source = s;
    lex_at = text;
}

void leave_source() {
    if (source->macro) source->macro->is_open = 0;
    lex_at = source->at;
    lex_file = source->file;
    lex_line = source->line;
    source = source->up;
}

/* ---- texts ---- */

void build(int c) {
    if (built_size == BUILT_MAX) fail("text too long");
    built[built_size++] = c;
    built[built_size] = 0;
}

/* Adds a token to the text, behind a ## without a gap. */
void build_token(struct token *t, int is_pasted) {
    char *saved = lex_at;
    int i;
    if (!is_pasted) {
        build(t->space ? ' ' : SEPARATOR);
        built_last = built_size;
    }
    for (i = 0; i < t->len; i++) build(t->text[i]);
    lex_at = built + built_last;
    if (is_pasted && lex_token()->len != built_size - built_last)
        fail_with("## does not make one token: ", built + built_last, built_size - built_last);
    lex_at = saved;
}

/* The text built since `start`. */
char *finish(int start) {
    char *text = save_bytes(built + start, built_size - start);
    built_size = start;
    built[start] = 0;
    return text;
}

/* ---- #define ---- */

struct name *macro_name() {
    struct token *t = lex_token();
    if (t->kind != T_NAME || is(t, "defined")) fail("macro name expected");
    return t->name;
}

/* The parameters of a function-like macro; lex_at is behind its parenthesis. */
void macro_parameters(struct macro *m) {
    struct token *t = lex_token();
    if (t->kind == ')') return;
    while (t->kind == T_NAME) {
        t->next = m->parameters;
        m->parameters = t;
        m->params++;
        t = lex_token();
        if (t->kind == ')') return;
        if (t->kind == ',') t = lex_token();
        else break;
    }
    fail("bad parameter list of a macro");
}

/* #define; lex_at is behind the word. */
void define_macro() {
    struct name *n = macro_name();
    struct token *t = lex_token();
    struct macro *m = (struct macro *) alloc(sizeof(struct macro));
    int start = built_size, kind = 0;
    if (t->kind == '(' && !t->space) {
        m->is_function = 1;
        macro_parameters(m);
        t = lex_token();
    }
    for (; t->kind != T_NEWLINE; t = lex_token()) {
        build_token(t, 0);
        kind = t->kind;
    }
    if (kind == T_PASTE || (built_size > start && same_bytes(built + start + 1, "##", 2)))
        fail("## at an end of a macro");
    m->body = finish(start);
    n->macro = m;
}

/* ---- expansion ---- */

/* The arguments behind the opening parenthesis, as many as there are parameters. */
char **read_arguments(struct name *n, struct macro *m) {
    char **args = (char **) alloc((m->params + 1) * sizeof(char *));
    struct token *t = plain_token();
    int count = 0, level = 0, start = built_size;
    for (; level || t->kind != ')'; t = plain_token()) {
        if (t->kind == T_END) fail_name("arguments without end of macro ", n);
        if (t->kind == ',' && level == 0) {
            count++;
            if (count < m->params) args[m->params - count] = finish(start);
        } else {
            level += (t->kind == '(') - (t->kind == ')');
            build_token(t, 0);
        }
    }
    /* f() has one empty argument, unless f has no parameters. */
    if (count + (m->params || built_size > start) != m->params)
        fail_name("wrong number of arguments for macro ", n);
    args[0] = finish(start);
    return args;
}

/* The argument whose parameter the token is, or 0. */
char *argument_for(struct token *t, struct macro *m, char **args) {
    struct token *p = m->parameters;
    while (p && p->name != t->name) {
        p = p->next;
        args++;
    }
    return p ? *args : 0;
}

void refuse_macro(struct token *t) {
    if (t->name && t->name->macro) fail_name("# or ## of a macro's name: ", t->name);
}

/* #param: the argument's spelling as a string. */
void build_string(char *argument) {
    char *saved = lex_at;
    struct token *t;
    int i, quoted, start = built_size + 1;
    lex_at = argument;
    build('"');
    for (t = lex_token(); t->kind; t = lex_token()) {
        refuse_macro(t);
        if (t->space && built_size > start) build(' ');
        quoted = t->kind == T_STRING || t->kind == T_CHAR;
        for (i = 0; i < t->len; i++) {
            if (quoted && (t->text[i] == '"' || t->text[i] == '\\')) build('\\');
            build(t->text[i]);
        }
    }
    build('"');
    lex_at = saved;
}

/* An argument in place of its parameter; `is_pasted` to what is before it, or
 * `raw` because of the ## behind it. */
void build_argument(char *argument, int is_pasted, int raw, int space) {
    char *saved = lex_at;
    struct token *t;
    lex_at = argument;
    t = lex_token();
    t->space = space;
    for (; t->kind; t = lex_token()) {
        if (raw) refuse_macro(t);
        build_token(t, is_pasted);
        is_pasted = 0;
    }
    lex_at = saved;
}

/* The macro's text with its arguments in it. */
char *substitute(struct macro *m, char **args) {
    char *saved = lex_at, *argument;
    struct token *t, *after;
    int start = built_size, before, pasting = 0;
    int solid = 0;                      /* the left side of a ## is not empty */
    lex_at = m->body;
    for (t = lex_token(); t->kind; t = after) {
        after = lex_token();
        if (t->kind == T_PASTE) {
            pasting = 1;
            continue;
        }
        if (!pasting) solid = 0;
        before = built_size;
        argument = argument_for(t, m, args);
        if (t->kind == '#') {
            argument = argument_for(after, m, args);
            if (argument == 0 || pasting) fail("# without a macro parameter, or behind ##");
            build(t->space ? ' ' : SEPARATOR);
            built_last = built_size;
            build_string(argument);
            after = lex_token();
        } else if (argument) {
            build_argument(argument, pasting && solid, pasting || after->kind == T_PASTE, t->space);
        } else {
            build_token(t, pasting && solid);
        }
        if (built_size > before) solid = 1;
        pasting = 0;
    }
    lex_at = saved;
    return finish(start);
}

/* Begins the expansion of the macro t; 0 if it is to be taken as it stands. */
int expand(struct token *t) {
    struct macro *m = t->name->macro;
    if (m->is_function) {
        returned = plain_token();
        if (returned->kind != '(') return 0;
        returned = 0;
        enter(FROM_MACRO, substitute(m, read_arguments(t->name, m)));
        return 1;
    }
    if (m->is_open) return 0;
    enter(FROM_MACRO, m->body);
    source->macro = m;
    m->is_open = 1;
    return 1;
}

/* The next token after preprocessing. */
struct token *pp_token() {
    struct token *t = plain_token();
    while (t->kind == T_NAME && t->name->macro && expand(t)) t = plain_token();
    return t;
}
