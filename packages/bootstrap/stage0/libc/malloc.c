/* Memory in blocks of 2^k bytes, one free list for each k.
 *
 *     | k | next free |  usable 2^k - 8 bytes ...
 *
 * The eight bytes before the caller's pointer hold k and, while the block is
 * free, the next one of its list.  Memory comes from brk a MiB at a time and
 * never goes back.  Addresses are multiples of eight. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SYS_brk = 45, HEAD = 8, GROW = 1 << 20, LARGEST = 30 };

struct block {
    int k;
    struct block *next;
};

int __syscall(int number, int a, int b, int c);

static struct block *free_list[LARGEST + 1];
static unsigned int heap, heap_end;

/* n fresh bytes at the heap's end, or 0 */
static struct block *grow(unsigned int n) {
    unsigned int p, end;
    if (!heap) heap = heap_end = (__syscall(SYS_brk, 0, 0, 0) + 15) & -16;
    p = heap;
    if (n > heap_end - p) {
        end = p + ((n + GROW - 1) & -GROW);
        if (end < p || __syscall(SYS_brk, end, 0, 0) != end) return NULL;
        heap_end = end;
    }
    heap = p + n;
    return (struct block *)p;
}

void *malloc(size_t n) {
    struct block *b;
    int k = 4;
    if (n > (1u << LARGEST) - HEAD) {
        errno = ENOMEM;
        return NULL;
    }
    while ((1u << k) - HEAD < n) k++;
    b = free_list[k];
    if (b) free_list[k] = b->next;
    else b = grow(1u << k);
    if (!b) {
        errno = ENOMEM;
        return NULL;
    }
    b->k = k;
    return b + 1;
}

void free(void *p) {
    struct block *b = p;
    if (!p) return;
    b--;
    b->next = free_list[b->k];
    free_list[b->k] = b;
}

void *realloc(void *p, size_t n) {
    struct block *b = p;
    size_t usable;
    void *q;
    if (!p) return malloc(n);
    usable = (1u << b[-1].k) - HEAD;
    if (n <= usable) return p;
    q = malloc(n);
    if (q) {
        memcpy(q, p, usable);
        free(p);
    }
    return q;
}
