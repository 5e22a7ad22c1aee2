/*
 * muslgen: the headers of musl that its makefile generates by sed, and their
 * installation, for the moment when only a C compiler exists.
 *
 *   muslgen DEST SOURCES OBJECTS      in the root of musl's source; DEST is /usr/include
 *
 * writes DEST/bits/alltypes.h from the two alltypes.h.in, DEST/bits/syscall.h
 * from syscall.h.in and src/internal/version.h from VERSION, and copies every
 * other public header. OBJECTS becomes the list of the .o files that the
 * compiler makes in the current folder from the list SOURCES (src/a/b.c: b.o).
 *
 * There is no C library yet, so it brings its own way into main, and sys, the
 * i386 system call.
 */

enum { SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6, SYS_MKDIR = 39, SYS_GETDENTS = 141 };
enum { ROOM = 262144, NAMES = 65536 };

int sys(int number, int a, int b, int c);

__asm__(
	".globl _start\n"
	"_start: mov (%esp), %eax\n"	/* argc */
	"lea 4(%esp), %ecx\n"	/* argv */
	"push %ecx\n push %eax\n call main\n"
	"mov %eax, %ebx\n mov $1, %eax\n int $0x80\n"
	".globl sys\n"
	"sys: push %ebx\n"
	"mov 8(%esp), %eax\n mov 12(%esp), %ebx\n mov 16(%esp), %ecx\n mov 20(%esp), %edx\n"
	"int $0x80\n pop %ebx\n ret\n");

char in[ROOM];
int in_len;
char out[ROOM];
int out_len;
char names[NAMES];
char from_path[512];
char to_path[512];
char folder_from[512];
char folder_to[512];
char bits[512];

int length(char *s)
{
	int n = 0;
	while (s[n])
		n++;
	return n;
}

int fail(char *what, char *name)
{
	sys(SYS_WRITE, 2, (int)"muslgen: ", 9);
	sys(SYS_WRITE, 2, (int)what, length(what));
	sys(SYS_WRITE, 2, (int)name, length(name));
	sys(SYS_WRITE, 2, (int)"\n", 1);
	sys(SYS_EXIT, 1, 0, 0);
	return 0;
}

/* Appends the file to `in`. */
int load(char *path)
{
	int fd = sys(SYS_OPEN, (int)path, 0, 0);
	int n;
	if (fd < 0)
		fail("cannot open ", path);
	do {
		n = sys(SYS_READ, fd, (int)&in[in_len], ROOM - in_len);
		if (n < 0)
			fail("cannot read ", path);
		in_len = in_len + n;
	} while (n > 0);
	if (in_len == ROOM)
		fail("too large: ", path);
	sys(SYS_CLOSE, fd, 0, 0);
	return 0;
}

int save(char *path, char *data, int len)
{
	int fd = sys(SYS_OPEN, (int)path, 577, 420);	/* write, create, truncate; mode 0644 */
	if (fd < 0)
		fail("cannot create ", path);
	if (sys(SYS_WRITE, fd, (int)data, len) != len)
		fail("cannot write ", path);
	sys(SYS_CLOSE, fd, 0, 0);
	return 0;
}

int put(char *s, int len)
{
	int i;
	if (out_len + len > ROOM)
		fail("too much output", "");
	for (i = 0; i < len; i++)
		out[out_len + i] = s[i];
	out_len = out_len + len;
	return 0;
}

int puts0(char *s)
{
	return put(s, length(s));
}

int starts(char *s, char *with)
{
	int i = 0;
	while (with[i]) {
		if (s[i] != with[i])
			return 0;
		i++;
	}
	return 1;
}

/* Index in `in` of the newline that ends the line at `at`. */
int line_end(int at)
{
	while (at < in_len && in[at] != 10)
		at++;
	return at;
}

/*
 * A guarded declaration: `#if defined(__NEED_name) && !defined(__DEFINED_name)`.
 * `kind` is "" or "struct_" or "union_", the declaration is `word`, a text and an end.
 */
int guarded(char *kind, char *name, int name_len, char *word, char *text, int text_len)
{
	puts0("#if defined(__NEED_");
	puts0(kind);
	put(name, name_len);
	puts0(") && !defined(__DEFINED_");
	puts0(kind);
	put(name, name_len);
	puts0(")\n");
	puts0(word);
	put(text, text_len);
	puts0(";\n#define __DEFINED_");
	puts0(kind);
	put(name, name_len);
	puts0("\n#endif\n\n");
	return 0;
}

/* TYPEDEF type name; the name is the last word. */
int type_line(int at, int end)
{
	int start = at + 8;
	int last = end - 1;
	while (in[last - 1] != ' ')
		last--;
	guarded("", &in[last], end - 1 - last, "typedef ", &in[start], end - 1 - start);
	return 0;
}

