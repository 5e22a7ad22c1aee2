/* wide.c: 64-bit integer arithmetic on pairs of ints.
 *
 * Small C has only a signed 32-bit int, so a 64-bit value is (lo, hi) and every
 * operation leaves its result in wide_lo and wide_hi.  Arithmetic is modulo
 * 2^64; signed and unsigned differ only in division, right shift and order. */

enum { TOP_BIT = 1 << 31, LOW_HALF = 65535 };

int wide_lo;
int wide_hi;
int wide_rest_lo;                       /* remainder of wide_divide_unsigned */
int wide_rest_hi;

void wide_set(int lo, int hi) {
    wide_lo = lo;
    wide_hi = hi;
}

/* a < b as unsigned numbers. */
int below(int a, int b) {
    return (a ^ TOP_BIT) < (b ^ TOP_BIT);
}

/* a >> n as an unsigned number, 0 <= n < 32. */
int shift_down(int a, int n) {
    if (n == 0) return a;
    return (a >> n) & ~(-1 << (32 - n));
}

void wide_add(int alo, int ahi, int blo, int bhi) {
    int lo = alo + blo;
    wide_set(lo, ahi + bhi + below(lo, alo));
}

void wide_sub(int alo, int ahi, int blo, int bhi) {
    wide_set(alo - blo, ahi - bhi - below(alo, blo));
}

/* The full product of two unsigned 32-bit numbers. */
void wide_mul_32(int a, int b) {
    int low = (a & LOW_HALF) * (b & LOW_HALF);
    int mid1 = shift_down(a, 16) * (b & LOW_HALF);
    int mid2 = (a & LOW_HALF) * shift_down(b, 16);
    int high = shift_down(a, 16) * shift_down(b, 16);
    int mid = shift_down(low, 16) + (mid1 & LOW_HALF) + (mid2 & LOW_HALF);
    wide_set((low & LOW_HALF) | (mid << 16),
             high + shift_down(mid1, 16) + shift_down(mid2, 16) + (mid >> 16));
}

void wide_mul(int alo, int ahi, int blo, int bhi) {
    wide_mul_32(alo, blo);
    wide_hi += alo * bhi + ahi * blo;
}

int wide_below(int alo, int ahi, int blo, int bhi) {
    return below(ahi, bhi) || (ahi == bhi && below(alo, blo));
}

int wide_less(int alo, int ahi, int blo, int bhi) {
    return ahi < bhi || (ahi == bhi && below(alo, blo));
}

/* Shifts by 0..63. */
void wide_left(int lo, int hi, int n) {
    if (n >= 32) wide_set(0, lo << (n - 32));
    else if (n == 0) wide_set(lo, hi);
    else wide_set(lo << n, (hi << n) | shift_down(lo, 32 - n));
}

void wide_right_unsigned(int lo, int hi, int n) {
    if (n >= 32) wide_set(shift_down(hi, n - 32), 0);
    else if (n == 0) wide_set(lo, hi);
    else wide_set(shift_down(lo, n) | (hi << (32 - n)), shift_down(hi, n));
}

void wide_right(int lo, int hi, int n) {
    if (n >= 32) wide_set(hi >> (n - 32), hi >> 31);
    else if (n == 0) wide_set(lo, hi);
    else wide_set(shift_down(lo, n) | (hi << (32 - n)), hi >> n);
}

/* Schoolbook division, bit by bit; the divisor is not zero. */
void wide_divide_unsigned(int alo, int ahi, int blo, int bhi) {
    int i;
    int top;
    int rlo = 0;
    int rhi = 0;
    for (i = 0; i < 64; i++) {
        top = rhi < 0;
        wide_left(rlo, rhi, 1);
        rlo = wide_lo | (ahi < 0);
        rhi = wide_hi;
        wide_left(alo, ahi, 1);
        alo = wide_lo;
        ahi = wide_hi;
        if (top || !wide_below(rlo, rhi, blo, bhi)) {
            wide_sub(rlo, rhi, blo, bhi);
            rlo = wide_lo;
            rhi = wide_hi;
            alo = alo | 1;
        }
    }
    wide_rest_lo = rlo;
    wide_rest_hi = rhi;
    wide_set(alo, ahi);
}

/* Quotient (or remainder) with C's rounding towards zero. */
void wide_divide(int alo, int ahi, int blo, int bhi, int want_rest) {
    int negative = want_rest ? ahi < 0 : (ahi ^ bhi) < 0;
    if (ahi < 0) {
        wide_sub(0, 0, alo, ahi);
        alo = wide_lo;
        ahi = wide_hi;
    }
    if (bhi < 0) {
        wide_sub(0, 0, blo, bhi);
        blo = wide_lo;
        bhi = wide_hi;
    }
    wide_divide_unsigned(alo, ahi, blo, bhi);
    if (want_rest) wide_set(wide_rest_lo, wide_rest_hi);
    if (negative) wide_sub(0, 0, wide_lo, wide_hi);
}
