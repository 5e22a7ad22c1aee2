/* Decimal text to float, double and long double, exactly rounded (to nearest,
 * ties to even) for every input, subnormals and overflow included.
 *
 * The number is D * 10^e with a whole D.  Both sides of the fraction
 *
 *     N / M  =  D * 10^e / 1      or      D / 10^-e
 *
 * are kept as whole numbers of up to SIZE words.  After shifting one of them
 * until 1 <= N / M < 2, compare and subtract yields the result bit by bit;
 * what is left of N says whether the result was exact.  Numbers of more than
 * DIGITS digits end the program; tcc's have at most 1,023 characters.
 * Hexadecimal floats, nan and inf are not read: tcc reads the first itself and
 * knows no text for the others. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 1600, DIGITS = 4000, FAR = 30000 };

struct big {
    int n;                      /* words in use; w[n - 1] != 0 unless n == 0 */
    unsigned int w[SIZE];       /* least significant first */
};

struct format {
    int bits;                   /* of the significand, the leading 1 included */
    int least;                  /* exponent of the smallest normal number */
    int most;                   /* exponent of the largest number */
};

static void mul_add(struct big *b, unsigned int factor, unsigned int carry) {
    unsigned long long t;
    int i;
    for (i = 0; i < b->n; i++) {
        t = (unsigned long long)b->w[i] * factor + carry;
        b->w[i] = t;
        carry = t >> 32;
    }
    if (carry) b->w[b->n++] = carry;
}

static void mul_power_of_ten(struct big *b, int e) {
    for (; e >= 9; e -= 9) mul_add(b, 1000000000, 0);
    for (; e > 0; e--) mul_add(b, 10, 0);
}

static int bit_length(const struct big *b) {
    unsigned int top = b->w[b->n - 1];
    int length = 32 * (b->n - 1);
    for (; top; top >>= 1) length++;
    return length;
}

static void shift_left(struct big *b, int by) {
    int words = by / 32, i;
    for (i = b->n - 1; i >= 0; i--) b->w[i + words] = b->w[i];
    for (i = 0; i < words; i++) b->w[i] = 0;
    b->n += words;
    mul_add(b, 1u << by % 32, 0);
}

static int less(const struct big *a, const struct big *b) {
    int i = a->n - 1;
    if (a->n != b->n) return a->n < b->n;
    while (i > 0 && a->w[i] == b->w[i]) i--;
    return i >= 0 && a->w[i] < b->w[i];
}

/* a -= b, which is not larger */
static void subtract(struct big *a, const struct big *b) {
    unsigned int borrow = 0, x, y;
    int i;
    for (i = 0; i < a->n; i++) {
        x = a->w[i];
        y = i < b->n ? b->w[i] : 0;
        a->w[i] = x - y - borrow;
        borrow = x < y || (x == y && borrow);
    }
    while (a->n && a->w[a->n - 1] == 0) a->n--;
}

/* N / M rounded to f: returns the significand, sets *exponent to that of its
   bit 0; 0 for zero.  Overflow: *exponent is larger than any. */
static unsigned long long divide(struct big *n, struct big *m,
                                 const struct format *f, int *exponent) {
    unsigned long long q = 0;
    int e = bit_length(n) - bit_length(m), bits, i;
    if (e > 0) shift_left(m, e);
    else shift_left(n, -e);
    if (less(n, m)) {
        mul_add(n, 2, 0);
        e--;
    }
    bits = f->bits;
    if (e < f->least)           /* subnormal: fewer bits */
        bits -= f->least - e;
    *exponent = e - bits + 1;
    if (bits < 0) return 0;
    for (i = 0; i < bits; i++) {
        q <<= 1;
        if (!less(n, m)) {
            subtract(n, m);
            q |= 1;
        }
        mul_add(n, 2, 0);
    }
    if (less(m, n) || (!less(n, m) && (q & 1))) {
        q++;
        if (q == 0 || (f->bits < 64 && q >> f->bits)) {
            q = 1ULL << (f->bits - 1);
            ++*exponent;
        }
    }
    if (*exponent + f->bits - 1 > f->most) *exponent = FAR;
    return q;
}

