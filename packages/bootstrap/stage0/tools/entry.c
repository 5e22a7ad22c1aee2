/* entry.c: what scc has built in, for the tools when tcc compiles them: the way
 * into main, and sys(number, a, b, c), a system call.  tcc reads it first, then
 * lib.c (by -include), as scc reads its inputs one behind the other. */

__asm__(
    ".globl _start\n"
    "_start: mov (%esp), %eax\n"        /* argc */
    "lea 4(%esp), %ecx\n"               /* argv */
    "push %ecx\n push %eax\n call main\n"
    "mov %eax, %ebx\n mov $1, %eax\n int $0x80\n"
    ".globl sys\n"
    "sys: push %ebx\n"
    "mov 8(%esp), %eax\n mov 12(%esp), %ebx\n mov 16(%esp), %ecx\n mov 20(%esp), %edx\n"
    "int $0x80\n pop %ebx\n ret\n");
