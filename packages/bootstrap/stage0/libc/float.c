/* Decimal text to float, double and long double, exactly rounded (to nearest,
 * ties to even) for every input, subnormals and overflow included.
 *
 * The number is kept as digits of base 10,000 around a point, doubled and halved
 * until what is before the point is the significand; what is behind it says how
 * to round.  The text is a number as C writes it, without sign, which tcc's lexer
 * has seen to; where it ends is not told.  Hexadecimal numbers tcc reads itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BASE = 10000, POINT = 1300, DIGITS = 6000, STEP = 16, FAR = 20000 };

static int digit[DIGITS];       /* digit[i] counts BASE^(POINT - i) */
static int first, last;         /* all others are 0 */

static void multiply(int factor) {
    int i, carry = 0;
    for (i = last; i >= first || carry; i--) {
        carry += digit[i] * factor;
        digit[i] = carry % BASE;
        carry /= BASE;
    }
    if (i + 1 < first) first = i + 1;
    while (digit[first] == 0 && first < last) first++;
}

/* What no digit has room for is remembered as a 1 in the last. */
static void divide(int divisor) {
    int i, rest = 0;
    for (i = first; (i <= last || rest) && i < DIGITS; i++) {
        rest = rest * BASE + digit[i];
        digit[i] = rest / divisor;
        rest %= divisor;
    }
    if (i > last) last = i - 1;
    if (rest) digit[last] |= 1;
    while (digit[first] == 0 && first < last) first++;
}

/* Adds n * 10^power; out of reach is as large, or as small, as can be. */
static void add_digit(int n, int power) {
    int i = POINT - ((power + FAR) / 4 - FAR / 4), k;
    if (n == 0) return;
    for (k = (power + FAR) % 4; k > 0; k--) n *= 10;
    if (power < -FAR || i >= DIGITS) i = DIGITS - 1;
    if (i < 0) i = 0;
    digit[i] += n;
    if (i < first) first = i;
    if (i > last) last = i;
}

static void read(const char *s) {
    const char *t = s;
    int power = -1, e = 0, is_negative;
    memset(digit, 0, sizeof digit);
    first = DIGITS - 1;
    last = 0;
    for (; *t >= '0' && *t <= '9'; t++) power++;
    while (*t && (*t | 32) != 'e') t++;
    if (*t) t++;
    is_negative = *t == '-';
    if (*t == '-' || *t == '+') t++;
    for (; *t >= '0' && *t <= '9'; t++)
        if (e < FAR) e = e * 10 + *t - '0';
    power += is_negative ? -e : e;
    for (; (*s >= '0' && *s <= '9') || *s == '.'; s++)
        if (*s != '.') add_digit(*s - '0', power--);
}

/* The part before the point, if it is below 2^64. */
static unsigned long long whole(void) {
    unsigned long long n = 0;
    int i;
    for (i = POINT - 4; i <= POINT; i++) n = n * BASE + digit[i];
    return n;
}

/* The text's value as a significand of at most `bits` bits and, in *exponent, the
 * power of two that it counts, which is not below `least`. */
static unsigned long long decimal(const char *s, int bits, int least, int *exponent) {
    unsigned long long n, top = 1ULL << (bits - 1);
    int e = 0, i;
    read(s);
    for (; first < POINT - 4; e += STEP) divide(1 << STEP);
    /* 1844 * BASE^4 is a little less than 2^64 */
    for (; digit[POINT - 4] >= 1844 || whole() > 2 * top - 1; e++) divide(2);
    for (; first > POINT && e - STEP >= least; e -= STEP) multiply(1 << STEP);
    for (; whole() < top && e > least; e--) multiply(2);
    n = whole();
    for (i = POINT + 2; i <= last && digit[i] == 0; i++) continue;
    if (digit[POINT + 1] > BASE / 2 || (digit[POINT + 1] == BASE / 2 && (i <= last || n & 1))) n++;
    *exponent = e;
    return n;
}

long double strtold(const char *s, char **end) {
    union { long double value; struct { unsigned long long n; unsigned short e; } part; } u;
    int e;
    u.value = 0;
    u.part.n = decimal(s, 64, -16445, &e);
    if (u.part.n == 0 && e > -16445) {          /* rounded up to 2^64, or zero */
        u.part.n = 1ULL << 63;
        e++;
    }
    if (u.part.n >> 63) u.part.e = e + 16446;
    if (e > 16320) {
        u.part.n = 1ULL << 63;
        u.part.e = 0x7fff;
    }
    return u.value;
}

/* Sign, exponent and all of the significand but its top bit, side by side in one
 * number: the top bit itself makes the exponent of a normal number 1 larger. */
static unsigned long long packed(const char *s, int bits, int least) {
    int e, infinity = 5 - 2 * (least + bits);
    unsigned long long n = decimal(s, bits, least, &e);
    if (e - least < infinity) n += (unsigned long long)(e - least) << (bits - 1);
    if (e - least >= infinity || n >> (bits - 1) >= infinity)
        n = (unsigned long long)infinity << (bits - 1);
    return n;
}

double strtod(const char *s, char **end) {
    union { double value; unsigned long long n; } u;
    u.n = packed(s, 53, -1074);
    return u.value;
}

float strtof(const char *s, char **end) {
    union { float value; unsigned int n; } u;
    u.n = packed(s, 24, -149);
    return u.value;
}

/* Every double times 2^n is exact in a long double unless it leaves double's
 * range anyway, so the one rounding is the last conversion. */
double ldexp(double x, int n) {
    long double y = x;
    if (n > 2200) n = 2200;
    if (n < -2200) n = -2200;
    for (; n > 0; n--) y *= 2;
    for (; n < 0; n++) y /= 2;
    return y;
}
