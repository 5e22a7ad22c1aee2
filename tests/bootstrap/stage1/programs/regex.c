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
	/* The longest alternative, wherever it stands; groups that took no part; repeated groups say their last turn. */
	CHECK(at("a|ab|abc", REG_EXTENDED, "xabcd", 0) == 104 && at("(a)|(b)", REG_EXTENDED, "b", 1) == -101 && at("(a|b)*", REG_EXTENDED, "abab", 1) == 304);
	CHECK(at("(a*)*", REG_EXTENDED, "b", 0) == 0 && at("(a?){3}b", REG_EXTENDED, "aab", 0) == 3 && at("x*", 0, "aaa", 0) == 0);
	CHECK(at("[]a-c]+", REG_EXTENDED, "x]ab-", 0) == 104 && at("[^[:space:]]+$", REG_EXTENDED, "one two", 0) == 407 && at("a\\.b", REG_EXTENDED, "axb a.b", 0) == 407);
	CHECK(at("^b", REG_NEWLINE, "a\nb", 0) == 203 && at("a.b", REG_NEWLINE, "a\nb", 0) == -1 && at("a.b", 0, "a\nb", 0) == 3);
	CHECK(!regcomp(&r, "^a\\(b*\\)$", 0) && r.re_nsub == 1 && regexec(&r, "abb", 0, 0, REG_NOTBOL) == REG_NOMATCH && regexec(&r, "abb", 0, 0, REG_NOTEOL) == REG_NOMATCH);
	regfree(&r);
	CHECK(regcomp(&r, "(", REG_EXTENDED) == REG_EPAREN && regcomp(&r, "[a", 0) == REG_EBRACK && regcomp(&r, "a{2,1}", REG_EXTENDED) == REG_BADBR && regcomp(&r, "[[:no:]]", 0) == REG_ECTYPE);
	return 0;
}
