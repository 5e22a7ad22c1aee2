/* The rest of POSIX threads: cancellation with cleanup, kinds of mutexes, reader locks, semaphores, time limits, aligned TLS, fork. */
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static sem_t ready, items;
static int cleaned, forks;
static char page[65536];
static __thread struct { char c; } __attribute__((aligned(64))) aligned = { 5 };
static __thread int zero[1000], set = 0x1234;

static struct timespec soon(void) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); t.tv_nsec += 5000000; if (t.tv_nsec >= 1000000000) { t.tv_nsec -= 1000000000; t.tv_sec++; } return t; }
static void clean(void *arg) { cleaned += *(int *)arg; }
static void before(void) { forks += 1; }
static void parent(void) { forks += 10; }
static void child(void) { forks += 100; }

static void *sleeper(void *arg)
{
	int ten = 10, one = 1;
	pthread_cleanup_push(clean, &ten);
	pthread_cleanup_push(clean, &one);
	sem_post(&ready);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return 0;
}

static void unlock(void *mutex) { pthread_mutex_unlock(mutex); }
static void *waits(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, &lock);
	sem_post(&ready);
	for (;;)
		pthread_cond_wait(&never, &lock);
	pthread_cleanup_pop(1);
	return 0;
}

static void *stubborn(void *arg)
{
	int old;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	sem_post(&ready);
	sem_wait(&items);
	pthread_testcancel();
	pthread_setcancelstate(old, 0);
	pthread_testcancel();
	return 0;
}

static void *tls(void *arg)
{
	int i;
	for (i = 0; i < 1000; i++)
		CHECK(zero[i] == 0);
	CHECK((uintptr_t)&aligned % 64 == 0 && aligned.c == 5 && set == 0x1234);
	aligned.c = zero[5] = set = 1;
	if (arg)
		CHECK((char *)&arg > page && (char *)&arg < page + sizeof page);
	pthread_exit(&cleaned);
}

static void *other(void *mutex) { return (void *)(intptr_t)(pthread_mutex_trylock(mutex) == EBUSY && pthread_mutex_unlock(mutex) == EPERM); }
static void *reader(void *arg) { int result = pthread_rwlock_tryrdlock(&rw); if (!result) pthread_rwlock_unlock(&rw); return (void *)(intptr_t)result; }
static void *taker(void *arg) { int i; for (i = 0; i < 1000; i++) { sem_wait(&items); sem_post(&ready); } return 0; }

static void *run(void *(*body)(void *), void *arg, const pthread_attr_t *attr)
{
	pthread_t t;
	void *result;
	CHECK(!pthread_create(&t, attr, body, arg) && !pthread_join(t, &result));
	return result;
}

static void cancel(void *(*body)(void *))
{
	pthread_t t;
	void *result;
	CHECK(!pthread_create(&t, 0, body, 0) && !sem_wait(&ready) && !pthread_cancel(t));
	if (body == stubborn)
		sem_post(&items);
	CHECK(!pthread_join(t, &result) && result == PTHREAD_CANCELED);
}

static void mutexes(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	struct timespec t;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	CHECK(!pthread_mutex_init(&m, &attr) && !pthread_mutex_lock(&m) && !pthread_mutex_lock(&m) && !pthread_mutex_unlock(&m));
	CHECK(run(other, &m, 0) && !pthread_mutex_unlock(&m) && pthread_mutex_unlock(&m) == EPERM);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(!pthread_mutex_init(&m, &attr) && !pthread_mutex_lock(&m) && pthread_mutex_lock(&m) == EDEADLK && run(other, &m, 0));
	pthread_mutex_lock(&lock);
	t = soon();
	CHECK(pthread_cond_timedwait(&never, &lock, &t) == ETIMEDOUT && sem_timedwait(&items, &t) == -1 && errno == ETIMEDOUT);
	pthread_mutex_unlock(&lock);
	CHECK(!pthread_rwlock_rdlock(&rw) && run(reader, 0, 0) == 0 && pthread_rwlock_trywrlock(&rw) == EBUSY && !pthread_rwlock_unlock(&rw));
	CHECK(!pthread_rwlock_wrlock(&rw) && run(reader, 0, 0) == (void *)EBUSY && !pthread_rwlock_unlock(&rw));
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t t;
	int i, status;
	pid_t pid;
	CHECK(!sem_init(&ready, 0, 0) && !sem_init(&items, 0, 0));
	cancel(sleeper);
	CHECK(cleaned == 11);
	cancel(waits);
	CHECK(!pthread_mutex_trylock(&lock) && !pthread_mutex_unlock(&lock));
	cancel(stubborn);
	CHECK(run(tls, 0, 0) == &cleaned && run(tls, 0, 0) == &cleaned && set == 0x1234);
	pthread_attr_init(&attr);
	CHECK(!pthread_attr_setstack(&attr, page, sizeof page) && run(tls, page, &attr) == &cleaned);
	mutexes();
	CHECK(!pthread_create(&t, 0, taker, 0));
	for (i = 0; i < 1000; i++)
		CHECK(!sem_post(&items) && !sem_wait(&ready));
	CHECK(!pthread_join(t, 0) && !sem_getvalue(&items, &i) && i == 0);
	CHECK(!pthread_atfork(before, parent, child));
	fflush(stdout);
	if (!(pid = fork()))
		_exit(forks);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 101 && forks == 11);
	return 0;
}
