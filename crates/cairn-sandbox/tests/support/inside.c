/* What the tests run inside a sandbox: `inside ACTION… [, ACTION…]`, one line of output
 * each. Static, so that it needs nothing of the root filesystem.
 *
 *   sys NR [ARG…]      a system call: numbers, s:TEXT for a string
 *   int80 NR [ARG…]    the same through the 32-bit table
 *   write PATH TEXT    read PATH    list PATH    order PATH    stat PATH    clock
 *   env  args  fds  self  limits  caps  cpus  address
 *   connect IP PORT    bomb    crowd    daemon SECONDS    exit N    exec PROG [ARG…]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void result(const char *what, long value) {
    if (value == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, value);
}

static long argument(char *text) {
    return strncmp(text, "s:", 2) ? strtol(text, NULL, 0) : (long)(text + 2);
}

/* Strings for the 32-bit table must lie low in memory: the program's own data do. */
static char low[16][256];

static long int80(long nr, long *a) {
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
                     : "memory", "r8", "r9", "r10", "r11");
    if ((int)r < 0 && (int)r > -4096) {
        errno = -(int)r;
        return -1;
    }
    return (int)r;
}

static void show_file(const char *path) {
    char text[65536];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0) {
        result("read", -1);
        return;
    }
    text[n] = 0;
    printf("%s%s", text, n && text[n - 1] == '\n' ? "" : "\n");
    close(fd);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *path) {
    struct dirent **names;
    int n = scandir(path, &names, NULL, by_name);
    if (n < 0) {
        result("list", -1);
        return;
    }
    for (int i = 0; i < n; i++)
        if (strcmp(names[i]->d_name, ".") && strcmp(names[i]->d_name, ".."))
            printf("%s ", names[i]->d_name);
    printf("\n");
}

/* In the order of the system, then the first once more. */
static void order(const char *path) {
    DIR *dir = opendir(path);
    struct dirent *entry;
    while ((entry = readdir(dir)))
        printf("%s ", entry->d_name);
    rewinddir(dir);
    printf("again %s\n", readdir(dir)->d_name);
    closedir(dir);
}

/* Years since 1970 by every way there is. */
static void years(void) {
    const long year = 31556952;
    struct timespec real, coarse, call;
    struct timeval day;
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &call);
    gettimeofday(&day, NULL);
    printf("%ld %ld %ld %ld %ld %ld\n", real.tv_sec / year, coarse.tv_sec / year, call.tv_sec / year,
           day.tv_sec / year, time(NULL) / year, int80(13, (long[6]){0}) / year);
}

static void show_stat(const char *path) {
    struct stat s;
    if (lstat(path, &s)) {
        result("stat", -1);
        return;
    }
    printf("%o %u:%u dev %u:%u\n", s.st_mode, s.st_uid, s.st_gid, major(s.st_rdev), minor(s.st_rdev));
}

