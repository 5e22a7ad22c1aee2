/* A random life of 300 blocks: each is filled with its own byte and looked
 * over before it is changed, so blocks that overlap or move wrongly show. */
#include <stdio.h>
#include <stdlib.h>

static unsigned int seed = 99;
static unsigned char *block[300];
static int size[300];

static unsigned int next(void) {
    seed = seed * 1103515245 + 12345;
    return seed >> 8;
}

static void look(int i, int n) {
    int k;

    for (k = 0; k < n; k++)
        if (block[i][k] != (unsigned char)i) {
            printf("block %d damaged at %d of %d\n", i, k, size[i]);
            exit(1);
        }
}

int main(void) {
    int round, i, k, old;

    for (round = 0; round < 20000; round++) {
        i = next() % 300;
        if (block[i])
            look(i, size[i]);
        if (block[i] && next() % 3 == 0) {
            free(block[i]);
            block[i] = NULL;
            continue;
        }
        old = block[i] ? size[i] : 0;
        size[i] = 1 + next() % (next() % 20 ? 300 : 100000);
        block[i] = realloc(block[i], size[i]);
        if (!block[i] || (unsigned long)block[i] & 7) {
            printf("realloc gave %p\n", block[i]);
            return 1;
        }
        look(i, old < size[i] ? old : size[i]);
        for (k = 0; k < size[i]; k++)
            block[i][k] = i;
    }
    if (malloc(0xfffffff0u) || realloc(NULL, 0xc0000000u))
        printf("impossible memory\n");
    free(NULL);
    printf("fine\n");
    return 0;
}
