/* lib.c: what a tool written in Small C needs from the system: strings,
 * memory, whole files in, whole files out, messages on standard error.
 *
 * Files are read and written in one piece, because a 32-bit system call costs
 * about ten microseconds.  Memory is never given back: it comes zeroed from
 * the kernel in steps of a megabyte and the process ends soon. */

enum {
    SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6,
    SYS_LSEEK = 19, SYS_BRK = 45,
    OPEN_READ = 0, OPEN_CREATE = 577,   /* O_WRONLY | O_CREAT | O_TRUNC */
    MODE_EXECUTABLE = 493,              /* 0755 */
    SEEK_FROM_START = 0, SEEK_FROM_END = 2,
    ARENA_STEP = 1 << 20
};

char *arena_next;
int arena_left;
int file_size;                          /* set by read_file */

int length(char *s) {
    int n = 0;
    while (s[n]) n++;
    return n;
}

int same_bytes(char *a, char *b, int n) {
    while (n > 0) {
        if (*a != *b) return 0;
        a++;
        b++;
        n--;
    }
    return 1;
}

int same(char *a, char *b) {
    int n = length(a);
    return n == length(b) && same_bytes(a, b, n);
}

void copy(char *to, char *from, int n) {
    while (n > 0) {
        *to++ = *from++;
        n--;
    }
}

void say_bytes(char *s, int n) { sys(SYS_WRITE, 2, (int) s, n); }
void say(char *s) { say_bytes(s, length(s)); }

void say_number(int n) {
    char digit;
    if (n < 0) {
        say("-");
        n = -n;
    }
    if (n > 9) say_number(n / 10);
    digit = '0' + n % 10;
    say_bytes(&digit, 1);
}

void leave(int status) { sys(SYS_EXIT, status, 0, 0); }

void die(char *message, char *what) {
    say(message);
    say(what);
    say("\n");
    leave(1);
}

void arena_grow(int n) {
    int now = sys(SYS_BRK, 0, 0, 0), more = (n / ARENA_STEP + 1) * ARENA_STEP;
    if (sys(SYS_BRK, now + more, 0, 0) != now + more) die("out of memory", "");
    /* The break is ours alone, so a new step continues the last one. */
    if (arena_left == 0) arena_next = (char *) now;
    arena_left += more;
}

/* n zeroed bytes, aligned to 8; never fails. */
char *alloc(int n) {
    char *p;
    n = (n + 7) & ~7;
    if (n > arena_left) arena_grow(n);
    p = arena_next;
    arena_next = arena_next + n;
    arena_left -= n;
    return p;
}

char *save_bytes(char *s, int n) {
    char *p = alloc(n + 1);
    copy(p, s, n);
    return p;
}

/* The whole file followed by two zero bytes, or 0 if it cannot be opened;
 * its length in file_size.  `slack` more bytes are free behind it. */
char *read_file(char *path, int slack) {
    char *text;
    int got, done = 0, fd = sys(SYS_OPEN, (int) path, OPEN_READ, 0);
    if (fd < 0) return 0;
    file_size = sys(SYS_LSEEK, fd, 0, SEEK_FROM_END);
    if (file_size < 0 || sys(SYS_LSEEK, fd, 0, SEEK_FROM_START) < 0) die("cannot read ", path);
    text = alloc(file_size + 2 + slack);
    while (done < file_size) {
        got = sys(SYS_READ, fd, (int) (text + done), file_size - done);
        if (got <= 0) die("cannot read ", path);
        done += got;
    }
    sys(SYS_CLOSE, fd, 0, 0);
    return text;
}

void write_all(int fd, char *bytes, int n, char *path) {
    int put;
    while (n > 0) {
        put = sys(SYS_WRITE, fd, (int) bytes, n);
        if (put <= 0) die("cannot write ", path);
        bytes = bytes + put;
        n -= put;
    }
}

int create_file(char *path) {
    int fd = sys(SYS_OPEN, (int) path, OPEN_CREATE, MODE_EXECUTABLE);
    if (fd < 0) die("cannot create ", path);
    return fd;
}

void close_file(int fd, char *path) {
    if (sys(SYS_CLOSE, fd, 0, 0) < 0) die("cannot write ", path);
}
