/* 64-bit division for programs compiled by cc, which does everything else
 * with 64 bits inline and pushes the divisor last.  tcc's own libtcc1.c serves
 * what tcc compiles. */

typedef unsigned long long u64;

/* Schoolbook division, one bit at a time; division by zero traps as the
   machine's own does. */
static u64 divide(u64 d, u64 n, u64 *rest) {
    u64 q = 0, r = 0;
    int i, out;
    if (d == 0) q = 1 / (int)d;
    for (i = 63; i >= 0; i--) {
        out = r >> 63;
        r = r << 1 | (n >> i & 1);
        q <<= 1;
        if (out || r >= d) {
            r -= d;
            q |= 1;
        }
    }
    *rest = r;
    return q;
}

u64 __cc_udivide(u64 d, u64 n) {
    u64 rest;
    return divide(d, n, &rest);
}

u64 __cc_urest(u64 d, u64 n) {
    u64 rest;
    divide(d, n, &rest);
    return rest;
}

long long __cc_divide(long long d, long long n) {
    u64 rest, q = divide(d < 0 ? -d : d, n < 0 ? -n : n, &rest);
    return (n < 0) != (d < 0) ? -q : q;
}

long long __cc_rest(long long d, long long n) {
    u64 rest;
    divide(d < 0 ? -d : d, n < 0 ? -n : n, &rest);
    return n < 0 ? -rest : rest;
}
