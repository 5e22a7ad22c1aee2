/* Sizes and offsets follow the i386 ABI, but for bit-fields, whose values are right. */
#include <stdio.h>
#include <stddef.h>
#include <string.h>
struct plain { char a; short b; char c; int d; char e; long long f; char g; double h; char i; long double j; };
struct tail { int a; char b; };
struct nested { char a; struct tail b[3]; union { char c; long long d; char e[13]; } u; short z; };
struct bits { unsigned a : 3, b : 30, c : 32; unsigned char d : 4; unsigned short e : 9; int tail; };
union mixed { struct tail b; int whole; char bytes[7]; };
struct anonymous { int k; union { struct { short lo, hi; }; int both; }; struct { int deep; } named; };
enum small { SMALL_A, SMALL_B = 7, SMALL_C };
enum negative { NEGATIVE = -1, POSITIVE };
struct list { struct list *next; int (*call)(struct list *, int); };
typedef struct list *list_pointer;
#define SHOW(x) printf(#x " %d\n", (int)(x))
#define PLACE(s, m) printf(#s " " #m " %d\n", (int)offsetof(s, m))
int main(void)
{
    struct bits x, *y = &x;
    struct anonymous n;
    SHOW(sizeof(struct plain)); PLACE(struct plain, b); PLACE(struct plain, f);
    PLACE(struct plain, h); PLACE(struct plain, j);
    SHOW(sizeof(struct tail)); SHOW(sizeof(struct nested)); PLACE(struct nested, u);
    PLACE(struct nested, u.e[2]); PLACE(struct nested, z);
    SHOW(sizeof(union mixed)); SHOW(sizeof(struct anonymous)); SHOW(sizeof(enum small)); SHOW(sizeof(list_pointer));
    SHOW(sizeof(char)); SHOW(sizeof(short)); SHOW(sizeof(int)); SHOW(sizeof(long)); SHOW(sizeof(long long));
    SHOW(sizeof(float)); SHOW(sizeof(double)); SHOW(sizeof(long double)); SHOW(sizeof(void *)); SHOW(sizeof(int[3][5]));
    SHOW(sizeof "abc"); SHOW(sizeof 'a'); SHOW(sizeof(1 ? (char)1 : (short)2)); SHOW(sizeof(1 ? 1 : 2LL));
    SHOW(sizeof(x.a + 1LL)); SHOW(sizeof(int (*)[4])); SHOW(sizeof(*(int (*)[4])0));
    SHOW(SMALL_B); SHOW(SMALL_C); SHOW(NEGATIVE < 0); SHOW((enum negative)-1 < 0);
    memset(&x, 0, sizeof x);
    x.a = 5; y->b = 0x2aaaaaaa; x.c = 0xdeadbeef; y->d = 9; x.e = 33; x.tail = -1;
    SHOW(x.a); SHOW(x.b); SHOW(x.c); SHOW(x.d); SHOW(x.e); SHOW(x.tail);
    SHOW(x.a++); SHOW(x.a); SHOW(++y->a); SHOW(y->a--); SHOW(x.a); SHOW(x.e -= 20); SHOW(x.d = 15); SHOW(x.e |= 7);
    SHOW(x.a - 9 < 0); SHOW(x.c - 1 > 0); SHOW(x.b - 0x3fffffff < 0);
    n.both = 0x12345678; n.named.deep = 4;
    SHOW(n.lo); SHOW(n.hi); PLACE(struct anonymous, hi); PLACE(struct anonymous, named);
    return 0;
}
