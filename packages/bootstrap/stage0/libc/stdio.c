/* Buffered files.
 *
 * A file holds either bytes read ahead (buf[pos .. end] are still to be
 * given) or bytes not yet written (buf[0 .. pos], `writing` set), never both.
 * Changing over goes through fseek or fflush, as the standard demands.
 * stderr is flushed at the end of each call that writes to it, every open
 * file at exit; a failed write at exit cannot be reported by anything but the
 * status, so it is status 1. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CANNOT_READ = 1, CANNOT_WRITE = 2 };

struct _file {
    int fd, allowed, writing, error;
    size_t pos, end;
    struct _file *next;         /* list of open files */
    char buf[BUFSIZ];
};

static FILE out = { 1, CANNOT_READ };
static FILE err = { 2, CANNOT_READ, 0, 0, 0, 0, &out };
static FILE *files = &err;
FILE *stdout = &out, *stderr = &err;

/* Open flags of a mode such as "rb" or "w+", -1 if it is none. */
static int flags_of(const char *mode) {
    int update = strchr(mode, '+') != NULL;
    if (*mode == 'r')
        return update ? O_RDWR : O_RDONLY;
    if (*mode == 'w')
        return (update ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC;
    if (*mode == 'a')
        return (update ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND;
    errno = EINVAL;
    return -1;
}

FILE *fdopen(int fd, const char *mode) {
    int flags = flags_of(mode);
    FILE *f = flags < 0 ? NULL : malloc(sizeof(FILE));
    if (!f)
        return NULL;
    f->fd = fd;
    f->allowed = flags & O_RDWR ? 0 : flags & O_WRONLY ? CANNOT_READ : CANNOT_WRITE;
    f->writing = f->error = 0;
    f->pos = f->end = 0;
    f->next = files;
    files = f;
    return f;
}

FILE *fopen(const char *path, const char *mode) {
    int flags = flags_of(mode), fd;
    FILE *f;
    if (flags < 0 || (fd = open(path, flags, 0666)) < 0)
        return NULL;
    f = fdopen(fd, mode);
    if (!f)
        close(fd);
    return f;
}

/* Writes n bytes or sets the error. */
static void put(FILE *f, const char *p, size_t n) {
    int done;
    for (; n; p += done, n -= done) {
        done = write(f->fd, p, n);
        if (done <= 0) {
            f->error = 1;
            return;
        }
    }
}

/* After it the file is neither reading nor writing. */
int fflush(FILE *f) {
    if (!f) {
        for (f = files; f; f = f->next)
            if (f->writing && fflush(f))
                return EOF;
        return 0;
    }
    if (f->writing)
        put(f, f->buf, f->pos);
    else if (f->pos < f->end)
        lseek(f->fd, (long)f->pos - (long)f->end, SEEK_CUR);
    f->writing = 0;
    f->pos = f->end = 0;
    return f->error ? EOF : 0;
}

void __flush_all(void) {
    if (fflush(NULL))
        _exit(1);
}

int fclose(FILE *f) {
    FILE **p = &files;
    int failed = fflush(f);
    while (*p != f)
        p = &(*p)->next;
    *p = f->next;
    if (close(f->fd) < 0)
        failed = EOF;
    if (f != &out && f != &err)
        free(f);
    return failed;
}

size_t fwrite(const void *from, size_t size, size_t n, FILE *f) {
    const char *p = from;
    size_t left = size * n, part;
    if (!f->writing) {
        if (f->allowed & CANNOT_WRITE) {
            errno = EBADF;
            f->error = 1;
            return 0;
        }
        fflush(f);
        f->writing = 1;
    }
    while (left) {
        if (f->pos == BUFSIZ) {
            put(f, f->buf, BUFSIZ);
            f->pos = 0;
        }
        part = BUFSIZ - f->pos < left ? BUFSIZ - f->pos : left;
        memcpy(f->buf + f->pos, p, part);
        f->pos += part;
        p += part;
        left -= part;
    }
    if (f == &err)
        fflush(f);
    return f->error ? 0 : n;
}

size_t fread(void *to, size_t size, size_t n, FILE *f) {
    char *p = to;
    size_t left = size * n, part;
    int got;
    if (f->allowed & CANNOT_READ) {
        errno = EBADF;
        f->error = 1;
        return 0;
    }
    if (f->writing)
        fflush(f);
    while (left) {
        if (f->pos == f->end) {
            got = read(f->fd, f->buf, BUFSIZ);
            f->pos = f->end = 0;
            if (got <= 0) {
                f->error = got < 0;
                break;
            }
            f->end = got;
        }
        part = f->end - f->pos < left ? f->end - f->pos : left;
        memcpy(p, f->buf + f->pos, part);
        f->pos += part;
        p += part;
        left -= part;
    }
    return size ? (p - (char *)to) / size : 0;
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
    if (fflush(f) < 0)
        return -1;
    return lseek(f->fd, offset, whence) < 0 ? -1 : 0;
}

long ftell(FILE *f) {
    long at = lseek(f->fd, 0, SEEK_CUR);
    if (at < 0)
        return -1;
    return f->writing ? at + (long)f->pos : at - (long)(f->end - f->pos);
}

int remove(const char *path) {
    return unlink(path);
}
