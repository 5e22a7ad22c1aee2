"""scc: one small program for each rule, errors by line, random programs beside gcc."""

import pathlib
import shutil
import subprocess
import unittest

import random_c
import support

SHIM = """
int sys(int n, int a, int b, int c) {
  int r;
  __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory");
  return r;
}
"""

# Body of main -> its result, the exit status.
RESULTS = [
    # constants, strings
    ("return 42;", 42), ("return 0x2A;", 42), ("return 'a';", 97), (r"return '\n';", 10),
    (r"return '\\' + '\'' + '\"' + '\0';", 92 + 39 + 34), (r'return "a\tb"[1];', 9),
    ('return "abc"[3];', 0), ("char *s = \"xyz\"; return *(s + 1);", 121),
    ("return 4294967295 == -1;", 1), ("return 0xffffffff == -1;", 1),
    # operators and their precedence
    ("return 2 + 3 * 4;", 14), ("return (2 + 3) * 4;", 20), ("return 20 - 3 - 4;", 13),
    ("return 100 / 7 / 2;", 7), ("return -7 / 2 + 10;", 7), ("return -7 % 3 + 10;", 9),
    ("return 1 << 4 >> 1;", 8), ("return -16 >> 2 == -4;", 1), ("return 1 + 1 << 2;", 8),
    ("return 6 & 3 | 8 ^ 12;", 6), ("return 1 | 2 == 2;", 1), ("return 5 & 4 == 4;", 1),
    ("return ~5 + 10;", 4), ("return !5 + !0;", 1), ("return - -5;", 5),
    ("return 3 < 4 == 1;", 1), ("return (1 < 2) + (2 > 1) + (2 <= 2) + (3 >= 4);", 3),
    ("return 1 ? 2 : 3 ? 4 : 5;", 2), ("return 0 ? 2 : 0 ? 4 : 5;", 5),
    ("int x = 0; int y = 1 || (x = 5); return x + y;", 1),
    ("int x = 0; int y = 0 && (x = 5); return x + y;", 0),
    ("int x = 3; return x && 2;", 1), ("int x = 0; return x || 0;", 0),
    # assignment
    ("int x; int y; x = y = 7; return x + y;", 14), ("int x = 5; x += 3; x -= 1; x *= 6; x /= 4; return x;", 10),
    ("int x = 29; x %= 16; x <<= 3; x >>= 1; x |= 3; x &= 62; x ^= 8; return x;", 62),
    ("int x = 5; int y = x++; return y * 10 + x;", 56), ("int x = 5; int y = --x; return y * 10 + x;", 44),
    # char is 8 bits with a sign
    ("char c = 200; return c == -56;", 1), ("char c = 127; c++; return c == -128;", 1),
    ("char c = 127; return c++ == 127;", 1), ("char c = 5; return -c == -5;", 1),
    ("char c = -1; return ~c;", 0), ("int x = 300; return (char) x;", 44),
    ("char c = -3; return (int) c + 10;", 7), ("return (char) 257;", 1), ("return wrap(511) == -1;", 1),
    # pointers, arrays, structs
    ("numbers[3] = 9; return *(numbers + 3);", 9), ("int *p = numbers; p[2] = 8; p++; return p[1];", 8),
    ("int *p = &numbers[4]; *--p = 6; return numbers[3];", 6), ("return &numbers[2] == numbers + 2;", 1),
    ("char *p = letters; *p++ = 1; *p = 2; return letters[0] * 10 + letters[1];", 12),
    ("return letters + 7 - letters;", 7), ("int i = 1; numbers[i + 1] = 5; return 2[numbers - 0 + 0] ;", None),
    ("int x = 3; int *p = &x; *p += 4; return x;", 7), ("int **q; int *p = numbers; q = &p; **q = 3; return *numbers;", 3),
    ("struct pair *p = (struct pair *) letters; p->a = 4; p->next = p; return p->next->next->a;", 4),
    ("struct pair *p = (struct pair *) letters; p[1].a; return 0;", None),
    ("struct pair *p = (struct pair *) letters; p++; return (char *) p - letters;", 12),
    ("struct pair *p = (struct pair *) letters; p->name = \"hi\"; return p->name[1];", 105),
    ("struct pair *p = (struct pair *) letters; int *q = &p->next - 0 == 0 ? 0 : &p->a; *q = 7; return p->a;", 7),
    ("return sizeof(int) + sizeof(char) + sizeof(char *) + sizeof(struct pair) + sizeof(struct pair *);", 25),
    ("names[1] = \"no\"; return names[1][0];", 110), ("return (numbers == 0) + (0 != numbers);", 1),
    ("int i = 2, *p = &i, j, k = i + 1; j = *p * k; return j;", 6),
    ("struct two *t = (struct two *) letters, *u = t; u->a = 1; u->b = 20; u->d = \"z\"; return t->a + t->b + *t->d;", 143),
    ("first = 3; *(second = letters) = 4; third[1] = 5; return first + *second + third[1];", 12),
    # statements
    ("int s = 0; int i; for (i = 0; i < 10; i++) { if (i == 3) continue; if (i == 7) break; s += i; } return s;", 18),
    ("int s = 0; int i = 5; while (i) { s += i; i--; } return s;", 15),
    ("int s = 0; int i = 0; do { if (i == 2) continue; s += i; } while (++i < 5); return s;", 8),
    ("int i; int j; int s = 0; for (i = 0, j = 9; i < j; i++, j--) s += j - i; return s;", 25),
    ("int i = 0; for (;;) if (i++ > 5) break; return i;", 7), ("for (;0;); while (0); do ; while (0); return 3;", 3),
    ("if (0) return 1; else if (1) return 2; else return 3;", 2), ("{ { ; } } return 6;", 6),
    # functions
    ("return fib(10);", 55), ("return sub(7, 3);", 4), ("return sub(sub(9, 1), sub(4, 2));", 6),
    ("nothing(); return count;", 1), ("int count = 5; nothing(); return count;", 5),
    ("return late(4);", 5), ("return sys(20, 0, 0, 0) > 0;", 1), ("return sys(6, 99, 0, 0) == -9;", 1),
    ("return C + B + D + E;", 4 + 3 + 18 + 19), ("// a comment\n/* and * / another **/ return 1;", 1),
]

