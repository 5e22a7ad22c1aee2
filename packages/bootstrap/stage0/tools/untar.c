/* untar IN DIR: unpacks a tar archive into DIR, which is made if it is missing.
 *
 * An archive is a row of blocks of 512 bytes: a header, the file's bytes
 * padded to full blocks, the next header; a header of zeros ends it.
 *
 *     0 name 100 mode 108 uid 116 gid 124 size 136 mtime 148 check sum
 *     156 type 157 link's target 257 "ustar" 345 name's beginning 500
 *
 * Files and folders are made.  A name of more than 100 bytes is split at a
 * slash or, by GNU tar, comes before as an entry of its own (type L).  pax's
 * global header (type g), which holds a comment, is passed over.  Every other
 * kind of entry is refused, and so is a name that is absolute or has a part
 * "..". */

enum {
    SYS_UNLINK = 10, SYS_MKDIR = 39,
    BLOCK = 512, NAME_MAX = 4096, NO_ENTRY = -2, EXISTS = -17,
    AT_MODE = 100, AT_SIZE = 124, AT_SUM = 148, AT_TYPE = 156, AT_MAGIC = 257, AT_PREFIX = 345,
    ANY_EXECUTE = 0x49, OPEN_NEW = 0xc1 /* O_WRONLY | O_CREAT | O_EXCL */
};

char name[NAME_MAX];                    /* DIR/NAME */
char *long_name;                        /* of the next entry, or 0 */

void refuse(char *why, char *what) {
    say("untar: ");
    die(why, what);
}

/* An octal number of at most n digits, behind blanks. */
int octal(char *field, int n) {
    int value = 0;
    for (; n > 0 && *field == ' '; n--) field++;
    for (; n > 0 && *field >= '0' && *field <= '7'; n--) {
        if (value >> 28) refuse("number too large in ", name);
        value = value << 3 | *field++ - '0';
    }
    if (n > 0 && *field && *field != ' ') refuse("bad number in ", name);
    return value;
}

/* Appends text of at most n bytes to the name of `used` bytes; its new length. */
int append(int used, char *text, int n) {
    for (; n > 0 && *text; n--) {
        if (used == NAME_MAX - 1) refuse("name too long: ", name);
        name[used++] = *text++;
    }
    name[used] = 0;
    return used;
}

void check_name(char *path) {
    char *part;
    if (*path == '/' || *path == 0) refuse("absolute or empty name: ", path);
    for (part = path; *part; part++)
        if ((part == path || part[-1] == '/') && part[0] == '.' && part[1] == '.'
            && (part[2] == '/' || part[2] == 0))
            refuse("name with a part '..': ", path);
}

/* DIR/NAME of a header. */
void read_name(char *header, char *dir) {
    int start = append(append(0, dir, NAME_MAX), "/", 1), used = start;
    if (same_bytes(header + AT_MAGIC, "ustar", 6) && header[AT_PREFIX])
        used = append(append(used, header + AT_PREFIX, 155), "/", 1);
    if (long_name) append(start, long_name, NAME_MAX);
    else append(used, header, 100);
    long_name = 0;
    check_name(name + start);
}

/* The folders above the name, as far as they are missing. */
void make_parents() {
    int i;
    for (i = 1; name[i]; i++)
        if (name[i] == '/') {
            name[i] = 0;
            sys(SYS_MKDIR, (int) name, 0x1ed, 0);       /* 0755 */
            name[i] = '/';
        }
}

void make_file(int mode, char *bytes, int n) {
    int fd;
    mode = mode & ANY_EXECUTE ? 0x1ed : 0x1a4;          /* 0755 or 0644 */
    sys(SYS_UNLINK, (int) name, 0, 0);
    fd = sys(SYS_OPEN, (int) name, OPEN_NEW, mode);
    if (fd == NO_ENTRY) {
        make_parents();
        fd = sys(SYS_OPEN, (int) name, OPEN_NEW, mode);
    }
    if (fd < 0) refuse("cannot create ", name);
    write_all(fd, bytes, n, name);
    close_file(fd, name);
}

void make_folder() {
    int result;
    make_parents();
    result = sys(SYS_MKDIR, (int) name, 0x1ed, 0);
    if (result < 0 && result != EXISTS) refuse("cannot make folder ", name);
}

void check_sum(char *header) {
    int sum = 8 * ' ', i;
    for (i = 0; i < BLOCK; i++)
        if (i < AT_SUM || i >= AT_TYPE) sum += header[i] & 255;
    if (sum != octal(header + AT_SUM, 8)) refuse("bad check sum in a header", "");
}

void do_entry(char *header, char *bytes, int size, char *dir) {
    int type = header[AT_TYPE];
    if (type == 'g') return;
    if (type == 'L') {
        long_name = save_bytes(bytes, size);
        return;
    }
    read_name(header, dir);
    if (type == '5') make_folder();
    else if (type == '0' || type == 0) make_file(octal(header + AT_MODE, 8), bytes, size);
    else refuse("unknown kind of entry: ", name);
}

int main(int argc, char **argv) {
    char *at, *end;
    int size;
    if (argc != 3) die("usage: untar IN DIR", "");
    at = read_file(argv[1], 0);
    if (!at) refuse("cannot open ", argv[1]);
    end = at + file_size;
    while (end - at >= BLOCK && *at) {
        check_sum(at);
        size = octal(at + AT_SIZE, 12);
        if (size > end - at - BLOCK) refuse("archive ends too early", "");
        do_entry(at, at + BLOCK, size, argv[2]);
        at = at + BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    if (end - at < BLOCK) refuse("archive has no end", "");
    return 0;
}