/* Reads digits into b; returns where they end, *e is the power of ten. */
static const char *read_decimal(const char *s, struct big *b, int *e) {
    int point = 0, digits = 0, x = 0, negative = 0;
    const char *t;
    b->n = *e = 0;
    for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = 1;
            continue;
        }
        if (++digits > DIGITS) {
            fputs("strtod: too many digits\n", stderr);
            exit(134);
        }
        mul_add(b, 10, *s - '0');
        *e -= point;
    }
    if (!digits) return NULL;
    if ((*s | 32) != 'e') return s;
    t = s + 1;
    if (*t == '-' || *t == '+') negative = *t++ == '-';
    if (*t < '0' || *t > '9') return s;
    for (; *t >= '0' && *t <= '9'; t++)
        if (x < FAR) x = x * 10 + *t - '0';
    *e += negative ? -x : x;
    return t;
}

/* |value| of the text at *s as significand and exponent of its bit 0 */
static unsigned long long decimal(const char **s, const struct format *f, int *exponent) {
    static struct big n, m;
    unsigned long long q;
    int e, size;
    *s = read_decimal(*s, &n, &e);
    *exponent = 0;
    if (!*s || n.n == 0) return 0;
    size = bit_length(&n) * 3 / 10 + e;         /* about log10 of the value */
    m.n = m.w[0] = 1;
    if (size > 6000) {
        *exponent = FAR;
        q = 1;
    } else if (size < -6000) {
        q = 0;
    } else {
        mul_power_of_ten(e < 0 ? &m : &n, e < 0 ? -e : e);
        q = divide(&n, &m, f, exponent);
    }
    if (q == 0 || *exponent == FAR) errno = ERANGE;
    return q;
}

/* Skips space and a sign, finds the number: *end says where it stops. */
static unsigned long long parse(const char *s, char **end, const struct format *f,
                                int *exponent, int *negative) {
    const char *start = s;
    unsigned long long q;
    while (*s == ' ' || (*s >= '\t' && *s <= '\r')) s++;
    *negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    q = decimal(&s, f, exponent);
    *negative &= s != NULL;
    if (end) *end = (char *)(s ? s : start);
    return q;
}

long double strtold(const char *s, char **end) {
    static const struct format f = { 64, -16382, 16383 };
    union { long double value; struct { unsigned long long q; unsigned short e; } part; } u;
    int e, negative;
    u.value = 0;
    u.part.q = parse(s, end, &f, &e, &negative);
    if (e == FAR) {
        u.part.q = 1ULL << 63;
        u.part.e = 0x7fff;
    } else if (u.part.q >> 63) {
        u.part.e = e + 63 + 16383;
    }
    if (negative) u.part.e |= 0x8000;
    return u.value;
}

/* float and double: sign, exponent and all of the significand but its top bit
   side by side in one number. */
static unsigned long long packed(const char *s, char **end, const struct format *f, int sign_bit) {
    int e, negative;
    unsigned long long q = parse(s, end, f, &e, &negative);
    if (e == FAR) q = (2ULL * f->most + 1) << (f->bits - 1);
    else if (q >> (f->bits - 1))
        q += (unsigned long long)(e + f->bits - 1 - f->least) << (f->bits - 1);
    return negative ? q | 1ULL << sign_bit : q;
}

double strtod(const char *s, char **end) {
    static const struct format f = { 53, -1022, 1023 };
    union { double value; unsigned long long bits; } u;
    u.bits = packed(s, end, &f, 63);
    return u.value;
}

float strtof(const char *s, char **end) {
    static const struct format f = { 24, -126, 127 };
    union { float value; unsigned int bits; } u;
    u.bits = packed(s, end, &f, 31);
    return u.value;
}

/* Every double times 2^n is exact in a long double unless it leaves double's
   range anyway, so the one rounding is the last conversion. */
double ldexp(double x, int n) {
    long double y = x;
    if (n > 2200) n = 2200;
    if (n < -2200) n = -2200;
    for (; n > 0; n--) y *= 2;
    for (; n < 0; n++) y /= 2;
    return y;
}
