/* untar IN DIR: unpacks a tar archive into a directory that exists.
 *
 * An archive is a row of blocks of 512 bytes: a header, the file's bytes
 * padded to full blocks, the next header; a header of zeros ends it.
 *
 *     0 name 100 mode 108 uid 116 gid 124 size 136 mtime 148 check sum
 *     156 type 157 link's target 257 "ustar" 345 name's beginning 500
 *
 * Understood: ustar, GNU's long names (types L, K), pax's path, linkpath and
 * size (type x; g is passed over), files, directories, both kinds of links.
 * Everything else is refused, and so is a name that is absolute or has a part
 * "..".  Symbolic links are made last, when every folder is there already: so
 * nothing can be written through one of the same archive. */

enum {
    SYS_LINK = 9, SYS_UNLINK = 10, SYS_UTIME = 30, SYS_MKDIR = 39, SYS_SYMLINK = 83,
    BLOCK = 512, NAME_MAX = 4096, NO_ENTRY = -2, EXISTS = -17,
    AT_MODE = 100, AT_SIZE = 124, AT_MTIME = 136, AT_SUM = 148, AT_TYPE = 156,
    AT_LINK = 157, AT_MAGIC = 257, AT_PREFIX = 345
};

char *archive;
int archive_size;
char *dir;
char name[NAME_MAX];                    /* DIR/NAME */
char target[NAME_MAX];
char full_target[NAME_MAX];             /* DIR/TARGET of a hard link */
char *long_name;                        /* from a header L or x, or 0 */
char *long_target;
int long_size;                          /* from a header x, or -1 */
int times[2];

void refuse(char *why, char *what) {
    say("untar: ");
    die(why, what);
}

/* An octal number of at most n digits; blanks and zeros around it. */
int octal(char *field, int n) {
    int value = 0;
    while (n > 0 && *field == ' ') {
        field++;
        n--;
    }
    while (n > 0 && *field >= '0' && *field <= '7') {
        if (value >> 28) refuse("number too large in ", name);
        value = value << 3 | *field++ - '0';
        n--;
    }
    if (n > 0 && *field && *field != ' ') refuse("bad number in ", name);
    return value;
}

int field_length(char *field, int n) {
    int i = 0;
    while (i < n && field[i]) i++;
    return i;
}

/* Appends n bytes to a path of `used` bytes; returns its new length. */
int append(char *path, int used, char *part, int n) {
    if (used + n >= NAME_MAX) refuse("name too long: ", part);
    copy(path + used, part, n);
    path[used + n] = 0;
    return used + n;
}

void check_name(char *path) {
    int part = 0;                       /* length of the part so far */
    int dots = 0;
    if (*path == '/' || *path == 0) refuse("absolute or empty name: ", path);
    for (; *path; path++) {
        if (*path == '/') {
            part = 0;
            dots = 0;
        } else {
            part++;
            dots += *path == '.';
        }
        if (part == 2 && dots == 2 && (path[1] == '/' || path[1] == 0))
            refuse("name with a part '..'", "");
    }
}

/* The folders above a path, as far as they are missing. */
void make_parents(char *path) {
    int i;
    for (i = 1; path[i]; i++)
        if (path[i] == '/') {
            path[i] = 0;
            sys(SYS_MKDIR, (int) path, 0x1ed, 0);       /* 0755 */
            path[i] = '/';
        }
}

void make_file(int mode, char *bytes, int n) {
    int flags = 0xc1;                   /* O_WRONLY | O_CREAT | O_EXCL */
    int fd;
    mode = mode & 0x49 ? 0x1ed : 0x1a4; /* any x: 0755, else 0644 */
    fd = sys(SYS_OPEN, (int) name, flags, mode);
    if (fd == EXISTS) {
        sys(SYS_UNLINK, (int) name, 0, 0);
        fd = sys(SYS_OPEN, (int) name, flags, mode);
    }
    if (fd == NO_ENTRY) {
        make_parents(name);
        fd = sys(SYS_OPEN, (int) name, flags, mode);
    }
    if (fd < 0) refuse("cannot create ", name);
    write_all(fd, bytes, n, name);
    close_file(fd, name);
    if (sys(SYS_UTIME, (int) name, (int) times, 0) < 0) refuse("cannot set the time of ", name);
}

