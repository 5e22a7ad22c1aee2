#include <stddef.h>
typedef int ssize_t;
extern char **environ;
int read(int fd, void *buf, size_t n);
int write(int fd, const void *buf, size_t n);
int close(int fd);
long lseek(int fd, long offset, int whence);
int unlink(const char *path);
char *getcwd(char *buf, size_t size);
void _exit(int status);
#define execvp(file, argv)      /* only -m64 would: tcc then says that it cannot */
