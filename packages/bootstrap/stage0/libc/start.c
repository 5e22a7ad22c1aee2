/* The five things that C cannot say on i386: entry, system call, setjmp,
 * longjmp.  They stand here twice: as bytes for cc, which knows no
 * mnemonics, and as mnemonics for tcc, which has an assembler.  A test
 * holds the two against each other.
 *
 * The kernel starts a program with esp at
 *     argc, argv[0], ..., argv[argc - 1], 0, environment strings, 0
 * and _start hands that address to __begin as its only argument. */

int main(int argc, char **argv, char **envp);
void exit(int status);
extern char **environ;

void __begin(int *stack) {
    int argc = *stack;
    char **argv = (char **)(stack + 1);
    environ = argv + argc + 1;
    exit(main(argc, argv, environ));
}

#ifdef __CAIRN_CC__

void _start(void) __asm__ {
    0x89, 0xe0,                 /* mov %esp, %eax */
    0x50,                       /* push %eax */
    0xe8, &__begin,             /* call __begin */
    0xf4                        /* hlt */
};

/* int __syscall(int number, int a, int b, int c): the kernel's answer,
   -errno on failure.  ebx belongs to the caller. */
int __syscall(int number, int a, int b, int c) __asm__ {
    0x53,                       /* push %ebx */
    0x8b, 0x44, 0x24, 0x08,     /* mov 8(%esp), %eax */
    0x8b, 0x5c, 0x24, 0x0c,     /* mov 12(%esp), %ebx */
    0x8b, 0x4c, 0x24, 0x10,     /* mov 16(%esp), %ecx */
    0x8b, 0x54, 0x24, 0x14,     /* mov 20(%esp), %edx */
    0xcd, 0x80,                 /* int $0x80 */
    0x5b,                       /* pop %ebx */
    0xc3                        /* ret */
};

/* env: ebx, esi, edi, ebp, esp as it is after the return, return address */
int setjmp(int *env) __asm__ {
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

/* setjmp's caller sees `value`, or 1 in place of 0 */
void longjmp(int *env, int value) __asm__ {
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

#else

__asm__(".globl _start\n_start:\n"
    "mov %esp, %eax\n push %eax\n call __begin\n hlt\n"
    ".globl __syscall\n__syscall:\n"
    "push %ebx\n mov 8(%esp), %eax\n mov 12(%esp), %ebx\n mov 16(%esp), %ecx\n"
    "mov 20(%esp), %edx\n int $0x80\n pop %ebx\n ret\n"
    ".globl setjmp\nsetjmp:\n"
    "mov 4(%esp), %eax\n mov %ebx, (%eax)\n mov %esi, 4(%eax)\n"
    "mov %edi, 8(%eax)\n mov %ebp, 12(%eax)\n lea 4(%esp), %ecx\n"
    "mov %ecx, 16(%eax)\n mov (%esp), %ecx\n mov %ecx, 20(%eax)\n"
    "xor %eax, %eax\n ret\n"
    ".globl longjmp\nlongjmp:\n"
    "mov 4(%esp), %edx\n mov 8(%esp), %eax\n test %eax, %eax\n jnz 1f\n"
    "inc %eax\n 1: mov (%edx), %ebx\n mov 4(%edx), %esi\n mov 8(%edx), %edi\n"
    "mov 12(%edx), %ebp\n mov 16(%edx), %esp\n jmp *20(%edx)\n");

#endif
