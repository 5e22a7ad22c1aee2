/* Numbers and text through printf and scanf; files written, sought and read again, streams in memory, and errors. */
#include "check.h"
#include <errno.h>
#include <float.h>
#include <string.h>

static void formats(const char *want, const char *got) { if (strcmp(want, got)) printf("want %s, got %s\n", want, got); CHECK(!strcmp(want, got)); }

static void scanning(void)
{
	char a[20], b[20];
	int i = 0, n = 0, k = 0;
	unsigned u = 0;
	long double x = 0;
	short h = 0;
	CHECK(sscanf("key=value;rest", "%[^=]=%19[a-z]%n", a, b, &n) == 2 && !strcmp(a, "key") && !strcmp(b, "value") && n == 9);
	CHECK(sscanf("12345 ff 0x1f", "%2d%*2d%d %x %i", &i, &n, &u, &k) == 4 && i == 12 && n == 5 && u == 255 && k == 31);
	CHECK(sscanf("0x1.8p1 65537", "%Lf %hd", &x, &h) == 2 && x == 3 && h == 1);
	CHECK(sscanf("abc", "%d", &i) == 0 && sscanf("", "%d", &i) == EOF && sscanf("5%", "%d%%%n", &i, &n) == 1 && n == 2);
}

static void memory(void)
{
	char b[20], *text, *line = 0;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	CHECK(f && fprintf(f, "%0*d", 1000, 7) == 1000 && !fflush(f) && size == 1000 && text[999] == '7' && !text[1000]);
	CHECK(!fseek(f, 2, SEEK_SET) && fputs("xy", f) >= 0 && !fclose(f) && !memcmp(text, "00xy", 4));
	free(text);
	CHECK((f = fmemopen(b, sizeof b, "w+")) && fputs("one\ntwo", f) >= 0);
	rewind(f);
	size = 0;
	CHECK(getline(&line, &size, f) == 4 && !strcmp(line, "one\n") && getdelim(&line, &size, 'w', f) == 2 && !strcmp(line, "tw"));
	CHECK(!fclose(f));
	free(line);
}

static void named(void)
{
	char b[20];
	fpos_t at;
	FILE *f;
	CHECK(!fopen("no/such", "r") && errno == ENOENT && (f = fopen("stdio.tmp", "wx")) && !fopen("stdio.tmp", "wx") && errno == EEXIST);
	CHECK(!setvbuf(f, 0, _IONBF, 0) && fputs("first", f) >= 0 && fgetc(f) == EOF && ferror(f));
	CHECK((f = freopen("stdio.tmp", "a+", f)) && fputs("+more", f) >= 0 && !fseek(f, 0, SEEK_SET) && fputs("!", f) >= 0);
	CHECK(!fseek(f, 3, SEEK_SET) && !fgetpos(f, &at) && fread(b, 1, 20, f) == 8 && !memcmp(b, "st+more!", 8) && feof(f));
	CHECK(!fsetpos(f, &at) && !feof(f) && fgetc(f) == 's' && !fseek(f, -1, SEEK_END) && fgetc(f) == '!' && !fclose(f));
	CHECK(!rename("stdio.tmp", "stdio.new") && !remove("stdio.new") && remove("stdio.new") == -1 && errno == ENOENT);
	CHECK((f = fopen("/dev/full", "w")) && fputs("x", f) >= 0 && fclose(f) == EOF && errno == ENOSPC);
}

int main(void)
{
	char b[200];
	long long big = 0;
	double d = 0;
	volatile double zero = 0;
	int n = 0, i;
	FILE *f;
	sprintf(b, "%5d|%-5d|%05d|%+d|%x|%#o", 42, 42, 42, 42, 255, 8);
	formats("   42|42   |00042|+42|ff|010", b);
	sprintf(b, "%lld %llu %llx", -9223372036854775807LL - 1, 18446744073709551615ULL, 1ULL << 63);
	formats("-9223372036854775808 18446744073709551615 8000000000000000", b);
	sprintf(b, "%.17g %.3f %e %g", 0.1, 2.0005, 12345.678, 1e-5);
	formats("0.10000000000000001 2.001 1.234568e+04 1e-05", b);
	sprintf(b, "%.20Lg", 1.0L / 3);
	formats(LDBL_MANT_DIG == 64 ? "0.33333333333333333334" : "0.33333333333333333333", b);
	sprintf(b, "%a", 1.0);
	formats("0x1p+0", b);
	sprintf(b, "%.3s|%-6s|%6.2s|%c|%%|%.0f|%#.3g|%+.2e|%X", "abcdef", "ab", "xyz", 'c', 2.5, 1.0, -0.000123, 48879);
	formats("abc|ab    |    xy|c|%|2|1.00|-1.23e-04|BEEF", b);
	sprintf(b, "%2$s %1$d", 1, "two");
	formats("two 1", b);
	sprintf(b, "%hhd|%hu|%jd|%zu|%.10d|% d|%.0d|", 257, 65537, (long long)-5, (size_t)7, 42, 42, 0);
	formats("1|1|-5|7|0000000042| 42||", b);
	sprintf(b, "%.30f %.0e %f %G %a", 0.1, 5e22, 1e15, 1e-20, -0.1);
	formats("0.100000000000000005551115123126 5e+22 1000000000000000.000000 1E-20 -0x1.999999999999ap-4", b);
	sprintf(b, "%f %F %5.1f|%s", 1 / zero, -1 / zero, zero / zero * -1, "");
	CHECK(!strncmp(b, "inf -INF ", 9) && strstr(b, "nan"));
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
	scanning();
	memory();
	named();
	return 0;
}
