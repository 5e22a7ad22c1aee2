/* What the compiler itself must get right: 64-bit arithmetic, bit-fields, varargs, setjmp, struct values, switches. */
#include "check.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

struct bits { unsigned a : 3; signed b : 5; unsigned long long c : 40; };
struct pair { double x; char tag[7]; };
static jmp_buf back;

static struct pair make(double x, const char *tag) { struct pair p; p.x = x; strcpy(p.tag, tag); return p; }
static double sum(int n, ...) { double s = 0; va_list ap; va_start(ap, n); while (n--) s += va_arg(ap, double) + va_arg(ap, int) + (double)va_arg(ap, long long); va_end(ap); return s; }
static int days(int m) { switch (m) { case 2: return 28; case 4: case 6: case 9: case 11: return 30; default: return 31; } }
static void jump(int depth) { if (!depth) longjmp(back, 5); jump(depth - 1); }
static unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(void)
{
	volatile long long a = -7, b = 2;
	volatile unsigned long long u = 0xfedcba9876543210ULL;
	volatile int shift = 36, i, days_sum = 0;
	struct bits f;
	struct pair p[3];
	CHECK(a / b == -3 && a % b == -1 && a * b == -14 && (a >> 1) == -4);
	CHECK(u / 10 == 1836475854449306472ULL && u % 1000 == 720 && u >> shift == 0xfedcba9 && u << shift == 0x6543210000000000ULL);
	CHECK((double)u == 1.8364758544493064e19 && (unsigned long long)1.8e19 == 18000000000000000000ULL && (float)u == 1.83647585e19f);
	memset(&f, 0, sizeof f);
	f.a = 9; f.b = -3; f.c = 0x123456789aULL;
	CHECK(f.a == 1 && f.b == -3 && f.c == 0x123456789aULL);
	p[1] = make(2.5, "middle");
	p[2] = p[1];
	CHECK(p[2].x == 2.5 && !strcmp(p[2].tag, "middle"));
	CHECK(sum(3, 1.5, 2, 3LL, 1.5, 2, 3LL, 0.25, -1, 10000000000LL) == 10000000012.25);
	for (i = 1; i <= 12; i++)
		days_sum += days(i);
	CHECK(days_sum == 365 && fib(22) == 17711);
	i = setjmp(back);
	if (!i)
		jump(50);
	CHECK(i == 5);
	CHECK(__builtin_popcount(0xf0f0) == 8);
	return 0;
}
