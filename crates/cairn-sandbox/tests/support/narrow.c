/* 32-bit programs without a library: what the first bootstrap stages are.
 *
 *   narrow          makes a file, gives it away, writes to it and to the log
 *   narrow clock    ends with the years since 1970 that the vDSO and the kernel agree on
 */
static int call(int nr, int a, const void *b, int c) {
    int r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
    return r;
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

typedef int function(int, void *);

/* A function of the vDSO by its name; `stack` is what the program starts with: the number
 * of arguments, these, 0, the environment, 0, the auxiliary vector. */
static function *vdso(int *stack, const char *name) {
    int *word = stack + 1 + *stack + 1;
    while (*word++)
        ;
    while (*word != 33)
        word += 2;
    char *base = (char *)word[1];
    int *header = (int *)(base + *(int *)(base + 28));
    while (*header != 2)
        header += 8;
    int *symbol = 0;
    char *strings = 0;
    for (int *tag = (int *)(base + header[2]); *tag; tag += 2) {
        if (*tag == 6)
            symbol = (int *)(base + tag[1]);
        if (*tag == 5)
            strings = base + tag[1];
    }
    while (!same(strings + symbol[0], name))
        symbol += 4;
    return (function *)(base + symbol[1]);
}

static int years(int *stack) {
    int time[2], wide[4];
    call(45, 0, 0, 0);
    vdso(stack, "__vdso_clock_gettime")(0, time);
    vdso(stack, "__vdso_clock_gettime64")(0, wide);
    int asked = call(13, 0, 0, 0);
    if (asked - time[0] > 1 || asked - wide[0] > 1 || wide[1] || asked < time[0])
        return 1;
    return time[0] / 31556952;
}

__attribute__((used)) void begin(int *stack) {
    if (*stack == 2)
        call(1, years(stack), 0, 0);
    static const char path[] = "/made-by-narrow";
    int fd = call(5, (int)path, (void *)0101, 0644);
    call(182, (int)path, (void *)7, 8);
    call(4, fd, "narrow\n", 7);
    call(1, call(4, 1, "narrow\n", 7) == 7 && sizeof(void *) == 4 ? 0 : 1, 0, 0);
}

__asm__(".globl _start\n_start: movl %esp, %eax\n pushl %eax\n call begin\n");
