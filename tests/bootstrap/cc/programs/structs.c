/* Structs by value: arguments, results, assignment, through pointers and ?: */
#include <stdio.h>
#include <stdarg.h>
struct one { char c; };
struct three { char c[3]; };
struct pair { int a, b; };
struct five { short s; char c[3]; };
struct big { int v[20]; char tail; };
struct deep { struct pair p[2]; struct three t; };
typedef struct pair (*pair_function)(struct pair, int);
static struct one make_one(int c) { struct one o; o.c = c; return o; }
static struct three make_three(int c) { struct three t; t.c[0] = c; t.c[1] = c + 1; t.c[2] = c + 2; return t; }
static struct pair swap(struct pair p, int add) { struct pair r; r.a = p.b + add; r.b = p.a; p.a = 99; return r; }
static struct big fill(int start, struct three t)
{
    struct big b;
    int i;
    for (i = 0; i < 20; i++) b.v[i] = start + i * t.c[1];
    b.tail = t.c[2];
    return b;
}
static int sum(struct big b, struct one o, struct five f, long long l, struct three t, char c)
{
    int i, s = 0;
    for (i = 0; i < 20; i++) s += b.v[i];
    b.v[0] = 0;
    return s + b.tail + o.c * 3 + f.s + f.c[2] + (int)(l >> 30) + t.c[0] + c;
}
static int variadic(int n, ...)
{
    va_list ap, copy;
    int r = 0;
    va_start(ap, n);
    copy = ap;
    while (n--) {
        struct pair p = va_arg(ap, struct pair);
        r = r * 10 + p.a - p.b + va_arg(ap, int) + (int)va_arg(ap, long long) + (int)va_arg(ap, double);
    }
    r += va_arg(copy, struct pair).a;
    va_end(ap);
    return r;
}
static struct big *advance(struct big **p) { return (*p)++; }
int main(void)
{
    struct pair p = { 3, 8 }, q, *pp = &q;
    struct big b, many[3], *walk = many;
    struct five f = { -5, "ab" };
    struct deep d = { { { 1, 2 }, { 3, 4 } }, "xyz" }, e;
    pair_function function = swap;
    int i;
    q = swap(p, 100);
    printf("%d %d %d\n", q.a, q.b, p.a);
    *pp = function(swap(q, 1), 2);
    printf("%d %d\n", pp->a, pp->b);
    printf("%d %d\n", swap(p, 5).a, (*function)(p, 5).b);
    printf("%c %c %c\n", make_one('k').c, make_three('m').c[2], make_three('q').c[0]);
    b = fill(7, make_three(2));
    printf("%d %d %d\n", b.v[0], b.v[19], b.tail);
    printf("%d\n", sum(b, make_one(4), f, 0x123456789abLL, make_three(9), 'c'));
    many[0] = many[1] = many[2] = b;
    many[1].v[5] = -1;
    printf("%d %d %d\n", many[0].v[5], many[1].v[5], many[2].v[5]);
    *advance(&walk) = fill(1, make_three(1));
    *walk++ = many[0];
    i = 1;
    *walk = i ? many[0] : b;
    printf("%d %d %d %d\n", (int)(walk - many), many[0].v[2], many[1].v[2], walk->v[2]);
    e = d;
    d.p[1].b = 77;
    e.p[0] = d.p[1];
    printf("%d %d %d %d %c\n", e.p[0].a, e.p[0].b, e.p[1].b, (e.t = d.t).c[1], (i ? d : e).t.c[2]);
    printf("%d\n", variadic(2, p, 4, 5LL, 6.5, q, 1, 2LL, 3.5));
    for (i = 0; i < 3; i++) p = swap(p, i);
    printf("%d %d\n", p.a, p.b);
    return 0;
}