FRAME = r"""
enum { A, B = 3, C = B + 1, D = (1 << 4) | 2, E };
struct pair { int a; char *name; struct pair *next; };
struct two { int a, b; char *c, *d; };
int first, *second, third[2];
int numbers[8]; char letters[A + 16 * 2]; char *names[2]; int count;
int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int sub(int a, int b) { return a - b; }
char wrap(int n) { return n; }
void nothing(void) { count++; }
int late(int n);
int main(int argc, char **argv) { %s }
int late(int n) { return n + 1; }
"""

# A program that must be refused -> part of the message, after `in:1: `.
ERRORS = [
    ("int main() { return 1 @ 2; }", "unknown character"), ("int main() { return 1.5; }", "unknown character"),
    ("#define X\nint main() { return 0; }", "unknown character"), ("int x\x01;", "unknown character"),
    ("int x; \0 int y;", "unknown character"),
    ("/* never", "comment without end"), ('char *s; int main() { s = "abc\n"; }', "quote without end"),
    ('int main() { return "abc', "quote without end"), ("int main() { return 'a", "quote without end"),
    ("int main() { return 'ab'; }", "bad character constant"), ("int main() { return ''; }", "bad character constant"),
    (r"int main() { return '\q'; }", "unknown escape"), (r"int main() { return '\x41'; }", "unknown escape"),
    (r'char *s; int main() { s = "\012"; }', "unknown escape"),
    ("int x[09];", "bad number"), ("int x[017];", "bad number"), ("int x[0x];", "bad number"),
    ("int x[12ab];", "bad number"), ("int x[0xfg];", "bad number"), ("int x[5u];", "bad number"),
    ("int main() { return 1 }", "expected ;"), ("int main() { return (1; }", "expected )"),
    ("int main() { if 1 return 0; }", "expected ("), ("int main() { numbers[1; }", "not known, or not usable here: numbers"),
    ("int a[3; ", "expected ]"), ("int main(int a { }", "expected )"), ("int main() return 0;", "expected {"),
    ("enum A { B };", "expected {"), ("enum { 3 };", "expected a name"), ("int 3;", "expected a name"),
    ("int f(int);", "expected a name"), ("long x;", "expected a type"), ("x;", "expected a type"),
    ("static int x;", "expected a type"), ("unsigned x;", "expected a type"), ("5;", "expected a type"),
    ("int main() { return ; + }", "expected an expression"), ("int main() { x = ; }", "not known, or not usable here: x"),
    ("int main() { return +1; }", "expected an expression"), ("int main() { goto x; }", "not known, or not usable here: goto"),
    ("int main() {", "expected an expression"), ("int main() { do ; }", "expected while"),
    ("int main() { return y; }", "not known, or not usable here: y"), ("int main() { return main; }", "not usable here: main"),
    ("int main() { return f(1); }", "not known, or not usable here: f"), ("int x; int main() { return x(1); }", "not usable here: x"),
    ("int f(int a); int main() { return f(); }", "wrong number of arguments"),
    ("int f(int a) { return a; } int main() { return f(1, 2); }", "wrong number of arguments"),
    ("int main() { return sys(1, 2); }", "wrong number of arguments"), ("int main() { 5 = 6; }", "not a variable or place"),
    ("int a[3]; int main() { a = 0; }", "not a variable or place"), ("int main() { int x; x + 1 = 2; }", "not a variable or place"),
    ("int main() { int x; (x + 1)++; }", "not a variable or place"), ("int main() { return &5; }", "not a variable or place"),
    ("int main() { 5 += 1; }", "not a variable or place"), ("int main() { int x; return *x; }", "not a pointer"),
    ("int main() { int x; return x[1]; }", "not a pointer"), ("int main() { int x; return x->a; }", "no such member"),
    ("struct s { int a; }; int main() { struct s *p; return p->b; }", "no such member"),
    ("struct s { int a; }; int main() { struct s **p; return p->a; }", "no such member"),
    ("int a[2]; char *p; int main() { return a[p]; }", "index is not a number"),
    ("void f() { } int main() { return 1 + f(); }", "neither number nor pointer"),
    ("void f() { } int main() { int x = f(); return 0; }", "neither number nor pointer"),
    ("void x;", "neither number nor pointer"), ("struct s { int a; }; struct s x;", "neither number nor pointer"),
    ("int main() { void x; }", "neither number nor pointer"), ("int f(int a, void b);", "neither number nor pointer"),
    ("void f() { } int main() { if (f()) return 1; }", "neither number nor pointer"),
    ("int *p; int main() { return p * 2; }", "operand of a wrong type"), ("int *p; int main() { return -p; }", "operand of a wrong type"),
    ("int *p; int main() { return p < p; }", "operand of a wrong type"), ("int *p; int main() { return p - p; }", "operand of a wrong type"),
    ("int *p; int main() { return p + p; }", "operand of a wrong type"), ("int *p; int main() { return 1 - p; }", "operand of a wrong type"),
    ("char *p; int *q; int main() { return p - q; }", "operand of a wrong type"), ("int x; int main() { x ||= 1; }", "expected an expression"),
    ("int x; int x;", "declared twice"), ("int f() { } int f() { }", "declared twice"), ("int f; int f() { }", "declared twice"),
    ("int f(); int f;", "declared twice"), ("enum { A, A };", "declared twice"), ("struct s { int a; int a; };", "declared twice"),
    ("struct s { int a; }; struct s { int b; };", "declared twice"), ("int sys(int a, int b, int c, int d) { }", "declared twice"),
    ("struct s { char c; };", "bad struct or member"), ("int { int a; };", "bad struct or member"),
    ("int main() { int x; int x; }", "name used twice in a function"), ("int f(int a, int a);", "name used twice in a function"),
    ("int f(int a); int f(int a, int b);", "differs from its first declaration"), ("int f(); char f();", "differs from its first"),
    ("struct s { int a; }; struct s f();", "differs from its first declaration"), ("int a[0];", "bad size of an array"),
    ("int a[-1];", "bad size of an array"), ("int a[0x7fffffff];", "bad size of an array"),
    ("int x; int a[x];", "not a constant"),
    ("enum { A = \"a\" };", "not a constant"), ("enum { A = 1 / 0 };", "division by zero or overflow"),
    ("int main() { return 5 % 0; }", "division by zero or overflow"), ("enum { A = 0x80000000 / -1 };", "division by zero or overflow"),
    ("int main() { break; }", "not inside a loop"), ("int main() { continue; }", "not inside a loop"),
    ("int main() { switch (1) { } }", "not known, or not usable here: switch"), ("int main() { case 1: ; }", "not known, or not usable here: case"),
    ("int ****************p;", "pointer too deep"), ("struct t; int x;", "expected a name"),
    ("struct t *p; int main() { return p + 1; }", "struct without members"), ("int main() { return sizeof(struct t); }", "struct without members"),
    ("int x = 5;", "expected ;"), ("int main() { return 1, 2; }", "expected ;"), ("typedef int t;", "expected a type"),
]


