/* The preprocessor: expansion order, # and ##, conditional groups, includes. */
#include <stdio.h>
#define EMPTY
#define OBJECT 1 + 2
#define FUNCTION(x) ((x) * 2)
#define STRING(x) #x
#define EXPAND(x) STRING(x)
#define PASTE(a, b) a ## b
#define PASTE2(a, b) PASTE(a, b)
#define CALL(f, x) f(x)
#define PRINT(f, a, b) printf(f, a, b)
#define NOTHING()
#define APPLY(m, a) m(a)
#define TWICE(x) x x
#define xstr(s) str(s)
#define str(s) #s
#define glue(a, b) a ## b
#define join(a, b, c) a ## b ## c
#define EMPTY_PASTE(a, b) (1 + a ## b 2)
#define NEGATIVE -1
#define LINES(x) x \
    + x
static const char *names[] = {
#define ITEM(id, text) text,
#include "items.h"
};
#undef ITEM
enum {
#define ITEM(id, text) PASTE(ITEM_, id),
#include "items.h"
    ITEM_COUNT
};
#undef ITEM
#if 0
#error not reached "unbalanced
'
#elif defined(NOT_THERE) || !defined EMPTY
#error neither
#elif OBJECT == 3 && (5 > 3 ? 1 : 0) && 'a' == 97 && -1 < 0 && 1u > 0 && (2 | 1) == 3 && ~0 == -1 && UNKNOWN == 0
#define CHOSEN 1
#else
#error wrong
#endif
#ifdef CHOSEN
# ifndef OBJECT
#  error inner
# else
#  define INNER 7 /* a comment
   over two lines */ + 1
# endif
#else
# if 1
#  error skipped nested
# endif
#endif
#if (0x7ffffffe + 1 > 0) && (1 << 30) > 0 && (-1 >> 1) == -1 && 2147483647U > 1 && (0 || 1 && 1)
#define WIDE 1
#endif
static int LOOP = 3, MUTUAL_A = 4;
#define LOOP LOOP + 1
#define MUTUAL_A MUTUAL_B
#define MUTUAL_B MUTUAL_A
int main(void)
{
    int xy = 12;
    printf("%d %d\n", FUNCTION(OBJECT), OBJECT * 2);
    printf("%s|%s|%s\n", STRING( a  +  "q\n" '\\' ), EXPAND(-x /* y */-1), STRING());
    printf("%d %d %d\n", PASTE(x, y), PASTE2(x, y), PASTE(1, 2) + PASTE2(3, 4));
    printf("%d %d %d\n", CALL(FUNCTION, 4), LOOP, MUTUAL_A);
    PRINT("%d %s\n", (1, 2), STRING((c, d)));
    printf("%s %d\n", APPLY(STRING, z), NOTHING() 5);
    printf("%s %d\n", TWICE(TWICE("a")), FUNCTION(FUNCTION(3)) - -NEGATIVE-NEGATIVE);
    printf("%d %d %d\n", glue(x, y), join(x, , y), EMPTY_PASTE(, ));
    printf("%s %d\n", STRING(a + b), LINES(4));
    printf("%s %d %d %d\n", names[ITEM_banana], ITEM_cherry, ITEM_COUNT, INNER);
    printf("%d %d\n", FUNCTION(
        7), WIDE);
    printf("%s %d\n", xstr(-xy - -1 .5 ... -> >>= <: x##y), LOOP - -1);
    return 20;
}
