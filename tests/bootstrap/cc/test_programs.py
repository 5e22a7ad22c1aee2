"""Programs compiled by cc say and return what they do when gcc -m32 compiles them."""

import os
import unittest

import random_programs
from compilers import HERE, host_program, program, run, scratch

PROGRAMS = ["layout", "structs", "control", "initialisers", "reals", "integers", "pointers", "preprocessor"]
RANDOM_COUNT = int(os.environ.get("CAIRN_RANDOM_PROGRAMS", "12"))


class SameAsGcc(unittest.TestCase):
    def same(self, sources):
        ours, theirs = run(program(sources)), run(host_program(sources))
        self.assertEqual(ours.stdout.split(b"\n"), theirs.stdout.split(b"\n"))
        self.assertEqual(ours.returncode, theirs.returncode)
        self.assertGreater(len(theirs.stdout), 20, "the program must say something")

    def test_each_program_of_the_table(self):
        for name in PROGRAMS:
            with self.subTest(name):
                self.same([HERE / "programs" / f"{name}.c"])

    def test_the_table_leaves_no_program_out(self):
        beside = {"units_a", "units_b"}
        self.assertEqual({p.stem for p in (HERE / "programs").glob("*.c")}, set(PROGRAMS) | beside)

    def test_two_units_share_globals_but_not_statics_or_macros(self):
        self.same([HERE / "programs/units_a.c", HERE / "programs/units_b.c"])

    def test_random_programs(self):
        for seed in range(RANDOM_COUNT):
            with self.subTest(seed=seed):
                path = scratch() / "random.c"
                path.write_text(random_programs.program(seed))
                self.same([path])

    def test_a_value_too_large_for_a_bit_field_ends_the_program(self):
        source = scratch() / "field.c"
        for value, status in ((7, 7), (8, -11)):
            source.write_text("struct { unsigned a : 3; } s;\nint main(void) { int v = %d; s.a = v; return s.a; }\n" % value)
            self.assertEqual(run(program([source])).returncode, status)

    def ends(self, text, status):
        source = scratch() / "trap.c"
        source.write_text("double d;\nunsigned long long n, r, big;\n"
                          "int main(void) { d = 3; r = 5ULL << 40; big = 1ULL << 32; %s }\n" % text)
        self.assertEqual(run(program([source])).returncode, status, text)

    def test_a_float_made_an_integer_ends_the_program(self):
        self.ends("double e = d; return e == 3.0;", 1)
        for text in ("return d;", "return (char)d;", "n = d; return n;", "n += d; return 0;", "return (long double)d + 1;"):
            self.ends(text, -11)

    def test_a_divisor_beyond_32_bits_ends_the_program(self):
        self.ends("n = r / (big - 1); return n * 10 + r % (big - 1) / (1 << 8);", (1280 * 10 + 1280 // 256) % 256)
        for text in ("n = r / big; return n;", "n = r % big; return n;", "r /= -1LL; return 0;"):
            self.ends(text, -11)

    def test_headers_are_found_in_folders(self):
        (scratch() / "inc").mkdir(exist_ok=True)
        (scratch() / "inc/answer.h").write_text("#define ANSWER 42\n")
        source = scratch() / "options.c"
        source.write_text("#include <answer.h>\nint main(void) { return ANSWER; }\n")
        self.assertEqual(run(program([source], None, None, "-I", scratch() / "inc")).returncode, 42)

    def test_the_file_is_an_ordinary_static_elf(self):
        data = program([HERE / "programs/layout.c"]).read_bytes()
        self.assertEqual(data[:7], b"\x7fELF\1\1\1")
        self.assertEqual(int.from_bytes(data[44:46], "little"), 1, "one program header")
        header = [int.from_bytes(data[52 + 4 * k:][:4], "little") for k in range(8)]
        kind, offset, address, _, size, memory, flags, align = header
        self.assertEqual((kind, offset, address, size, flags, align), (1, 0, 0x08048000, len(data), 7, 4096))
        self.assertGreaterEqual(memory, size)


if __name__ == "__main__":
    unittest.main()
