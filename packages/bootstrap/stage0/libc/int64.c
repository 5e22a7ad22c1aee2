/* 64-bit division for programs compiled by cc, which does everything else with 64
 * bits inline and pushes the divisor last.  tcc has its own in libtcc1.c. */

typedef unsigned long long u64;

static u64 rest;

/* One bit at a time; division by zero traps as the machine's own does. */
u64 __cc_divide(u64 d, u64 n) {
    u64 q = 0;
    int i, out;
    if (d == 0) q = 1 / (int)d;
    rest = 0;
    for (i = 63; i >= 0; i--) {
        out = rest >> 63;
        rest = rest << 1 | (n >> i & 1);
        q <<= 1;
        if (out || rest >= d) {
            rest -= d;
            q |= 1;
        }
    }
    return q;
}

u64 __cc_rest(u64 d, u64 n) {
    __cc_divide(d, n);
    return rest;
}
