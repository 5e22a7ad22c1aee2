/*
 * bbgen: what busybox's kconfig and shell scripts generate, without them.
 *
 *   bbgen OPTIONS DIR...      run in the root of busybox's source
 *
 * Busybox keeps its options, applets, help texts and object lists as comments
 * in the .c files (//config: //applet: //usage: //kbuild:). Its own build
 * extracts them by sed and a configurator whose parser is bison output. No
 * shell exists yet when the first busybox is built, so this program reads
 * the same comments and writes
 *
 *   include/autoconf.h   CONFIG_X, ENABLE_X, IF_X(), IF_NOT_X() for every option
 *   include/applets.h    include/applets.src.h with the applets inserted
 *   include/usage.h      include/usage.src.h with the help texts inserted
 *   include/usage_compressed.h, common_bufsiz.h, embedded_scripts.h
 *                        as for an unpacked, empty help text and no scripts
 *   sources.list         the .c files that the chosen options need, one a line
 *
 * OPTIONS is a file of option names, blank separated, `#` begins a comment line.
 * A name in it that busybox does not know is an error.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 8192, MAX = 4096 };

struct option { char *name; char *value; int on; int plain; };
struct var { char *name; char *value; };

static struct option options[MAX];
static int noptions;
static struct var vars[MAX];
static int nvars;
static char *sources[MAX];
static int nsources;

static void fail(const char *what, const char *name)
{
	fprintf(stderr, "bbgen: %s: %s\n", what, name);
	exit(1);
}

static char *copy(const char *s)
{
	char *p = strdup(s);
	if (!p)
		fail("out of memory", s);
	return p;
}

static FILE *open_or_fail(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);
	if (!f)
		fail("cannot open", path);
	return f;
}

static struct option *find_option(const char *name)
{
	int i;
	for (i = 0; i < noptions; i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	return NULL;
}

static int is_on(const char *name)
{
	struct option *o = find_option(name);
	return o && o->on;
}

/* One line of Kconfig language. Only the names, the types and literal defaults matter here. */
static void config_line(char *l)
{
	static struct option *cur;
	char word[256];
	while (*l == ' ' || *l == '\t')
		l++;
	if (!strncmp(l, "menuconfig ", 11))
		l += 4;
	if (!strncmp(l, "config ", 7) && sscanf(l + 7, "%255s", word) == 1) {
		cur = find_option(word);
		if (!cur) {
			if (noptions == MAX)
				fail("too many options", word);
			cur = &options[noptions++];
			cur->name = copy(word);
			cur->plain = 1;
		}
	} else if (cur && (!strncmp(l, "int ", 4) || !strncmp(l, "string ", 7))) {
		cur->plain = 0;
	} else if (cur && !cur->plain && !cur->value && !strncmp(l, "default ", 8)) {
		char *end = strstr(l, " if ");
		if (end)
			*end = 0;
		/* Behind a number there may be a comment. */
		if (l[8] != '"')
			l[8 + strcspn(l + 8, " \t#")] = 0;
		cur->value = copy(l + 8);
	}
}

/* Calls `each` for every line of `path` that starts with `prefix`, less prefix and newline. */
static void each_line(const char *path, const char *prefix, void (*each)(char *))
{
	static char line[LINE];
	size_t n = strlen(prefix);
	FILE *f = open_or_fail(path, "r");
	while (fgets(line, LINE, f)) {
		line[strcspn(line, "\r\n")] = 0;
		if (!strncmp(line, prefix, n))
			each(line + n);
	}
	fclose(f);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The .c files of a folder, sorted, so that nothing depends on the file system's order. */
static int c_files(const char *dir, char **out)
{
	char path[512];
	struct dirent *e;
	int n = 0;
	DIR *d = opendir(dir);
	if (!d)
		fail("cannot open folder", dir);
	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);
		if (len < 3 || strcmp(e->d_name + len - 2, ".c"))
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		out[n++] = copy(path);
	}
	closedir(d);
	qsort(out, n, sizeof *out, by_name);
	return n;
}

static int exists(const char *path)
{
	FILE *f = fopen(path, "r");
	if (f)
		fclose(f);
	return f != NULL;
}

static void choose(char *l)
{
	char *name;
	struct option *o;
	if (*l == '#')
		return;
	for (name = strtok(l, " \t"); name; name = strtok(NULL, " \t")) {
		o = find_option(name);
		if (!o)
			fail("unknown option", name);
		o->on = 1;
	}
}

static void write_autoconf(void)
{
	FILE *f = open_or_fail("include/autoconf.h", "w");
	int i;
	fprintf(f, "#define AUTOCONF_TIMESTAMP \"\"\n#define BB_VER \"1.35.0\"\n#define BB_EXTRA_VERSION \"\"\n");
	for (i = 0; i < noptions; i++) {
		struct option *o = &options[i];
		int on = o->plain ? o->on : 1;
		if (o->plain && on)
			fprintf(f, "#define CONFIG_%s 1\n", o->name);
		else if (o->plain)
			fprintf(f, "#undef CONFIG_%s\n", o->name);
		else
			fprintf(f, "#define CONFIG_%s %s\n", o->name, o->value ? o->value : "0");
		fprintf(f, "#define ENABLE_%s %d\n", o->name, on);
		fprintf(f, "#define IF_%s(...)%s\n", o->name, on ? " __VA_ARGS__" : "");
		fprintf(f, "#define IF_NOT_%s(...)%s\n", o->name, on ? "" : " __VA_ARGS__");
	}
	fclose(f);
}

