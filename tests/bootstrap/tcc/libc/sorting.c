/* qsort of random arrays whose elements are 1 to 16 bytes, and strings and
 * memory functions against loops that cannot be wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int seed = 12345;
static int width;

static unsigned int next(void) {
    seed = seed * 1103515245 + 12345;
    return seed >> 8;
}

static int order(const void *a, const void *b) {
    return memcmp(a, b, width);
}

static void sort(int n) {
    static unsigned char a[4096 * 16];
    int i;

    for (i = 0; i < n * width; i++)
        a[i] = next() % (n % 3 ? 256 : 3);
    qsort(a, n, width, order);
    for (i = 0; i < n * width; i++)
        printf("%02x", a[i]);
    printf("\n");
}

static void memory(void) {
    char a[200], b[200], c[200];
    int i, from, to, n, round;

    for (round = 0; round < 3000; round++) {
        for (i = 0; i < 200; i++)
            a[i] = b[i] = next();
        from = next() % 100, to = next() % 100, n = next() % 100;
        memmove(a + to, a + from, n);
        for (i = 0; i < n; i++)
            c[i] = b[from + i];
        for (i = 0; i < n; i++)
            b[to + i] = c[i];
        if (memcmp(a, b, 200))
            printf("memmove %d %d %d\n", from, to, n);
        memset(a + from, to - 300, n);
        for (i = 0; i < n; i++)
            b[from + i] = to - 300;
        if (memcmp(a, b, 200))
            printf("memset %d %d %d\n", from, to, n);
        memcpy(a, b + 100, n);
        for (i = 0; i < n; i++)
            b[i] = b[100 + i];
        if (memcmp(a, b, 200))
            printf("memcpy %d\n", n);
    }
}

static int sign(int x) {
    return x < 0 ? -1 : x > 0;
}

static void strings(void) {
    char a[12], b[4], *p;
    int i, round, n;

    for (round = 0; round < 5000; round++) {
        for (i = 0; i < 11; i++)
            a[i] = "ab\377c"[next() % 4];
        a[next() % 11] = a[11] = 0;
        for (i = 0; i < 3; i++)
            b[i] = "ab\377"[next() % 3];
        b[next() % 4] = b[3] = 0;
        n = next() % 5;
        p = strstr(a, b);
        printf("%d %d ", (int)strlen(a), p ? (int)(p - a) : -1);
        p = strchr(a, b[0]);
        printf("%d ", p ? (int)(p - a) : -1);
        p = strrchr(a, b[0]);
        printf("%d ", p ? (int)(p - a) : -1);
        printf("%d %d %d\n", sign(strcmp(a, b)), sign(strncmp(a, b, n)), sign(memcmp(a, b, n < 4 ? n : 4)));
    }
}

int main(void) {
    int n;

    for (width = 1; width <= 16; width++)
        for (n = 0; n < 40; n++)
            sort(n);
    width = 4;
    sort(4096);
    memory();
    strings();
    return 0;
}
