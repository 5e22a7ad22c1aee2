/* The way into main, and the three things that C cannot say on i386: a system
 * call, setjmp and longjmp.  Those stand here as bytes, which cc takes as a
 * function's body and tcc as constants in the section of the code.  A test
 * assembles the comments and compares. */

int main(int argc, char **argv, char **envp);
void exit(int status);
extern char **environ;

/* The kernel starts a program with esp at
 *     argc, argv[0], ..., argv[argc - 1], 0, environment strings, 0
 * where a function has its return address: so argv[0] looks like the first argument. */
void _start(char *argv0) {
    char **argv = &argv0;
    int argc = ((int *)argv)[-1];
    environ = argv + argc + 1;
    exit(main(argc, argv, environ));
}

#ifdef __CAIRN_CC__
#define CODE(name) int name() __asm__
#else
#define CODE(name) const char name[] __attribute__((section(".text"))) =
#endif

/* int __syscall(int number, int a, int b, int c): the kernel's answer,
   -errno on failure.  ebx belongs to the caller. */
CODE(__syscall) {
    0x53,                       /* push %ebx */
    0x8b, 0x44, 0x24, 0x08,     /* mov 8(%esp), %eax */
    0x8b, 0x5c, 0x24, 0x0c,     /* mov 12(%esp), %ebx */
    0x8b, 0x4c, 0x24, 0x10,     /* mov 16(%esp), %ecx */
    0x8b, 0x54, 0x24, 0x14,     /* mov 20(%esp), %edx */
    0xcd, 0x80,                 /* int $0x80 */
    0x5b,                       /* pop %ebx */
    0xc3                        /* ret */
};

/* int setjmp(int *env): ebx, esi, edi, ebp, esp as it is after the return,
   return address */
CODE(setjmp) {
    0x8b, 0x44, 0x24, 0x04,     /* mov 4(%esp), %eax */
    0x89, 0x18,                 /* mov %ebx, (%eax) */
    0x89, 0x70, 0x04,           /* mov %esi, 4(%eax) */
    0x89, 0x78, 0x08,           /* mov %edi, 8(%eax) */
    0x89, 0x68, 0x0c,           /* mov %ebp, 12(%eax) */
    0x8d, 0x4c, 0x24, 0x04,     /* lea 4(%esp), %ecx */
    0x89, 0x48, 0x10,           /* mov %ecx, 16(%eax) */
    0x8b, 0x0c, 0x24,           /* mov (%esp), %ecx */
    0x89, 0x48, 0x14,           /* mov %ecx, 20(%eax) */
    0x31, 0xc0,                 /* xor %eax, %eax */
    0xc3                        /* ret */
};

/* void longjmp(int *env, int value): setjmp's caller sees `value`, or 1 in
   place of 0 */
CODE(longjmp) {
    0x8b, 0x54, 0x24, 0x04,     /* mov 4(%esp), %edx */
    0x8b, 0x44, 0x24, 0x08,     /* mov 8(%esp), %eax */
    0x85, 0xc0,                 /* test %eax, %eax */
    0x75, 0x01,                 /* jnz 1f */
    0x40,                       /* inc %eax */
    0x8b, 0x1a,                 /* 1: mov (%edx), %ebx */
    0x8b, 0x72, 0x04,           /* mov 4(%edx), %esi */
    0x8b, 0x7a, 0x08,           /* mov 8(%edx), %edi */
    0x8b, 0x6a, 0x0c,           /* mov 12(%edx), %ebp */
    0x8b, 0x62, 0x10,           /* mov 16(%edx), %esp */
    0xff, 0x62, 0x14            /* jmp *20(%edx) */
};
