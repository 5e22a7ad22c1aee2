#include <mini.h>

int main(int argc, char **argv) {
    static const char text[] = "hello\n";
    return mini_write(1, text, sizeof text - 1) != sizeof text - 1;
}
