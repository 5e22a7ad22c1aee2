/* The way into main, and what C cannot say on i386, a system call. */
#include <config.h>             /* for cc, which knows no attributes */

int main(int argc, char **argv);
void exit(int status);

char **environ;

/* The kernel starts a program with esp at argc, argv[0], ..., 0, environment, 0 where a
 * function has its return address: so argv[0] looks like the first argument. */
void _start(char *argv0) {
    int argc = ((int *)&argv0)[-1];
    environ = &argv0 + argc + 1;
    exit(main(argc, &argv0));
}

/* int __syscall(int number, int a, int b, int c): the kernel's answer, -errno on
 * failure; ebx stays.  It stands here as bytes, constants in the section of the code (or
 * of data, which cc lets a program execute).  A test assembles the comments and compares. */
const char __syscall[] __attribute__((section(".text"))) = {
    0x53,                       /* push %ebx */
    0x8b, 0x44, 0x24, 0x08,     /* mov 8(%esp), %eax */
    0x8b, 0x5c, 0x24, 0x0c,     /* mov 12(%esp), %ebx */
    0x8b, 0x4c, 0x24, 0x10,     /* mov 16(%esp), %ecx */
    0x8b, 0x54, 0x24, 0x14,     /* mov 20(%esp), %edx */
    0xcd, 0x80,                 /* int $0x80 */
    0x5b,                       /* pop %ebx */
    0xc3                        /* ret */
};
