/* ldexp is exact. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    int i;
    double d;

    for (i = -2300; i < 2300; i += 7) {
        d = ldexp(strtod("1.2345678901234567", NULL), i % 1100);
        printf("%d %08x%08x\n", i, ((unsigned *)&d)[1], ((unsigned *)&d)[0]);
        d = ldexp(-3 / 4.0, i);
        printf("%08x%08x\n", ((unsigned *)&d)[1], ((unsigned *)&d)[0]);
    }
    return 0;
}
