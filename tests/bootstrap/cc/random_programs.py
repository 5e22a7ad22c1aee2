"""Random C programs without undefined behaviour (given -fwrapv).

Every program has global and local variables of all arithmetic types, a struct
with bit-fields, and functions that compute long expressions over them and print
each result.  Two compilers must agree on the output to the last bit.
"""

import random

INTEGERS = {
    "char": 8, "signed char": 8, "unsigned char": 8, "short": 16, "unsigned short": 16,
    "int": 32, "unsigned": 32, "long": 32, "unsigned long": 32,
    "long long": 64, "unsigned long long": 64,
}
REALS = ["float", "double", "long double"]
EDGES = [0, 1, 2, 3, 7, 8, 31, 32, 127, 128, 255, 256, 32767, 32768, 65535, 65536,
         0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF,
         0x8000000000000000, 0xFFFFFFFFFFFFFFFF]


def literal(rng):
    value = rng.choice(EDGES) if rng.random() < 0.6 else rng.getrandbits(rng.choice([4, 8, 16, 32, 48, 64]))
    form = rng.choice(["%d", "0x%x"])
    suffix = rng.choice(["", "U", "LL", "ULL"])
    if value > 0x7FFFFFFFFFFFFFFF:
        suffix = "ULL"
    return form % value + suffix


