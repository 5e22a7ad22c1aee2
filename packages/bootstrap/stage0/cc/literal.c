/* literal.c: what number, character and string tokens mean, and the parser's
 * view of the token stream (next, peek, expect). */

enum {
    TY_VOID, TY_CHAR, TY_UCHAR, TY_SHORT, TY_USHORT, TY_INT, TY_UINT, TY_LLONG, TY_ULLONG,
    TY_FLOAT, TY_DOUBLE, TY_LDOUBLE, TY_PTR, TY_ARRAY, TY_FUNC, TY_STRUCT
};

int tok;                                /* kind of the current token, keywords told apart */
char *literal_at;                       /* next character of the literal being read */
int literal_len;                        /* length of read_strings' result */
int literal_lo, literal_hi;             /* value of a number */
int pieces[4];                          /* the same, 16 bits each */

void next() {
    current = ahead ? ahead : pp_token();
    ahead = 0;
    place_file = current->file;
    place_line = current->line;
    tok = current->kind;
    if (tok == T_NAME && current->name->keyword && !evaluating_if) tok = current->name->keyword;
}

struct token *peek() {
    if (ahead == 0) ahead = pp_token();
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

/* Digits from literal_at on, into literal_lo and literal_hi, by pieces of 16 bits. */
void read_digits(int base) {
    int i, carry;
    for (i = 0; i < 4; i++) pieces[i] = 0;
    for (carry = digit_value(*literal_at); carry < base; carry = digit_value(*++literal_at)) {
        for (i = 0; i < 4; i++) {
            carry += pieces[i] * base;
            pieces[i] = carry & 65535;
            carry = carry >> 16;
        }
        if (carry) fail("integer constant too large");
    }
    literal_lo = pieces[1] << 16 | pieces[0];
    literal_hi = pieces[3] << 16 | pieces[2];
}

/* The type of the integer just read after its suffix; the smallest of int,
 * unsigned, long long, unsigned long long that holds it, where plain decimal
 * constants do not become unsigned int. */
int integer_type(char *end, int is_decimal) {
    int unsign = 0, longs = 0;
    for (; literal_at != end; literal_at++) {
        if ((*literal_at | 32) == 'u') unsign++;
        else if ((*literal_at | 32) == 'l') longs++;
        else fail("bad number");
    }
    if (unsign > 1 || longs > 2) fail("bad number");
    if (longs == 2 || literal_hi || (literal_lo < 0 && is_decimal && !unsign))
        return unsign || literal_hi < 0 ? TY_ULLONG : TY_LLONG;
    return unsign || literal_lo < 0 ? TY_UINT : TY_INT;
}

/* A T_NUMBER token: its type; the value in literal_lo and literal_hi. */
int read_number(struct token *t) {
    char *s = t->text, *end = s + t->len;
    int base = 10;
    literal_at = s;
    if (s[0] == '0' && digit_value(s[1]) < 10) base = 8;
    if (s[0] == '0' && (s[1] | 32) == 'x') {
        base = 16;
        literal_at = s + 2;
        if (t->len == 2) fail("bad number");
    }
    read_digits(base);
    if (base == 10 && *literal_at == '.') {
        while (*++literal_at == '0') continue;
        if (literal_at != end) fail("only whole floating constants are supported");
        return TY_DOUBLE;
    }
    return integer_type(end, base == 10);
}

/* ---- characters and strings ---- */

/* The character behind a backslash. */
int read_escape() {
    char *named = "abtnvfr";            /* the characters 7, 8 ... 13 */
    int c = *literal_at++, n, i;
    for (i = 0; named[i]; i++)
        if (c == named[i]) return 7 + i;
    if (c == '\\' || c == '\'' || c == '"' || c == '?') return c;
    if (c < '0' || c > '7') fail("unknown escape");
    n = c - '0';
    for (i = 0; i < 2 && digit_value(*literal_at) < 8; i++) n = n * 8 + *literal_at++ - '0';
    if (n > 255) fail("escape out of range");
    return n;
}

int read_char() {
    char c;
    literal_at = current->text + 1;
    if (*literal_at == '\'') fail("empty character constant");
    c = *literal_at++;
    if (c == '\\') c = read_escape();
    if (*literal_at != '\'') fail("character constant of several characters");
    next();
    return c;
}

/* The current and all following string tokens, joined and zero-ended;
 * literal_len counts the end too. */
char *read_strings() {
    int start = built_size, c;
    while (tok == T_STRING) {
        literal_at = current->text + 1;
        while (literal_at != current->text + current->len - 1) {
            c = *literal_at++;
            build(c == '\\' ? read_escape() : c);
        }
        next();
    }
    literal_len = built_size - start + 1;
    return finish(start);
}