/* STRUCT name { ... }; and UNION name { ... }; */
int aggregate_line(int at, int end, char *kind, char *word)
{
	int start = at + length(kind);
	int stop;
	while (in[start] == ' ')
		start++;
	stop = start;
	while (in[stop] != ' ')
		stop++;
	guarded(kind, &in[start], stop - start, word, &in[start], end - 1 - start);
	return 0;
}

int alltypes(void)
{
	int at = 0;
	int end;
	while (at < in_len) {
		end = line_end(at);
		if (starts(&in[at], "TYPEDEF "))
			type_line(at, end);
		else if (starts(&in[at], "STRUCT "))
			aggregate_line(at, end, "struct_", "struct ");
		else if (starts(&in[at], "UNION "))
			aggregate_line(at, end, "union_", "union ");
		else
			put(&in[at], end + 1 - at);
		at = end + 1;
	}
	return 0;
}

/* Every `#define __NR_x n` once more as `#define SYS_x n`. */
int syscalls(void)
{
	int at = 0;
	int end;
	put(in, in_len);
	while (at < in_len) {
		end = line_end(at);
		if (starts(&in[at], "#define __NR_")) {
			puts0("#define SYS_");
			put(&in[at + 13], end + 1 - at - 13);
		}
		at = end + 1;
	}
	return 0;
}

int join(char *path, char *dir, char *name)
{
	int n = 0;
	int i;
	for (i = 0; dir[i]; i++)
		path[n++] = dir[i];
	if (name[0])
		path[n++] = '/';
	for (i = 0; name[i]; i++)
		path[n++] = name[i];
	path[n] = 0;
	return n;
}

int short_at(char *p)
{
	return (p[0] & 255) | (p[1] & 255) << 8;
}

int is_header(char *name)
{
	int n = length(name);
	return n > 2 && name[n - 2] == '.' && name[n - 1] == 'h';
}

/*
 * Copies the .h files of a folder. A directory entry of the kernel: inode and
 * offset (4 bytes each), the entry's length (2), the name.
 */
int copy_headers(char *from, char *dest)
{
	int fd = sys(SYS_OPEN, (int)from, 0, 0);
	int n;
	int at;
	if (fd < 0)
		fail("cannot open folder ", from);
	sys(SYS_MKDIR, (int)dest, 493, 0);	/* mode 0755; it may exist */
	while (1) {
		n = sys(SYS_GETDENTS, fd, (int)names, NAMES);
		if (n < 0)
			fail("cannot list ", from);
		if (n == 0)
			break;
		for (at = 0; at < n; at = at + short_at(&names[at + 8])) {
			if (!is_header(&names[at + 10]))
				continue;
			join(from_path, from, &names[at + 10]);
			join(to_path, dest, &names[at + 10]);
			in_len = 0;
			load(from_path);
			save(to_path, in, in_len);
		}
	}
	sys(SYS_CLOSE, fd, 0, 0);
	return 0;
}

/* One folder of include/, by name; "" is include/ itself. */
int install(char *dest, char *sub)
{
	join(from_path, "include", sub);
	join(folder_from, from_path, "");
	join(to_path, dest, sub);
	join(folder_to, to_path, "");
	copy_headers(folder_from, folder_to);
	return 0;
}

int version(void)
{
	in_len = 0;
	load("VERSION");
	out_len = 0;
	puts0("#define VERSION \"");
	put(in, line_end(0));
	puts0("\"\n");
	return 0;
}

/* From each line of a source list the name of its object file. */
int objects(void)
{
	int at = 0;
	int end;
	int i;
	int base;
	int stop;
	while (at < in_len) {
		end = line_end(at);
		base = at;
		stop = end;
		for (i = at; i < end; i++) {
			if (in[i] == '/')
				base = i + 1;
			if (in[i] == '.')
				stop = i;
		}
		put(&in[base], stop - base);
		puts0(".o\n");
		at = end + 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		fail("usage: muslgen DEST SOURCES OBJECTS", "");
	install(argv[1], "");
	install(argv[1], "arpa");
	install(argv[1], "net");
	install(argv[1], "netinet");
	install(argv[1], "netpacket");
	install(argv[1], "scsi");
	install(argv[1], "sys");
	join(bits, argv[1], "bits");
	copy_headers("arch/generic/bits", bits);
	copy_headers("arch/i386/bits", bits);

	in_len = 0;
	load("arch/i386/bits/alltypes.h.in");
	load("include/alltypes.h.in");
	alltypes();
	join(to_path, bits, "alltypes.h");
	save(to_path, out, out_len);

	in_len = 0;
	out_len = 0;
	load("arch/i386/bits/syscall.h.in");
	syscalls();
	join(to_path, bits, "syscall.h");
	save(to_path, out, out_len);

	version();
	save("src/internal/version.h", out, out_len);

	in_len = 0;
	out_len = 0;
	load(argv[2]);
	objects();
	save(argv[3], out, out_len);
	return 0;
}
