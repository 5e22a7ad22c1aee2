/* Memory and text: searching, tokens, numbers out of text with their errors, sorting, random sequences that a standard fixes. */
#include "check.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static int up(const void *a, const void *b) { int x = *(const int *)a, y = *(const int *)b; return (x > y) - (x < y); }

static void searching(void)
{
	char b[64], *rest, *word;
	int i, k;
	CHECK(!strcmp(strstr("abababc", "abc"), "abc") && !strstr("abab", "abc") && !strcmp(strstr("x", ""), "x"));
	CHECK(strspn("aabbc", "ab") == 4 && strcspn("abc;d", ";:") == 3 && !strcmp(strpbrk("key=value", "=:"), "=value"));
	CHECK(!strcmp(strrchr("/usr/bin/cc", '/'), "/cc") && !strchr("abc", 'x') && *strchr("abc", 0) == 0);
	CHECK(memchr("ab\0cd", 'd', 5) && !memchr("ab\0cd", 'd', 4) && memcmp("\xff", "\x01", 1) > 0);
	CHECK(strncmp("abcd", "abcx", 3) == 0 && strcmp("a\xff", "a\x01") > 0 && strnlen("abc", 2) == 2);
	strcpy(b, ",a,,bc,");
	word = strtok_r(b, ",", &rest);
	CHECK(!strcmp(word, "a") && !strcmp(strtok_r(0, ",", &rest), "bc") && !strtok_r(0, ",", &rest));
	memset(b, '#', sizeof b);
	strncpy(b, "ab", 5);
	CHECK(!memcmp(b, "ab\0\0\0#", 6));
	/* Overlap in both directions, at every distance from a word's edge. */
	for (i = 0; i < 16; i++)
		for (k = 0; k < 16; k++) {
			int n;
			for (n = 0; n < 64; n++)
				b[n] = n;
			memmove(b + i, b + k, 40);
			for (n = 0; n < 64; n++)
				CHECK(b[n] == (n >= i && n < i + 40 ? n - i + k : n));
		}
}

static void numbers(void)
{
	char *end;
	errno = 0;
	CHECK(strtol("  -0x1fz", &end, 0) == -31 && *end == 'z' && strtol("0777", 0, 0) == 511 && strtol("zz", 0, 36) == 1295 && !errno);
	CHECK(strtol(sizeof(long) == 4 ? "2147483648" : "9223372036854775808", 0, 10) == LONG_MAX && errno == ERANGE);
	errno = 0;
	CHECK(strtoll("-9223372036854775808", 0, 10) == LLONG_MIN && !errno);
	CHECK(strtoull("18446744073709551616", 0, 10) == ULLONG_MAX && errno == ERANGE);
	CHECK(strtol("none", &end, 10) == 0 && !strcmp(end, "none"));
	/* Exactly between two doubles, and a digit more than that. */
	CHECK(strtod("9007199254740993", 0) == 9007199254740992.0 && strtod("9007199254740993.00000000000000000000000000001", 0) == 9007199254740994.0);
	CHECK(strtod("4.9406564584124654e-324", 0) == 4.9406564584124654e-324 && strtod("2.4703282292062327e-324", 0) == 0);
	CHECK(strtod("1.7976931348623157e308", 0) == 1.7976931348623157e308);
	errno = 0;
	CHECK(strtod("1e400", 0) == HUGE_VAL && errno == ERANGE);
	CHECK(strtod("0x1.8p3q", &end) == 12 && *end == 'q' && strtod("-infinity", 0) == -HUGE_VAL && isnan(strtod("nan", 0)));
}

static void sorting(void)
{
	int v[1000], i, key = 500;
	div_t d = div(-7, 2);
	unsigned short seed[3] = { 0x330e, 42, 0 };
	for (i = 0; i < 1000; i++)
		v[i] = i * 389 % 1000;
	qsort(v, 1000, sizeof *v, up);
	for (i = 0; i < 1000; i++)
		CHECK(v[i] == i);
	CHECK(bsearch(&key, v, 1000, sizeof *v, up) == v + 500);
	key = 1000;
	CHECK(!bsearch(&key, v, 1000, sizeof *v, up));
	CHECK(d.quot == -3 && d.rem == -1 && labs(-5L) == 5);
	/* POSIX fixes these: a 48-bit linear congruence. */
	CHECK(nrand48(seed) == 1598855263 && nrand48(seed) == 735945821);
}

int main(void)
{
	searching();
	numbers();
	sorting();
	CHECK(!setenv("CHECKED", "1", 1) && !strcmp(getenv("CHECKED"), "1") && !setenv("CHECKED", "2", 0) && !strcmp(getenv("CHECKED"), "1"));
	CHECK(!unsetenv("CHECKED") && !getenv("CHECKED"));
	return 0;
}
