/* POSIX regular expressions: groups, back references, classes, case, and errors. */
#include "check.h"
#include <regex.h>

static int at(const char *pattern, int flags, const char *text, int group)
{
	regex_t r;
	regmatch_t m[5];
	int result;
	CHECK(!regcomp(&r, pattern, flags));
	result = regexec(&r, text, 5, m, 0) ? -1 : (int)m[group].rm_so * 100 + (int)m[group].rm_eo;
	regfree(&r);
	return result;
}

int main(void)
{
	regex_t r;
	CHECK(at("b+", REG_EXTENDED, "aabbb", 0) == 205);
	CHECK(at("(a|ab)(c|bcd)(d*)", REG_EXTENDED, "abcd", 0) == 4);
	CHECK(at("\\(ab*\\)\\1", 0, "xabbabb", 1) == 104);
	CHECK(at("^[[:alpha:]_][[:alnum:]_]*$", REG_EXTENDED, "_name9", 0) == 6);
	CHECK(at("HELLO", REG_ICASE, "say hello", 0) == 409);
	CHECK(at("a{2,3}", REG_EXTENDED, "caaaa", 0) == 104);
	CHECK(at("x", 0, "abc", 0) == -1);
	CHECK(regcomp(&r, "(", REG_EXTENDED) == REG_EPAREN);
	return 0;
}
