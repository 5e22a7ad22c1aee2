/* patch DIR FILE...: applies unified diffs to files below DIR.
 *
 *     any text before
 *     --- a/NAME          the first part of a name is dropped
 *     +++ b/NAME
 *     @@ -LINE,COUNT +LINE,COUNT @@
 *      kept     -removed     +added
 *
 * Strict: a hunk stands at the line it names, and each kept or removed line
 * must be there byte for byte.  "--- /dev/null" makes a new file.  A file is
 * written only after all its hunks fitted. */

char *diff, *diff_path;                 /* the diff not yet read */
char *old, *path;                       /* the old file not yet copied */
int old_line;                           /* number of the line at `old` */
char *new;
int new_size;

void fail(char *why) {
    say("patch: ");
    say(diff_path);
    say(": ");
    if (path) {
        say(path);
        say(":");
        say_number(old_line);
        say(": ");
    }
    die(why, "");
}

/* Length of the line at s with its newline; 0 at the end. */
int line_length(char *s) {
    int n = 0;
    while (s[n] && s[n] != '\n') n++;
    return n + (s[n] == '\n');
}

void add_line(char *line) {
    copy(new + new_size, line, line_length(line));
    new_size += line_length(line);
}

void keep_line() {
    if (*old == 0) fail("file ends before a hunk");
    add_line(old);
    old = old + line_length(old);
    old_line++;
}

void expect(char *text) {
    if (!same_bytes(diff, text, length(text))) fail("bad hunk header");
    diff = diff + length(text);
}

int number() {
    int n = 0;
    if (*diff < '0' || *diff > '9') fail("bad hunk header");
    while (*diff >= '0' && *diff <= '9') n = n * 10 + *diff++ - '0';
    return n;
}

int count() {
    if (*diff != ',') return 1;
    diff++;
    return number();
}

/* One hunk, from its @@ on. */
void do_hunk() {
    int at, removed, added, n;
    char kind;
    expect("@@ -");
    at = number();
    removed = count();
    expect(" +");
    number();
    added = count();
    expect(" @@");
    diff = diff + line_length(diff);
    if (removed == 0) at++;             /* the header names the line before */
    if (at < old_line) fail("hunks out of order");
    while (old_line < at) keep_line();
    while (removed > 0 || added > 0) {
        kind = *diff++;
        n = line_length(diff);
        if (n == 0 || diff[n - 1] != '\n' || (kind != ' ' && kind != '-' && kind != '+'))
            fail("hunk ends too early");
        if (kind != '+' && !same_bytes(old, diff, n)) fail("this line differs");
        if (kind == '+') add_line(diff);
        if (kind == ' ') keep_line();
        if (kind == '-') {
            old = old + n;
            old_line++;
        }
        removed -= kind != '+';
        added -= kind != '-';
        diff = diff + n;
    }
    if (removed < 0 || added < 0) fail("hunk longer than its header says");
    if (*diff == '\\') fail("a line without a newline");
}

/* DIR and the name at s without its first part. */
char *target(char *dir, char *s) {
    int n = 0;
    char *result;
    while (*s != '/' && *s > ' ') s++;
    if (*s != '/') fail("no name after +++");
    for (; s[n] > ' '; n++)
        if (same_bytes(s + n, "/..", 3)) fail("name with '..'");
    result = alloc(length(dir) + n + 1);
    copy(result, dir, length(dir));
    copy(result + length(dir), s, n);
    return result;
}

/* From "--- " on: all hunks of one file. */
void do_file(char *dir, int diff_size) {
    int fresh = same_bytes(diff, "--- /dev/null", 13), fd;
    char *end;
    diff = diff + line_length(diff);
    if (!same_bytes(diff, "+++ ", 4)) fail("no +++ after ---");
    path = target(dir, diff + 4);
    diff = diff + line_length(diff);
    old = "";
    file_size = 0;
    if (!fresh) old = read_file(path, 0);
    if (!old) fail("cannot open");
    end = old + file_size;
    new = alloc(file_size + diff_size);
    new_size = 0;
    old_line = 1;
    if (*diff != '@') fail("no hunk");
    while (*diff == '@') do_hunk();
    while (*old) keep_line();
    if (old != end) fail("a zero byte");
    fd = create_file(path);
    write_all(fd, new, new_size, path);
    close_file(fd, path);
    path = 0;
}

void do_diff(char *dir) {
    int size, files = 0;
    diff = read_file(diff_path, 0);
    if (!diff) die("patch: cannot open ", diff_path);
    size = file_size;
    while (*diff) {
        files += same_bytes(diff, "--- ", 4);
        if (same_bytes(diff, "--- ", 4)) do_file(dir, size);
        else diff = diff + line_length(diff);
    }
    if (files == 0) fail("holds no diff");
}

int main(int argc, char **argv) {
    int i;
    if (argc < 3) die("usage: patch DIR FILE...", "");
    for (i = 2; i < argc; i++) {
        diff_path = argv[i];
        do_diff(argv[1]);
    }
    return 0;
}
