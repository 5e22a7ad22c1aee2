/* run SCRIPT: one command a line, as long as all of them succeed.
 *
 *     PROGRAM WORD...     words are parted by spaces and tabs; there is no quoting
 *     cd DIR              done by run itself
 *     # ...               the rest of the line, if a word would begin here
 *
 * The first command that cannot be started or ends with a status other than 0
 * is printed, and run ends with status 1. */

enum { SYS_FORK = 2, SYS_WAITPID = 7, SYS_EXECVE = 11, SYS_CHDIR = 12 };

char **words;                           /* of this line, 0 behind the last */
char **environment;
int status;                             /* of the last command, as waitpid has it */

/* Cuts the line into words; how many. */
int split(char *s) {
    int n = 0;
    while (*s && *s != '#') {
        if (*s == ' ' || *s == '\t') {
            *s++ = 0;
        } else {
            words[n++] = s;
            while (*s && *s != ' ' && *s != '\t') s++;
        }
    }
    *s = 0;
    words[n] = 0;
    return n;
}

/* Starts the command and waits; whether it succeeded. */
int start() {
    int child = sys(SYS_FORK, 0, 0, 0);
    if (child == 0) {
        sys(SYS_EXECVE, (int) words[0], (int) words, (int) environment);
        leave(1);
    }
    return child > 0 && sys(SYS_WAITPID, child, (int) &status, 0) == child && status == 0;
}

void do_line(char *line, int n) {
    char *copy_of_it = save_bytes(line, n);
    int i;
    for (i = 0; i < n; i++)
        if ((line[i] & 255) < ' ' && line[i] != '\t')
            die("run: control character in: ", copy_of_it);
    n = split(line);
    if (n == 0) return;
    if (same(words[0], "cd")) i = n == 2 && sys(SYS_CHDIR, (int) words[1], 0, 0) == 0;
    else i = start();
    if (!i) die("run: failed: ", copy_of_it);
}

int main(int argc, char **argv) {
    char *line, *end;
    int n;
    if (argc != 2) die("usage: run SCRIPT", "");
    line = read_file(argv[1], 0);
    if (!line) die("run: cannot read ", argv[1]);
    end = line + file_size;
    words = (char **) alloc((file_size + 2) * sizeof(char *));
    environment = argv + argc + 1;
    *end = '\n';                        /* the last line may be without it */
    while (end - line >= 0) {
        for (n = 0; line[n] != '\n'; n++) continue;
        line[n] = 0;
        do_line(line, n);
        line = line + n + 1;
    }
    return 0;
}
