/* Integer promotion, conversion and 64-bit arithmetic at the edges. */
#include <stdio.h>
static char c = -5; static unsigned char uc = 250; static short s = -30000; static unsigned short us = 60000;
static int i = -2000000000; static unsigned u = 4000000000u; static long long l = -9000000000000000000LL; static unsigned long long ul = 18000000000000000000ULL;
#define SHOW(x) printf("%s %lld\n", #x, (long long)(x))
static long long mul(long long a, long long b) { return a * b; }
int main(void)
{
    int n;
    volatile int seven = 7, minus = -7;
    static const long long edges[] = { 0, 1, -1, 2, 7, -7, 0x7fffffff, 0x80000000LL, 0xffffffffLL, 0x100000000LL, 0x7fffffffffffffffLL, (long long)0x8000000000000000ULL };
    SHOW(c + uc); SHOW(c * s); SHOW(us * us); SHOW(-us); SHOW(~uc); SHOW(u + i); SHOW(i + l); SHOW(u + l); SHOW(u * 2); SHOW(u * 2LL); SHOW(ul + c);
    SHOW((char)us); SHOW((unsigned char)s); SHOW((short)u); SHOW((int)ul); SHOW((unsigned)l); SHOW((long long)u); SHOW((long long)i); SHOW((unsigned short)-1);
    SHOW(c < uc); SHOW(i < u); SHOW(c < u); SHOW(l < u); SHOW(l < ul); SHOW((unsigned char)c > s); SHOW(-1 < 1u); SHOW(-1 < 1LL); SHOW(us > c);
    SHOW(seven / 2); SHOW(minus / 2); SHOW(minus % 4); SHOW(seven % -4); SHOW((unsigned)minus / 2); SHOW((unsigned)minus % 10);
    SHOW(minus >> 1); SHOW((unsigned)minus >> 28); SHOW(seven << 29); SHOW(c << 3); SHOW(uc >> 2); SHOW((unsigned char)(uc << 1));
    SHOW(l >> 3); SHOW(ul >> 3); SHOW(l << 1); SHOW(l >> 40); SHOW(ul >> 63); SHOW(l >> seven); SHOW(ul << (seven * 5));
    SHOW(077); SHOW(0xFFFFFFFF); SHOW(2147483648); SHOW(4294967295); SHOW('\n' + 'A' + '\101' + '\0' + '\''); SHOW('\377'); SHOW("\177\1z"[1]);
    SHOW(1 ? -1 : 1u); SHOW((1 ? -1 : 1u) > 0); SHOW(sizeof(int) - 5 > 0); SHOW(-1 / 2u); SHOW(!l); SHOW(!!ul); SHOW(-(-2147483647 - 1)); SHOW(1 << 31 >> 31);
    for (n = 0; n < 12; n++) {
        int m;
        long long a = edges[n];
        printf("%lld %lld %lld %d %d %d\n", -a, ~a, a + 1, !a, a ? 1 : 2, a && 1);
        for (m = 0; m < 12; m++) {
            long long b = edges[m];
            unsigned long long ua = a, ub = b;
            printf("%llx %llx %llx %llx %llx %llx %d%d%d%d%d%d%d%d%d%d", a + b, a - b, mul(a, b), a & b, a | b, a ^ b,
                   a < b, a > b, a <= b, a >= b, a == b, a != b, ua < ub, ua > ub, ua <= ub, ua >= ub);
            if (b && ub >> 32 == 0) printf(" %llu %llu", ua / ub, ua % ub);
            printf(" %llx %llx %llx\n", a << (m * 5), a >> (m * 5), ua >> (m * 5));
        }
    }
    c += 200; SHOW(c); uc += 10; SHOW(uc); s -= 10000; SHOW(s); us *= 3; SHOW(us); u -= ul; SHOW(u); ul %= 1000; SHOW(ul);
    u <<= 3; SHOW(u); l >>= 2; SHOW(l); c |= 0x81; SHOW(c); us &= l; SHOW(us); ul ^= -1; SHOW(ul); i /= 3; SHOW(i); i %= 1000; SHOW(i);
    SHOW(c++); SHOW(c--); SHOW(++uc); SHOW(--us); SHOW(l++); SHOW(--ul); SHOW(c = 300); SHOW(uc = -1); SHOW(i = l); SHOW(u = (c = 5, c + 1));
    return 0;
}
