/* main.c: cc [-D NAME[=VALUE]] [-I FOLDER] -o OUT IN.c [IN2.c ...] */

enum { INPUTS = 64 };

char *inputs[INPUTS];
int input_count;
char *output;

void usage() {
    die("usage: cc [-D NAME[=VALUE]] [-I FOLDER] -o OUT IN.c [IN2.c ...]", "");
}

void standard_macros() {
    predefine("__CAIRN_CC__");
    predefine("__i386__");
    predefine("__i386");
    predefine("__linux__");
    predefine("__unix__");
    predefine("__STDC__");
    predefine("__STDC_VERSION__=199901L");
    predefine("__CHAR_BIT__=8");
    predefine("__SIZE_TYPE__=unsigned int");
    predefine("__PTRDIFF_TYPE__=int");
    predefine("__WCHAR_TYPE__=int");
}

/* The value of an option given as -Xvalue or -X value; moves *i on. */
char *option_value(char **argv, int *i) {
    char *text = argv[*i];
    if (text[2]) return text + 2;
    *i = *i + 1;
    if (argv[*i] == 0) usage();
    return argv[*i];
}

void read_arguments_of_main(int argc, char **argv) {
    int i;
    char *value;
    for (i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            if (input_count == INPUTS) die("too many input files", "");
            inputs[input_count++] = argv[i];
        } else if (argv[i][1] == 'D') {
            value = option_value(argv, &i);
            predefine(value);
        } else if (argv[i][1] == 'I') {
            value = option_value(argv, &i);
            if (folder_count == FOLDERS) die("too many -I", "");
            folders[folder_count++] = value;
        } else if (argv[i][1] == 'o') {
            output = option_value(argv, &i);
        } else {
            usage();
        }
    }
    if (input_count == 0 || output == 0) usage();
}

int main(int argc, char **argv) {
    int i;
    lex_init();
    type_init();
    predefined = new_list();
    standard_macros();
    read_arguments_of_main(argc, argv);
    for (i = 0; i < input_count; i++) unit(inputs[i]);
    write_program(output);
    return 0;
}
