/* Reads a file of lines "KIND TEXT"; prints the bits (and where strtoull stops) that
 * the library makes of each TEXT: f d l are strtof strtod strtold, U is strtoull
 * with the base in front, as in "U16 0xff". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bits(void *p, int n) {
    unsigned char *b = p;

    while (n--)
        printf("%02x", b[n]);
}

static void one(char *line) {
    char kind = *line++, *end;
    int base = 0;
    float f;
    double d;
    long double l;
    unsigned long long v;

    while (*line != ' ')
        base = base * 10 + *line++ - '0';
    line++;
    if (kind == 'f') {
        f = strtof(line, NULL);
        bits(&f, 4);
    } else if (kind == 'd') {
        d = strtod(line, NULL);
        bits(&d, 8);
    } else if (kind == 'l') {
        l = strtold(line, NULL);
        bits(&l, 10);
    } else {
        v = strtoull(line, &end, base);
        printf("%llx %d", v, (int)(end - line));
    }
    printf("\n");
}

int main(int argc, char **argv) {
    static char text[8 << 20];
    FILE *f = fopen(argv[1], "rb");
    char *p = text, *q;
    int n = fread(text, 1, sizeof text - 1, f);

    text[n] = 0;
    for (; *p; p = q + 1) {
        q = strchr(p, '\n');
        *q = 0;
        one(p);
    }
    return 0;
}
