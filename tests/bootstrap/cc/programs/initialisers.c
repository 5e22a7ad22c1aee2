/* Initialisers: nested, strings, unions, addresses; static and local alike. */
#include <stdio.h>
struct inner { char c; int v[3]; };
struct outer { int k; struct inner in[2]; const char *s; union { int i; char b[4]; } u; int last; };
static int function(int a) { return a + 1; }
static int counter, table[5];
static const struct outer globals[] = {
    { 1, { { 'a', { 1, 2, 3 } }, { 'b', { 4 } } }, "first", { 0x41424344 }, 9 },
    { 2, { { 'c', { 7, 8, 9 } }, { 'd', { 10, 11, 12, }, }, }, "second", { 13 }, 3, },
    { 3 },
};
static int sized[10] = { 1, 2, 3 };
static char text1[] = "hello", text2[3] = "abc", text3[8] = { "xy" }, text4[] = { 'p', 'q', 0 };
static char lines[][6] = { "one", "two", "three" };
static const char *names[] = { "alpha", "beta" "gamma", 0, "delta" + 2, lines[1] };
static int *pointers[] = { &counter, table, table + 2, &table[4], (int *)((char *)&table[1] + 4), 0 };
static int (*functions[])(int) = { function, &function, 0 };
static int matrix[][3] = { { 1, 2, 3 }, { 4, 5, 6 }, { 7 } };
static int matrix2[2][3] = { { 1 }, { 4, 5 } };
static long long wides[] = { -1, 0x123456789abcdefLL, 3000000000u, sizeof(long long), 1 ? -5 : 5 };
static unsigned short shorts[] = { 65536 + 7, -1, 'a' };
static struct { int a; struct { int b, c; } d; } loose = { 1, { 2, 3 } };
static unsigned address = (unsigned)&table[3];
static char *through_cast = (char *)table + sizeof(int);
static int scalar = 5;
static const int from_expression = (1 << 4 | 3) * 2 - (7 > 3 ? 1 : 0) + 'z' % 10 + ~0;
struct self { struct self *me; int n; } self = { &self, sizeof self };
extern int later;
static int *to_later = &later;
int later = 31;
static void show(const struct outer *o)
{
    printf("%d %c %d %d %d %c %d %d %d %s %x %d\n", o->k, o->in[0].c ? o->in[0].c : '-', o->in[0].v[0],
           o->in[0].v[1], o->in[0].v[2], o->in[1].c ? o->in[1].c : '-', o->in[1].v[0], o->in[1].v[1],
           o->in[1].v[2], o->s ? o->s : "none", o->u.i, o->last);
}
static int generation(void) { static int calls = 10; static char buffer[3]; buffer[1]++; return calls++ * 10 + buffer[1]; }
int main(void)
{
    int i, n = 3;
    struct outer locals[] = {
        { n, { { 'a', { n + 1, 2, 3 } }, { 'b', { 4 } } }, "first", { 0x41424344 }, function(9) },
        { 2, { { 'c', { 7, 8, 9 } }, { 'd', { 10, 11, 12, }, }, }, "second", { 13 }, 3, },
        { 3 },
    };
    struct inner in = { 'q', { 1 } }, copy = in, pair[2] = { in, { 'r', { 5, n } } };
    int local_sized[10] = { 1, n, n * 2 };
    char local_text[] = { 'h', 'i', 0 }, wide_text[50] = { 'w', 0 }, local_lines[2][4] = { { 'a' }, { 'c', 'd' } };
    const char *local_names[] = { "alpha", "beta" "gamma" };
    int local_matrix[][2] = { { 1, 2 }, { n }, { 5, 6 } };
    long long local_wide[3] = { -n, n };
    double local_doubles[2] = { n };
    union { char c; int i; } local_union = { 'u' };
    struct inner empty = {};
    for (i = 0; i < 3; i++) { show(&globals[i]); show(&locals[i]); }
    for (i = 0; i < 10; i++) printf("%d/%d ", sized[i], local_sized[i]);
    printf("%d %d %d %d %d\n", (int)sizeof text1, (int)sizeof text4, (int)sizeof lines, (int)sizeof matrix, (int)sizeof locals);
    printf("%s %c%c%c %s %s %s %s\n", text1, text2[0], text2[1], text2[2], text3, text4, lines[0], lines[2]);
    printf("%s %s %s %s %d\n", names[0], names[1], names[3], names[4], names[2] == 0);
    for (i = 0; i < 6; i++) printf("%d ", pointers[i] ? i ? (int)(pointers[i] - table) : pointers[i] == &counter : -1);
    printf("%d %d %d\n", functions[0](1), (*functions[1])(2), functions[2] == 0);
    printf("%d %d %d %d %d\n", matrix[2][0], matrix[2][1], matrix2[0][1], matrix2[1][1], matrix2[1][2]);
    for (i = 0; i < 5; i++) printf("%llx ", wides[i]);
    for (i = 0; i < 3; i++) printf("%d ", shorts[i]);
    printf("%d %d %d %d\n", loose.d.c, address == (unsigned)(table + 3), through_cast == (char *)&table[1], scalar);
    printf("%d %d %d %d\n", from_expression, self.me == &self, self.n, *to_later);
    printf("%c %d %c %d %c %d %d\n", copy.c, copy.v[0], pair[0].c, pair[0].v[2], pair[1].c, pair[1].v[0], pair[1].v[1]);
    printf("%s %s %d %s %s\n", local_text, wide_text, wide_text[49], local_lines[1], local_names[1]);
    printf("%d %d %d %d\n", local_matrix[1][0], local_matrix[1][1], local_matrix[2][1], (int)sizeof local_matrix);
    printf("%d %d %d %d\n", (int)local_wide[0], (int)local_wide[2], local_doubles[0] == 3.0, local_union.i + empty.v[2]);
    for (i = 0; i < 3; i++) printf("%d ", generation());
    return 0;
}
