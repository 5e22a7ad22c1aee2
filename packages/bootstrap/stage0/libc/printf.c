/* Formatted output, and as much of sscanf as tcc uses.
 *
 * Understood: flags - 0 + space #, width and precision (also *), lengths hh h
 * l ll L z t, conversions d i u x X o c s p %, and f for |x| < 2^63 rounded
 * half up at up to nine places, which is what tcc prints its statistics with
 * (e, g, a are printed as f).  Anything else ends the program: a format that
 * this library does not know must not pass unseen. */
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
    int left, zero, alternate, sign;    /* sign: '+', ' ' or 0 */
    int width, precision;               /* -1: none given */
    int length;                         /* 4, 8; 1, 2 for hh, h; 12 for L */
};

static void emit(struct sink *s, const char *p, size_t n)
{
    size_t room = s->n < s->size ? s->size - s->n : 0;

    if (s->file)
        fwrite(p, 1, n, s->file);
    else
        memcpy(s->to + s->n, p, n < room ? n : room);
    s->n += n;
}

static void pad(struct sink *s, int c, int n)
{
    char b = c;

    while (n-- > 0)
        emit(s, &b, 1);
}

/* A number: its prefix (sign, 0x) and its digits, padded as asked. */
static void put_number(struct sink *s, struct spec *p, const char *prefix,
                       const char *digits, int n)
{
    int before = strlen(prefix), zeros = p->precision - n, blanks;

    if (p->zero && !p->left && p->precision < 0)
        zeros = p->width - before - n;
    if (zeros < 0)
        zeros = 0;
    blanks = p->width - before - zeros - n;
    if (!p->left)
        pad(s, ' ', blanks);
    emit(s, prefix, before);
    pad(s, '0', zeros);
    emit(s, digits, n);
    if (p->left)
        pad(s, ' ', blanks);
}

/* Digits of v before `end`; returns the first. */
static char *digits_of(char *end, unsigned long long v, int base, int upper)
{
    for (; v >> 32; v /= base)
        *--end = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[v % base];
    for (; v; v = (unsigned int)v / base)
        *--end = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[(unsigned int)v % base];
    return end;
}

static void put_int(struct sink *s, struct spec *p, int c, unsigned long long v)
{
    char buf[24], *end = buf + sizeof buf, *d;
    char *prefix = "";
    int is_signed = c == 'd' || c == 'i';

    if (p->length < 8) {
        v = is_signed ? (long long)(int)v : (unsigned int)v;
        if (p->length == 2)
            v = is_signed ? (long long)(short)v : (unsigned short)v;
        if (p->length == 1)
            v = is_signed ? (long long)(signed char)v : (unsigned char)v;
    }
    if (is_signed && (long long)v < 0) {
        v = -v;
        prefix = "-";
    } else if (is_signed && p->sign) {
        prefix = p->sign == '+' ? "+" : " ";
    }
    d = digits_of(end, v, c == 'o' ? 8 : c == 'x' || c == 'X' || c == 'p' ? 16 : 10, c == 'X');
    if (c == 'p' || (p->alternate && v && (c == 'x' || c == 'X')))
        prefix = c == 'X' ? "0X" : "0x";
    if (d == end && p->precision)
        *--d = '0';
    else if (c == 'o' && p->alternate && p->precision <= end - d)
        *--d = '0';
    put_number(s, p, prefix, d, end - d);
}

static void put_float(struct sink *s, struct spec *p, long double x)
{
    char buf[40], *end = buf + sizeof buf, *d;
    char *prefix = x < 0 ? "-" : p->sign == '+' ? "+" : p->sign ? " " : "";
    int places = p->precision < 0 ? 6 : p->precision > 9 ? 9 : p->precision, i;
    unsigned int scale = 1;
    unsigned long long whole, part;

    if (x < 0)
        x = -x;
    for (i = 0; i < places; i++)
        scale *= 10;
    whole = x;
    part = (x - whole) * scale + 0.5;
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
    end = d;
    d = digits_of(d, whole, 10, 0);
    if (d == end)
        *--d = '0';
    p->precision = -1;
    put_number(s, p, prefix, d, end + (places ? places + 1 : 0) - d);
}

