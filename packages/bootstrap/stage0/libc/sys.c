/* System calls, which give the kernel's -errno on failure, and memory. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SYS_exit = 1, SYS_read = 3, SYS_write = 4, SYS_open = 5, SYS_close = 6, SYS_unlink = 10,
    SYS_lseek = 19, SYS_brk = 45, SYS_getcwd = 183, GROW = 1 << 20
};

int __syscall(int number, int a, int b, int c);
void __flush_all(void);

int errno;                      /* tcc sets it once and does not look */

int open(const char *path, int flags, ...) {
    return __syscall(SYS_open, (int)path, flags, *(&flags + 1));
}

int read(int fd, void *buf, size_t n) { return __syscall(SYS_read, fd, (int)buf, n); }
int write(int fd, const void *buf, size_t n) { return __syscall(SYS_write, fd, (int)buf, n); }
int close(int fd) { return __syscall(SYS_close, fd, 0, 0); }
long lseek(int fd, long offset, int whence) { return __syscall(SYS_lseek, fd, offset, whence); }
int unlink(const char *path) { return __syscall(SYS_unlink, (int)path, 0, 0); }

char *getcwd(char *buf, size_t size) {
    return __syscall(SYS_getcwd, (int)buf, size, 0) < 0 ? NULL : buf;
}

void _exit(int status) {
    for (;;) __syscall(SYS_exit, status, 0, 0);
}

void exit(int status) {
    __flush_all();
    _exit(status);
}

/* Memory comes from brk a MiB at a time, addresses are multiples of eight.  A block's
 * size is in the word before it.  Nothing is given back: tcc lives for one file. */
void *malloc(size_t n) {
    static unsigned int heap, end;
    unsigned int *block, all = (n + 15) & -8;
    if (!heap) heap = end = (__syscall(SYS_brk, 0, 0, 0) + 15) & -8;
    if (n > 1u << 30) return NULL;
    if (all > end - heap) {
        end = heap + ((all + GROW - 1) & -GROW);
        if (end < heap || __syscall(SYS_brk, end, 0, 0) != end) {
            end = heap;
            return NULL;
        }
    }
    block = (unsigned int *)heap;
    heap += all;
    block[1] = n;
    return block + 2;
}

void free(void *p) {}

void *realloc(void *p, size_t n) {
    size_t old = p ? ((unsigned int *)p)[-1] : 0;
    void *q = n > old ? malloc(n) : p;
    return q ? memcpy(q, p, n < old ? n : old) : NULL;
}
