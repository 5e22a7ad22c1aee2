/* pp.c: include files, directives, units.
 *
 * plain_token hands out the tokens of the texts and carries out directives on the
 * way.  An #if line becomes a text that is read by the parser itself. */

enum { GROUP_TAKEN, GROUP_WAITING, GROUP_DONE, CONDITIONS = 64, FOLDERS = 32 };

struct token *ahead;                    /* the parser's look-ahead, see literal.c */
int evaluating_if;                      /* the parser works for an #if line */
int line_start;                         /* nothing on this line yet but blanks */
int conditions[CONDITIONS];
int condition_depth;
char *folders[FOLDERS];                 /* of -I */
int folder_count;

int if_value();                         /* expr.c: the expression of an #if */

/* ---- include files ---- */

void enter_file(char *path, char *text) {
    enter(FROM_FILE, text);
    source->conditions = condition_depth;
    lex_file = path;
    lex_line = 1;
    check_text(text, file_size);
    line_start = 1;
}

/* At the end of a text: goes on behind it; 0 if there is nothing. */
int leave_text() {
    if (source->kind == FROM_IF) return 0;
    if (source->kind == FROM_FILE) {
        if (condition_depth != source->conditions) fail("#if without #endif");
        if (source->up == 0) return 0;
    }
    leave_source();
    return 1;
}

/* Enters the file of that name in the folder, if it is there. */
int try_include(char *folder, int folder_len, char *file, int len) {
    char *path = alloc(folder_len + len + 2), *text;
    copy(path, folder, folder_len);
    if (folder_len && folder[folder_len - 1] != '/') path[folder_len++] = '/';
    copy(path + folder_len, file, len);
    text = read_file(path, 2);
    if (text) enter_file(path, text);
    return text != 0;
}

/* ---- directives ---- */

void end_of_line() {
    if (lex_token()->kind != T_NEWLINE) fail("unexpected text at the end of the directive");
}

void directive_include() {
    char *file;
    int close, len, i, folder_len = 0;
    skip_space();
    if (*lex_at != '<' && *lex_at != '"') fail("#include wants \"file\" or <file>");
    close = *lex_at++ == '<' ? '>' : '"';
    file = lex_at;
    while (*lex_at != close) {
        if (*lex_at++ == '\n') fail("#include without the end of the name");
    }
    len = lex_at++ - file;
    end_of_line();
    if (close == '"') {
        for (i = 0; lex_file[i]; i++) {
            if (lex_file[i] == '/') folder_len = i + 1;
        }
        if (try_include(lex_file, folder_len, file, len)) return;
    }
    for (i = 0; i < folder_count; i++) {
        if (try_include(folders[i], length(folders[i]), file, len)) return;
    }
    fail_with("cannot open include file ", file, len);
}

void directive_undef() {
    macro_name()->macro = 0;
    end_of_line();
}

/* ---- conditional groups ---- */

int eval_defined() {
    struct name *n;
    skip_space();
    if (*lex_at != '(') return macro_name()->macro != 0;
    lex_at++;
    n = macro_name();
    if (lex_token()->kind != ')') fail("defined() wants )");
    return n->macro != 0;
}

/* The line behind #if or #elif, evaluated with the parser's expressions. */
int eval_line() {
    struct token *saved_current = current, *saved_ahead = ahead, *t;
    int value, start = built_size;
    for (t = lex_token(); t->kind != T_NEWLINE; t = lex_token()) {
        if (!is(t, "defined")) build_token(t, 0);
        else build(eval_defined() ? '1' : '0');
    }
    enter(FROM_IF, finish(start));
    evaluating_if = 1;
    value = if_value();
    evaluating_if = 0;
    leave_source();
    current = saved_current;
    ahead = saved_ahead;
    return value;
}

/* The rest of a line that is not read, from the token t on. */
void skip_line(struct token *t) {
    for (; t->kind != T_NEWLINE; t = lex_token())
        if (t->kind == T_END) fail("#if without #endif");
}

void open_condition(int holds) {
    if (condition_depth == CONDITIONS) fail("#if nested too deep");
    conditions[condition_depth++] = holds ? GROUP_TAKEN : GROUP_WAITING;
}

int macro_is_defined() {
    struct name *n = macro_name();
    end_of_line();
    return n->macro != 0;
}

/* #elif, #else, #endif: whether t is one of them (and has been handled). */
int close_condition(struct token *t) {
    int here = condition_depth - 1, known = is(t, "elif") || is(t, "else") || is(t, "endif");
    if (!known) return 0;
    if (condition_depth == source->conditions) fail_with("no #if for #", t->text, t->len);
    if (is(t, "endif")) {
        end_of_line();
        condition_depth--;
    } else if (conditions[here] != GROUP_WAITING) {
        skip_line(t);
        conditions[here] = GROUP_DONE;
    } else if (is(t, "else")) {
        end_of_line();
        conditions[here] = GROUP_TAKEN;
    } else if (eval_line()) {
        conditions[here] = GROUP_TAKEN;
    }
    return 1;
}

/* Skips groups until one is to be read or the #if has ended. */
void skip_groups() {
    int level = condition_depth, inner = 0;
    struct token *t;
    lex_skipping = 1;
    while (condition_depth == level && conditions[level - 1] != GROUP_TAKEN) {
        t = lex_token();
        if (t->kind == '#') {
            t = lex_token();
            if (inner == 0 && close_condition(t)) continue;
            if (is(t, "if") || is(t, "ifdef") || is(t, "ifndef")) inner++;
            if (is(t, "endif")) inner--;
        }
        skip_line(t);
    }
    lex_skipping = 0;
}

void directive() {
    struct token *t;
    in_directive = lex_line;
    t = lex_token();
    if (is(t, "include")) directive_include();
    else if (is(t, "define")) define_macro();
    else if (is(t, "undef")) directive_undef();
    else if (is(t, "if")) open_condition(eval_line());
    else if (is(t, "ifdef")) open_condition(macro_is_defined());
    else if (is(t, "ifndef")) open_condition(!macro_is_defined());
    else if (!close_condition(t) && t->kind != T_NEWLINE)
        fail_with("unknown directive #", t->text, t->len);
    if (condition_depth && conditions[condition_depth - 1] != GROUP_TAKEN) skip_groups();
    in_directive = 0;
}

/* ---- the tokens of all texts ---- */

struct token *plain_token() {
    struct token *t = returned;
    returned = 0;
    if (t) return t;
    while (1) {
        t = lex_token();
        if (t->kind == '#' && line_start && !in_directive) {
            directive();
            line_start = 1;
        } else if (t->kind == T_NEWLINE) {
            line_start = 1;
        } else if (t->kind != T_END || !leave_text()) {
            line_start = 0;
            return t;
        }
    }
}

/* ---- a unit's beginning ---- */

void predefine(char *name) {
    struct macro *m = (struct macro *) alloc(sizeof(struct macro));
    m->body = "1";
    intern_text(name)->macro = m;
}

/* Starts reading a unit: forgets all macros but the predefined ones. */
void pp_open(char *path) {
    struct name *n;
    char *text;
    int i;
    for (i = 0; i < NAMES; i++)
        for (n = names[i]; n; n = n->chain) n->macro = 0;
    predefine("__CAIRN_CC__");
    predefine("__i386__");
    predefine("__linux__");
    source = 0;
    returned = 0;
    condition_depth = 0;
    lex_file = 0;
    text = read_file(path, 2);
    if (text == 0) die("cannot open ", path);
    enter_file(path, text);
}
