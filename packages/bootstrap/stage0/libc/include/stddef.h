#define NULL ((void *)0)
typedef unsigned int size_t;
typedef int ptrdiff_t;
typedef int wchar_t;
#define offsetof(type, member) ((size_t)&((type *)0)->member)
