/* CHECK(what): ends the program with the failed condition's line. C89 and C++98. */
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <stdlib.h>
#define CHECK(what) \
	do { \
		if (!(what)) { \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #what); \
			exit(1); \
		} \
	} while (0)
#endif
