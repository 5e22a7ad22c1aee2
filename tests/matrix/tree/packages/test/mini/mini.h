/* The system calls of an i386 Linux program, and nothing else. */
int mini_call(int number, int a, int b, int c);

#define mini_exit(status) mini_call(1, status, 0, 0)
#define mini_write(fd, text, length) mini_call(4, fd, (int)(text), length)
#define mini_link(from, to) mini_call(9, (int)(from), (int)(to), 0)
#define mini_mkdir(path, mode) mini_call(39, (int)(path), mode, 0)
#define mini_symlink(to, path) mini_call(83, (int)(to), (int)(path), 0)
#define mini_chmod(path, mode) mini_call(15, (int)(path), mode, 0)
#define mini_chown(path, user, group) mini_call(212, (int)(path), user, group)
