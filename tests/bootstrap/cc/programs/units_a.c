/* Two units: shared symbols, private statics of the same name, tentative definitions. */
#include <stdio.h>
int shared = 1, uninitialised;
int uninitialised;
extern int from_b[], table_size;
int function_b(int);
static int private = 10;
static int helper(void) { return private++; }
int twice(int n) { return n * 2 + helper(); }
extern const char *name_b;
#define LOCAL_TO_A 1
int main(void)
{
    extern int late;
    int i;
    for (i = 0; i < table_size; i++) printf("%d ", from_b[i] + function_b(i));
    printf("%d %d %d %s %d\n", shared, uninitialised, late, name_b, helper());
    return shared;
}
int late = 6;
