#define mprotect(start, size, access) -1        /* only -run would: tcc says that it failed */
