/* Structs: assignment, through pointers and ?:, in arrays and unions. */
#include <stdio.h>
#include <stdarg.h>
struct one { char c; };
struct three { char c[3]; };
struct pair { int a, b; };
struct big { int v[20]; char tail; };
struct deep { struct pair p[2]; struct three t; };
union either { struct pair p; struct three t; long long w; };
static struct big *advance(struct big **p) { return (*p)++; }
static struct pair *choose(int n, struct pair *a, struct pair *b) { return n ? a : b; }
static void swap(struct pair *a, struct pair *b) { struct pair t; t = *a; *a = *b; *b = t; }
static int variadic(int n, ...)
{
    va_list ap, copy;
    int r = 0;
    va_start(ap, n);
    copy = ap;
    while (n--) {
        struct pair *p = va_arg(ap, struct pair *);
        r = r * 10 + p->a - p->b + va_arg(ap, int) + (int)va_arg(ap, long long) + (va_arg(ap, double) == 13 / 2.0);
    }
    r += va_arg(copy, struct pair *)->a;
    va_end(ap);
    return r;
}
int main(void)
{
    struct pair p = { 3, 8 }, q, *pp = &q;
    struct big b, many[3], *walk = many;
    struct deep d = { { { 1, 2 }, { 3, 4 } }, { { 'x', 'y', 'z' } } }, e;
    struct three t = { { 'a', 'b' } }, u;
    struct one small = { 'k' }, copy = small;
    union either w;
    int i;
    q = p;
    pp->b += 100;
    printf("%d %d %d %c\n", q.a, q.b, p.b, copy.c);
    swap(&p, pp);
    printf("%d %d\n", p.b, pp->b);
    *choose(0, &p, &q) = *choose(1, &p, &q);
    printf("%d %d\n", q.a, q.b);
    for (i = 0; i < 20; i++) b.v[i] = i * i;
    b.tail = 't';
    many[0] = many[1] = many[2] = b;
    many[1].v[5] = -1;
    printf("%d %d %d\n", many[0].v[5], many[1].v[5], many[2].v[5]);
    *advance(&walk) = many[1];
    *walk++ = many[2];
    printf("%d %d %d %d\n", (int)(walk - many), many[0].v[5], many[1].v[5], walk->tail);
    i = 1;
    *walk = *(i ? many : &b);
    walk->v[2]++, --walk->tail;
    printf("%d %d %d %c\n", many[0].v[2], many[2].v[2], walk->v[19], walk->tail);
    e = d;
    d.p[1].b = 77;
    e.p[0] = d.p[1];
    e.t = d.t;
    printf("%d %d %d %d %c\n", e.p[0].a, e.p[0].b, e.p[1].b, e.t.c[1], (i ? &d : &e)->t.c[2]);
    u = t;
    w.t = u;
    w.t.c[2] = 'c';
    printf("%s%d %c\n", t.c, (int)sizeof w, ((union either *)&w)->t.c[2]);
    w.p = d.p[1];
    printf("%llx %d\n", w.w, (w.p = p, w.p.b));
    printf("%d\n", variadic(2, &p, 4, 5LL, 13 / 2.0, &q, 1, 2LL, 7 / 2.0));
    return 0;
}
