/* main.c: cc -I FOLDER... -o OUT IN.c... */

void usage() { die("usage: cc [-I FOLDER]... -o OUT IN.c...", ""); }

int main(int argc, char **argv) {
    char *output = 0;
    int i;
    lex_init();
    type_init();
    code_size = HEADERS;
    for (i = 1; i < argc; i++) {
        if (same(argv[i], "-I") && i + 1 < argc) {
            if (folder_count == FOLDERS) die("too many -I", "");
            folders[folder_count++] = argv[++i];
        } else if (same(argv[i], "-o") && i + 1 < argc) {
            output = argv[++i];
        } else if (argv[i][0] == '-' || output == 0) {
            usage();
        } else {
            unit(argv[i]);
        }
    }
    if (output == 0) usage();
    write_program(output);
    return 0;
}
