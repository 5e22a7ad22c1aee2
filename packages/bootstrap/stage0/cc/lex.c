/* lex.c: source text into tokens.
 *
 * A token is a piece of the file it came from: kind, spelling (text, len),
 * place.  Names are interned, so that everything known about an identifier
 * (macro, keyword, declarations of this moment) hangs on one `struct name`.
 * Newlines come out as tokens, because directives end there; a backslash before
 * one makes it a blank, but only between tokens. */

enum {
    T_END = 0,                          /* end of file, or of a directive's line */
    T_NAME = 256, T_NUMBER, T_CHAR, T_STRING, T_NEWLINE, T_OTHER,
    /* the order is that of the list in punctuator() */
    T_ELLIPSIS, T_SET_SHL, T_SET_SHR, T_ARROW, T_PLUSPLUS, T_MINUSMINUS, T_SHL, T_SHR,
    T_LE, T_GE, T_EQ, T_NE, T_ANDAND, T_OROR, T_SET_ADD, T_SET_SUB, T_SET_MUL, T_SET_DIV,
    T_SET_MOD, T_SET_AND, T_SET_OR, T_SET_XOR, T_PASTE,
    T_KEYWORD_FIRST
};
enum {
    CLASS_SPACE = 1, CLASS_DIGIT = 2, CLASS_NAME = 4,
    SEPARATOR = 1,                      /* parts tokens in the texts that macro.c builds */
    NAMES = 4096
};

struct name {
    char *text;
    int len;
    struct name *chain;                 /* next in the same hash bucket */
    struct macro *macro;
    int keyword;
    struct symbol *symbol;              /* innermost declaration in scope */
    struct symbol *tag;                 /* same for struct, union, enum tags */
    struct linked *global;              /* symbol shared by all units */
    struct jump_label *label;           /* of the current function */
};

struct token {
    int kind;
    struct name *name;
    char *text;
    int len;
    int space;                          /* white space before it */
    char *file;
    int line;
    struct token *next;                 /* of a macro's parameters */
};

struct name *names[NAMES];
char classes[256];
char *lex_file;
char *lex_at;
int lex_line;
int lex_skipping;                       /* between #if 0 and #endif a quote may stay open */
int punctuator_len;
struct token *current;                  /* the parser's token */
int in_directive;                       /* its line, or 0 */
char *place_file;                       /* of the parser's token, for messages */
int place_line;

void fail_start() {
    char *file = lex_file;
    int line = lex_line;
    if (in_directive) line = in_directive;
    else if (place_file) {
        file = place_file;
        line = place_line;
    }
    if (file) {
        say(file);
        say(":");
        say_number(line);
        say(": ");
    }
}

void fail_with(char *message, char *text, int len) {
    fail_start();
    say(message);
    say_bytes(text, len);
    say("\n");
    leave(1);
}

void fail(char *message) { fail_with(message, "", 0); }
void fail_name(char *message, struct name *n) { fail_with(message, n->text, n->len); }

struct name *intern(char *text, int len) {
    struct name *n;
    int hash = len, i;
    for (i = 0; i < len; i++) hash = hash * 33 + text[i];
    hash = (hash ^ (hash >> 12)) & (NAMES - 1);
    for (n = names[hash]; n; n = n->chain) {
        if (n->len == len && same_bytes(n->text, text, len)) return n;
    }
    n = (struct name *) alloc(sizeof(struct name));
    n->text = save_bytes(text, len);
    n->len = len;
    n->chain = names[hash];
    names[hash] = n;
    return n;
}

struct name *intern_text(char *text) { return intern(text, length(text)); }

void lex_init() {
    int c;
    for (c = 'a'; c <= 'z'; c++) {
        classes[c] = CLASS_NAME;
        classes[c - 'a' + 'A'] = CLASS_NAME;
    }
    for (c = '0'; c <= '9'; c++) classes[c] = CLASS_DIGIT;
    classes['_'] = CLASS_NAME;
    classes[' '] = CLASS_SPACE;
    classes['\t'] = CLASS_SPACE;
    classes['\r'] = CLASS_SPACE;
    classes[12] = CLASS_SPACE;          /* form feed */
    classes[SEPARATOR] = CLASS_SPACE;
}

