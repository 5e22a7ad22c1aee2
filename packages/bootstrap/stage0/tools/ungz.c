/* ungz IN OUT: undoes gzip (RFC 1952, deflate of RFC 1951), check sum and
 * length checked.  Members that follow each other are one file.
 *
 * Deflate packs bits from the low end of each byte; Huffman codes alone are
 * sent from their high end.  A match copies up to 258 bytes from at most
 * 32,768 bytes back, which `window` remembers. */

enum {
    WINDOW = 32768, LITERALS = 288, DISTANCES = 30,
    END_OF_BLOCK = 256, FLAG_CRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16
};

int bits;
int bits_left;
int crc_table[256];
int crc;
int total;                              /* bytes of this member so far */
char window[WINDOW];
int lengths[LITERALS + 32];             /* code lengths as they are read */
int literal_count[LENGTHS];
int literal_symbols[LITERALS];          /* by length, then value */
int distance_count[LENGTHS];
int distance_symbols[LITERALS];

void make_crc_table() {
    int i, k;
    for (i = 0; i < 256; i++) {
        int c = i;
        for (k = 0; k < 8; k++) {
            int odd = c & 1;
            c = c >> 1 & 0x7fffffff;
            if (odd) c = c ^ 0xedb88320;
        }
        crc_table[i] = c;
    }
}

/* n <= 16 */
int get_bits(int n) {
    int value;
    while (bits_left < n) {
        bits |= next_byte() << bits_left;
        bits_left += 8;
    }
    value = bits & ((1 << n) - 1);
    bits = bits >> n;
    bits_left -= n;
    return value;
}

void emit(int c) {
    put_byte(c);
    window[total & (WINDOW - 1)] = c;
    total++;
    crc = crc_table[(crc ^ c) & 255] ^ (crc >> 8 & 0xffffff);
}

/* The code that RFC 1951 calls fixed. */
void fixed_code() {
    int i;
    for (i = 0; i < LITERALS; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(lengths, LITERALS, literal_count, literal_symbols);
    for (i = 0; i < DISTANCES; i++) lengths[i] = 5;
    make_code(lengths, DISTANCES, distance_count, distance_symbols);
}

/* The code lengths of a block's own code are themselves coded; the lengths of
 * that outer code come in the order 16 17 18 0 8 7 9 6 10 5 ... 1 15. */
void read_code() {
    int literals = get_bits(5) + 257, distances = get_bits(5) + 1, outer = get_bits(4) + 4, i;
    int symbol, repeat, value;
    if (literals > 286 || distances > DISTANCES) corrupt("too many codes");
    for (i = 0; i < 19; i++) lengths[i] = 0;
    for (i = 0; i < outer; i++) {
        symbol = i < 3 ? 16 + i : i == 3 ? 0 : i & 1 ? 7 - (i - 5) / 2 : 8 + (i - 4) / 2;
        lengths[symbol] = get_bits(3);
    }
    make_code(lengths, 19, literal_count, literal_symbols);
    i = 0;
    while (i < literals + distances) {
        symbol = read_symbol(literal_count, literal_symbols);
        repeat = 1;
        value = symbol;
        if (symbol == 16) {
            if (i == 0) corrupt("repeats nothing");
            value = lengths[i - 1];
            repeat = 3 + get_bits(2);
        } else if (symbol > 16) {
            value = 0;
            repeat = symbol == 17 ? 3 + get_bits(3) : 11 + get_bits(7);
        }
        if (repeat > literals + distances - i) corrupt("too many code lengths");
        for (; repeat > 0; repeat--) lengths[i++] = value;
    }
    make_code(lengths, literals, literal_count, literal_symbols);
    make_code(lengths + literals, distances, distance_count, distance_symbols);
}

/* length and distance symbols 4 apart (2 apart) share a number of extra bits */
void copy_match(int symbol) {
    int extra = symbol < 8 || symbol == 28 ? 0 : symbol / 4 - 1;
    int size = symbol < 8 ? symbol + 3 : symbol == 28 ? 258 : 3 + (4 + symbol % 4 << extra);
    int back;
    size += get_bits(extra);
    symbol = read_symbol(distance_count, distance_symbols);
    extra = symbol < 4 ? 0 : symbol / 2 - 1;
    back = symbol < 4 ? symbol + 1 : 1 + (2 + symbol % 2 << extra);
    back += get_bits(extra);
    if (back > total) corrupt("match before the start");
    for (; size > 0; size--) emit(window[total - back & (WINDOW - 1)] & 255);
}

void stored_block() {
    int size;
    bits = 0;
    bits_left = 0;
    size = get_bits(16);
    if ((get_bits(16) ^ size) != 0xffff) corrupt("bad stored block");
    for (; size > 0; size--) emit(next_byte());
}

void coded_block() {
    int symbol = 0;
    while (symbol != END_OF_BLOCK) {
        symbol = read_symbol(literal_count, literal_symbols);
        if (symbol > 285) corrupt("bad length");
        if (symbol > END_OF_BLOCK) copy_match(symbol - 257);
        else if (symbol < END_OF_BLOCK) emit(symbol);
    }
}

void skip_text() {
    while (next_byte()) continue;
}

int read_word() {
    int low = get_bits(16);
    return low | get_bits(16) << 16;
}

void member() {
    int flags, last = 0, kind;
    if (get_bits(16) != 0x8b1f || get_bits(8) != 8) corrupt("not a gzip file");
    flags = get_bits(8);
    for (kind = 0; kind < 6; kind++) next_byte();
    if (flags & FLAG_EXTRA) for (kind = get_bits(16); kind > 0; kind--) next_byte();
    if (flags & FLAG_NAME) skip_text();
    if (flags & FLAG_COMMENT) skip_text();
    if (flags & FLAG_CRC) get_bits(16);
    crc = -1;
    total = 0;
    while (!last) {
        last = get_bits(1);
        kind = get_bits(2);
        if (kind == 0) stored_block();
        else if (kind == 1) fixed_code();
        else if (kind == 2) read_code();
        else corrupt("bad block type");
        if (kind) coded_block();
    }
    bits = 0;
    bits_left = 0;
    if (read_word() != ~crc) corrupt("check sum differs");
    if (read_word() != total) corrupt("length differs");
}

int main(int argc, char **argv) {
    open_streams(argc, argv, "ungz IN OUT");
    make_crc_table();
    member();
    while (in_at < in_size) member();
    close_streams();
    return 0;
}
