"""Whatever cc cannot do, it says with file and line, and writes no output."""

import random
import re
import unittest

from compilers import HERE, INCLUDE, SOURCES, by_gcc, run, scratch
from errors import ERRORS, NOT_PROVOKED

MESSAGE = re.compile(r'\b(?:fail|fail_here|fail_name|fail_with|die|expect|jump_statement)\((?:[^;"]|\n)*?"((?:[^"\\]|\\.)+)"')


class Refusals(unittest.TestCase):
    def cc(self, *words):
        done = run(by_gcc(), *words, cwd=scratch())
        return done.returncode, done.stderr.decode(errors="replace")

    def test_each_error_names_its_place_and_leaves_no_output(self):
        (scratch() / "missing.h").unlink(missing_ok=True)
        for message, source in ERRORS:
            with self.subTest(message=message, source=source[:100]):
                (scratch() / "input.c").write_text(source)
                (scratch() / "output").unlink(missing_ok=True)
                status, said = self.cc("-o", "output", "input.c")
                lines = [i for i, text in enumerate(source.split("\n"), 1) if "/*!*/" in text] or [None]
                self.assertEqual(status, 1, said)
                place, _, rest = said.partition(": ")
                self.assertEqual(rest, message + "\n")
                self.assertRegex(place, r"^input\.c:\d+$")
                if lines[0]:
                    self.assertEqual(place, f"input.c:{lines[0]}")
                self.assertFalse((scratch() / "output").exists())

    def test_every_message_of_the_source_is_in_the_table(self):
        text = "".join(source.read_text() for source in SOURCES)
        found = {m.replace('\\"', '"').replace("\\\\", "\\") for m in MESSAGE.findall(text)}
        self.assertGreater(len(found), 120)
        known = [message for message, _ in ERRORS] + list(NOT_PROVOKED)
        missing = [m for m in sorted(found) if not any(k.startswith(m) for k in known) and not any(m.startswith(k) for k in NOT_PROVOKED)]
        self.assertEqual(missing, [])

    def test_an_undefined_symbol_is_named_at_its_first_use(self):
        (scratch() / "input.c").write_text("void a(void);\nvoid _start(void) {\na();\na();\n}\n")
        status, said = self.cc("-o", "output", "input.c")
        self.assertEqual((status, said), (1, "input.c:3: undefined: a\n"))

    def test_two_units_cannot_define_the_same(self):
        (scratch() / "one.c").write_text("int x;\nvoid _start(void) { }\n")
        (scratch() / "two.c").write_text("int x;\n")
        status, said = self.cc("-o", "output", "one.c", "two.c")
        self.assertEqual(status, 1)
        self.assertIn("defined twice: x", said)

    def test_a_macro_is_blamed_where_it_is_used(self):
        (scratch() / "input.c").write_text("#define BAD 1 +\nint a;\nint b = BAD;\n")
        self.assertEqual(self.cc("-o", "output", "input.c"), (1, "input.c:3: expected an expression, not ;\n"))

    def test_lines_stay_true_behind_splices_and_comments(self):
        (scratch() / "input.c").write_text("int a\\\n\\\n;\n/* 1\n2 */ int b;\n#define X \\\n 1\n?\n")
        self.assertEqual(self.cc("-o", "output", "input.c"), (1, "input.c:8: expected a type, not ?\n"))

    def test_errors_in_headers_name_the_header(self):
        (scratch() / "bad.h").write_text("\nint a = ;\n")
        (scratch() / "input.c").write_text('#include "bad.h"\n')
        self.assertEqual(self.cc("-o", "output", "input.c"), (1, "bad.h:2: expected an expression, not ;\n"))

    def test_damaged_programs_neither_crash_nor_hang_it(self):
        rng = random.Random(3)
        programs = [path.read_bytes() for path in sorted((HERE / "programs").glob("*.c"))]
        pieces = b"( ) { } [ ] ; , * & # ## struct case default: 0 \" ' \\ -> . = typedef enum goto sizeof ? : ...".split()
        for number in range(200):
            text = bytearray(rng.choice(programs))
            at, other = rng.randrange(len(text)), rng.randrange(len(text))
            kind = rng.randrange(4)
            if kind == 0:
                text[at] = rng.randrange(256)
            elif kind == 1:
                del text[at:at + rng.choice([1, 2, 5, 30])]
            elif kind == 2:
                text[at:at] = b" %s " % rng.choice(pieces)
            else:
                text[at:at] = text[other:other + 40]
            (scratch() / "input.c").write_bytes(text)
            # No libc is given, so an undamaged program is refused for that.
            status, said = self.cc("-I", INCLUDE, "-I", HERE / "programs", "-o", "output", "input.c")
            self.assertEqual(status, 1, (number, text))
            self.assertRegex(said, r"^([^:\n]+:\d+: |undefined: _start)")

    def test_the_system_can_fail_too(self):
        (scratch() / "good.c").write_text("void _start(void) { }\n")
        (scratch() / "empty.c").write_text("")
        for words, message in [
            (["-o", "output", "absent.c"], "cannot open absent.c\n"),
            (["-o", "output", "."], "cannot read .\n"),
            (["-o", "no/such/folder", "good.c"], "cannot create no/such/folder\n"),
            (["-o", "/dev/full", "good.c"], "cannot write /dev/full\n"),
            (["-o", "output", "empty.c"], "undefined: _start\n"),
            (["-o", "output"], "undefined: _start\n"),
            (["-o", "output"] + ["-I", "."] * 33, "too many -I\n"),
        ]:
            with self.subTest(words[:4]):
                self.assertEqual(self.cc(*words), (1, message))
        for words in ([], ["good.c"], ["-o"], ["-I"], ["-o", "output", "-I"], ["-x", "-o", "output", "good.c"]):
            with self.subTest(words):
                self.assertRegex(self.cc(*words)[1], "^usage: cc ")


if __name__ == "__main__":
    unittest.main()
