/* Numbers and text through printf and scanf, and a file written, sought and read again. */
#include "check.h"
#include <string.h>

static void formats(const char *want, const char *got) { if (strcmp(want, got)) printf("want %s, got %s\n", want, got); CHECK(!strcmp(want, got)); }

int main(void)
{
	char b[200];
	long long big = 0;
	double d = 0;
	int n = 0, i;
	FILE *f;
	sprintf(b, "%5d|%-5d|%05d|%+d|%x|%#o", 42, 42, 42, 42, 255, 8);
	formats("   42|42   |00042|+42|ff|010", b);
	sprintf(b, "%lld %llu %llx", -9223372036854775807LL - 1, 18446744073709551615ULL, 1ULL << 63);
	formats("-9223372036854775808 18446744073709551615 8000000000000000", b);
	sprintf(b, "%.17g %.3f %e %g", 0.1, 2.0005, 12345.678, 1e-5);
	formats("0.10000000000000001 2.001 1.234568e+04 1e-05", b);
	sprintf(b, "%.20Lg", 1.0L / 3);
	formats("0.33333333333333333334", b);
	sprintf(b, "%a", 1.0);
	formats("0x1p+0", b);
	CHECK(snprintf(b, 4, "%s", "truncated") == 9 && !strcmp(b, "tru"));
	CHECK(sscanf("17 -5000000000 2.5e3 word", "%d %lld %lf %s", &n, &big, &d, b) == 4);
	CHECK(n == 17 && big == -5000000000LL && d == 2500 && !strcmp(b, "word"));
	f = tmpfile();
	CHECK(f);
	for (i = 0; i < 100000; i++)
		fprintf(f, "%d\n", i);
	CHECK(ftell(f) == 588890);
	CHECK(!fseek(f, 588884, SEEK_SET) && fscanf(f, "%d", &n) == 1 && n == 99999);
	rewind(f);
	CHECK(fgets(b, sizeof b, f) && !strcmp(b, "0\n") && ungetc('x', f) == 'x' && fgetc(f) == 'x');
	CHECK(!fclose(f));
	return 0;
}
