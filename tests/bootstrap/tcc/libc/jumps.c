/* longjmp out of nested calls keeps the values of the caller's variables and
 * turns 0 into 1; ldexp is exact. */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf env;

static void deep(int n, int value) {
    volatile int here[10];

    here[n % 10] = n;
    if (n == 0)
        longjmp(env, value);
    deep(n - 1, value);
}

int main(void) {
    int i, n;
    double d;

    for (i = -3; i < 4; i++) {
        volatile int kept = i * 7;
        n = setjmp(env);
        if (n == 0)
            deep(20, i);
        printf("%d %d\n", n, kept);
    }
    for (i = -2300; i < 2300; i += 7) {
        d = ldexp(strtod("1.2345678901234567", NULL), i % 1100);
        printf("%d %08x%08x\n", i, ((unsigned *)&d)[1], ((unsigned *)&d)[0]);
        d = ldexp(-3 / 4.0, i);
        printf("%08x%08x\n", ((unsigned *)&d)[1], ((unsigned *)&d)[0]);
    }
    return 0;
}
