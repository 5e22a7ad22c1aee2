/* image.c: the program being built, and the linker.
 *
 * All units write into the same code and data buffers.  What refers to a symbol
 * leaves a relocation: four bytes that get the symbol's address added (or its
 * distance from the place) when all units have been read.
 *
 *     0x08048000  ELF header, a program header, code, data, then bss, which is not
 *     in the file: one segment that may be read, written and executed. */

enum {
    CODE_MAX = 4 << 20, DATA_MAX = 4 << 20, BSS_MAX = 64 << 20,
    IMAGE_BASE = 0x08048000, HEADERS = 52 + 32
};

struct relocation {
    int section;                        /* where the four bytes are */
    int offset;
    int relative;                       /* to the end of the four bytes */
    struct linked *link;
    struct relocation *next;
};

char code[CODE_MAX];                    /* behind room for the headers */
int code_size;
char image_data[DATA_MAX];
int data_size;
int bss_size;
struct relocation *relocations;

int get4(char *p) {
    return (p[0] & 255) | ((p[1] & 255) << 8) | ((p[2] & 255) << 16) | (p[3] << 24);
}

void put_bytes(char *p, int value, int n) {
    while (n > 0) {
        *p++ = value;
        value = value >> 8;
        n--;
    }
}

void put4(char *p, int value) { put_bytes(p, value, 4); }

void relocate(int section, int offset, struct linked *link, int relative) {
    struct relocation *r = (struct relocation *) alloc(sizeof(struct relocation));
    r->section = section;
    r->offset = offset;
    r->link = link;
    r->relative = relative;
    r->next = relocations;
    relocations = r;
    if (link->file == 0) {
        link->file = place_file;
        link->line = place_line;
    }
}

/* ---- code ---- */

void emit(int byte) {
    if (code_size == CODE_MAX) fail("program too large");
    code[code_size++] = byte;
}

void emit2(int a, int b) {
    emit(a);
    emit(b);
}

void emit3(int a, int b, int c) {
    emit2(a, b);
    emit(c);
}

void emit_word(int value) {
    emit2(value, value >> 8);
    emit2(value >> 16, value >> 24);
}

/* Instructions that never vary, as pairs of hex digits with blanks between them. */
void hex(char *s) {
    for (; *s; s++) {
        if (*s != ' ') {
            emit(digit_value(s[0]) * 16 + digit_value(s[1]));
            s++;
        }
    }
}

/* A word that will hold link + value. */
void emit_address(struct linked *link, int value) {
    if (link) relocate(SECTION_TEXT, code_size, link, 0);
    emit_word(value);
}

/* The operand of a call or jump to a symbol. */
void emit_distance(struct linked *link) {
    relocate(SECTION_TEXT, code_size, link, 1);
    emit_word(-4);
}

/* ---- data ---- */

/* Gives the symbol its place in a section. */
void place(struct linked *link, int section, int offset) {
    if (link->section != SECTION_NONE) fail_name("defined twice: ", link->name);
    link->section = section;
    link->offset = offset;
}

/* Room for `size` bytes of data, for the symbol; where it is. */
char *place_data(struct linked *link, int size, int align) {
    int offset = round_up(data_size, align);
    if (size > DATA_MAX - offset) fail("too much data");
    data_size = offset + size;
    place(link, SECTION_DATA, offset);
    return image_data + offset;
}

void place_bss(struct linked *link, int size) {
    if (size > BSS_MAX - bss_size) fail("too much data");
    place(link, SECTION_BSS, bss_size);
    bss_size = round_up(bss_size + size, 4);
}

/* ---- linking ---- */

int link_address(struct linked *link) {
    if (link->section == SECTION_TEXT) return IMAGE_BASE + link->offset;
    if (link->section == SECTION_DATA) return IMAGE_BASE + code_size + link->offset;
    return IMAGE_BASE + code_size + data_size + link->offset;
}

void link_all() {
    struct relocation *r;
    char *p;
    int value;
    for (r = relocations; r; r = r->next) {
        place_file = r->link->file;
        place_line = r->link->line;
        if (r->link->section == SECTION_NONE) fail_name("undefined: ", r->link->name);
        p = r->section == SECTION_TEXT ? code + r->offset : image_data + r->offset;
        value = get4(p) + link_address(r->link);
        if (r->relative) value -= IMAGE_BASE + r->offset;
        put4(p, value);
    }
}

/* ---- the file ---- */

void emit_headers(int entry, int size) {
    code_size = 0;
    hex("7f454c46 01010100 00000000 00000000 02000300 01000000");   /* ELF of 32 bits, i386 */
    emit_word(entry);
    hex("34000000 00000000 00000000 34002000 01000000 00000000");   /* a program header */
    hex("01000000 00000000");                           /* the file from its start ... */
    emit_word(IMAGE_BASE);
    emit_word(IMAGE_BASE);
    emit_word(size);
    emit_word(size + bss_size);
    hex("07000000 00100000");                           /* ... R+W+X, in pages of 4096 */
}

void write_program(char *path) {
    struct linked *entry = intern_text("_start")->global;
    int fd, end = round_up(code_size, 16);
    if (entry == 0 || entry->section != SECTION_TEXT) die("undefined: _start", "");
    code_size = end;
    data_size = round_up(data_size, 16);
    link_all();
    emit_headers(link_address(entry), end + data_size);
    fd = create_file(path);
    write_all(fd, code, end, path);
    write_all(fd, image_data, data_size, path);
    close_file(fd, path);
}