static void put_string(struct sink *s, struct spec *p, const char *t, int most)
{
    int n = 0;

    while (n != most && t[n])
        n++;
    if (!p->left)
        pad(s, ' ', p->width - n);
    emit(s, t, n);
    if (p->left)
        pad(s, ' ', p->width - n);
}

/* Reads flags, width, precision and length; returns the conversion. */
static const char *read_spec(const char *f, struct spec *p, va_list *ap)
{
    memset(p, 0, sizeof *p);
    for (;; f++) {
        if (*f == '-')
            p->left = 1;
        else if (*f == '0')
            p->zero = 1;
        else if (*f == '#')
            p->alternate = 1;
        else if (*f == '+' || (*f == ' ' && !p->sign))
            p->sign = *f;
        else if (*f != ' ')
            break;
    }
    if (*f == '*') {
        f++;
        p->width = va_arg(*ap, int);
        if (p->width < 0) {
            p->left = 1;
            p->width = -p->width;
        }
    } else {
        p->width = strtol(f, (char **)&f, 10);
    }
    p->precision = -1;
    if (*f == '.') {
        f++;
        if (*f == '*') {
            f++;
            p->precision = va_arg(*ap, int);
        } else {
            p->precision = strtol(f, (char **)&f, 10);
        }
    }
    p->length = 4;
    for (; strchr("hlLzt", *f) && *f; f++)
        p->length = *f == 'L' ? 12 : *f == 'h' ? p->length == 2 ? 1 : 2
                  : *f == 'l' && f[-1] == 'l' ? 8 : 4;
    return f;
}

static void format(struct sink *s, const char *f, va_list ap)
{
    struct spec p;
    const char *text;
    char one;

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
            one = va_arg(ap, int);
            pad(s, ' ', p.left ? 0 : p.width - 1);
            emit(s, &one, 1);
            pad(s, ' ', p.left ? p.width - 1 : 0);
        } else if (*f == 's') {
            text = va_arg(ap, char *);
            put_string(s, &p, text ? text : "(null)", p.precision);
        } else if (*f && strchr("diuxXop", *f)) {
            if (p.length == 8)
                put_int(s, &p, *f, va_arg(ap, unsigned long long));
            else
                put_int(s, &p, *f, va_arg(ap, unsigned int));
        } else if (*f && strchr("feEgGaA", *f)) {
            if (p.length == 12)
                put_float(s, &p, va_arg(ap, long double));
            else
                put_float(s, &p, va_arg(ap, double));
        } else {
            fputs("printf: unknown conversion\n", stderr);
            abort();
        }
    }
}

int vfprintf(FILE *f, const char *fmt, va_list ap)
{
    struct sink s = { 0 };

    s.file = f;
    format(&s, fmt, ap);
    return s.n;
}

int vsnprintf(char *to, size_t size, const char *fmt, va_list ap)
{
    struct sink s = { 0 };

    s.to = to;
    s.size = size ? size - 1 : 0;
    format(&s, fmt, ap);
    if (size)
        to[s.n < size ? s.n : size - 1] = 0;
    return s.n;
}

int printf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    return vfprintf(stdout, fmt, ap);
}

int fprintf(FILE *f, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    return vfprintf(f, fmt, ap);
}

int sprintf(char *to, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    return vsnprintf(to, 0x7fffffff, fmt, ap);
}

int snprintf(char *to, size_t size, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    return vsnprintf(to, size, fmt, ap);
}

/* %d and literal characters: tcc reads its own version number this way. */
int sscanf(const char *s, const char *fmt, ...)
{
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
