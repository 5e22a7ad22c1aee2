#include "mini.h"

int main(int argc, char **argv);

int mini_call(int number, int a, int b, int c) {
    int result;
    __asm__("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

/* The stack as the kernel leaves it: argc, then argv. */
void mini_start(int *stack) {
    mini_exit(main(*stack, (char **)(stack + 1)));
}

__asm__(".globl _start\n_start: mov %esp, %eax\n push %eax\n call mini_start\n");
