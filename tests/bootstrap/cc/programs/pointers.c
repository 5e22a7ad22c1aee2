/* Pointers, arrays, function pointers, evaluation of side effects exactly once. */
#include <stdio.h>
#include <string.h>
typedef int (*operation)(int, int);
struct node { struct node *next; int value; char name[8]; };
static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static operation choose(int n) { return n ? add : sub; }
static int (*(*chooser)(int))(int, int) = choose;
static int apply(int f(int, int), int a, int b) { return f(a, b) + (*f)(a, b) + (**f)(b, a); }
static int calls;
static int *next(int *p) { calls++; return p + 1; }
static int index_of(int i) { calls++; return i; }
static int grid[4][5];
static int row_sum(int (*rows)[5], int n) { int i, j, s = 0; for (i = 0; i < n; i++) for (j = 0; j < 5; j++) s += rows[i][j] * (i + 1); return s; }
static void modify(int v[], const char **p) { v[0]++, (*p)++; }
int main(void)
{
    int a[10], *p = a, *q, i, j;
    char buffer[20], *c = buffer;
    const char *from = "pointer";
    struct node nodes[3], *n = nodes, **link = &nodes[0].next;
    operation table[2][2] = { { add, sub }, { sub, add } };
    void *v;
    for (i = 0; i < 10; i++) *p++ = i * i;
    printf("%d %d %d\n", (int)(p - a), p[-1], *(p - 3));
    while ((*c++ = *from++)) ;
    printf("%s %d\n", buffer, (int)(c - buffer));
    q = a;
    *next(q) += 100; ++*next(q + 1); (*next(q + 2))--; a[index_of(4)] <<= 2; *next(q) = *next(q + 4) + *next(next(q));
    printf("%d: %d %d %d %d %d\n", calls, a[1], a[2], a[3], a[4], a[5]);
    i = *q++ + *q++; i += *++q; printf("%d %d\n", i, (int)(q - a));
    printf("%d %d %d %d\n", 2[a], *(1 + a), (&a[5])[-2], *&*&a[6]);
    for (i = 0; i < 4; i++) for (j = 0; j < 5; j++) grid[i][j] = i * 10 + j;
    printf("%d %d %d %d\n", row_sum(grid, 4), grid[2][3], *(*(grid + 1) + 4), (int)(&grid[3][0] - &grid[0][0]));
    printf("%d %d %d\n", apply(add, 9, 4), apply(choose(0), 9, 4), chooser(1)(3, 4) + (*chooser)(0)(3, 4));
    printf("%d %d\n", table[1][0](10, 3), (*table[1][1])(10, 3));
    for (i = 0; i < 3; i++) { nodes[i].value = i * 7; strcpy(nodes[i].name, "node"); nodes[i].name[4] = '0' + i; nodes[i].name[5] = 0; nodes[i].next = i < 2 ? &nodes[i + 1] : 0; }
    for (n = nodes, i = 0; n; n = n->next) i += n->value + n->name[4];
    printf("%d %s %s\n", i, nodes->next->next->name, (*link)->name + 2);
    n = nodes; n++->value += 5; n->value++; (n++)->value *= 2; n->name[index_of(1)]++;
    printf("%d %d %s %d\n", nodes[0].value, nodes[1].value, nodes[2].name, calls);
    from = "xyz"; modify(a, &from); printf("%d %s %d\n", a[0], from, *from++);
    v = a; printf("%d %d %d\n", ((int *)v)[3], *((char *)v + 4), v == a);
    printf("%d %d %d\n", p > a, &a[2] < &a[1], p != 0 && !(p == 0));
    c = "abc" "def\0ghi"; printf("%d %c %s\n", (int)sizeof("abc" "def\0ghi"), c[4], c + 7);
    p = a + 9; printf("%d %d\n", *p-- , *--p); p -= 2; p += 1; printf("%d\n", (int)(p - a));
    printf("%d\n", (int)((char *)(p + 3) - (char *)p));
    return 0;
}
