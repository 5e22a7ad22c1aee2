/* real.c: floating constants.
 *
 * A constant is kept in the x87's own form: a 64-bit mantissa whose top bit is
 * set (real_lo, real_hi) and a 15-bit exponent, so its value is
 * mantissa * 2^(real_exp - 16383 - 63); the sign lives with the caller (C's
 * constants have none).  float and double fit into it without loss.
 *
 * A decimal constant is digits / 10^n, or digits * 10^n; digits and power must
 * fit 64 bits, other constants are refused.  Bits of the quotient are produced
 * up to the precision of the type and the rest decides the rounding, to
 * nearest, ties to even.  So what is not refused is exact. */

enum { REAL_FLOAT, REAL_DOUBLE, REAL_EXTENDED, REAL_BIAS = 16383 };

int real_lo;
int real_hi;
int real_exp;                           /* biased; 0 with a zero mantissa for 0.0 */

int real_precision(int kind) {
    if (kind == REAL_FLOAT) return 24;
    return kind == REAL_DOUBLE ? 53 : 64;
}

void real_set(int lo, int hi) {
    real_lo = lo;
    real_hi = hi;
}

void real_round_up() {
    wide_add(real_lo, real_hi, 1, 0);
    real_set(wide_lo, wide_hi);
}

/* Makes the mantissa's top bit one; value = mantissa * 2^(exponent - 63). */
void real_normalise(int exponent) {
    real_exp = 0;
    if (real_lo == 0 && real_hi == 0) return;
    for (; real_hi >= 0; exponent--) {
        wide_left(real_lo, real_hi, 1);
        real_set(wide_lo, wide_hi);
    }
    real_exp = exponent + REAL_BIAS;
}

/* The integer (lo, hi), taken as unsigned. */
void real_from_wide(int lo, int hi) {
    real_set(lo, hi);
    real_normalise(63);
}

/* Rounds to the precision of a narrower type. */
void real_round(int kind) {
    int keep = real_precision(kind);
    int exponent = real_exp - REAL_BIAS + 64 - keep;
    int rest_lo;
    int rest_hi;
    if (keep == 64 || real_exp == 0) return;
    wide_left(real_lo, real_hi, keep);
    rest_lo = wide_lo;
    rest_hi = wide_hi;
    wide_right_unsigned(real_lo, real_hi, 64 - keep);
    real_set(wide_lo, wide_hi);
    /* The dropped bits stand at the top now: one half is the top bit alone. */
    if (wide_below(0, TOP_BIT, rest_lo, rest_hi)
        || (rest_lo == 0 && rest_hi == TOP_BIT && (real_lo & 1)))
        real_round_up();
    real_normalise(exponent);
}

/* (lo, hi) / (dlo, dhi), rounded for the type. */
void real_divide(int lo, int hi, int dlo, int dhi, int kind) {
    int exponent = 63;
    int top;
    int bit = 0;
    wide_divide_unsigned(lo, hi, dlo, dhi);
    real_set(wide_lo, wide_hi);
    lo = wide_rest_lo;
    hi = wide_rest_hi;
    /* One more bit at a time, until there are 64 and the one that rounds. */
    while (1) {
        top = hi < 0;
        wide_left(lo, hi, 1);
        bit = top || !wide_below(wide_lo, wide_hi, dlo, dhi);
        if (bit) wide_sub(wide_lo, wide_hi, dlo, dhi);
        lo = wide_lo;
        hi = wide_hi;
        if (real_hi < 0) break;
        wide_left(real_lo, real_hi, 1);
        real_set(wide_lo | bit, wide_hi);
        exponent--;
    }
    if (kind != REAL_EXTENDED) {
        /* What is behind the 64 bits matters only by being there. */
        if (bit || lo || hi) real_lo = real_lo | 1;
    } else if (bit && (lo || hi || (real_lo & 1))) {
        real_round_up();
        if (real_lo == 0 && real_hi == 0) {
            real_hi = TOP_BIT;
            exponent++;
        }
    }
    real_normalise(exponent);
    real_round(kind);
}

/* wide = wide * 10 + digit, which must fit. */
void real_digit(int digit) {
    int lo = wide_lo;
    int hi = wide_hi;
    wide_sub(-1, -1, digit, 0);
    wide_divide_unsigned(wide_lo, wide_hi, 10, 0);
    if (wide_below(wide_lo, wide_hi, lo, hi)) fail("floating constant beyond what cc computes exactly");
    wide_mul(lo, hi, 10, 0);
    wide_add(wide_lo, wide_hi, digit, 0);
}

/* The exponent behind `e`, which must be all that is left. */
int real_exponent(char *s, char *end) {
    int negative = *s == '-';
    int n = 0;
    if (*s == '-' || *s == '+') s++;
    if (s == end) fail("bad number");
    while (s != end) {
        if (!(classes[*s & 255] & CLASS_DIGIT)) fail("bad number");
        if (n < 1000) n = n * 10 + *s - '0';
        s++;
    }
    return negative ? -n : n;
}

/* A decimal constant without its suffix. */
void real_parse(char *s, int len, int kind) {
    char *end = s + len;
    int exponent = 0;
    int fraction = 0;
    int lo;
    int hi;
    wide_set(0, 0);
    while (s != end && *s != 'e' && *s != 'E') {
        if (*s == '.' && !fraction) {
            fraction = 1;
        } else {
            if (!(classes[*s & 255] & CLASS_DIGIT)) fail("bad number");
            real_digit(*s - '0');
            exponent -= fraction;
        }
        s++;
    }
    if (s != end) exponent += real_exponent(s + 1, end);
    for (; exponent > 0; exponent--) real_digit(0);
    lo = wide_lo;
    hi = wide_hi;
    wide_set(1, 0);
    for (; exponent < 0; exponent++) real_digit(0);
    if (lo == 0 && hi == 0) real_from_wide(0, 0);
    else real_divide(lo, hi, wide_lo, wide_hi, kind);
}

/* The memory form of a float or double that has been rounded to its type,
 * in wide_lo (and wide_hi). */
void real_encode(int kind, int negative) {
    int sign = negative ? TOP_BIT : 0;
    int exponent = real_exp ? real_exp - REAL_BIAS + (kind == REAL_FLOAT ? 127 : 1023) : 0;
    wide_right_unsigned(real_lo, real_hi & ~TOP_BIT, 11);
    if (kind == REAL_FLOAT) wide_lo = sign | exponent << 23 | (real_hi & ~TOP_BIT) >> 8;
    else wide_hi = wide_hi | exponent << 20 | sign;
}
