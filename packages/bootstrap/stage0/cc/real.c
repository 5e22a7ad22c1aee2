/* real.c: floating constants, converted exactly.
 *
 * A constant is kept in the x87's own form: a 64-bit mantissa whose top bit is
 * set (real_lo, real_hi) and a 15-bit exponent, so its value is
 * mantissa * 2^(real_exp - 16383 - 63); the sign lives with the caller (C's
 * constants have none).  float and double fit into it without loss.
 *
 * A decimal constant is num/den with two big integers; bits of the quotient
 * are produced one by one up to the precision of the wanted type and the
 * remainder decides the rounding: to nearest, ties to even.  There is no
 * intermediate rounding. */

enum {
    BIG = 1400,                         /* limbs of 16 bits: more than 10^(5300 + 1000) */
    DIGITS_MAX = 1000,                  /* digits, and decimal exponents, are limited */
    EXPONENT_MAX = 5300,
    REAL_FLOAT = 0, REAL_DOUBLE = 1, REAL_EXTENDED = 2,
    REAL_BIAS = 16383
};

int big_num[BIG];
int big_den[BIG];
int real_lo;
int real_hi;
int real_exp;                           /* biased; 0 with a zero mantissa for 0.0 */

int real_precision(int kind) {
    if (kind == REAL_FLOAT) return 24;
    return kind == REAL_DOUBLE ? 53 : 64;
}

/* The largest exponent; the smallest one is 1 - it. */
int real_range(int kind) {
    if (kind == REAL_FLOAT) return 127;
    return kind == REAL_DOUBLE ? 1023 : 16383;
}

void big_set(int *a, int value) {
    int i;
    for (i = 1; i < BIG; i++) a[i] = 0;
    a[0] = value;
}

/* a = a * factor + more, for small factors. */
void big_mul(int *a, int factor, int more) {
    int i;
    int x;
    for (i = 0; i < BIG; i++) {
        x = a[i] * factor + more;
        a[i] = x & LOW_HALF;
        more = x >> 16;
    }
}

int big_bits(int *a) {
    int i = BIG - 1;
    int bits = 0;
    while (i > 0 && a[i] == 0) i--;
    while (a[i] >> bits) bits++;
    return i * 16 + bits;
}

void big_shift(int *a, int n) {
    int limbs = n / 16;
    int bits = n % 16;
    int i;
    int low;
    for (i = BIG - 1; i >= 0; i--) {
        low = 0;
        if (i > limbs) low = a[i - limbs - 1] >> (16 - bits);
        a[i] = i < limbs ? 0 : ((a[i - limbs] << bits) & LOW_HALF) | low;
    }
}

