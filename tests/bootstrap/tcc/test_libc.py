"""Our libc against the host's: the same programs, compiled with each, must say
the same.  Ours is compiled twice, by the chain's cc and by its tcc."""
import functools
import pathlib
import random
import re
import unittest
from decimal import Decimal, getcontext

from support import LIBC, STAGE0, chain, command, made, scratch, tcc_source

HERE = pathlib.Path(__file__).parent
RANDOM = random.Random(21)
FOLDERS = ["-I", str(STAGE0 / "libc/include"), "-I", str(STAGE0 / "config")]


@functools.cache
def compiled(name, maker):
    """The program libc/NAME.c, or one made here, with one of three libraries."""
    source, out = HERE / "libc" / f"{name}.c", scratch() / f"{maker}-{name}"
    if not source.exists():
        source = scratch() / f"{name}.c"
    if maker == "host":
        command("gcc", "-m32", "-w", "-fno-builtin", "-o", out, source, "-lm")
    elif maker == "cc":
        command(made("cc"), *FOLDERS, "-o", out, source, *LIBC)
    else:
        command(chain().work / "package/bin/tcc", "-w", "-nostdlib", "-nostdinc", "-static", *FOLDERS,
                "-o", out, source, *LIBC, tcc_source() / "lib/libtcc1.c")
    return out


class SameAsTheHost(unittest.TestCase):
    def same(self, name, *arguments, makers=("cc", "tcc"), **more):
        expected = command(compiled(name, "host"), *arguments, **more)
        for maker in makers:
            done = command(compiled(name, maker), *arguments, **more)
            for ours, theirs in ((done.stdout, expected.stdout), (done.stderr, expected.stderr)):
                for a, b in zip(ours.split(b"\n"), theirs.split(b"\n")):
                    self.assertEqual(a, b, maker)
                self.assertEqual(len(ours), len(theirs), maker)

    def test_sorting_strings_and_memory_functions(self):
        self.same("sorting")

    def test_malloc_lives_a_random_life(self):
        self.same("memory")

    def test_files(self):
        self.same("files", scratch() / "walk", status=3)

    def test_ldexp(self):
        self.same("ldexp")

    def test_64_bit_arithmetic(self):
        """cc divides by 32 bits, and makes no float an integer; all of it is for tcc."""
        self.same("division")
        self.same("division", "all", makers=["tcc"])

    def test_numbers_are_read_to_the_last_bit(self):
        text = "".join(f"{RANDOM.choice('fdl')} {real()}\n" for _ in range(6000))
        text += "".join(f"U{RANDOM.choice((0, 2, 8, 10, 16, 36))} {whole()}\n" for _ in range(3000))
        (scratch() / "numbers").write_text(text)
        self.same("numbers", scratch() / "numbers")

    def test_printf(self):
        lines = "\n".join(random_printf() for _ in range(1500))
        (scratch() / "formats.c").write_text(
            '#include <stdio.h>\nint main(void) {\n    char b[99];\n    int n;\n' + lines
            + '\n    n = snprintf(b, 5, "%s", "123456"); printf("%d %s\\n", n, b);'
              '\n    n = snprintf(b, 0, "%d", 77); printf("%d\\n", n);'
              '\n    sprintf(b, "%d.%d", 3, -4); printf("%s\\n", b);'
              '\n    int x = 0, y = 0, z = 0; n = sscanf("0.9.27", "%d.%d.%d", &x, &y, &z);'
              '\n    printf("%d %d %d %d\\n", n, x, y, z);'
              '\n    return 0;\n}\n')
        self.same("formats")

    def test_an_unknown_format_ends_the_program(self):
        (scratch() / "unknown.c").write_text('#include <stdio.h>\nint main(void) { printf("%e", 1.0); return 0; }\n')
        for maker in ("cc", "tcc"):
            done = command(compiled("unknown", maker), status=134)
            self.assertIn(b"unknown conversion", done.stderr)

    def test_a_number_too_large_ends_the_program(self):
        (scratch() / "long.c").write_text(
            '#include <stdlib.h>\nint main(void) { strtoull("18446744073709551615", NULL, 0);'
            ' strtoull("0x10000000000000000", NULL, 0); return 0; }\n')
        for maker in ("cc", "tcc"):
            done = command(compiled("long", maker), status=134)
            self.assertEqual(done.stderr, b"number too large\n")

    def test_a_full_disk_is_not_passed_over(self):
        (scratch() / "full.c").write_text(
            '#include <stdio.h>\nint main(int n, char **a) { FILE *f = fopen(a[1], "w"); fputs("x", f); return 0; }\n')
        for maker in ("cc", "tcc"):
            command(compiled("full", maker), "/dev/full", status=1)


def halfway():
    """The exact middle of two doubles, or a hair beside it."""
    getcontext().prec = 1500
    value = Decimal(2 * (RANDOM.getrandbits(52) | 1 << 52) + 1) * Decimal(2) ** RANDOM.randrange(-1127, 960)
    digits, _, power = str(value).partition("E")
    digits += RANDOM.choice(("", "1" if "." in digits else ".001"))
    return digits + (f"e{power}" if power else "")