static FILE *out;

static void put_applet(char *l)
{
	fprintf(out, "%s\n", l);
}

/* Help texts become macros: a line that does not start with a blank begins a new one. */
static void put_usage(char *l)
{
	fprintf(out, "%s%s \\\n", *l == ' ' || *l == '\t' ? "" : "\n", l);
}

/* Writes `dst`: `src` with its INSERT line replaced by the marked lines of all folders. */
static void insert(const char *src, const char *dst, const char *prefix,
	void (*each)(char *), char **dirs)
{
	static char line[LINE];
	char *files[MAX];
	FILE *in = open_or_fail(src, "r");
	int i, n;
	out = open_or_fail(dst, "w");
	while (fgets(line, LINE, in)) {
		if (strcmp(line, "INSERT\n")) {
			fputs(line, out);
			continue;
		}
		for (; *dirs; dirs++)
			for (i = 0, n = c_files(*dirs, files); i < n; i++)
				each_line(files[i], prefix, each);
		fputs("\n", out);
	}
	fclose(in);
	fclose(out);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = open_or_fail(path, "w");
	fputs(text, f);
	fclose(f);
}

static const char *folder;

static void add_source(const char *object)
{
	char path[512];
	int i;
	snprintf(path, sizeof path, "%s/%.*s.c", folder, (int)strlen(object) - 2, object);
	for (i = 0; i < nsources; i++)
		if (!strcmp(sources[i], path))
			return;
	if (!exists(path))
		fail("no such source", path);
	sources[nsources++] = copy(path);
}

/* The right side of an assignment: objects, or $(NAME) for a list seen before. */
static void add_objects(const char *list)
{
	char *words = copy(list), *w, *save;
	int i;
	for (w = strtok_r(words, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		size_t n = strlen(w);
		if (w[0] == '$') {
			for (i = 0; i < nvars; i++)
				if (!strncmp(vars[i].name, w + 2, n - 3) && !vars[i].name[n - 3])
					add_objects(vars[i].value);
		} else if (n > 2 && !strcmp(w + n - 2, ".o")) {
			add_source(w);
		}
	}
	free(words);
}

/* One logical line of a Kbuild file: `lib-y += a.o`, `lib-$(CONFIG_X) += b.o`, `NAME := c.o d.o`. */
static void kbuild_logical(char *l)
{
	char *equals = strchr(l, '='), name[256], *close;
	l += strspn(l, " \t");
	if (!equals || *l == '#')
		return;
	if (!strncmp(l, "lib-$(CONFIG_", 13)) {
		snprintf(name, sizeof name, "%s", l + 13);
		close = strchr(name, ')');
		if (close)
			*close = 0;
		if (is_on(name))
			add_objects(equals + 1);
	} else if (!strncmp(l, "lib-y", 5)) {
		add_objects(equals + 1);
	} else if (*l >= 'A' && *l <= 'Z') {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(l, ":+= \t"), l);
		vars[nvars].name = copy(name);
		vars[nvars++].value = copy(equals + 1);
	}
}

static void kbuild_line(char *l)
{
	static char whole[4 * LINE];
	size_t n = strlen(l);
	int more = n && l[n - 1] == '\\';
	if (more)
		l[n - 1] = 0;
	if (strlen(whole) + n + 2 > sizeof whole)
		fail("line too long", folder);
	strcat(whole, l);
	strcat(whole, " ");
	if (more)
		return;
	kbuild_logical(whole);
	whole[0] = 0;
}

int main(int argc, char **argv)
{
	static char *files[MAX];
	char path[512];
	FILE *f;
	int i, k, n;
	if (argc < 3) {
		fprintf(stderr, "usage: bbgen OPTIONS DIR...\n");
		return 2;
	}
	each_line("Config.in", "", config_line);
	for (i = 2; i < argc; i++) {
		snprintf(path, sizeof path, "%s/Config.src", argv[i]);
		if (exists(path))
			each_line(path, "", config_line);
		for (k = 0, n = c_files(argv[i], files); k < n; k++)
			each_line(files[k], "//config:", config_line);
	}
	each_line(argv[1], "", choose);
	write_autoconf();
	insert("include/applets.src.h", "include/applets.h", "//applet:", put_applet, argv + 2);
	insert("include/usage.src.h", "include/usage.h", "//usage:", put_usage, argv + 2);
	write_text("include/usage_compressed.h",
		"#define UNPACKED_USAGE \"\"\n#define UNPACKED_USAGE_LENGTH 0\n#define PACKED_USAGE\n");
	write_text("include/embedded_scripts.h", "#define NUM_SCRIPTS 0\n");
	write_text("include/common_bufsiz.h",
		"enum { COMMON_BUFSIZE = 1024 };\nextern char bb_common_bufsiz1[];\n"
		"#define setup_common_bufsiz() ((void)0)\n");
	for (i = 2; i < argc; i++) {
		folder = argv[i];
		nvars = 0;
		snprintf(path, sizeof path, "%s/Kbuild.src", argv[i]);
		if (!exists(path))
			continue;
		each_line(path, "", kbuild_line);
		for (k = 0, n = c_files(argv[i], files); k < n; k++)
			each_line(files[k], "//kbuild:", kbuild_line);
	}
	f = open_or_fail("sources.list", "w");
	fprintf(f, "applets/applets.c\n");
	for (i = 0; i < nsources; i++)
		fprintf(f, "%s\n", sources[i]);
	return fclose(f) != 0;
}
