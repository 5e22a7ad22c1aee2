/* The only program in the images of these tests: it needs no shell, no library and
   nothing of the host.  tool VERB ARGUMENT... [, VERB ARGUMENT...]...  stops at the
   first verb that fails, with status 1 and a line that names it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int number(const char *text) { return (int)strtol(text, NULL, 0); }

static int write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    size_t length = strlen(text);
    if (file < 0 || write(file, text, length) != (ssize_t)length) return -1;
    return close(file);
}

/* COUNT times 64 KiB. */
static int fill(const char *path, int count) {
    static char block[65536];
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) return -1;
    while (count-- > 0)
        if (write(file, block, sizeof block) != (ssize_t)sizeof block) return -1;
    return close(file);
}

static int copy(const char *from, const char *to) {
    static char buffer[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ssize_t got;
    if (in < 0 || out < 0) return -1;
    while ((got = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, got) != got) return -1;
    close(in);
    return got < 0 ? -1 : close(out);
}

static int holds(const char *path, const char *text) {
    char buffer[4096];
    int file = open(path, O_RDONLY);
    ssize_t got = file < 0 ? -1 : read(file, buffer, sizeof buffer - 1);
    if (got < 0) return -1;
    buffer[got] = 0;
    close(file);
    if (strcmp(buffer, text) == 0) return 0;
    printf("%s holds \"%s\"\n", path, buffer);
    errno = EINVAL;
    return -1;
}

static int print_time(const char *path) {
    char text[64];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(text, sizeof text, "%ld.%09ld", (long)now.tv_sec, now.tv_nsec);
    return write_file(path, text);
}

/* Runs one verb; COUNT is the number of its arguments. */
static int verb(const char *name, char **a, int count) {
    struct stat st;
    if (!strcmp(name, "write") && count == 2) return write_file(a[0], a[1]);
    if (!strcmp(name, "fill") && count == 2) return fill(a[0], number(a[1]));
    if (!strcmp(name, "copy") && count == 2) return copy(a[0], a[1]);
    if (!strcmp(name, "holds") && count == 2) return holds(a[0], a[1]);
    if (!strcmp(name, "time") && count == 1) return print_time(a[0]);
    if (!strcmp(name, "link") && count == 2) return link(a[0], a[1]);
    if (!strcmp(name, "symlink") && count == 2) return symlink(a[0], a[1]);
    if (!strcmp(name, "rename") && count == 2) return rename(a[0], a[1]);
    if (!strcmp(name, "mkdir") && count == 1) return mkdir(a[0], 0755);
    if (!strcmp(name, "rmdir") && count == 1) return rmdir(a[0]);
    if (!strcmp(name, "unlink") && count == 1) return unlink(a[0]);
    if (!strcmp(name, "fifo") && count == 1) return mkfifo(a[0], 0644);
    if (!strcmp(name, "chmod") && count == 2) return chmod(a[1], number(a[0]));
    if (!strcmp(name, "chown") && count == 3) return lchown(a[2], number(a[0]), number(a[1]));
    if (!strcmp(name, "exists") && count == 1) return lstat(a[0], &st);
    if (!strcmp(name, "absent") && count == 1) return lstat(a[0], &st) == 0 ? -1 : 0;
    if (!strcmp(name, "say") && count == 1) return puts(a[0]) < 0 ? -1 : 0;
    if (!strcmp(name, "sleep") && count == 1) return usleep(1000 * number(a[0]));
    if (!strcmp(name, "exit") && count == 1) exit(number(a[0]));
    if (!strcmp(name, "env") && count == 2)
        return getenv(a[0]) && !strcmp(getenv(a[0]), a[1]) ? 0 : -1;
    printf("no such verb: %s with %d arguments\n", name, count);
    return -1;
}

int main(int argc, char **argv) {
    int at = 1;
    setvbuf(stdout, NULL, _IONBF, 0);
    while (at < argc) {
        int end = at;
        while (end < argc && strcmp(argv[end], ",")) end++;
        errno = 0;
        if (verb(argv[at], argv + at + 1, end - at - 1) != 0) {
            printf("failed: %s %s: %s\n", argv[at], at + 1 < end ? argv[at + 1] : "", strerror(errno));
            return 1;
        }
        at = end + 1;
    }
    return 0;
}
