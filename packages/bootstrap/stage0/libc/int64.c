/* 64-bit division for programs compiled by cc, which does everything else
 * with 64 bits inline.  tcc's own libtcc1.c serves what tcc compiles. */

typedef unsigned long long u64;

/* Schoolbook division, one bit at a time; division by zero traps as the
   machine's own does. */
static u64 divide(u64 n, u64 d, u64 *rest) {
    u64 q = 0, r = 0;
    int i;
    if (d == 0)
        q = 1 / (int)d;
    if (n >> 32 == 0 && d >> 32 == 0) {
        *rest = (unsigned int)n % (unsigned int)d;
        return (unsigned int)n / (unsigned int)d;
    }
    for (i = 63; i >= 0; i--) {
        int out = r >> 63;
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

u64 __udivdi3(u64 n, u64 d) {
    u64 rest;
    return divide(n, d, &rest);
}

u64 __umoddi3(u64 n, u64 d) {
    u64 rest;
    divide(n, d, &rest);
    return rest;
}

long long __divdi3(long long n, long long d) {
    u64 rest, q = divide(n < 0 ? -(u64)n : n, d < 0 ? -(u64)d : d, &rest);
    return (n < 0) != (d < 0) ? -q : q;
}

long long __moddi3(long long n, long long d) {
    u64 rest;
    divide(n < 0 ? -(u64)n : n, d < 0 ? -(u64)d : d, &rest);
    return n < 0 ? -rest : rest;
}
