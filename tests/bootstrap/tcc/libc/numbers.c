/* Reads a file of lines "KIND TEXT"; prints the bits, the stop and errno that
 * the library makes of each TEXT: f d l are strtof strtod strtold, i u I U are
 * strtol strtoul strtoll strtoull with the base in front, as in "i16 0xff". */
#include <errno.h>
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
    errno = 0;
    if (kind == 'f') {
        f = strtof(line, &end);
        bits(&f, 4);
    } else if (kind == 'd') {
        d = strtod(line, &end);
        bits(&d, 8);
    } else if (kind == 'l') {
        l = strtold(line, &end);
        bits(&l, 10);
    } else {
        if (kind == 'i')
            v = strtol(line, &end, base);
        else if (kind == 'u')
            v = strtoul(line, &end, base);
        else if (kind == 'I')
            v = strtoll(line, &end, base);
        else
            v = strtoull(line, &end, base);
        printf("%llx", v);
    }
    if (kind == 'f' || kind == 'd' || kind == 'l')
        printf(" %d\n", (int)(end - line));
    else
        printf(" %d %s\n", (int)(end - line), errno == ERANGE ? "range" : errno ? "other" : "fine");
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
