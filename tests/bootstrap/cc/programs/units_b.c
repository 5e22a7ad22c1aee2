#ifdef LOCAL_TO_A
#error macros of another unit
#endif
extern int shared;
extern int uninitialised;
int twice(int n);
static int private = 1000;
static int helper(void) { return private += 5; }
int from_b[] = { 3, 4, 5 };
int table_size = sizeof from_b / sizeof *from_b;
const char *name_b = "b";
int function_b(int n)
{
    static int calls;
    shared += ++calls;
    uninitialised -= n;
    return twice(n) + helper();
}
