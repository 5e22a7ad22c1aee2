/* cp FROM TO: copies a file; the copy may be executed if the original may. */

enum { SYS_ACCESS = 33, MAY_EXECUTE = 1 };

int main(int argc, char **argv) {
    char *bytes;
    int mode = 0x1a4;                   /* 0644 */
    int fd;
    if (argc != 3) die("usage: cp FROM TO", "");
    bytes = read_file(argv[1], 0);
    if (!bytes) die("cp: cannot open ", argv[1]);
    if (sys(SYS_ACCESS, (int) argv[1], MAY_EXECUTE, 0) == 0) mode = 0x1ed;
    fd = sys(SYS_OPEN, (int) argv[2], OPEN_CREATE, mode);
    if (fd < 0) die("cp: cannot create ", argv[2]);
    write_all(fd, bytes, file_size, argv[2]);
    close_file(fd, argv[2]);
    return 0;
}
