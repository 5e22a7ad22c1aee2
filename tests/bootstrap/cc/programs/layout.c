/* Sizes, offsets and bit-field layout follow the i386 ABI. */
#include <stdio.h>
#include <stddef.h>
#include <string.h>
struct plain { char a; short b; char c; int d; char e; long long f; char g; double h; char i; long double j; };
struct tail { int a; char b; };
struct nested { char a; struct tail b[3]; union { char c; long long d; char e[13]; } u; short z; };
struct bits1 { unsigned a : 3; unsigned b : 30; int c : 5; unsigned char d : 4; unsigned char e : 6; };
struct bits2 { char a; int b : 9; unsigned short c : 7; int : 0; int d : 1; short e; unsigned f : 32; };
struct bits3 { unsigned short a : 5, b : 1, c : 1, d : 2, e : 1, f : 3; };
struct bits4 { int a : 3; int : 7; int b : 12; char tail; };
union mixed { struct bits3 b; int whole; char bytes[7]; };
struct anonymous { int k; union { struct { short lo, hi; }; int both; }; struct { int deep; } named; };
enum small { SMALL_A, SMALL_B = 7, SMALL_C };
enum negative { NEGATIVE = -1, POSITIVE };
struct list { struct list *next; int (*call)(struct list *, int); };
typedef struct list *list_pointer;
#define SHOW(x) printf(#x " %d\n", (int)(x))
#define PLACE(s, m) printf(#s " " #m " %d\n", (int)offsetof(s, m))
static void dump(const void *p, int n)
{
    const unsigned char *c = p;
    while (n--) printf("%02x", *c++);
    printf("\n");
}
int main(void)
{
    struct bits1 x;
    struct bits2 y;
    struct bits4 z;
    struct anonymous n;
    union mixed m;
    SHOW(sizeof(struct plain)); PLACE(struct plain, b); PLACE(struct plain, f);
    PLACE(struct plain, h); PLACE(struct plain, j);
    SHOW(sizeof(struct tail)); SHOW(sizeof(struct nested)); PLACE(struct nested, u);
    PLACE(struct nested, u.e[2]); PLACE(struct nested, z);
    SHOW(sizeof(struct bits1)); SHOW(sizeof(struct bits2)); SHOW(sizeof(struct bits3)); SHOW(sizeof(struct bits4));
    SHOW(sizeof(union mixed)); SHOW(sizeof(struct anonymous)); SHOW(sizeof(enum small)); SHOW(sizeof(list_pointer));
    SHOW(sizeof(char)); SHOW(sizeof(short)); SHOW(sizeof(int)); SHOW(sizeof(long)); SHOW(sizeof(long long));
    SHOW(sizeof(float)); SHOW(sizeof(double)); SHOW(sizeof(long double)); SHOW(sizeof(void *)); SHOW(sizeof(int[3][5]));
    SHOW(sizeof "abc"); SHOW(sizeof 'a'); SHOW(sizeof(1 ? (char)1 : (short)2)); SHOW(sizeof(1 ? 1 : 2LL));
    SHOW(sizeof(x.a + 1LL)); SHOW(sizeof(int (*)[4])); SHOW(sizeof(*(int (*)[4])0));
    SHOW(SMALL_B); SHOW(SMALL_C); SHOW(NEGATIVE < 0); SHOW((enum small)-1 > 0); SHOW((enum negative)-1 < 0);
    memset(&x, 0, sizeof x); memset(&y, 0, sizeof y); memset(&z, 0, sizeof z); memset(&m, 0, sizeof m);
    x.a = 5; x.b = 0x2aaaaaaa; x.c = -3; x.d = 9; x.e = 33;
    dump(&x, sizeof x);
    SHOW(x.a); SHOW(x.b); SHOW(x.c); SHOW(x.d); SHOW(x.e);
    y.a = 1; y.b = -200; y.c = 99; y.d = -1; y.e = 1234; y.f = 0xdeadbeef;
    dump(&y, sizeof y);
    SHOW(y.b); SHOW(y.c); SHOW(y.d); SHOW(y.f);
    z.a = 7; z.b = 2047; z.tail = 'z';
    dump(&z, sizeof z);
    SHOW(z.a); SHOW(z.b);
    m.b.a = 31; m.b.d = 2; m.b.f = 5;
    dump(&m, sizeof m);
    SHOW(x.a++); SHOW(x.a); SHOW(++x.a); SHOW(x.a++); SHOW(x.a); SHOW(x.c--); SHOW(x.c -= 20); SHOW(x.d = 31); SHOW(x.e |= 7);
    SHOW(x.a - 9 < 0); SHOW(y.f - 1 > 0);
    n.both = 0x12345678; n.named.deep = 4;
    SHOW(n.lo); SHOW(n.hi); PLACE(struct anonymous, hi); PLACE(struct anonymous, named);
    return 0;
}