void make_folder() {
    int result;
    int n = length(name);
    while (name[n - 1] == '/') name[--n] = 0;
    make_parents(name);
    result = sys(SYS_MKDIR, (int) name, 0x1ed, 0);
    if (result < 0 && result != EXISTS) refuse("cannot make folder ", name);
}

void make_link(int hard) {
    char *old = target;
    if (hard) {
        int used = append(full_target, 0, dir, length(dir));
        used = append(full_target, used, "/", 1);
        check_name(target);
        append(full_target, used, target, length(target));
        old = full_target;
    }
    sys(SYS_UNLINK, (int) name, 0, 0);
    if (sys(hard ? SYS_LINK : SYS_SYMLINK, (int) old, (int) name, 0) < 0)
        refuse("cannot link ", name);
}

void check_sum(char *header) {
    int sum = 8 * ' ';
    int i;
    for (i = 0; i < BLOCK; i++)
        if (i < AT_SUM || i >= AT_TYPE) sum += header[i] & 255;
    if (sum != octal(header + AT_SUM, 8)) refuse("bad check sum in a header", "");
}

/* Records "LENGTH KEY=VALUE\n" of a pax header. */
void read_pax(char *text, int n) {
    while (n > 0) {
        int size = 0;
        int i = 0;
        for (; i < n && text[i] >= '0' && text[i] <= '9'; i++) size = size * 10 + text[i] - '0';
        if (text[i] != ' ' || size <= i || size > n || text[size - 1] != '\n') refuse("bad pax header", "");
        i++;
        if (same_bytes(text + i, "path=", 5)) long_name = save_bytes(text + i + 5, size - i - 6);
        else if (same_bytes(text + i, "linkpath=", 9)) long_target = save_bytes(text + i + 9, size - i - 10);
        else if (same_bytes(text + i, "size=", 5)) {
            long_size = 0;
            for (i += 5; i < size - 1; i++) long_size = long_size * 10 + text[i] - '0';
        }
        text = text + size;
        n -= size;
    }
}

/* DIR/NAME and the link's target of a header. */
void read_names(char *header) {
    int used = append(name, 0, dir, length(dir));
    int n = field_length(header + AT_PREFIX, 155);
    used = append(name, used, "/", 1);
    if (long_name) {
        append(name, used, long_name, length(long_name));
    } else {
        if (same_bytes(header + AT_MAGIC, "ustar", 6) && n > 0) {
            n = append(name, used, header + AT_PREFIX, n);
            n = append(name, n, "/", 1);
        } else {
            n = used;
        }
        append(name, n, header, field_length(header, 100));
    }
    check_name(name + used);
    if (long_target) append(target, 0, long_target, length(long_target));
    else append(target, 0, header + AT_LINK, field_length(header + AT_LINK, 100));
}

/* Pass 0 makes files and folders, 1 hard links, 2 symbolic links. */
void unpack(int pass) {
    int at = 0;
    while (at + BLOCK <= archive_size && archive[at]) {
        char *header = archive + at;
        int type = header[AT_TYPE];
        int size = octal(header + AT_SIZE, 12);
        char *bytes = header + BLOCK;
        check_sum(header);
        if (long_size >= 0) size = long_size;
        at += BLOCK;
        if (size > archive_size - at) refuse("archive ends too early", "");
        at += (size + BLOCK - 1) / BLOCK * BLOCK;
        if (type == 'L') long_name = save_bytes(bytes, size);
        else if (type == 'K') long_target = save_bytes(bytes, size);
        else if (type == 'x') read_pax(bytes, size);
        else if (type != 'g') {
            read_names(header);
            times[0] = octal(header + AT_MTIME, 12);
            times[1] = times[0];
            if (type == '1' || type == '2') {
                if (pass == 0) make_parents(name);
                if (pass == type - '0') make_link(type == '1');
            } else if (type == '5') {
                if (pass == 0) make_folder();
            } else if (type == '0' || type == 0 || type == '7') {
                if (pass == 0) make_file(octal(header + AT_MODE, 8), bytes, size);
            } else {
                refuse("unknown kind of entry: ", name);
            }
            long_name = 0;
            long_target = 0;
            long_size = -1;
        }
    }
    if (at + BLOCK > archive_size) refuse("archive has no end", "");
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: untar IN DIR", "");
    archive = read_file(argv[1], 0);
    if (!archive) refuse("cannot open ", argv[1]);
    archive_size = file_size;
    dir = argv[2];
    long_size = -1;
    unpack(0);
    unpack(1);
    unpack(2);
    return 0;
}
