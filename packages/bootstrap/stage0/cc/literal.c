/* literal.c: what number, character and string tokens mean, and the parser's
 * view of the token stream (next, peek, expect). */

enum {
    TY_VOID, TY_CHAR, TY_UCHAR, TY_SHORT, TY_USHORT, TY_INT, TY_UINT, TY_LLONG, TY_ULLONG,
    TY_FLOAT, TY_DOUBLE, TY_LDOUBLE, TY_PTR, TY_ARRAY, TY_FUNC, TY_STRUCT
};

int tok;                                /* kind of the current token, keywords told apart */
char *literal_at;                       /* next character of the literal being read */
int literal_len;                        /* length of read_strings' result */

struct token *fetch() {
    struct token *t = pp_token();
    /* A macro's token belongs to the line that uses the macro. */
    if (context) {
        t->file = lex_file;
        t->line = lex_line;
    }
    return t;
}

void next() {
    current = ahead ? ahead : fetch();
    ahead = 0;
    place_file = current->file;
    place_line = current->line;
    tok = current->kind;
    if (tok == T_NAME && current->name->keyword && !evaluating_if) tok = current->name->keyword;
}

struct token *peek() {
    if (ahead == 0) ahead = fetch();
    return ahead;
}

void fail_here(char *message) {
    fail_start();
    say(message);
    say(", not ");
    if (tok == T_END) say("the end");
    else say_bytes(current->text, current->len);
    say("\n");
    leave(1);
}

void expect(int kind, char *message) {
    if (tok != kind) fail_here(message);
    next();
}

int accept(int kind) {
    if (tok != kind) return 0;
    next();
    return 1;
}

/* ---- numbers ---- */

int digit_value(int c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

/* Digits from literal_at to `end`, into wide_lo and wide_hi. */
void read_digits(char *end, int base) {
    int lo = 0;
    int hi = 0;
    int digit = digit_value(*literal_at);
    while (literal_at != end && digit < base) {
        if (hi) {
            wide_sub(-1, -1, digit, 0);
            wide_divide_unsigned(wide_lo, wide_hi, base, 0);
            if (wide_below(wide_lo, wide_hi, lo, hi)) fail("integer constant too large");
        }
        wide_mul(lo, hi, base, 0);
        wide_add(wide_lo, wide_hi, digit, 0);
        lo = wide_lo;
        hi = wide_hi;
        literal_at++;
        digit = digit_value(*literal_at);
    }
    wide_set(lo, hi);
}

/* The type of the integer in wide_lo, wide_hi after its suffix; the smallest
 * of int, unsigned, long long, unsigned long long that holds it, where plain
 * decimal constants do not become unsigned int. */
int integer_type(char *end, int is_decimal) {
    int unsign = 0;
    int longs = 0;
    int c;
    while (literal_at != end) {
        c = *literal_at++;
        if (c == 'u' || c == 'U') unsign++;
        else if (c == 'l' || c == 'L') longs++;
        else fail("bad number");
    }
    if (unsign > 1 || longs > 2) fail("bad number");
    if (evaluating_if || longs == 2 || wide_hi || (wide_lo < 0 && is_decimal && !unsign))
        return unsign || wide_hi < 0 ? TY_ULLONG : TY_LLONG;
    return unsign || wide_lo < 0 ? TY_UINT : TY_INT;
}

int has_letter(char *s, int len, int a, int b) {
    while (len > 0) {
        if (*s == a || *s == b) return 1;
        s++;
        len--;
    }
    return 0;
}

/* A T_NUMBER token: its type; the value in wide_* or real_*. */
int read_number(struct token *t) {
    char *s = t->text;
    int len = t->len;
    int is_hex = len > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
    int last = s[len - 1];
    literal_at = s;
    if (is_hex) {
        if (has_letter(s, len, 'p', 'P') || has_letter(s, len, '.', '.'))
            fail("hexadecimal floating constants are not supported");
        literal_at = s + 2;
        if (len == 2) fail("bad number");
        read_digits(s + len, 16);
        return integer_type(s + len, 0);
    }
    if (!has_letter(s, len, '.', '.') && !has_letter(s, len, 'e', 'E')) {
        read_digits(s + len, s[0] == '0' ? 8 : 10);
        return integer_type(s + len, s[0] != '0');
    }
    if (last == 'f' || last == 'F') {
        real_parse(s, len - 1, REAL_FLOAT);
        return TY_FLOAT;
    }
    if (last == 'l' || last == 'L') {
        real_parse(s, len - 1, REAL_EXTENDED);
        return TY_LDOUBLE;
    }
    real_parse(s, len, REAL_DOUBLE);
    return TY_DOUBLE;
}

/* ---- characters and strings ---- */

/* The character behind a backslash. */
int read_escape() {
    int c = *literal_at++;
    int n;
    int i;
    switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'a': return 7;
    case 'b': return 8;
    case 'v': return 11;
    case 'f': return 12;
    case '\\': case '\'': case '"': case '?': return c;
    case 'x':
        n = 0;
        if (digit_value(*literal_at) > 15) fail("\\x without digits");
        while (digit_value(*literal_at) < 16) n = n * 16 + digit_value(*literal_at++);
        if (n < 0 || n > 255) fail("escape out of range");
        return n;
    }
    if (c < '0' || c > '7') fail("unknown escape");
    n = c - '0';
    for (i = 0; i < 2 && *literal_at >= '0' && *literal_at <= '7'; i++) n = n * 8 + *literal_at++ - '0';
    if (n > 255) fail("escape out of range");
    return n;
}

int read_char(struct token *t) {
    char c;
    literal_at = t->text + 1;
    if (*literal_at == '\'') fail("empty character constant");
    c = *literal_at++;
    if (c == '\\') c = read_escape();
    if (*literal_at != '\'') fail("character constant of several characters");
    return c;
}

/* The bytes of the string token, appended at `to`. */
char *read_string(struct token *t, char *to) {
    char *end = t->text + t->len - 1;
    literal_at = t->text + 1;
    while (literal_at != end) {
        *to = *literal_at++;
        if (*to == '\\') *to = read_escape();
        to++;
    }
    return to;
}

/* The current and all following string tokens, joined and zero-ended;
 * literal_len counts the end too. */
char *read_strings() {
    struct token_list *list = new_list();
    struct token *t;
    char *bytes;
    char *to;
    int size = 1;
    while (tok == T_STRING) {
        append(list, copy_token(current));
        size += current->len;
        next();
    }
    bytes = alloc(size);
    to = bytes;
    for (t = list->first; t; t = t->next) to = read_string(t, to);
    literal_len = to - bytes + 1;
    return bytes;
}
