/* System calls, and the few calls of the host that tcc makes beside them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    SYS_exit = 1, SYS_read = 3, SYS_write = 4, SYS_open = 5, SYS_close = 6,
    SYS_unlink = 10, SYS_execve = 11, SYS_lseek = 19, SYS_mprotect = 125,
    SYS_getcwd = 183
};

int __syscall(int number, int a, int b, int c);
void __flush_all(void);

int errno;
char **environ;

/* The kernel's -errno becomes -1 and errno. */
static int checked(int result) {
    if (result < 0 && result > -4096) {
        errno = -result;
        return -1;
    }
    return result;
}

int open(const char *path, int flags, ...) {
    int *args = (int *)&flags;
    return checked(__syscall(SYS_open, (int)path, flags,
                             flags & O_CREAT ? args[1] : 0));
}

int read(int fd, void *buf, size_t n) { return checked(__syscall(SYS_read, fd, (int)buf, n)); }

int write(int fd, const void *buf, size_t n) {
    return checked(__syscall(SYS_write, fd, (int)buf, n));
}

int close(int fd) { return checked(__syscall(SYS_close, fd, 0, 0)); }

long lseek(int fd, long offset, int whence) {
    return checked(__syscall(SYS_lseek, fd, offset, whence));
}

int unlink(const char *path) { return checked(__syscall(SYS_unlink, (int)path, 0, 0)); }

int mprotect(void *addr, unsigned int length, int prot) {
    return checked(__syscall(SYS_mprotect, (int)addr, length, prot));
}

char *getcwd(char *buf, size_t size) {
    return checked(__syscall(SYS_getcwd, (int)buf, size, 0)) < 0 ? NULL : buf;
}

/* Only called by `tcc -m64`, which hands over to another compiler: a name
   without a slash is not searched for. */
int execvp(const char *file, char *const argv[]) {
    return checked(__syscall(SYS_execve, (int)file, (int)argv, (int)environ));
}

void _exit(int status) {
    for (;;) __syscall(SYS_exit, status, 0, 0);
}

void exit(int status) {
    __flush_all();
    _exit(status);
}

char *getenv(const char *name) {
    size_t n = strlen(name);
    char **e;
    for (e = environ; *e; e++)
        if (strncmp(*e, name, n) == 0 && (*e)[n] == '=') return *e + n + 1;
    return NULL;
}

/* 1970-01-01 00:00:00, always: __DATE__ and __TIME__ are constants. */
time_t time(time_t *t) {
    if (t) *t = 0;
    return 0;
}

struct tm *localtime(const time_t *t) {
    static struct tm epoch;
    epoch.tm_mday = 1;
    epoch.tm_year = 70;
    epoch.tm_wday = 4;
    return &epoch;
}

int gettimeofday(struct timeval *tv, void *zone) {
    tv->tv_sec = tv->tv_usec = 0;
    return 0;
}
