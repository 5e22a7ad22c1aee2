/* place WORD FILE…: what a shell would do, one step a program.
 *
 *   place mode OCTAL PATH   place owner USER:GROUP PATH   place folder OCTAL PATH
 *   place link OLD NEW      place symlink TARGET PATH
 */
#include <mini.h>

static int number(char **text, int base) {
    int n = 0;
    while (**text >= '0' && **text <= '9')
        n = n * base + *(*text)++ - '0';
    if (**text == ':')
        ++*text;
    return n;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    char *first = argv[2], *path = argv[3];
    int user;
    switch (argv[1][0]) {
    case 'm':
        return mini_chmod(path, number(&first, 8)) != 0;
    case 'o':
        user = number(&first, 10);
        return mini_chown(path, user, number(&first, 10)) != 0;
    case 'f':
        return mini_mkdir(path, 0700) != 0 || mini_chmod(path, number(&first, 8)) != 0;
    case 'l':
        return mini_link(first, path) != 0;
    case 's':
        return mini_symlink(first, path) != 0;
    }
    return 2;
}
