#define EINTR 4
extern int errno;
