/* Time: calendars backwards and beyond 2038, zones given as POSIX rules, strptime, clocks that do not go back. */
#include "check.h"
#include <string.h>
#include <time.h>

static time_t at(const char *zone, int year, int month, int day, int hour)
{
	struct tm tm;
	memset(&tm, 0, sizeof tm);
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_isdst = -1;
	if (!zone)
		return timegm(&tm);
	setenv("TZ", zone, 1);
	tzset();
	return mktime(&tm);
}

int main(void)
{
	static const char zone[] = "CET-1CEST,M3.5.0,M10.5.0/3";
	struct tm tm;
	struct timespec a, b, nap = { 0, 2000000 };
	char text[100];
	time_t t;
	CHECK(at(0, 1970, 1, 1, 0) == 0 && at(0, 1969, 12, 31, 23) == -3600 && at(0, 2000, 2, 29, 0) == 951782400);
	CHECK(sizeof(time_t) == 8 && at(0, 2038, 1, 19, 4) == 2147486400LL && at(0, 2100, 3, 1, 0) == 4107542400LL && at(0, 1600, 1, 1, 0) == -11676096000LL);
	CHECK(at(0, 2023, 14, 1, 0) == at(0, 2024, 2, 1, 0) && at(0, 2024, 3, 0, 0) == at(0, 2024, 2, 29, 0));
	CHECK(at(zone, 2024, 1, 15, 12) == at(0, 2024, 1, 15, 11) && at(zone, 2024, 7, 15, 12) == at(0, 2024, 7, 15, 10));
	t = at(0, 2024, 3, 31, 1) - 1;
	CHECK(localtime_r(&t, &tm) && tm.tm_hour == 1 && tm.tm_isdst == 0);
	t++;
	CHECK(localtime_r(&t, &tm) && tm.tm_hour == 3 && tm.tm_isdst == 1);
	CHECK(strftime(text, sizeof text, "%a %d %b %Y %H:%M %Z %z week %V day %u", &tm) && !strcmp(text, "Sun 31 Mar 2024 03:00 CEST +0200 week 13 day 7"));
	CHECK(at("XYZ5:30", 2024, 1, 1, 0) == at(0, 2024, 1, 1, 5) + 1800);
	memset(&tm, 0, sizeof tm);
	CHECK(!*strptime("2031-12-07 08:09:10", "%Y-%m-%d %H:%M:%S", &tm) && tm.tm_year == 131 && tm.tm_mon == 11 && tm.tm_mday == 7 && tm.tm_sec == 10);
	CHECK(!strptime("2031-13-07", "%Y-%m-%d", &tm));
	CHECK(difftime(5, 3) == 2 && !clock_gettime(CLOCK_MONOTONIC, &a) && !nanosleep(&nap, 0) && !clock_gettime(CLOCK_MONOTONIC, &b));
	CHECK((b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec >= 2000000);
	CHECK(time(0) > 1600000000 && clock() >= 0);
	return 0;
}
