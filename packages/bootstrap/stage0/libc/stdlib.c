/* Whole numbers from text, and sorting. */
#include <stdio.h>
#include <stdlib.h>

/* value of c as a digit */
static int digit(int c) {
    return c >= '0' && c <= '9' ? c - '0'
         : c >= 'a' && c <= 'z' ? c - 'a' + 10
         : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}

/* Without blanks and signs before the number: no caller has them.  A number beyond
 * 64 bits ends the program. */
unsigned long long strtoull(const char *s, char **end, int base) {
    unsigned long long n = 0, most = ~n;
    if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x' && digit(s[2]) < 16) {
        s += 2;
        base = 16;
    }
    if (base == 0) base = *s == '0' ? 8 : 10;
    for (; digit(*s) < base; s++) {
        if (n > (most - digit(*s)) / base) {
            fputs("number too large\n", stderr);
            exit(134);
        }
        n = n * base + digit(*s);
    }
    if (end) *end = (char *)s;
    return n;
}

/* Sorting by insertion: what tcc sorts, the cases of a switch, is nearly in order. */
void qsort(void *base, size_t n, size_t size, int (*order)(const void *, const void *)) {
    char *a = base, *p, c;
    size_t i, k;
    for (i = 1; i < n; i++)
        for (p = a + i * size; p > a && order(p - size, p) > 0; p -= size)
            for (k = 0; k < size; k++) {
                c = p[k];
                p[k] = p[k - size];
                p[k - size] = c;
            }
}
