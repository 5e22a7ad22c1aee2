/* float, double and long double: arithmetic, conversions, comparison, special values. */
#include <stdio.h>
static void bits(const void *p, int n)
{
    const unsigned char *c = p;
    while (n--) printf("%02x", c[n]);
    printf(" ");
}
static void f(float v) { bits(&v, 4); }
static void d(double v) { bits(&v, 8); }
static void l(long double v) { bits(&v, 10); }
static float add3(float a, float b, float c) { return a + b + c; }
static double mix(char c, float a, int i, double b, long double e, long long w) { return c + a * i - b / e + w; }
static int unprototyped();
static double zero, one = 1;
static int compare(double a, double b)
{
    return (a < b) | (a > b) << 1 | (a <= b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5 | !(a < b) << 6 | (a && b) << 7;
}
static int branches(double a, double b)
{
    int r = 0;
    if (a < b) r |= 1;
    if (a > b) r |= 2;
    if (a <= b) r |= 4;
    if (a >= b) r |= 8;
    if (a == b) r |= 16;
    if (a != b) r |= 32;
    if (!(a <= b)) r |= 64;
    if (a) r |= 128;
    if (!b) r |= 256;
    while (a != a) { r |= 512; break; }
    return r;
}
int main(void)
{
    static const unsigned long long wide[] = { 0, 1, 0x7fffffffffffffffULL, 0x8000000000000000ULL, 0xffffffffffffffffULL, 0xfffffffffffff800ULL };
    static const unsigned words[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };
    double nan, infinity, values[6];
    float single = 0.1f;
    long double extended = 1.1L;
    int i, j;
    infinity = one / zero;
    nan = infinity - infinity;
    values[0] = 0; values[1] = -0.0; values[2] = 1.5; values[3] = -infinity; values[4] = nan; values[5] = 1e-19;
    for (i = 0; i < 16; i++) values[5] *= 1e-19;        /* a denormal in the end */
    for (i = 0; i < 5; i++) values[5] *= 1e-3;
    for (i = 0; i < 6; i++) for (j = 0; j < 6; j++) printf("%x %x ", compare(values[i], values[j]), branches(values[i], values[j]));
    printf("\n");
    for (i = 0; i < 6; i++) { f(wide[i]); d(wide[i]); l(wide[i]); f((long long)wide[i]); d((long long)wide[i]); l((long long)wide[i]); }
    for (i = 0; i < 5; i++) { f(words[i]); d(words[i]); l(words[i]); f((int)words[i]); d((int)words[i]); l((int)words[i]); }
    printf("\n");
    f(single + 0.2f); d(single * 3); l(single / 7.0L); f(extended); d(extended); l(-extended); d(-single); f((float)1e10 * 1e10f);
    d((float)0.1); d((float)16777217); d((double)0.1L); f(add3(1e8f, 1, -1e8f)); d(mix('a', 2.5f, -3, 1e3, 8.0L, 1LL << 40));
    printf("\n");
    printf("%d %d %d %d\n", (int)3.99, (int)-3.99, (int)single, (char)(300.7 - 200));
    printf("%lld %lld %llu %llu %u %u\n", (long long)-1e18, (long long)9.2e18, (unsigned long long)1.8e19, (unsigned long long)9.3e18L, (unsigned)4e9, (unsigned)(single * 100));
    single += 1; d(single); single *= 3.5; d(single); single -= 1e-3; d(single); single /= 7; d(single); d(single++); d(--single);
    i = 7; i *= 1.5; printf("%d ", i); i += 0.9; printf("%d ", i); i -= -2.5f; printf("%d\n", i);
    d(i ? 1 : 2.5); d(i / 2 + 0.5); d((i, 3.25)); l(1 ? 2.5f : 1LL); d((1.0 + 2.0) * (3.0 - (4.0 + (5.0 - (6.0 * (7.0 + 8.0))))));
    d(0.5e1); d(.25); d(12.); d(1E+2); d(1e-2f); l(3.141592653589793238L);
    printf("\n%d\n", unprototyped(1.5f, 'a', 2.0));
    return 0;
}
static int unprototyped(double a, int b, double c) { return a * 2 + b + c; }
