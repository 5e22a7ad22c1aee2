/* Files: random writes, reads and seeks on one file beside a plain array, the
 * modes, and what happens to a file that does not exist or is full. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 100000 };

static unsigned int seed = 7;
static char model[MOST + 50000], part[50000];

static unsigned int next(void) {
    seed = seed * 1103515245 + 12345;
    return seed >> 8;
}

static void check(int is_right, const char *what) {
    if (!is_right) {
        printf("%s\n", what);
        exit(1);
    }
}

static void walk(const char *path) {
    FILE *f = fopen(path, "wb+");
    int size = 0, at = 0, round, n, i, got;

    for (round = 0; round < 3000; round++) {
        n = next() % (next() % 10 ? 100 : 50000);
        if (next() % 2) {
            at = next() % (size + 1);
            check(fseek(f, at, SEEK_SET) == 0, "fseek");
        } else {
            check(fseek(f, next() % 2 ? 0 : at - (int)ftell(f), SEEK_CUR) == 0, "fseek SEEK_CUR");
        }
        check(ftell(f) == at, "ftell");
        if (next() % 2 && at < MOST) {
            for (i = 0; i < n; i++)
                part[i] = model[at + i] = next();
            check(n == 0 || fwrite(part, n, 1, f) == 1, "fwrite");
            at += n;
            if (at > size)
                size = at;
        } else {
            got = fread(part, 1, n, f);
            check(got == (at + n < size ? n : size - at), "fread's count");
            check(memcmp(part, model + at, got) == 0, "fread's bytes");
            at += got;
        }
        check(ftell(f) == at, "ftell after");
    }
    check(fseek(f, 0, SEEK_END) == 0 && ftell(f) == size, "SEEK_END");
    check(fclose(f) == 0, "fclose");
}

int main(int argc, char **argv) {
    FILE *f;
    int fd;

    walk(argv[1]);
    f = fopen(argv[1], "w");
    fprintf(f, "%s %d\n", "one", 1);
    check(fputc('x', f) == 'x' && fputs("yz", f) >= 0, "fputc, fputs");
    check(fclose(f) == 0, "fclose");
    f = fdopen(open(argv[1], O_RDONLY), "r");
    part[fread(part, 1, 100, f)] = 0;
    printf("%s\n", part);
    fclose(f);
    check(remove(argv[1]) == 0, "remove");
    check(!fopen(argv[1], "r"), "a missing file");
    fd = open(argv[1], O_RDWR | O_CREAT, 0600);
    check(fd >= 0 && write(fd, "abc", 3) == 3 && lseek(fd, 1, SEEK_SET) == 1, "open");
    check(read(fd, part, 9) == 2 && close(fd) == 0 && close(fd) < 0, "read, close twice");
    unlink(argv[1]);
    check(getcwd(part, sizeof part) == part && part[0] == '/', "getcwd");
    check(!getcwd(part, 1), "getcwd without room");
    fprintf(stderr, "to stderr\n");
    printf("last words");
    exit(3);
}