EDGES = """0 0.0 0e9999999 1e999999999999 1e-99999999999999 1. 5.e1 00000.1e1
1e4932 1.18973149535723176502e4932 1.18973149535723176509e4932 3.6e-4951 1.8e-4951 1.9e-4951
1.7976931348623157e308 1.7976931348623159e308 4.9e-324 2.4703282292062327e-324 2.4703282292062328e-324
2.2250738585072011e-308 2.2250738585072014e-308 3.4028235e38 3.4028236e38 1e-45 7e-46 8e-46 1.17549429e-38
3.3621031431120935062e-4932 3.3621031431120935063e-4932 9007199254740993 18446744073709551615.5""".split()


def real():
    kind = RANDOM.randrange(7)
    if kind == 0:
        return f"{RANDOM.randrange(10**6)}.{RANDOM.randrange(10**9)}e{RANDOM.randrange(-60, 60)}"
    if kind == 1:
        return f"{RANDOM.randrange(10**RANDOM.randrange(1, 40))}"
    if kind == 2:
        return f".{RANDOM.randrange(10**12)}e{RANDOM.randrange(-5000, 5000)}"
    if kind == 3:
        return f"{RANDOM.randrange(10**20)}E{RANDOM.randrange(-350, 320):+}"
    if kind == 4:
        return halfway()
    if kind == 5:
        return RANDOM.choice(EDGES)
    return f"{RANDOM.randrange(10)}." + "".join(RANDOM.choices("0123456789", k=RANDOM.randrange(1, 300)))


def whole():
    digits = RANDOM.choice((str, lambda n: f"{n:x}"))(RANDOM.getrandbits(RANDOM.randrange(1, 37)))
    return RANDOM.choice(("", "0", "0x", "0X")) + RANDOM.choice((digits, digits, "zz", "8", "x", ""))


def random_printf():
    flags = RANDOM.choice(("", "", "-", "0", "-0"))
    width = RANDOM.choice(("", "", "1", "7", "20", "*"))
    precision = RANDOM.choice(("", "", ".0", ".1", ".5", ".12", ".*"))
    kind = RANDOM.choice(("d", "i", "u", "x", "X", "c", "s", "lld", "llu", "llx", "ld", "lx", "%"))
    if kind in "%c":
        flags, precision = flags.replace("0", ""), ""
    if kind == "%":
        flags = width = ""
    if kind == "s":
        flags = flags.replace("0", "")
    stars = [str(RANDOM.choice((0, 3, 12, -12)) if part is width else RANDOM.choice((0, 4, -1)))
             for part in (width, precision) if "*" in part]
    value = RANDOM.choice((0, 1, -1, 42, 2**31 - 1, -2**31, RANDOM.getrandbits(31), RANDOM.getrandbits(10)))
    if kind.startswith("ll"):
        value = f"{RANDOM.choice((value, RANDOM.getrandbits(62), -RANDOM.getrandbits(62)))}LL"
    elif kind.startswith("l"):
        value = f"(long){value}"
    elif kind == "c":
        value = RANDOM.randrange(33, 126)
    elif kind == "s":
        value = '"' + "ab cd"[:RANDOM.randrange(6)] + '"'
    arguments = ", ".join([*stars, *([] if kind == "%" else [str(value)])])
    return f'    printf("<%{flags}{width}{precision}{kind}>\\n"{", " if arguments else ""}{arguments});'


class MachineCode(unittest.TestCase):
    def test_the_bytes_are_the_mnemonics_beside_them(self):
        """GNU as reads the comments of start.c; tcc puts the bytes where code belongs."""
        text = (STAGE0 / "libc/start.c").read_text()
        routines = re.findall(r"^const char (\w+)\[\][^\n]*= \{\n(.*?)\n\};", text, re.S | re.M)
        self.assertEqual([name for name, _ in routines], ["__syscall"])
        made = scratch() / "start-tcc.o"
        command(chain().work / "package/bin/tcc", *FOLDERS, "-c", "-o", made, STAGE0 / "libc/start.c")
        command("objcopy", "-O", "binary", "-j", ".text", made, scratch() / "start-tcc.bin")
        for name, body in routines:
            pairs = [re.fullmatch(r"\s*(.*?),?\s*/\* (.*) \*/", line).groups() for line in body.split("\n")]
            ours = bytes(int(item, 16) for code, _ in pairs for item in code.split(", "))
            (scratch() / "start.s").write_text("".join(comment + "\n" for _, comment in pairs))
            command("as", "--32", "-o", scratch() / "start.o", scratch() / "start.s")
            command("objcopy", "-O", "binary", "-j", ".text", scratch() / "start.o", scratch() / "start.bin")
            self.assertEqual((scratch() / "start.bin").read_bytes(), ours, name)
            self.assertIn(ours, (scratch() / "start-tcc.bin").read_bytes(), name)


if __name__ == "__main__":
    unittest.main()