static void self(void) {
    struct utsname u;
    char domain[65];
    gid_t groups[64];
    mode_t mask = umask(0);
    umask(mask);
    uname(&u);
    getdomainname(domain, sizeof domain);
    printf("uid %d %d gid %d %d groups %d host %s domain %s umask %o persona %x pid %d sid %d newprivs %d\n",
           getuid(), geteuid(), getgid(), getegid(), getgroups(64, groups), u.nodename, domain, mask,
           personality(0xffffffff), getpid(), getsid(0), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void fds(void) {
    for (int fd = 0; fd < 4096; fd++) {
        char link[64], to[256];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = fcntl(fd, F_GETFD) < 0 ? -1 : readlink(link, to, sizeof to - 1);
        if (n >= 0) {
            to[n] = 0;
            printf("%d %s\n", fd, fd == 1 || fd == 2 ? "(log)" : to);
        }
    }
}

static void limits(void) {
    for (int i = 0; i < 16; i++) {
        struct rlimit r;
        getrlimit(i, &r);
        printf("%d:%ld/%ld ", i, (long)r.rlim_cur, (long)r.rlim_max);
    }
    printf("\n");
}

static void cpus(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    int r = sched_getaffinity(0, sizeof set, &set);
    printf("affinity %d %d online %ld\n", r, CPU_COUNT(&set), sysconf(_SC_NPROCESSORS_ONLN));
}

static void connect_to(const char *ip, const char *port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    inet_pton(AF_INET, ip, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        result("socket", -1);
    else
        result("connect", connect(fd, (void *)&to, sizeof to));
}

/* Every process forks: for a low ceiling. */
static void bomb(void) {
    for (;;)
        if (fork() < 0)
            usleep(20000);
}

/* One process forks and the others sleep: reaches any ceiling, and the machine hardly
   notices. */
static void crowd(void) {
    for (;;) {
        pid_t child = fork();
        if (!child)
            for (;;)
                pause();
        if (child < 0)
            usleep(20000);
    }
}

static void act(int n, char **v) {
    long a[6] = {0};
    char *what = v[0];
    if (!strcmp(what, "sys") || !strcmp(what, "int80")) {
        int narrow = *what == 'i';
        for (int i = 2; i < n && i < 8; i++) {
            if (narrow && !strncmp(v[i], "s:", 2))
                a[i - 2] = (long)strcpy(low[i], v[i] + 2);
            else
                a[i - 2] = argument(v[i]);
        }
        long nr = strtol(v[1], NULL, 0);
        result(what, narrow ? int80(nr, a) : syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
    } else if (!strcmp(what, "write")) {
        int fd = open(v[1], O_WRONLY | O_CREAT, 0666);
        result("write", fd < 0 ? -1 : write(fd, v[2], strlen(v[2])));
        close(fd);
    } else if (!strcmp(what, "read")) {
        show_file(v[1]);
    } else if (!strcmp(what, "list")) {
        list(v[1]);
    } else if (!strcmp(what, "order")) {
        order(v[1]);
    } else if (!strcmp(what, "clock")) {
        years();
    } else if (!strcmp(what, "stat")) {
        show_stat(v[1]);
    } else if (!strcmp(what, "env")) {
        for (char **e = environ; *e; e++)
            puts(*e);
    } else if (!strcmp(what, "self")) {
        self();
    } else if (!strcmp(what, "fds")) {
        fds();
    } else if (!strcmp(what, "limits")) {
        limits();
    } else if (!strcmp(what, "cpus")) {
        cpus();
    } else if (!strcmp(what, "address")) {
        printf("%p %p\n", (void *)&n, sbrk(0));
    } else if (!strcmp(what, "connect")) {
        connect_to(v[1], v[2]);
    } else if (!strcmp(what, "bomb")) {
        bomb();
    } else if (!strcmp(what, "crowd")) {
        crowd();
    } else if (!strcmp(what, "daemon")) {
        if (!fork()) {
            setsid();
            prctl(PR_SET_NAME, "straggler");
            usleep((useconds_t)(atof(v[1]) * 1e6));
            _exit(0);
        }
    } else if (!strcmp(what, "wait")) {
        while (wait(NULL) > 0)
            ;
    } else if (!strcmp(what, "kill")) {
        result("kill", kill(atoi(v[1]), atoi(v[2])));
    } else if (!strcmp(what, "sleep")) {
        sleep(atoi(v[1]));
    } else if (!strcmp(what, "exit")) {
        fflush(stdout);
        exit(atoi(v[1]));
    } else if (!strcmp(what, "abort")) {
        fflush(stdout);
        abort();
    } else if (!strcmp(what, "exec")) {
        fflush(stdout);
        execv(v[1], v + 1);
        result("exec", -1);
    } else {
        printf("unknown action %s\n", what);
    }
    fflush(stdout);
}

int main(int argc, char **argv) {
    int start = 1;
    for (int i = 1; i <= argc; i++) {
        if (i < argc && strcmp(argv[i], ","))
            continue;
        if (i > start) {
            char *end = argv[i];
            argv[i] = NULL;
            act(i - start, argv + start);
            argv[i] = end;
        }
        start = i + 1;
    }
    return 0;
}
