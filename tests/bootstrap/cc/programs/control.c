/* Loops, jumps, switch in all its shapes. */
#include <stdio.h>
static int dense(int x)
{
    switch (x) {
    case 0: return 10;
    case 1: case 2: x += 5;
    case 3: return x;
    case -1: return 11;
    case 4: { int y = x * 2; return y; }
    case 5: break;
    case 6: case 7: case 8: case 9: case 10: return 12;
    default: return 13;
    }
    return 14;
}
static int sparse(int x)
{
    switch (x) {
    case 0x7fffffff: return 1;
    case -0x7fffffff - 1: return 2;
    case 1000: return 3;
    case -1000: return 4;
    case 'a': return 5;
    case '\377': return 6;
    }
    return 0;
}
static int unsigned_switch(unsigned x)
{
    switch (x) {
    case 1: return 1;
    case 0x80000000: return 2;
    case 0xffffffff: return 3;
    case 5: return 4;
    case 0x7fffffff: return 5;
    case 0xfffffff0: return 6;
    case 77: return 7;
    }
    return 0;
}
static int char_switch(unsigned char c)
{
    switch (c) { case 200: return 1; case 'x': return 2; }
    return 3;
}
static void duff(char *to, const char *from, int n)
{
    int rounds = (n + 3) / 4;
    switch (n % 4) {
    case 0: do { *to++ = *from++;
    case 3: *to++ = *from++;
    case 2: *to++ = *from++;
    case 1: *to++ = *from++;
            } while (--rounds > 0);
    }
    *to = 0;
}
static int nested(int a, int b)
{
    int r = 0;
    switch (a) {
    case 1:
        switch (b) { case 1: r = 1; break; case 2: r = 2; default: r += 10; }
        break;
    case 2:
        for (; b; b--) { if (b == 3) continue; if (b == 1) break; r += b; }
        r += 100;
    }
    return r;
}
static int gotos(int n)
{
    int i = 0, r = 0;
again:
    if (i >= n) goto done;
    for (;;) {
        r += i;
        if (r % 3 == 0) goto next;
        r++;
        break;
    }
next:
    i++;
    goto again;
done:
    return r;
}
static int calls;
static int called(int r) { calls++; return r; }
int main(void)
{
    int i, j;
    char text[20];
    static const int ints[] = { 0, 1000, -1000, 0x7fffffff, -0x7fffffff - 1, 97, -1, 12 };
    static const unsigned words[] = { 1, 0x80000000, 0xffffffff, 5, 0x7fffffff, 0xfffffff0, 77, 76, 78, 0x80000001 };
    for (i = -3; i < 13; i++) printf("%d ", dense(i));
    for (i = 0; i < 8; i++) printf("%d ", sparse(ints[i]));
    for (i = 0; i < 10; i++) printf("%d ", unsigned_switch(words[i]));
    printf("%d %d %d\n", char_switch(200), char_switch('x'), char_switch(-1));
    for (i = 1; i < 9; i++) { duff(text, "abcdefghijkl", i); printf("%s ", text); }
    for (i = 0; i < 4; i++) for (j = 0; j < 5; j++) printf("%d ", nested(i, j));
    printf("\n%d %d\n", gotos(0), gotos(20));
    i = 0;
    do { if (i == 2) continue; printf("%d", i); } while (i++ < 4);
    while (i) { if (--i == 1) break; printf("-%d", i); }
    printf("\n");
    if (called(0) && called(1)) printf("no\n");
    if (called(1) || called(1)) printf("yes %d\n", calls);
    if (!(called(0) || (called(1) && !called(0)))) printf("no\n");
    printf("%d %d\n", calls, called(3) ? called(0) ? 1 : called(7) : 9);
    i = called(5) && (called(0) || called(2));
    printf("%d %d %d\n", i, !i, !!called(4));
    int k = 0, m = 9;
    for (; k < m; k++, m--) printf("%d", k * m);
    {
        int shadow = 1;
        { int shadow = 2; printf(" %d", shadow); }
        printf(" %d\n", shadow);
    }
    if (i) ; else printf("never\n");
    for (;;) { if (i++ > 5) break; }
    printf("%d\n", i);
    return i;
}
