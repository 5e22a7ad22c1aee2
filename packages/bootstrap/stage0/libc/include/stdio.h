#include <stddef.h>
#include <stdarg.h>
#define EOF (-1)
#define BUFSIZ 16384
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
typedef struct _file FILE;
extern FILE *stdout, *stderr;
FILE *fopen(const char *path, const char *mode);
FILE *fdopen(int fd, const char *mode);
int fclose(FILE *f);
int fflush(FILE *f);
size_t fread(void *to, size_t size, size_t n, FILE *f);
size_t fwrite(const void *from, size_t size, size_t n, FILE *f);
int fputc(int c, FILE *f);
int fputs(const char *s, FILE *f);
int fseek(FILE *f, long offset, int whence);
long ftell(FILE *f);
int remove(const char *path);
int printf(const char *fmt, ...);
int fprintf(FILE *f, const char *fmt, ...);
int sprintf(char *to, const char *fmt, ...);
int snprintf(char *to, size_t size, const char *fmt, ...);
int vfprintf(FILE *f, const char *fmt, va_list ap);
int vsnprintf(char *to, size_t size, const char *fmt, va_list ap);
int sscanf(const char *s, const char *fmt, ...);
