/* unbz2 IN OUT: undoes bzip2, with every check sum checked.
 *
 *     BZh1..9  { 31 41 59 26 53 59  block }  17 72 45 38 50 90  sum of sums
 *
 * A block passes through five steps, here from the file to the plain bytes:
 * Huffman codes (2 to 6 tables, one chosen for each 50 symbols), runs of zero
 * (RUNA, RUNB), move-to-front, Burrows-Wheeler, runs of four to 259 equal
 * bytes.  The bit that asks for the ancient "randomised" blocks is refused.
 * Streams that follow each other are one file. */

enum {
    BLOCK_MAX = 900000, GROUP = 50, TABLES = 6, SYMBOLS = 258,
    SELECTORS_MAX = 32768, RUNA = 0, RUNB = 1
};

int bits;                               /* the next bits, left-aligned ... */
int bits_left;                          /* ... and how many */
int crc_table[256];
int block[BLOCK_MAX];                   /* low byte: symbol, above: link */
int block_size;
int level_size;
char front[256];                        /* move-to-front list of bytes */
char picks[SELECTORS_MAX];
int picks_left;
int lengths[SYMBOLS];                   /* of a table's codes */
int count[TABLES * LENGTHS];            /* the tables' codes: see stream.c */
int symbols[TABLES * SYMBOLS];
char order[TABLES];                     /* move-to-front list of tables */
int start[256];                         /* where each byte starts in the sorted block */

void make_crc_table() {
    int i, k;
    for (i = 0; i < 256; i++) {
        int c = i << 24;
        for (k = 0; k < 8; k++) c = c < 0 ? c << 1 ^ 0x04c11db7 : c << 1;
        crc_table[i] = c;
    }
}

/* n <= 24 */
int get_bits(int n) {
    int value;
    while (bits_left < n) {
        bits |= next_byte() << (24 - bits_left);
        bits_left += 8;
    }
    if (n == 0) return 0;
    value = bits >> (32 - n) & ((1 << n) - 1);
    bits = bits << n;
    bits_left -= n;
    return value;
}

int get_word() {
    int high = get_bits(16);
    return high << 16 | get_bits(16);
}

/* One Huffman table: code lengths as differences from symbol to symbol. */
void read_table(int table, int n) {
    int length_now = get_bits(5), i;
    for (i = 0; i < n; i++) {
        while (get_bits(1)) length_now += get_bits(1) ? -1 : 1;
        if (length_now < 1 || length_now > LONGEST) corrupt("bad code length");
        lengths[i] = length_now;
    }
    make_code(lengths, n, count + table * LENGTHS, symbols + table * SYMBOLS);
}

/* Moves entry n of a list to its front and returns it. */
int to_front(char *list, int n) {
    char c = list[n];
    while (n > 0) {
        list[n] = list[n - 1];
        n--;
    }
    list[0] = c;
    return c & 255;
}

/* Which bytes occur, which table serves which group, and the tables.
 * Returns the number of symbols: RUNA, RUNB, places 1.., end of block. */
int read_header() {
    int used = 0, tables, i, n, present = get_bits(16);
    for (i = 0; i < 16; i++)
        if (present >> (15 - i) & 1) {
            int part = get_bits(16);
            for (n = 0; n < 16; n++)
                if (part >> (15 - n) & 1) front[used++] = i * 16 + n;
        }
    tables = get_bits(3);
    picks_left = get_bits(15);
    if (used == 0 || tables < 2 || tables > TABLES || picks_left == 0) corrupt("bad block header");
    for (i = 0; i < tables; i++) order[i] = i;
    for (i = 0; i < picks_left; i++) {
        n = 0;
        while (get_bits(1)) n++;
        if (n >= tables) corrupt("bad table number");
        picks[i] = to_front(order, n);
    }
    for (i = 0; i < tables; i++) read_table(i, used + 2);
    return used + 2;
}

/* Huffman codes, zero runs and move-to-front, into block[]. */
void read_block(int used) {
    int group = 0, left = 0, run = 0, weight = 1, symbol = 0;
    block_size = 0;
    while (symbol != used - 1) {
        if (left == 0) {
            if (group == picks_left) corrupt("too many symbols");
            group++;
            left = GROUP;
        }
        left--;
        symbol = read_symbol(count + picks[group - 1] * LENGTHS,
                             symbols + picks[group - 1] * SYMBOLS);
        if (symbol <= RUNB) {
            if (weight > level_size) corrupt("run too long");
            run += weight << symbol;
            weight = weight << 1;
            continue;
        }
        if (run > level_size - block_size) corrupt("block too long");
        while (run > 0) {
            block[block_size++] = front[0] & 255;
            run--;
        }
        weight = 1;
        if (symbol == used - 1) break;
        if (block_size == level_size) corrupt("block too long");
        block[block_size++] = to_front(front, symbol - 1);
    }
}

/* Burrows-Wheeler backwards: block[i] gets, above its byte, the place of the
 * byte that follows. */
void link_block() {
    int i, sum = 0, n;
    for (i = 0; i < 256; i++) start[i] = 0;
    for (i = 0; i < block_size; i++) start[block[i] & 255]++;
    for (i = 0; i < 256; i++) {
        n = start[i];
        start[i] = sum;
        sum += n;
    }
    for (i = 0; i < block_size; i++) {
        n = block[i] & 255;
        block[start[n]++] |= i << 8;
    }
}

/* Follows the links from `at`, expands runs, returns the check sum. */
int write_block(int at) {
    int crc = -1, equal = 0, last = -1, i, n, c;
    at = block[at] >> 8;
    for (i = 0; i < block_size; i++) {
        c = block[at] & 255;
        at = block[at] >> 8;
        n = 1;
        if (equal == 4) {
            n = c;
            c = last;
            equal = 0;
        } else {
            equal = c == last ? equal + 1 : 1;
            last = c;
        }
        while (n > 0) {
            put_byte(c);
            crc = crc << 8 ^ crc_table[(crc >> 24 ^ c) & 255];
            n--;
        }
    }
    return ~crc;
}

/* After the block's magic number; returns its check sum. */
int do_block() {
    int sum = get_word(), origin;
    if (get_bits(1)) corrupt("randomised block");
    origin = get_bits(24);
    read_block(read_header());
    if (origin >= block_size) corrupt("bad origin");
    link_block();
    if (write_block(origin) != sum) corrupt("check sum differs");
    return sum;
}

void do_stream() {
    int sums = 0, high, low;
    if (get_bits(24) != 0x425a68) corrupt("not a bzip2 file");
    level_size = (get_bits(8) - '0') * 100000;
    if (level_size < 100000 || level_size > BLOCK_MAX) corrupt("bad block size");
    for (;;) {
        high = get_bits(24);
        low = get_bits(24);
        if (high == 0x177245 && low == 0x385090) break;
        if (high != 0x314159 || low != 0x265359) corrupt("no block here");
        sums = (sums << 1 | (sums < 0 ? 1 : 0)) ^ do_block();
    }
    if (get_word() != sums) corrupt("check sum of check sums differs");
    get_bits(bits_left % 8);
}

int main(int argc, char **argv) {
    open_streams(argc, argv, "unbz2 IN OUT");
    make_crc_table();
    do_stream();
    while (bits_left > 0 || in_at < in_size) do_stream();
    close_streams();
    return 0;
}
