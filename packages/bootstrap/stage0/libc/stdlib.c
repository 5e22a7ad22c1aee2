/* Whole numbers from text, and sorting. */
#include <errno.h>
#include <stdlib.h>

static int is_space(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

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
    while (is_space(*s))
        s++;
    if (*s == '-' || *s == '+')
        negative = *s++ == '-';
    if (negative && is_signed)
        limit++;
    if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x'
        && digit(s[2], 16) >= 0) {
        s += 2;
        base = 16;
    } else if (base == 0) {
        base = *s == '0' ? 8 : 10;
    }
    for (; (d = digit(*s, base)) >= 0; s++) {
        any = 1;
        if (n > (limit - d) / base)
            over = 1;
        else
            n = n * base + d;
    }
    if (end)
        *end = (char *)(any ? s : start);
    if (over) {
        errno = ERANGE;
        n = limit;
        if (!is_signed)
            return n;
    }
    return negative ? -n : n;
}

long strtol(const char *s, char **end, int base) {
    return number(s, end, base, 0x7fffffff, 1);
}

unsigned long strtoul(const char *s, char **end, int base) {
    return number(s, end, base, 0xffffffff, 0);
}

long long strtoll(const char *s, char **end, int base) {
    return number(s, end, base, 0x7fffffffffffffffLL, 1);
}

unsigned long long strtoull(const char *s, char **end, int base) {
    return number(s, end, base, 0xffffffffffffffffULL, 0);
}

int atoi(const char *s) {
    return strtol(s, NULL, 10);
}

static void swap(char *a, char *b, size_t size) {
    char c;
    while (size--) {
        c = *a;
        *a++ = *b;
        *b++ = c;
    }
}

/* Heap sort: no memory, no bad case.  Equal elements end in an order that
   depends on nothing but the input. */
void qsort(void *base, size_t n, size_t size, int (*order)(const void *, const void *)) {
    char *a = base;
    size_t start = n / 2, last = n, i, child;
    while (last > 1) {
        if (start) {
            start--;
        } else {
            last--;
            swap(a, a + last * size, size);
        }
        for (i = start; (child = 2 * i + 1) < last; i = child) {
            if (child + 1 < last
                && order(a + child * size, a + (child + 1) * size) < 0)
                child++;
            if (order(a + i * size, a + child * size) >= 0)
                break;
            swap(a + i * size, a + child * size, size);
        }
    }
}
