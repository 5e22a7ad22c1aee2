/* Files: folders, links, times, locks, mappings, sockets by name, patterns, the walk of a tree, and the errors. */
#include "check.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <glob.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int walked;
static int visit(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	walked += kind == FTW_DP ? 100 : kind == FTW_F ? 1 : kind == FTW_SL ? 10 : 10000;
	return remove(path);
}

static void names(void)
{
	char b[200];
	struct stat s;
	struct dirent *entry;
	struct timespec times[2] = { { 1000000000, 5 }, { 4102444800LL, 7 } };
	DIR *d;
	int seen = 0, fd;
	CHECK(!mkdir("d/sub", 0750) && mkdir("d/sub", 0750) == -1 && errno == EEXIST);
	CHECK((fd = open("d/file", O_CREAT | O_EXCL | O_RDWR, 0640)) >= 0 && open("d/file", O_CREAT | O_EXCL, 0640) == -1 && errno == EEXIST);
	CHECK(write(fd, "0123456789", 10) == 10 && !ftruncate(fd, 5) && lseek(fd, 0, SEEK_END) == 5);
	CHECK(!futimens(fd, times) && !fstat(fd, &s) && s.st_mtim.tv_sec == 4102444800LL && s.st_atim.tv_nsec == 5 && s.st_size == 5);
	close(fd);
	CHECK(!link("d/file", "d/twin") && !stat("d/twin", &s) && s.st_nlink == 2 && S_ISREG(s.st_mode) && (s.st_mode & 0777) == 0640);
	CHECK(!symlink("file", "d/link") && readlink("d/link", b, sizeof b) == 4 && !memcmp(b, "file", 4));
	CHECK(!lstat("d/link", &s) && S_ISLNK(s.st_mode) && !rename("d/twin", "d/sub/moved") && access("d/twin", F_OK) == -1 && errno == ENOENT);
	CHECK(realpath("d/sub/../link", b) && !strcmp(b + strlen(b) - 7, "/d/file"));
	CHECK(rmdir("d/sub") == -1 && (errno == ENOTEMPTY || errno == EEXIST) && open("d/file/x", O_RDONLY) == -1 && errno == ENOTDIR);
	CHECK(d = opendir("d"));
	while ((entry = readdir(d)))
		seen += !strcmp(entry->d_name, "sub") + 10 * !strcmp(entry->d_name, "file") + 100 * !strcmp(entry->d_name, "link") + 1000;
	CHECK(seen == 5111 && !closedir(d));
}

static void patterns(void)
{
	glob_t g;
	CHECK(!fnmatch("*.[ch]", "main.c", 0) && fnmatch("*.[!ch]", "main.c", 0) && !fnmatch("a\\*b", "a*b", 0));
	CHECK(fnmatch("*", ".hidden", FNM_PERIOD) && fnmatch("a*c", "a/c", FNM_PATHNAME) && !fnmatch("a?[[:digit:]]", "ab7", 0));
	CHECK(!glob("d/[fl]i*", 0, 0, &g) && g.gl_pathc == 2 && !strcmp(g.gl_pathv[0], "d/file") && !strcmp(g.gl_pathv[1], "d/link"));
	globfree(&g);
	CHECK(glob("d/nothing*", 0, 0, &g) == GLOB_NOMATCH);
}

static void contents(void)
{
	struct iovec parts[2] = { { "ab", 2 }, { "cde", 3 } };
	struct flock lock;
	char b[10], *map, name[] = "d/XXXXXX";
	int fd = open("d/file", O_RDWR), status;
	pid_t child;
	CHECK(writev(fd, parts, 2) == 5 && pread(fd, b, 3, 1) == 3 && !memcmp(b, "bcd", 3) && pwrite(fd, "X", 1, 2) == 1);
	map = mmap(0, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED && !memcmp(map, "abXde", 5));
	map[4] = '!';
	CHECK(!msync(map, 5, MS_SYNC) && pread(fd, b, 1, 4) == 1 && *b == '!' && !munmap(map, 5));
	memset(&lock, 0, sizeof lock);
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	CHECK(!fcntl(fd, F_SETLK, &lock));
	if (!(child = fork()))
		_exit(fcntl(fd, F_SETLK, &lock) == -1 && (errno == EAGAIN || errno == EACCES) ? 9 : 1);
	CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 9);
	close(fd);
	CHECK((fd = mkstemp(name)) >= 0 && strcmp(name, "d/XXXXXX") && !unlink(name));
	/* Beyond what 32 bits can say; the file is a hole. */
	CHECK(lseek(fd, 5000000000LL, SEEK_SET) == 5000000000LL && write(fd, "x", 1) == 1 && lseek(fd, 0, SEEK_END) == 5000000001LL);
	close(fd);
}

static void sockets(void)
{
	struct sockaddr_un at;
	int server, client, pair[2];
	char b[10];
	memset(&at, 0, sizeof at);
	at.sun_family = AF_UNIX;
	strcpy(at.sun_path, "d/socket");
	CHECK((server = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0 && !bind(server, (struct sockaddr *)&at, sizeof at) && !listen(server, 1));
	CHECK((client = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0 && !connect(client, (struct sockaddr *)&at, sizeof at));
	CHECK(send(client, "hello", 5, 0) == 5 && !shutdown(client, SHUT_WR));
	close(client);
	CHECK((client = accept(server, 0, 0)) >= 0 && recv(client, b, 10, MSG_WAITALL) == 5 && !memcmp(b, "hello", 5));
	close(client);
	close(server);
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) && write(pair[0], "ab", 2) == 2 && write(pair[0], "c", 1) == 1);
	CHECK(read(pair[1], b, 10) == 2 && read(pair[1], b, 10) == 1 && *b == 'c');
	CHECK(!unlink("d/socket"));
}

int main(void)
{
	umask(0);
	CHECK(!mkdir("d", 0700));
	names();
	patterns();
	contents();
	sockets();
	/* file, sub/moved, link, sub and d itself, folders last */
	CHECK(!nftw("d", visit, 5, FTW_DEPTH | FTW_PHYS) && walked == 212);
	return 0;
}
