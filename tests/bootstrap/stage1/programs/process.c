/* Processes and signals: fork, exec, wait, pipes, poll, masks, timers, an alternative stack, atexit. */
#include "check.h"
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static volatile sig_atomic_t caught, on_stack;
static char other_stack[32768];
static sigjmp_buf back;
static int report;

static void note(int number) { caught += number; }
static void info(int number, siginfo_t *i, void *context)
{
	char here;
	on_stack = &here >= other_stack && &here < other_stack + sizeof other_stack;
	caught = i->si_pid == getpid() ? number : -1;
}
static void escape(int number) { siglongjmp(back, number); }
static void first(void) { write(report, "1", 1); }
static void second(void) { write(report, "2", 1); }

static int status_of(pid_t child) { int status; CHECK(waitpid(child, &status, 0) == child); return status; }

static void children(void)
{
	int ends[2], status, i;
	char b[100] = "";
	pid_t child;
	char *argv[] = { "sh", "-c", "exit $GIVEN", 0 }, *envp[] = { "GIVEN=23", 0 };
	FILE *f;
	CHECK(!pipe(ends));
	fflush(stdout);
	if (!(child = fork())) {
		report = ends[1];
		atexit(first);
		atexit(second);
		exit(7);
	}
	close(ends[1]);
	status = status_of(child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CHECK(read(ends[0], b, sizeof b) == 2 && !memcmp(b, "21", 2) && read(ends[0], b, 1) == 0);
	close(ends[0]);
	if (!(child = fork())) {
		execve("/bin/sh", argv, envp);
		_exit(1);
	}
	CHECK(WEXITSTATUS(status_of(child)) == 23);
	CHECK(!posix_spawn(&child, "/bin/sh", 0, 0, argv, envp) && WEXITSTATUS(status_of(child)) == 23);
	if (!(child = fork()))
		abort();
	status = status_of(child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	f = popen("echo one; echo two; exit 3", "r");
	CHECK(f);
	for (i = 0; fgets(b, sizeof b, f); i++)
		CHECK(!strcmp(b, i ? "two\n" : "one\n"));
	CHECK(i == 2 && WEXITSTATUS(pclose(f)) == 3 && WEXITSTATUS(system("exit 4")) == 4);
	CHECK(waitpid(-1, 0, 0) == -1 && errno == ECHILD);
}

static void waiting(void)
{
	int ends[2];
	struct pollfd p;
	fd_set set;
	struct timeval soon = { 0, 1000 };
	CHECK(!pipe(ends));
	p.fd = ends[0];
	p.events = POLLIN;
	CHECK(poll(&p, 1, 1) == 0);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	CHECK(select(ends[0] + 1, &set, 0, 0, &soon) == 0 && !FD_ISSET(ends[0], &set));
	CHECK(write(ends[1], "x", 1) == 1 && poll(&p, 1, -1) == 1 && p.revents == POLLIN);
	close(ends[1]);
	CHECK(read(ends[0], &set, 1) == 1 && poll(&p, 1, -1) == 1 && p.revents & POLLHUP);
	CHECK(dup2(ends[0], 50) == 50 && !close(50) && close(50) == -1 && errno == EBADF);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	CHECK(!pipe(ends) && !close(ends[0]) && write(ends[1], "x", 1) == -1 && errno == EPIPE);
	close(ends[1]);
}

static void signals(void)
{
	struct sigaction action;
	sigset_t set, old;
	stack_t stack;
	struct itimerval timer;
	volatile int *nowhere = 0;
	int number;
	memset(&action, 0, sizeof action);
	action.sa_handler = note;
	CHECK(!sigaction(SIGUSR1, &action, 0) && !raise(SIGUSR1) && caught == SIGUSR1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(!sigprocmask(SIG_BLOCK, &set, &old) && !kill(getpid(), SIGUSR1) && caught == SIGUSR1);
	CHECK(!sigpending(&set) && sigismember(&set, SIGUSR1) == 1);
	CHECK(!sigprocmask(SIG_SETMASK, &old, 0) && caught == 2 * SIGUSR1);
	stack.ss_sp = other_stack;
	stack.ss_size = sizeof other_stack;
	stack.ss_flags = 0;
	CHECK(!sigaltstack(&stack, 0));
	action.sa_sigaction = info;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	CHECK(!sigaction(SIGUSR2, &action, 0) && !kill(getpid(), SIGUSR2) && caught == SIGUSR2 && on_stack);
	signal(SIGSEGV, escape);
	number = sigsetjmp(back, 1);
	if (!number)
		*nowhere = 1;
	CHECK(number == SIGSEGV && !sigprocmask(SIG_BLOCK, 0, &old) && !sigismember(&old, SIGSEGV));
	signal(SIGSEGV, SIG_DFL);
	caught = 0;
	action.sa_handler = note;
	action.sa_flags = 0;
	sigaction(SIGALRM, &action, 0);
	memset(&timer, 0, sizeof timer);
	timer.it_value.tv_usec = 20000;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, &old);
	CHECK(!setitimer(ITIMER_REAL, &timer, 0) && sigsuspend(&old) == -1 && errno == EINTR && caught == SIGALRM);
}

int main(void)
{
	children();
	waiting();
	signals();
	return 0;
}
