/* UTF-8 in and out, character classes, collation of the C locale, and time. */
#include "check.h"
#include <ctype.h>
#include <locale.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

int main(void)
{
	wchar_t w[20];
	char b[64];
	struct tm tm;
	time_t t = 951782400;
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	CHECK(mbstowcs(w, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 20) == 4);
	CHECK(w[1] == 0xe4 && w[2] == 0x20ac && w[3] == 0x1f600);
	CHECK(wcstombs(b, w, sizeof b) == 10 && !strcmp(b + 1, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
	CHECK(mbstowcs(w, "\xff", 20) == (size_t)-1);
	CHECK(towupper(0xe4) == 0xc4 && iswalpha(0x3b1) && !iswalpha('1'));
	CHECK(isupper('A') && !isupper('a') && toupper('z') == 'Z' && isspace('\t') && ispunct('!'));
	CHECK(strcoll("a", "b") < 0 && strcasecmp("ABC", "abc") == 0);
	CHECK(gmtime_r(&t, &tm) && tm.tm_year == 100 && tm.tm_mon == 1 && tm.tm_mday == 29 && tm.tm_wday == 2);
	CHECK(strftime(b, sizeof b, "%Y-%m-%d %H:%M:%S %j", &tm) && !strcmp(b, "2000-02-29 00:00:00 060"));
	CHECK(mktime(&tm) == 951782400);
	return 0;
}
