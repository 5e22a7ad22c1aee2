/* stream.c: what the two unpackers share: bytes from a file held in memory,
 * bytes to a file through a buffer of one megabyte, canonical Huffman codes. */

enum { OUT_SIZE = 1 << 20, LONGEST = 20, LENGTHS = LONGEST + 1 };

char *in_path;
char *in_bytes;
int in_size;
int in_at;

char *out_path;
char out_bytes[OUT_SIZE];
int out_used;
int out_fd;

void corrupt(char *why) {
    say(in_path);
    say(": ");
    die(why, "");
}

/* Arguments IN OUT. */
void open_streams(int argc, char **argv, char *usage) {
    if (argc != 3) die("usage: ", usage);
    in_path = argv[1];
    in_bytes = read_file(in_path, 0);
    if (!in_bytes) die("cannot open ", in_path);
    in_size = file_size;
    out_path = argv[2];
    out_fd = create_file(out_path);
}

int next_byte() {
    if (in_at == in_size) corrupt("ends too early");
    return in_bytes[in_at++] & 255;
}

void flush_out() {
    write_all(out_fd, out_bytes, out_used, out_path);
    out_used = 0;
}

void put_byte(int c) {
    if (out_used == OUT_SIZE) flush_out();
    out_bytes[out_used++] = c;
}

void close_streams() {
    flush_out();
    close_file(out_fd, out_path);
}

/* ---- Huffman codes of up to LONGEST bits ---- */

int get_bits(int n);                    /* of unbz2 or ungz */

/* The canonical code of `n` lengths: how many of each length, and the symbols
 * in order.  More codes than a length has room for is an error. */
void make_code(int *lengths, int n, int *count, int *symbols) {
    int i, k, room = 1, at = 0;
    for (k = 0; k < LENGTHS; k++) count[k] = 0;
    for (i = 0; i < n; i++) count[lengths[i]]++;
    for (k = 1; k < LENGTHS; k++) {
        room = 2 * room - count[k];
        if (room < 0) corrupt("too many codes of one length");
        for (i = 0; i < n; i++)
            if (lengths[i] == k) symbols[at++] = i;
    }
}

int read_symbol(int *count, int *symbols) {
    int code = 0, first = 0, k;
    for (k = 1; k < LENGTHS; k++) {
        code |= get_bits(1);
        first += count[k];
        symbols = symbols + count[k];
        if (code < first) return symbols[code - first];
        first = first << 1;
        code = code << 1;
    }
    corrupt("bad code");
    return 0;
}
