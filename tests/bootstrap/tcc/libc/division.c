/* 64-bit arithmetic: every pair of a list of awkward and random values; with an
 * argument also divisors beyond 32 bits and floats that become integers. */
#include <stdio.h>

static unsigned int seed = 3;

static unsigned int next(void) {
    seed = seed * 1103515245 + 12345;
    return seed >> 4;
}

int main(int argc, char **argv) {
    static unsigned long long v[120];
    int i, k;

    for (i = 0; i < 64; i++)
        v[i] = 1ULL << i;
    for (; i < 80; i++)
        v[i] = -(unsigned long long)(i - 64);
    for (; i < 120; i++)
        v[i] = ((unsigned long long)next() << 32 | next()) >> next() % 60;
    for (i = 0; i < 120; i++)
        for (k = 0; k < 120; k++) {
            unsigned long long a = v[i], b = v[k];
            long long c = a, d = b;
            unsigned s = k % 64;

            printf("%llx %llx %llx", a << s, a >> s, (unsigned long long)(c >> s));
            printf(" %llx %d%d", a * b, a < b, c < d);
            if (b && (argc > 1 || b >> 32 == 0))
                printf(" %llu %llu", a / b, a % b);
            printf("\n");
        }
    for (i = 0; i < 120; i++) {
        float f = v[i];
        double g = v[i], h = (long long)v[i];
        long double l = v[i];

        printf("%d %08x %08x%08x", i, *(unsigned *)&f, ((unsigned *)&g)[1], ((unsigned *)&g)[0]);
        printf(" %08x%08x", ((unsigned *)&h)[1], ((unsigned *)&h)[0]);
        printf(" %08x%08x\n", ((unsigned *)&l)[1], ((unsigned *)&l)[0]);
        if (argc > 1 && v[i] < 1ULL << 63)
            printf("%lld %llu %lld\n", (long long)g, (unsigned long long)g, (long long)h);
    }
    return 0;
}
