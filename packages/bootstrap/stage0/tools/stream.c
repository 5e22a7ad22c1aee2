/* stream.c: what the two unpackers share: bytes from a file held in memory,
 * bytes to a file through a buffer of one megabyte. */

enum { OUT_SIZE = 1 << 20 };

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
