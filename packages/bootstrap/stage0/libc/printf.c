/* Formatted output, and as much of sscanf as tcc uses.
 *
 * Understood: the flags - and 0, width and precision (also *), l and ll, the
 * conversions d i u x X p c s %.  Anything else ends the program (tcc's
 * statistics, in floating point, do): a format that this library does not know
 * must not pass unseen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the text goes: into a file, or into memory of `size` bytes. */
struct sink {
    FILE *file;
    char *to;
    size_t size, n;             /* n counts what did not fit as well */
};

struct spec {
    int left, zero, width, precision, longs;    /* precision -1: none given */
};

static void emit(struct sink *s, const char *p, size_t n) {
    size_t room = s->n < s->size ? s->size - s->n : 0;
    if (s->file) fwrite(p, 1, n, s->file);
    else memcpy(s->to + s->n, p, n < room ? n : room);
    s->n += n;
}

static void pad(struct sink *s, char c, int n) {
    while (n-- > 0) emit(s, &c, 1);
}

/* Blanks, prefix (a sign, 0x), zeros and text, as wide as asked. */
static void put_field(struct sink *s, struct spec *p, const char *prefix, int zeros,
                      const char *text, int n) {
    int before = strlen(prefix), blanks;
    if (zeros < 0) zeros = 0;
    blanks = p->width - before - zeros - n;
    if (!p->left) pad(s, ' ', blanks);
    emit(s, prefix, before);
    pad(s, '0', zeros);
    emit(s, text, n);
    if (p->left) pad(s, ' ', blanks);
}

static void put_int(struct sink *s, struct spec *p, int c, unsigned long long v) {
    char buf[24], *end = buf + sizeof buf, *d = end, *prefix = c == 'p' ? "0x" : "";
    int is_signed = c == 'd' || c == 'i', base = is_signed || c == 'u' ? 10 : 16, digit, zeros;
    if (p->longs < 2) v = is_signed ? (long long)(int)v : (unsigned int)v;
    if (is_signed && (long long)v < 0) {
        v = -v;
        prefix = "-";
    }
    for (; v || (d == end && p->precision); v /= base) {
        digit = v % base;
        *--d = digit < 10 ? '0' + digit : (c == 'X' ? 'A' : 'a') - 10 + digit;
    }
    zeros = p->precision;
    if (p->zero && !p->left && zeros < 0) zeros = p->width - (int)strlen(prefix);
    put_field(s, p, prefix, zeros - (end - d), d, end - d);
}

static void put_string(struct sink *s, struct spec *p, const char *text) {
    int n = 0;
    if (!text) text = "(null)";
    while (n != p->precision && text[n]) n++;
    put_field(s, p, "", 0, text, n);
}

/* A number at *f, or the next argument for a star. */
static int read_number(const char **f, va_list *ap) {
    int n = 0;
    if (**f == '*') {
        ++*f;
        return va_arg(*ap, int);
    }
    while (**f >= '0' && **f <= '9') n = n * 10 + *(*f)++ - '0';
    return n;
}

/* Reads flags, width, precision and length; returns the conversion. */
static const char *read_spec(const char *f, struct spec *p, va_list *ap) {
    memset(p, 0, sizeof *p);
    for (; *f == '-' || *f == '0'; f++) *(*f == '-' ? &p->left : &p->zero) = 1;
    p->width = read_number(&f, ap);
    if (p->width < 0) {
        p->left = 1;
        p->width = -p->width;
    }
    p->precision = -1;
    if (*f == '.') {
        f++;
        p->precision = read_number(&f, ap);
    }
    for (; *f == 'l'; f++) p->longs++;
    return f;
}

static void unknown(const char *who) {
    fputs(who, stderr);
    fputs(": unknown conversion\n", stderr);
    exit(134);
}

static int format(struct sink *s, const char *f, va_list ap) {
    struct spec p;
    const char *text;
    char c;
    for (; *f; f++) {
        for (text = f; *f && *f != '%'; f++) continue;
        emit(s, text, f - text);
        if (!*f) break;
        f = read_spec(f + 1, &p, &ap);
        if (*f == '%') {
            emit(s, "%", 1);
        } else if (*f == 'c') {
            c = va_arg(ap, int);
            put_field(s, &p, "", 0, &c, 1);
        } else if (*f == 's') {
            put_string(s, &p, va_arg(ap, char *));
        } else if (*f && strchr("diuxXp", *f)) {
            if (p.longs > 1) put_int(s, &p, *f, va_arg(ap, unsigned long long));
            else put_int(s, &p, *f, va_arg(ap, unsigned int));
        } else {
            unknown("printf");
        }
    }
    return s->n;
}

int vfprintf(FILE *f, const char *fmt, va_list ap) {
    struct sink s = { f };
    return format(&s, fmt, ap);
}

int vsnprintf(char *to, size_t size, const char *fmt, va_list ap) {
    struct sink s = { NULL, to, size ? size - 1 : 0 };
    format(&s, fmt, ap);
    if (size) to[s.n < size ? s.n : size - 1] = 0;
    return s.n;
}

int printf(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    return vfprintf(stdout, fmt, ap);
}

int fprintf(FILE *f, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    return vfprintf(f, fmt, ap);
}

int sprintf(char *to, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    return vsnprintf(to, 0x7fffffff, fmt, ap);
}

int snprintf(char *to, size_t size, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    return vsnprintf(to, size, fmt, ap);
}

/* Three numbers with points between them: tcc reads its own version this way. */
int sscanf(const char *s, const char *fmt, ...) {
    int **to = (int **)&fmt + 1, i;
    if (strcmp(fmt, "%d.%d.%d")) unknown("scanf");
    for (i = 0; i < 3; i++) {
        *to[i] = strtoull(s, (char **)&s, 10);
        if (*s == '.') s++;
    }
    return i;
}