/* The sign of a - b. */
int big_compare(int *a, int *b) {
    int i;
    for (i = BIG - 1; i >= 0; i--) {
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

void big_sub(int *a, int *b) {
    int i;
    int x;
    int borrow = 0;
    for (i = 0; i < BIG; i++) {
        x = a[i] - b[i] - borrow;
        a[i] = x & LOW_HALF;
        borrow = x < 0;
    }
}

/* Makes the mantissa's top bit one; value = mantissa * 2^(exponent - 63). */
void real_normalise(int exponent) {
    if (real_lo == 0 && real_hi == 0) {
        real_exp = 0;
        return;
    }
    while (real_hi >= 0) {
        wide_left(real_lo, real_hi, 1);
        real_lo = wide_lo;
        real_hi = wide_hi;
        exponent--;
    }
    real_exp = exponent + REAL_BIAS;
    if (real_exp > 32766) fail("floating constant too large");
    /* The x87's smallest numbers are stored with exponent 0 and leading zeros. */
    if (real_exp <= 0) {
        wide_right_unsigned(real_lo, real_hi, 1 - real_exp);
        real_lo = wide_lo;
        real_hi = wide_hi;
        real_exp = 0;
    }
}

void real_round_up() {
    wide_add(real_lo, real_hi, 1, 0);
    real_lo = wide_lo;
    real_hi = wide_hi;
}

/* big_num / big_den rounded to the precision of the type. */
void real_divide(int kind) {
    int exponent = big_bits(big_num) - big_bits(big_den);
    int precision = real_precision(kind);
    int i;
    int order;
    if (exponent > 0) big_shift(big_den, exponent);
    else big_shift(big_num, -exponent);
    if (big_compare(big_num, big_den) < 0) {
        big_shift(big_num, 1);
        exponent--;
    }
    if (exponent < 1 - real_range(kind)) precision -= 1 - real_range(kind) - exponent;
    real_lo = 0;
    real_hi = 0;
    real_exp = 0;
    if (precision < 0) return;
    for (i = 0; i < precision; i++) {
        wide_left(real_lo, real_hi, 1);
        real_lo = wide_lo;
        real_hi = wide_hi;
        if (big_compare(big_num, big_den) >= 0) {
            big_sub(big_num, big_den);
            real_lo = real_lo | 1;
        }
        big_shift(big_num, 1);
    }
    order = big_compare(big_num, big_den);      /* the rest against one half */
    if (order > 0 || (order == 0 && (real_lo & 1))) real_round_up();
    if (precision == 64 && real_lo == 0 && real_hi == 0) {
        real_hi = TOP_BIT;
        exponent++;
    }
    real_normalise(exponent + 64 - precision);
}

/* The exponent behind `e`; fails unless it is the end of the constant. */
int real_exponent(char *s, char *end) {
    int negative = *s == '-';
    int n = 0;
    if (*s == '-' || *s == '+') s++;
    if (s == end) fail("bad exponent");
    while (s != end) {
        if (!(classes[*s & 255] & CLASS_DIGIT)) fail("bad number");
        n = n * 10 + *s - '0';
        if (n > EXPONENT_MAX) fail("floating constant out of range");
        s++;
    }
    return negative ? -n : n;
}

/* A decimal constant without its suffix. */
void real_parse(char *s, int len, int kind) {
    char *end = s + len;
    int exponent = 0;
    int fraction = 0;
    int digits = 0;
    big_set(big_num, 0);
    big_set(big_den, 1);
    while (s != end && *s != 'e' && *s != 'E') {
        if (*s == '.') {
            if (fraction) fail("bad number");
            fraction = 1;
        } else {
            if (!(classes[*s & 255] & CLASS_DIGIT)) fail("bad number");
            big_mul(big_num, 10, *s - '0');
            exponent -= fraction;
            digits++;
        }
        s++;
    }
    if (digits == 0 || digits > DIGITS_MAX) fail("bad number");
    if (s != end) exponent += real_exponent(s + 1, end);
    if (big_bits(big_num) == 0) {
        real_lo = 0;
        real_hi = 0;
        real_exp = 0;
        return;
    }
    for (; exponent > 0; exponent--) big_mul(big_num, 10, 0);
    for (; exponent < 0; exponent++) big_mul(big_den, 10, 0);
    real_divide(kind);
    if (real_exp > real_range(kind) + REAL_BIAS) fail("floating constant too large");
}

/* The integer (lo, hi), taken as unsigned. */
void real_from_wide(int lo, int hi) {
    real_lo = lo;
    real_hi = hi;
    real_normalise(63);
}

/* Rounds the constant to a narrower type.  Mantissa bits below the precision
 * (fewer for denormals) go away, with the same rounding rule as above. */
void real_round(int kind) {
    int drop = 64 - real_precision(kind);
    int exponent = real_exp - REAL_BIAS;
    int rest_lo;
    int rest_hi;
    if (kind == REAL_EXTENDED || real_exp == 0) return;
    if (exponent < 1 - real_range(kind)) drop += 1 - real_range(kind) - exponent;
    if (drop > 64) {
        real_lo = 0;
        real_hi = 0;
        real_exp = 0;
        return;
    }
    wide_set(0, 0);
    if (drop < 64) wide_left(real_lo, real_hi, 64 - drop);
    else wide_set(real_lo, real_hi);
    rest_lo = wide_lo;
    rest_hi = wide_hi;
    if (drop < 64) wide_right_unsigned(real_lo, real_hi, drop);
    else wide_set(0, 0);
    real_lo = wide_lo;
    real_hi = wide_hi;
    /* The dropped bits, moved to the top: one half is the top bit alone. */
    if (wide_below(0, TOP_BIT, rest_lo, rest_hi)
        || (rest_lo == 0 && rest_hi == TOP_BIT && (real_lo & 1)))
        real_round_up();
    real_normalise(exponent + drop);
    if (real_exp > real_range(kind) + REAL_BIAS) fail("floating constant too large");
}

/* The memory form of a float or double that has been rounded to its type,
 * in wide_lo (and wide_hi). */
void real_encode(int kind, int negative) {
    int exponent = real_exp - REAL_BIAS + real_range(kind);
    int sign = negative ? TOP_BIT : 0;
    int lo = real_lo;
    int hi = real_hi;
    if (real_exp == 0) {
        lo = 0;
        hi = 0;
        exponent = 0;
    } else if (exponent <= 0) {
        wide_right_unsigned(lo, hi, 1 - exponent);
        lo = wide_lo;
        hi = wide_hi;
        exponent = 0;
    }
    hi = hi & ~TOP_BIT;
    if (kind == REAL_FLOAT) {
        wide_set(sign | (exponent << 23) | (hi >> 8), 0);
    } else {
        wide_right_unsigned(lo, hi, 11);
        wide_hi = wide_hi | (exponent << 20) | sign;
    }
}
