/* mkdir PATH...: makes folders and those above them; one that is there
 * already is fine. */

enum { SYS_MKDIR = 39, EXISTS = -17 };

int make(char *path) {
    return sys(SYS_MKDIR, (int) path, 0x1ed, 0);        /* 0755 */
}

int main(int argc, char **argv) {
    int i, k, result;
    if (argc < 2) die("usage: mkdir PATH...", "");
    for (i = 1; i < argc; i++) {
        for (k = 1; argv[i][k]; k++)
            if (argv[i][k] == '/') {
                argv[i][k] = 0;
                make(argv[i]);
                argv[i][k] = '/';
            }
        result = make(argv[i]);
        if (result < 0 && result != EXISTS) die("mkdir: cannot make ", argv[i]);
    }
    return 0;
}
