/* The allocator: blocks keep their bytes while others come and go, in four threads at once; zeroing, alignment, overflow. */
#include "check.h"
#include <pthread.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS = 200, ROUNDS = 20000, THREADS = 4 };

static int holds(const unsigned char *p, size_t n, int byte)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (p[i] != byte)
			return 0;
	return 1;
}

static void *churn(void *arg)
{
	unsigned char *block[SLOTS] = { 0 };
	size_t size[SLOTS] = { 0 };
	unsigned state = *(unsigned *)arg;
	int i, slot;
	for (i = 0; i < ROUNDS; i++) {
		state = state * 1103515245 + 12345;
		slot = (state >> 16) % SLOTS;
		if (block[slot])
			CHECK(holds(block[slot], size[slot], slot));
		if (state >> 31) {
			free(block[slot]);
			block[slot] = 0;
			size[slot] = 0;
		} else {
			size_t was = size[slot];
			size[slot] = (state >> 8) % (i % 100 ? 500 : 200000) + 1;
			block[slot] = realloc(block[slot], size[slot]);
			CHECK(block[slot] && holds(block[slot], was < size[slot] ? was : size[slot], slot));
			memset(block[slot], slot, size[slot]);
		}
	}
	for (i = 0; i < SLOTS; i++)
		free(block[i]);
	return 0;
}

int main(void)
{
	pthread_t t[THREADS];
	unsigned seed[THREADS];
	volatile size_t huge = SIZE_MAX / 2 + 2;
	size_t align;
	void *p;
	int i;
	for (i = 0; i < THREADS; i++) {
		seed[i] = i + 1;
		CHECK(!pthread_create(&t[i], 0, churn, &seed[i]));
	}
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(t[i], 0));
	p = malloc(5000);
	memset(p, 255, 5000);
	free(p);
	p = calloc(50, 100);
	CHECK(p && holds(p, 5000, 0));
	free(p);
	CHECK(!calloc(huge, 2) && !malloc(SIZE_MAX - 100));
	for (align = sizeof(void *); align <= 65536; align *= 2) {
		CHECK(!posix_memalign(&p, align, 100) && (uintptr_t)p % align == 0);
		memset(p, 1, 100);
		free(p);
	}
	return 0;
}