/* Refuses what no text has; a file's last line counts even without its newline. */
void check_text(char *text, int len) {
    int i;
    for (i = 0; i < len; i++)
        if (text[i] == 0 || text[i] == SEPARATOR) fail("control character in source text");
    if (len > 0 && text[len - 1] != '\n') text[len] = '\n';
}

void skip_comment() {
    int start = lex_line;
    lex_at = lex_at + 2;
    while (lex_at[0] != '*' || lex_at[1] != '/') {
        if (*lex_at == 0) {
            lex_line = start;
            fail("comment without end");
        }
        if (*lex_at == '\n') lex_line++;
        lex_at++;
    }
    lex_at = lex_at + 2;
}

/* Skips blanks and comments (not newlines); whether there were any. */
int skip_space() {
    char *start;
    while (*lex_at == SEPARATOR) lex_at++;
    start = lex_at;
    while (1) {
        if (classes[*lex_at & 255] & CLASS_SPACE) {
            lex_at++;
        } else if (lex_at[0] == '/' && lex_at[1] == '*') {
            skip_comment();
        } else if (lex_at[0] == '/' && lex_at[1] == '/') {
            while (*lex_at != '\n' && *lex_at) lex_at++;
            if (lex_at[-1] == '\\') fail("comment with a backslash at the end of its line");
        } else if (lex_at[0] == '\\' && lex_at[1] == '\n') {
            lex_at = lex_at + 2;
            lex_line++;
        } else {
            return lex_at != start;
        }
    }
}

/* The kind of the punctuator at `s`: the first entry that fits.  Its length is
 * left in punctuator_len.  Single characters are their own kind. */
int punctuator(char *s) {
    char *list = "... <<= >>= -> ++ -- << >> <= >= == != && || += -= *= /= %= &= |= ^= ## ";
    int kind = T_ELLIPSIS, len;
    for (; *list; list = list + len + 1) {
        for (len = 0; list[len] != ' '; len++) continue;
        punctuator_len = len;
        if (same_bytes(list, s, len)) return kind;
        kind++;
    }
    punctuator_len = 1;
    for (list = "+-*/%&|^~!<>=?:,;.()[]{}#"; *list; list++) {
        if (*list == *s) return *s;
    }
    return T_OTHER;
}

void lex_quoted(int quote) {
    while (*lex_at != quote) {
        if (*lex_at == '\\') lex_at++;
        if (*lex_at == '\n' || *lex_at == 0) {
            if (!lex_skipping) fail("quote without end");
            return;
        }
        lex_at++;
    }
    lex_at++;
}

/* The next token of the text at lex_at, newlines and T_END included. */
struct token *lex_token() {
    struct token *t = (struct token *) alloc(sizeof(struct token));
    int c;
    t->space = skip_space();
    t->file = lex_file;
    t->line = lex_line;
    t->text = lex_at;
    c = *lex_at & 255;
    if (c == 0) return t;
    lex_at++;
    if (classes[c] & CLASS_NAME) {
        t->kind = T_NAME;
        while (classes[*lex_at & 255] & (CLASS_NAME | CLASS_DIGIT)) lex_at++;
        t->name = intern(t->text, lex_at - t->text);
    } else if ((classes[c] & CLASS_DIGIT) || (c == '.' && (classes[*lex_at & 255] & CLASS_DIGIT))) {
        t->kind = T_NUMBER;
        while (*lex_at == '.' || (classes[*lex_at & 255] & (CLASS_NAME | CLASS_DIGIT))) lex_at++;
    } else if (c == '\n') {
        t->kind = T_NEWLINE;
        lex_line++;
    } else if (c == '"') {
        t->kind = T_STRING;
        lex_quoted(c);
    } else if (c == '\'') {
        t->kind = T_CHAR;
        lex_quoted(c);
    } else {
        t->kind = punctuator(t->text);
        lex_at = t->text + punctuator_len;
    }
    t->len = lex_at - t->text;
    return t;
}
