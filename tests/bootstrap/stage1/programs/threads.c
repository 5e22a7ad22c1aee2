/* Threads: a contended mutex, conditions, thread-local variables, once, barriers, keys with destructors. */
#include "check.h"
#include <pthread.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 20000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static pthread_key_t key;
static long total;
static int next, onces, destroyed;
static __thread long own = 7;
static __thread char buffer[100];

static void run_once(void) { onces++; }
static void destroy(void *p) { pthread_mutex_lock(&lock); destroyed += *(int *)p; pthread_mutex_unlock(&lock); free(p); }

static void *work(void *arg)
{
	int id = *(int *)arg, i, *mine = malloc(sizeof *mine);
	*mine = 1;
	pthread_setspecific(key, mine);
	pthread_once(&once, run_once);
	CHECK(own == 7 && buffer[0] == 0);
	memset(buffer, id, sizeof buffer);
	for (i = 0; i < ROUNDS; i++) {
		own++;
		pthread_mutex_lock(&lock);
		total++;
		pthread_mutex_unlock(&lock);
	}
	pthread_barrier_wait(&barrier);
	CHECK(own == 7 + ROUNDS && buffer[99] == id);
	pthread_mutex_lock(&lock);
	while (next != id)
		pthread_cond_wait(&turn, &lock);
	next++;
	pthread_cond_broadcast(&turn);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t[THREADS];
	int id[THREADS], i;
	void *result;
	pthread_barrier_init(&barrier, 0, THREADS);
	pthread_key_create(&key, destroy);
	for (i = 0; i < THREADS; i++) {
		id[i] = i;
		CHECK(!pthread_create(&t[i], 0, work, &id[i]));
	}
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(t[i], &result) && result == &id[i]);
	CHECK(total == (long)THREADS * ROUNDS && next == THREADS && onces == 1 && destroyed == THREADS && own == 7);
	return 0;
}
