/* Whole numbers from text, and sorting. */
#include <errno.h>
#include <stdlib.h>

static int is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* value of c as a digit of `base`, or -1 */
static int digit(int c, int base) {
    int d = c >= '0' && c <= '9' ? c - '0'
          : c >= 'a' && c <= 'z' ? c - 'a' + 10
          : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
    return d < base ? d : -1;
}

/* The magnitude of the number at s, at most `most`, or `most` + 1 below zero
   if `is_signed`; beyond that ERANGE and the nearest value. */
static unsigned long long number(const char *s, char **end, int base,
                                 unsigned long long most, int is_signed) {
    const char *start = s;
    unsigned long long n = 0, limit = most;
    int negative = 0, any = 0, over = 0, d;
    while (is_space(*s)) s++;
    if (*s == '-' || *s == '+') negative = *s++ == '-';
    if (negative && is_signed) limit++;
    if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x'
        && digit(s[2], 16) >= 0) {
        s += 2;
        base = 16;
    } else if (base == 0) {
        base = *s == '0' ? 8 : 10;
    }
    for (; (d = digit(*s, base)) >= 0; s++) {
        any = 1;
        if (n > (limit - d) / base) over = 1;
        else n = n * base + d;
    }
    if (end) *end = (char *)(any ? s : start);
    if (over) {
        errno = ERANGE;
        n = limit;
        if (!is_signed) return n;
    }
    return negative ? -n : n;
}

long strtol(const char *s, char **end, int base) { return number(s, end, base, 0x7fffffff, 1); }

unsigned long strtoul(const char *s, char **end, int base) {
    return number(s, end, base, 0xffffffff, 0);
}

long long strtoll(const char *s, char **end, int base) {
    return number(s, end, base, 0x7fffffffffffffffLL, 1);
}

unsigned long long strtoull(const char *s, char **end, int base) {
    return number(s, end, base, 0xffffffffffffffffULL, 0);
}

int atoi(const char *s) { return strtol(s, NULL, 10); }

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
