/* Files, buffered for writing; reading takes as much as it wants in one call.
 *
 * The offset of the kernel plus what the buffer holds is the file's position.
 * stderr is flushed at the end of each call that writes to it, every open
 * file at exit; a failed write at exit cannot be reported by anything but the
 * status, so it is status 1. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct _file {
    int fd, error;
    size_t n;                   /* bytes waiting in buf */
    struct _file *next;         /* list of open files */
    char buf[BUFSIZ];
};

static FILE out = { 1 };
static FILE err = { 2, 0, 0, &out };
static FILE *files = &err;
FILE *stdout = &out, *stderr = &err;

/* The descriptor knows what may be done with it, so the mode does not matter. */
FILE *fdopen(int fd, const char *mode) {
    FILE *f = malloc(sizeof(FILE));
    if (!f) return NULL;
    f->fd = fd;
    f->error = f->n = 0;
    f->next = files;
    files = f;
    return f;
}

/* To read, or to write and read: "r" and "w" with any additions. */
FILE *fopen(const char *path, const char *mode) {
    int fd = open(path, *mode == 'r' ? O_RDONLY : O_RDWR | O_CREAT | O_TRUNC, 0666);
    return fd < 0 ? NULL : fdopen(fd, mode);
}

int fflush(FILE *f) {
    size_t done = 0;
    int part;
    for (; done < f->n; done += part) {
        part = write(f->fd, f->buf + done, f->n - done);
        if (part <= 0) {
            f->error = 1;
            break;
        }
    }
    f->n = 0;
    return f->error ? EOF : 0;
}

void __flush_all(void) {
    FILE *f;
    int failed = 0;
    for (f = files; f; f = f->next) failed |= fflush(f) < 0;
    if (failed) _exit(1);
}

int fclose(FILE *f) {
    FILE **p = &files;
    int failed = fflush(f);
    while (*p != f) p = &(*p)->next;
    *p = f->next;
    if (close(f->fd) < 0) failed = EOF;
    return failed;
}

size_t fwrite(const void *from, size_t size, size_t n, FILE *f) {
    const char *p = from;
    size_t left = size * n, part;
    for (; left; p += part, left -= part) {
        if (f->n == BUFSIZ) fflush(f);
        part = BUFSIZ - f->n < left ? BUFSIZ - f->n : left;
        memcpy(f->buf + f->n, p, part);
        f->n += part;
    }
    if (f == &err) fflush(f);
    return f->error ? 0 : n;
}

size_t fread(void *to, size_t size, size_t n, FILE *f) {
    size_t got = 0;
    int part;
    fflush(f);
    for (; got < size * n; got += part) {
        part = read(f->fd, (char *)to + got, size * n - got);
        if (part <= 0) break;
    }
    return size ? got / size : 0;
}

int fputc(int c, FILE *f) {
    char b = c;
    return fwrite(&b, 1, 1, f) ? c & 255 : EOF;
}

int fputs(const char *s, FILE *f) {
    size_t n = strlen(s);
    return fwrite(s, 1, n, f) == n ? 0 : EOF;
}

int fseek(FILE *f, long offset, int whence) {
    return fflush(f) < 0 || lseek(f->fd, offset, whence) < 0 ? -1 : 0;
}

long ftell(FILE *f) {
    long at = lseek(f->fd, 0, SEEK_CUR);
    return at < 0 ? -1 : at + (long)f->n;
}

int remove(const char *path) { return unlink(path); }