class Programs(unittest.TestCase):
    def compile(self, text):
        return support.tool_output(support.chain() / "scc", text)

    def test_each_rule(self):
        folder = support.scratch()
        for body, result in RESULTS:
            with self.subTest(body=body):
                status, made, message = self.compile(FRAME % body)
                if result is None:
                    self.assertNotEqual(status, 0)
                    self.assertIsNone(made)
                    continue
                self.assertEqual((status, message), (0, b""))
                (folder / "program").write_bytes(made)
                (folder / "program").chmod(0o755)
                self.assertEqual(support.call(folder / "program").returncode, result)

    def test_refused_programs_name_file_line_and_reason(self):
        for text, reason in ERRORS:
            with self.subTest(text=text):
                status, made, message = self.compile(text)
                self.assertEqual(status, 1)
                self.assertIsNone(made)
                self.assertRegex(message.decode(), r"\Ain:[1-9]\d*: .*\n\Z")
                self.assertIn(reason, message.decode())

    def test_line_number_of_an_error(self):
        _, _, message = self.compile("int x;\n/* a\n b */ // c\n\n  int y\n;\nint main( { }")
        self.assertTrue(message.startswith(b"in:7: "), message)

    def test_main_and_called_functions_must_exist(self):
        for text, reason in [("int x;", b"no function main"), ("", b"no function main"), ("int main();", b"no function main"),
                             ("int f(); int main() { return f(); }", b"called but never defined: f")]:
            status, made, message = self.compile(text)
            self.assertEqual((status, made), (1, None))
            self.assertIn(reason, message)

    def test_inputs_are_one_text_but_errors_name_their_file(self):
        folder = support.scratch()
        (folder / "a").write_text("int f(int n) {\n return n + 1; ")
        (folder / "b").write_text("}\nint main() { return f(4); }\n")
        (folder / "c").write_text("\n\nint f;")
        scc = support.chain() / "scc"
        self.assertEqual(support.call(scc, "out", "a", "b", cwd=folder).returncode, 0)
        self.assertEqual(support.call(folder / "out").returncode, 5)
        self.assertEqual(support.call(scc, "out2", "a", "b", "c", cwd=folder).stderr, b"c:3: declared twice\n")

    def test_arguments_and_environment_reach_main_as_in_c(self):
        _, made, _ = self.compile("int main(int argc, char **argv) { return argc * 10 + argv[2][1] - '0'; }")
        program = support.scratch() / "program"
        program.write_bytes(made)
        program.chmod(0o755)
        self.assertEqual(support.call(program, "x", "y7").returncode, 37)

    def test_files_that_cannot_be_used(self):
        folder = support.scratch()
        (folder / "in").write_text("int main() { return 0; }")
        (folder / "large").write_bytes(b" " * 0x200001)
        scc = support.chain() / "scc"
        for arguments, reason in [(("out", "none"), b"cannot read"), (("out", "."), b"cannot read"),
                                  (("none/out", "in"), b"cannot write"), ((".", "in"), b"cannot write"),
                                  (("out", "large"), b"file too large"), (("out",), b"usage"), ((), b"usage")]:
            with self.subTest(arguments=arguments):
                result = support.call(scc, *arguments, cwd=folder)
                self.assertEqual(result.returncode, 1)
                self.assertIn(reason, result.stderr)
        if pathlib.Path("/dev/full").exists():
            self.assertEqual(support.call(scc, "/dev/full", "in", cwd=folder).returncode, 1)

    def test_tables_refuse_to_overflow(self):
        many = {
            b"too many names": "".join(f"int x{i};\n" for i in range(20000)),
            b"too many strings": "int main() { " + ('"' + "s" * 1000 + '";\n') * 1100 + "}",
            b"program too large": "int x; int main() {\n" + "x += x * x - x / 3;\n" * 80000 + "}",
            b"bad size of an array": "".join(f"int a{i}[0x3ffffff];\n" for i in range(30)),
        }
        for reason, text in many.items():
            with self.subTest(reason=reason):
                status, made, message = self.compile(text)
                self.assertEqual((status, made), (1, None))
                self.assertIn(reason, message)


