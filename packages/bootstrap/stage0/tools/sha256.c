/* sha256 FILE HASH: succeeds if the file's SHA-256 (FIPS 180-4) is HASH.
 *
 * The algorithm's constants are the first 32 bits after the point of the cube
 * roots of the first 64 primes, its start values those of the square roots of
 * the first eight.  They are computed here, so nobody must believe a table.
 * A root is found bit by bit, in numbers whose digits are bytes, lowest first. */

enum { DIGITS = 16, ROOT_DIGITS = 5, POINT = 4, ROUNDS = 64 };

int root[DIGITS];                       /* the point is before digit POINT */
int power[DIGITS];
int k_table[ROUNDS];
int state[8];
int work[8];
int w[ROUNDS];

int is_prime(int n) {
    int d;
    for (d = 2; d * d <= n; d++)
        if (n % d == 0) return 0;
    return 1;
}

/* power *= root */
void multiply() {
    int i, k, carry = 0;
    for (i = DIGITS - 1; i >= 0; i--) {
        power[i] = power[i] * root[0];
        for (k = 1; k < ROOT_DIGITS && k <= i; k++) power[i] += power[i - k] * root[k];
    }
    for (i = 0; i < DIGITS; i++) {
        carry += power[i];
        power[i] = carry & 255;
        carry = carry >> 8;
    }
}

/* The whole part of the root's power. */
int whole_power(int degree) {
    int i, at = POINT * degree;
    for (i = 0; i < DIGITS; i++) power[i] = i == 0;
    for (i = 0; i < degree; i++) multiply();
    return power[at] | power[at + 1] << 8;
}

/* The first 32 bits after the point of a prime's root, which is never exact. */
int root_bits(int prime, int degree) {
    int bit;
    for (bit = 0; bit < ROOT_DIGITS; bit++) root[bit] = 0;
    for (bit = 8 * POINT + 2; bit >= 0; bit--) {
        root[bit / 8] |= 1 << bit % 8;
        if (whole_power(degree) >= prime) root[bit / 8] -= 1 << bit % 8;
    }
    return root[3] << 24 | root[2] << 16 | root[1] << 8 | root[0];
}

void make_constants() {
    int n = 2, i = 0;
    for (; i < ROUNDS; n++)
        if (is_prime(n)) {
            if (i < 8) state[i] = root_bits(n, 2);
            k_table[i++] = root_bits(n, 3);
        }
}

int shift_right(int x, int n) { return x >> n & ((1 << (32 - n)) - 1); }
int rotate(int x, int n) { return shift_right(x, n) | x << (32 - n); }

/* One block of 64 bytes. */
void mix(char *bytes) {
    int i, a, e, t;
    for (i = 0; i < 16; i++)
        w[i] = bytes[4 * i] << 24 | (bytes[4 * i + 1] & 255) << 16
             | (bytes[4 * i + 2] & 255) << 8 | bytes[4 * i + 3] & 255;
    for (; i < ROUNDS; i++) {
        a = w[i - 15];
        e = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ shift_right(a, 3))
             + (rotate(e, 17) ^ rotate(e, 19) ^ shift_right(e, 10));
    }
    for (i = 0; i < 8; i++) work[i] = state[i];
    for (i = 0; i < ROUNDS; i++) {
        a = work[0];
        e = work[4];
        t = work[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25))
          + (e & work[5] ^ ~e & work[6]) + k_table[i] + w[i];
        work[7] = work[6];
        work[6] = work[5];
        work[5] = e;
        work[4] = work[3] + t;
        t += (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22))
           + (a & work[1] ^ a & work[2] ^ work[1] & work[2]);
        work[3] = work[2];
        work[2] = work[1];
        work[1] = a;
        work[0] = t;
    }
    for (i = 0; i < 8; i++) state[i] += work[i];
}

/* All of a file's bytes, a bit 1, zeros, and the length in bits.  Behind `bytes`
 * are 128 more of room, and zero. */
void hash_file(char *bytes, int n) {
    int end = (n + 9 + 63) / 64 * 64, i;
    bytes[n] = 128;
    for (i = 0; i < 4; i++) bytes[end - 1 - i] = n << 3 >> 8 * i;
    bytes[end - 5] = shift_right(n, 29);
    for (i = 0; i < end; i += 64) mix(bytes + i);
}

int main(int argc, char **argv) {
    char *bytes, *found = alloc(65);
    int i;
    if (argc != 3) die("usage: sha256 FILE HASH", "");
    bytes = read_file(argv[1], 128);
    if (!bytes) die("sha256: cannot open ", argv[1]);
    make_constants();
    hash_file(bytes, file_size);
    for (i = 0; i < 64; i++) {
        int nibble = state[i / 8] >> (28 - i % 8 * 4) & 15;
        found[i] = nibble + (nibble < 10 ? '0' : 'a' - 10);
    }
    if (same(found, argv[2])) return 0;
    say(argv[1]);
    say(": expected sha256 ");
    say(argv[2]);
    die(", got ", found);
    return 1;
}
