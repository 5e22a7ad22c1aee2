/* tcc guards its one compiler state with a semaphore; here is one thread. */
typedef int sem_t;
#define sem_init(s, shared, value) (*(s) = (value))
#define sem_wait(s) (--*(s))
#define sem_post(s) (++*(s))