class Image(unittest.TestCase):
    def test_segments_are_code_strings_and_zeroed_memory(self):
        _, made, _ = support.tool_output(
            support.chain() / "scc", 'int t[1000]; int main() { return "abc"[0]; }')
        code, text, data = support.elf_segments(made)
        self.assertEqual((code[1], code[2], code[6]), (0, 0x08048000, 5))
        self.assertEqual((text[2], text[4], text[6]), (0x0C000000, 4, 4))
        self.assertEqual(made[text[1]:], b"abc\0")
        self.assertEqual((data[2], data[4], data[5], data[6]), (0x10000000, 0, 4000, 6))


@unittest.skipUnless(shutil.which("gcc"), "no gcc here")
class Random(unittest.TestCase):
    PROGRAMS = 12

    def test_random_programs_print_what_gccs_print(self):
        folder = support.scratch()
        (folder / "shim.c").write_text(SHIM)
        (folder / "t.c").write_text("int main() { return 0; }")
        if subprocess.run(["gcc", "-m32", "t.c"], cwd=folder, capture_output=True).returncode:
            self.skipTest("gcc -m32 does not link here (gcc-multilib)")
        for seed in range(self.PROGRAMS):
            with self.subTest(seed=seed):
                (folder / "r.c").write_text(random_c.Writer(seed).program(8))
                support.call(support.chain() / "scc", "ours", "r.c", cwd=folder)
                subprocess.run(["gcc", "-m32", "-std=gnu89", "-w", "-fwrapv", "-O1", "-o", "theirs", "r.c", "shim.c"],
                               cwd=folder, check=True)
                ours, theirs = (support.call(folder / name) for name in ("ours", "theirs"))
                self.assertEqual(ours.returncode, 0)
                self.assertEqual(ours.stdout, theirs.stdout)
                self.assertGreater(len(ours.stdout), 100)


if __name__ == "__main__":
    unittest.main()
