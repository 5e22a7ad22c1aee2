/* Strings and memory, as the C standard says; none looks past its end. */
#include <string.h>

void *memcpy(void *to, const void *from, size_t n) {
    char *t = to;
    const char *f = from;
    while (n--) *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n) {
    char *t = to;
    const char *f = from;
    if ((size_t)t - (size_t)f >= n) return memcpy(to, from, n);
    while (n--) t[n] = f[n];
    return to;
}

void *memset(void *to, int c, size_t n) {
    char *t = to;
    while (n--) *t++ = c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n) {
    const unsigned char *p = a, *q = b;
    for (; n; n--, p++, q++)
        if (*p != *q) return *p - *q;
    return 0;
}

size_t strlen(const char *s) {
    const char *p = s;
    while (*p) p++;
    return p - s;
}

char *strcpy(char *to, const char *from) { return memcpy(to, from, strlen(from) + 1); }

int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *(unsigned char *)a - *(unsigned char *)b;
}

int strncmp(const char *a, const char *b, size_t n) {
    for (; n; n--, a++, b++)
        if (!*a || *a != *b) return *(unsigned char *)a - *(unsigned char *)b;
    return 0;
}

char *strchr(const char *s, int c) {
    while (*s && *s != (char)c) s++;
    return *s == (char)c ? (char *)s : NULL;
}

char *strrchr(const char *s, int c) {
    const char *p = s + strlen(s);
    while (p > s && *p != (char)c) p--;
    return *p == (char)c ? (char *)p : NULL;
}

char *strstr(const char *s, const char *part) {
    size_t n = strlen(part);
    while (*s && strncmp(s, part, n)) s++;
    return strncmp(s, part, n) ? NULL : (char *)s;
}
