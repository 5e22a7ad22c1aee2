/* float, double and long double: arithmetic, conversions, equality, special values. */
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
static double unprototyped();
static double zero, one, ten, tenth, small;
static int compare(double a, double b)
{
    return (a == b) << 4 | (a != b) << 5 | !(a == b) << 6 | (a && b) << 7;
}
static int branches(double a, double b)
{
    int r = 0;
    if (a == b) r |= 16;
    if (a != b) r |= 32;
    if (!(a != b)) r |= 64;
    if (a) r |= 128;
    if (!b) r |= 256;
    while (a != a) { r |= 512; break; }
    return r;
}
int main(void)
{
    static const unsigned long long wide[] = { 0, 1, 0x7fffffffffffffffULL, 0x8000000000000000ULL, 0xffffffffffffffffULL, 0xfffffffffffff800ULL };
    static const unsigned words[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };
    double nan, infinity, values[6], half;
    float single;
    long double extended;
    int i, j;
    one = 1; ten = 10; half = one / 2; tenth = one / ten; small = one / 10000000000000000000.0;
    single = tenth; extended = one / ten;
    infinity = one / zero;
    nan = infinity - infinity;
    values[0] = 0; values[1] = -0.0; values[2] = one + half; values[3] = -infinity; values[4] = nan; values[5] = small;
    for (i = 0; i < 16; i++) values[5] *= small;        /* a denormal in the end */
    for (i = 0; i < 5; i++) values[5] /= 1000;
    for (i = 0; i < 6; i++) for (j = 0; j < 6; j++) printf("%x %x ", compare(values[i], values[j]), branches(values[i], values[j]));
    printf("\n");
    for (i = 0; i < 6; i++) { f(wide[i]); d(wide[i]); l(wide[i]); f((long long)wide[i]); d((long long)wide[i]); l((long long)wide[i]); }
    for (i = 0; i < 5; i++) { f(words[i]); d(words[i]); l(words[i]); f((int)words[i]); d((int)words[i]); l((int)words[i]); }
    printf("\n");
    f(single + (float)2.0); d(single * 3); l(single / (long double)7.0); f(extended); d(extended); l(-extended); d(-single); f((float)ten * (float)10000000000.0);
    d((float)tenth); d((float)16777217); d((double)extended); f(add3((float)100000000.0, 1, -(float)100000000.0)); d(mix('a', (float)2.0, -3, 1000.0, (long double)8.0, 1LL << 40));
    printf("\n");
    single += 1; d(single); single *= half; d(single); single -= tenth; d(single); single /= 7; d(single); d(single++); d(--single);
    i = 7;
    d(i ? 1 : half); d(i / 2 + half); d((i, half)); l(1 ? (float)2.0 : 1LL); d((1.0 + 2.0) * (3.0 - (4.0 + (5.0 - (6.0 * (7.0 + 8.0))))));
    d(12.); d(100.); d(0.00); f((float)16777217.0); d(9007199254740993.0); l((long double)18446744073709551615.0);
    d(unprototyped((float)3.0, 'a', 2.0));
    printf("\n");
    return 0;
}
static double unprototyped(double a, int b, double c) { return a * 2 + b + c; }
