/* Formatted output, and as much of sscanf as tcc uses.
 *
 * Understood: the flags - and 0, width and precision (also *), l and ll, the
 * conversions d i u x X p c s %, and f for |x| < 2^63, rounded half up at up
 * to nine places (tcc's statistics).  Anything else ends the program: a
 * format that this library does not know must not pass unseen. */
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
    if (s->file)
        fwrite(p, 1, n, s->file);
    else
        memcpy(s->to + s->n, p, n < room ? n : room);
    s->n += n;
}

static void pad(struct sink *s, char c, int n) {
    while (n-- > 0)
        emit(s, &c, 1);
}

/* Blanks, prefix (a sign, 0x), zeros and text, as wide as asked. */
static void put_field(struct sink *s, struct spec *p, const char *prefix,
                      int zeros, const char *text, int n) {
    int before = strlen(prefix), blanks;
    if (zeros < 0)
        zeros = 0;
    blanks = p->width - before - zeros - n;
    if (!p->left)
        pad(s, ' ', blanks);
    emit(s, prefix, before);
    pad(s, '0', zeros);
    emit(s, text, n);
    if (p->left)
        pad(s, ' ', blanks);
}

static void put_number(struct sink *s, struct spec *p, const char *prefix,
                       const char *digits, int n) {
    int fill = p->zero && !p->left && p->precision < 0;
    put_field(s, p, prefix, (fill ? p->width - (int)strlen(prefix) : p->precision) - n,
              digits, n);
}

/* Writes v's digits before `end`, none for 0; returns the first. */
static char *digits_of(char *end, unsigned long long v, int base, int letters) {
    int d;
    for (; v; v /= base) {
        d = v % base;
        *--end = d < 10 ? '0' + d : letters - 10 + d;
    }
    return end;
}

static void put_int(struct sink *s, struct spec *p, int c, unsigned long long v) {
    char buf[24], *end = buf + sizeof buf, *d, *prefix = c == 'p' ? "0x" : "";
    int is_signed = c == 'd' || c == 'i';
    if (p->longs < 2)
        v = is_signed ? (long long)(int)v : (unsigned int)v;
    if (is_signed && (long long)v < 0) {
        v = -v;
        prefix = "-";
    }
    d = digits_of(end, v, is_signed || c == 'u' ? 10 : 16, c == 'X' ? 'A' : 'a');
    if (d == end && p->precision)
        *--d = '0';
    put_number(s, p, prefix, d, end - d);
}

static void put_float(struct sink *s, struct spec *p, double x) {
    char buf[40], *end = buf + sizeof buf, *d;
    int places = p->precision < 0 ? 6 : p->precision > 9 ? 9 : p->precision, i;
    unsigned int scale = 1;
    unsigned long long whole, part;
    long double y = x < 0 ? -x : x;
    for (i = 0; i < places; i++)
        scale *= 10;
    whole = y;
    part = (y - whole) * scale + 0.5;
    if (part >= scale) {
        part -= scale;
        whole++;
    }
    d = digits_of(end, part, 10, 0);
    if (places) {
        while (end - d < places)
            *--d = '0';
        *--d = '.';
    }
    if (whole == 0)
        *--d = '0';
    d = digits_of(d, whole, 10, 0);
    p->precision = -1;
    put_number(s, p, x < 0 ? "-" : "", d, end - d);
}

static void put_string(struct sink *s, struct spec *p, const char *text) {
    int n = 0;
    if (!text)
        text = "(null)";
    while (n != p->precision && text[n])
        n++;
    put_field(s, p, "", 0, text, n);
}

/* A number at *f, or the next argument for a star. */
static int read_number(const char **f, va_list *ap) {
    int n = 0;
    if (**f == '*') {
        ++*f;
        return va_arg(*ap, int);
    }
    while (**f >= '0' && **f <= '9')
        n = n * 10 + *(*f)++ - '0';
    return n;
}

/* Reads flags, width, precision and length; returns the conversion. */
static const char *read_spec(const char *f, struct spec *p, va_list *ap) {
    memset(p, 0, sizeof *p);
    for (; *f == '-' || *f == '0'; f++)
        *(*f == '-' ? &p->left : &p->zero) = 1;
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
    for (; *f == 'l'; f++)
        p->longs++;
    return f;
}

static int format(struct sink *s, const char *f, va_list ap) {
    struct spec p;
    const char *text;
    char c;
    for (; *f; f++) {
        for (text = f; *f && *f != '%'; f++)
            ;
        emit(s, text, f - text);
        if (!*f)
            break;
        f = read_spec(f + 1, &p, &ap);
        if (*f == '%') {
            emit(s, "%", 1);
        } else if (*f == 'c') {
            c = va_arg(ap, int);
            put_field(s, &p, "", 0, &c, 1);
        } else if (*f == 's') {
            put_string(s, &p, va_arg(ap, char *));
        } else if (*f == 'f') {
            put_float(s, &p, va_arg(ap, double));
        } else if (*f && strchr("diuxXp", *f)) {
            if (p.longs > 1)
                put_int(s, &p, *f, va_arg(ap, unsigned long long));
            else
                put_int(s, &p, *f, va_arg(ap, unsigned int));
        } else {
            fputs("printf: unknown conversion\n", stderr);
            exit(134);
        }
    }
    return s->n;
}

int vfprintf(FILE *f, const char *fmt, va_list ap) {
    struct sink s = { 0 };
    s.file = f;
    return format(&s, fmt, ap);
}

int vsnprintf(char *to, size_t size, const char *fmt, va_list ap) {
    struct sink s = { 0 };
    s.to = to;
    s.size = size ? size - 1 : 0;
    format(&s, fmt, ap);
    if (size)
        to[s.n < size ? s.n : size - 1] = 0;
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

/* %d and literal characters: tcc reads its own version number this way. */
int sscanf(const char *s, const char *fmt, ...) {
    va_list ap;
    char *end;
    int found = 0, n;
    va_start(ap, fmt);
    for (; *fmt; fmt++) {
        if (fmt[0] == '%' && fmt[1] == 'd') {
            fmt++;
            n = strtol(s, &end, 10);
            if (end == s)
                break;
            *va_arg(ap, int *) = n;
            found++;
            s = end;
        } else if (*s++ != *fmt) {
            break;
        }
    }
    return found;
}