class Program:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.fields = []
        self.integers = []
        self.reals = []
        self.lines = []
        self.later = []                 # values of floating variables: cc sets none at compile time

    def integer(self, depth):
        """An integer expression; every shift count, divisor and conversion is tamed."""
        rng = self.rng
        if depth <= 0 or rng.random() < 0.1:
            return literal(rng) if rng.random() < 0.3 else rng.choice(self.integers)
        kind = rng.randrange(15)
        a = self.integer(depth - 1)
        if kind == 0:
            return "(%s)%s" % (rng.choice(list(INTEGERS)), a)
        if kind == 1:
            return "%s(%s)" % (rng.choice(["-", "~", "!", "+"]), a)
        b = self.integer(depth - 1)
        if kind == 2:
            return "(%s ? %s : %s)" % (self.condition(depth - 1), a, b)
        if kind == 3:
            return "(%s %s (%s & 31))" % (a, rng.choice(["<<", ">>"]), b)
        if kind == 4:
            return "((long long)%s %s (%s & 63))" % (a, rng.choice(["<<", ">>"]), b)
        if kind == 5:
            return "((unsigned long long)%s %s (%s & 63))" % (a, rng.choice(["<<", ">>"]), b)
        if kind == 6:
            # The divisor is a small positive number, so nothing overflows.
            kind = rng.choice(["int", "unsigned", "unsigned long long"])
            return "((%s)%s %s (((int)%s & 1023) + 1))" % (kind, a, rng.choice("/%"), b)
        if kind == 7:
            return "(%s, %s)" % (a, b)
        if kind == 8:
            return "(%s)" % self.condition(depth - 1)
        if kind == 9:
            return "(long long)whole(%s)" % self.tamed_real(depth - 2)
        if kind == 10:
            return "f%d(%s, %s)" % (rng.randrange(3), a, b)
        return "(%s %s %s)" % (a, rng.choice(["+", "-", "*", "&", "|", "^"]), b)

    def condition(self, depth):
        rng = self.rng
        kind = rng.randrange(5)
        if kind == 0 and depth > 0:
            return "(%s %s %s)" % (self.condition(depth - 1), rng.choice(["&&", "||"]), self.condition(depth - 1))
        if kind == 1 and depth > 0:
            return "!%s" % self.condition(depth - 1)
        if kind == 2:
            return "(%s %s %s)" % (self.tamed_real(depth - 1), rng.choice(["==", "!="]), self.tamed_real(depth - 1))
        operator = rng.choice(["<", ">", "<=", ">=", "==", "!="])
        return "(%s %s %s)" % (self.integer(depth - 1), operator, self.integer(depth - 1))

    def tamed_real(self, depth):
        """A multiple of 1/4 below 2^16 in size: exact in float, whatever the precision."""
        rng = self.rng
        if depth <= 0 or rng.random() < 0.3:
            return rng.choice(["(%d / %s)" % (rng.randrange(400), rng.choice(["4.0", "(float)4.0", "(long double)4.00"])),
                               "(%s)(short)%s" % (rng.choice(REALS), self.integer(0)), rng.choice(self.reals)])
        a, b = self.tamed_real(depth - 1), self.tamed_real(depth - 1)
        return "tame(%s %s %s)" % (a, rng.choice("+-*"), b)

    def declare(self, where, count):
        rng = self.rng
        for i in range(count):
            name = "%s%d" % (where, i)
            kind = rng.choice(list(INTEGERS))
            self.lines.append("%s%s %s = %s;" % ("static " if where == "s" else "", kind, name, literal(rng)))
            self.integers.append(name)
        for kind in REALS:
            name = "%s_%s" % (where, kind.replace(" ", "_"))
            self.lines.append("%s %s;" % (kind, name))
            self.later.append("%s = %d / 4.0;" % (name, rng.randrange(4000)))
            self.reals.append(name)

    def struct(self):
        rng = self.rng
        self.lines.append("struct bits {")
        self.widths = []
        for i in range(9):
            kind = rng.choice(["unsigned", "unsigned short", "unsigned char"])
            width = rng.randrange(1, INTEGERS[kind] + 1)
            self.widths.append(width)
            self.lines.append("  %s b%d : %d;" % (kind, i, width))
            if rng.random() < 0.3:
                self.lines.append("  %s m%d;" % (rng.choice(list(INTEGERS)), i))
        self.lines.append("} bits, *pointer = &bits;")
        self.fields = ["bits.b%d" % i for i in range(9)] + ["pointer->b%d" % i for i in range(9)]
        self.integers += self.fields

    def statement(self):
        rng = self.rng
        if rng.randrange(4) == 0:
            # cc gives a bit-field the whole of its type and wants values that fit.
            i = rng.randrange(18)
            return "show(%s = %s & 0x%xu);" % (self.fields[i], self.integer(3), (1 << self.widths[i % 9]) - 1)
        target = rng.choice([n for n in self.integers if n[0] in "gsl"])
        kind = rng.randrange(8)
        if kind == 0:
            return "%s %s= %s;" % (target, rng.choice("+-*&|^"), self.integer(3))
        if kind == 1:
            return "show(%s%s);" % (target, rng.choice(["++", "--"]))
        if kind == 2:
            return "show(%s%s);" % (rng.choice(["++", "--"]), target)
        if kind == 3:
            return "show(%s = %s);" % (target, self.integer(4))
        if kind == 4:
            name = rng.choice(self.reals)
            return "%s = %s; show_real(%s);" % (name, self.tamed_real(3), name)
        if kind == 5:
            return "switch ((int)(%s) & 7) { case 1: %s = 5; case 2: case 5: %s = %s; break; default: show(1); }" % (
                self.integer(2), target, target, self.integer(2))
        return "show(%s);" % self.integer(5)

    def text(self):
        self.lines.append("""#include <stdio.h>
static void show(long long v) { printf("%llx\\n", v); }
/* cc converts no float to an integer; the lowest bits of 3 * 2^51 + v are those of v. */
static int whole(double v) { union { double d; int i; } u; u.d = v + 6755399441055744.0; return u.i; }
static void show_real(long double v) { printf("%d/4\\n", whole(v * 4)); }
static long double tame(long double v) { return (short)whole(v * 4) / (long double)4.0; }
static long long f0(long long a, int b) { return a - b; }
static unsigned short f1(unsigned char a, short b) { return a * b; }
static unsigned f2(int a, unsigned long long b) { return a ^ b >> 7; }
""")
        self.declare("g", 6)
        self.declare("s", 3)
        self.struct()
        self.lines.append("int main(void) {")
        self.declare("l", 6)
        self.lines += self.later
        self.lines += [self.statement() for _ in range(30)]
        self.lines.append("  return 0; }")
        return "\n".join(self.lines) + "\n"


def program(seed):
    """The text of the program with this number; the same on every machine."""
    return Program(seed).text()


if __name__ == "__main__":
    import sys
    print(program(int(sys.argv[1])), end="")
