"""The tcc at the end of the chain: a fixed point, right about numbers, and good
for tcc's own test programs, which come with its source."""
import functools
import random
import re
import unittest

from support import LIBC, STAGE0, chain, command, scratch, tcc_source

# Programs of tests/tests2 that cannot pass here, and why.
CANNOT = {
    "34_array_assignment": "upstream leaves it out everywhere: array assignment is not C",
    "95_bitfields": "upstream leaves it out on 32 bits: it expects the alignment of 64-bit types there",
    "95_bitfields_ms": "as 95_bitfields",
    "104+_inline": "the second file of 104_inline",
    "112_backtrace": "the run-time bounds checker and back traces are not built (CONFIG_TCCBOOT)",
    "113_btdll": "as 112_backtrace, and it needs shared libraries",
}
ARGUMENTS = {
    "31_args": ["arg1", "arg2", "arg3", "arg4", "arg5"],
    "46_grep": [r"[^* ]*[:a:d: ]+\:\*-/: $", "46_grep.c"],
}
FLAGS = {"76_dollars_in_identifiers": ["-fdollars-in-identifiers"]}
SNIPPETS = ("60_errors_and_warnings", "96_nodata_wanted")     # many small tests in one file each


def made(name):
    return chain().work / "build/home/user" / name


def host_headers():
    return ["-I", f"/usr/include/{command('gcc', '-print-multiarch').stdout.decode().strip()}"]


def link(out, objects):
    """Objects of ours with the host's 32-bit libc."""
    library = chain().work / "package/lib/tcc/libtcc1.a"
    command("gcc", "-m32", "-w", "-no-pie", "-o", out, *objects, library, "-lm", "-lpthread")


def compile_with(tcc, out, *sources, flags=(), status=0):
    return command(tcc, "-B", chain().work / "package/lib/tcc", *host_headers(), *flags, "-c", "-o", out,
                   *sources, status=status, cwd=tcc_source() / "tests/tests2")


class FixedPoint(unittest.TestCase):
    def test_tcc_built_by_itself_is_itself(self):
        self.assertEqual(made("bin/tcc").read_bytes(), made("bin/tcc2").read_bytes())
        self.assertNotEqual(made("bin/tcc").read_bytes(), made("bin/tcc1").read_bytes())

    def test_once_more_with_the_installed_one(self):
        out = scratch() / "again"
        names = [f"libc/{name.rsplit('/', 1)[1]}" for name in LIBC]
        command(chain().work / "package/bin/tcc", "-w", "-static", "-nostdlib", "-nostdinc", "-Iconfig", "-Ilibc/include",
                "-o", out, "tcc/tcc.c", *names, "tcc/lib/libtcc1.c", cwd=made("."))
        self.assertEqual(out.read_bytes(), made("bin/tcc").read_bytes())


class Numbers(unittest.TestCase):
    def test_constants_have_the_bits_that_gcc_gives_them(self):
        rng = random.Random(5)
        lines = []
        for _ in range(800):
            text = rng.choice((
                f"{rng.randrange(10**9)}.{rng.randrange(10**9)}e{rng.randrange(-30, 30)}",
                f"{rng.random()!r}", f"{rng.randrange(10**17)}e{rng.randrange(-320, 290)}",
                f"0x{rng.getrandbits(50):x}.{rng.getrandbits(8):x}p{rng.randrange(-1000, 900)}"))
            if text.startswith("0x") or abs(int(text.partition("e")[2] or 0)) > 20:
                kinds = [("double", "")]
            else:
                kinds = [("float", "f"), ("double", ""), ("long double", "L")]
            kind, suffix = rng.choice(kinds)
            lines.append(f"    {{ {kind} x = {text}{suffix}; show(&x, {4 if kind == 'float' else 8 if suffix != 'L' else 10}); }}")
        for _ in range(300):
            a, b = rng.getrandbits(rng.randrange(1, 64)), rng.getrandbits(rng.randrange(1, 40)) | 1
            op = rng.choice(("+", "-", "*", "/", "%", "&", "^", ">>"))
            b = b % 64 if op == ">>" else b
            lines.append(f"    {{ static long long c = {a}LL {op} {b}LL; volatile long long p = {a}LL, q = {b}LL;"
                         f" long long r = p {op} q; show(&c, 8); show(&r, 8); }}")
            lines.append(f"    {{ volatile unsigned long long p = {a}ULL; double d = p; unsigned long long u = d / 2;"
                         f" show(&d, 8); show(&u, 8); }}")
        source = scratch() / "constants.c"
        source.write_text("#include <stdio.h>\nstatic void show(void *p, int n) { while (n--)"
                          " printf(\"%02x\", ((unsigned char *)p)[n]); printf(\"\\n\"); }\n"
                          "int main(void) {\n" + "\n".join(lines) + "\n    return 0;\n}\n")
        command("gcc", "-m32", "-w", "-o", scratch() / "constants-gcc", source)
        compile_with(made("bin/tcc"), scratch() / "constants.o", source)
        link(scratch() / "constants-tcc", [scratch() / "constants.o"])
        ours, theirs = (command(scratch() / f"constants-{who}").stdout.split() for who in ("tcc", "gcc"))
        self.assertEqual(len(ours), len(theirs))
        for i, (a, b) in enumerate(zip(ours, theirs)):
            self.assertEqual(a, b, f"line {i} of the output")


def words(text):
    """Lines without blanks that do not matter, as `diff -Nb` sees them; no folder names."""
    text = text.replace(str(tcc_source() / "tests/tests2") + "/", "")
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.split("\n"))
    return [line for line in lines if line]


class Upstream(unittest.TestCase):
    def run_program(self, name, sources, flags=(), arguments=(), show_status=False):
        """What a program's compilation and run print."""
        objects, said = [], ""
        for i, source in enumerate(sources):
            objects.append(scratch() / f"t{i}.o")
            done = compile_with(made("bin/tcc"), objects[-1], source, flags=flags, status=None)
            said += (done.stdout + done.stderr).decode(errors="replace")
            if done.returncode:
                return said
        if show_status and b" T main" not in command("nm", *objects).stdout:
            return said                         # a snippet that is only compiled
        link(scratch() / "t", objects)
        done = command("sh", "-c", 'exec 2>&1; exec "$0" "$@"', scratch() / "t", *arguments, status=None,
                       timeout=30, cwd=tcc_source() / "tests/tests2", stdin=-3)
        said += done.stdout.decode(errors="replace")
        return said + (f"\n[returns {done.returncode}]\n" if show_status else "")

    def test_every_program_of_tests2(self):
        folder = tcc_source() / "tests/tests2"
        programs = sorted(path.stem for path in folder.glob("*.c"))
        self.assertGreater(len(programs), 100)
        passed = 0
        for name in programs:
            if name in CANNOT or name in SNIPPETS:
                continue
            sources = [f"{name}.c"] + (["104+_inline.c"] if name == "104_inline" else [])
            said = self.run_program(name, sources, FLAGS.get(name, ()), ARGUMENTS.get(name, ()))
            with self.subTest(program=name):
                self.assertEqual(words(said), words((folder / f"{name}.expect").read_text(errors="replace")))
                passed += 1
        print(f"tests2: {passed} programs pass, {len(CANNOT)} cannot:")
        for name, why in CANNOT.items():
            print(f"not run: tests2/{name}: {why}")

    def test_the_snippets_of_tests2(self):
        """The two files of small tests; upstream runs each with its own -D, as here."""
        for name in SNIPPETS:
            folder = tcc_source() / "tests/tests2"
            expected = re.split(r"^\[(test_\w+)\]\n", (folder / f"{name}.expect").read_text(), flags=re.M)
            for snippet, text in zip(expected[1::2], expected[2::2]):
                said = self.run_program(name, [f"{name}.c"], ["-D", snippet], show_status=True)
                with self.subTest(program=name, snippet=snippet):
                    self.assertEqual([w for w in words(said) if w != "[returns 0]"],
                                     [w for w in words(text) if w != "[returns 0]"])


@functools.cache
def unpatched(left_out):
    """tcc by gcc with all patches but one."""
    folder = scratch() / f"without-{left_out}"
    command("cp", "-r", tcc_source(), folder)
    for patch in sorted((STAGE0 / "patches").glob("*.patch"), reverse=True):
        command("patch", "-p1", "-s", "-R", "-i", patch, cwd=folder)
    for patch in sorted((STAGE0 / "patches").glob("*.patch")):
        if not patch.name.startswith(left_out):
            command("patch", "-p1", "-s", "--no-backup-if-mismatch", "-i", patch, cwd=folder)
    (folder / "config.h").write_text((STAGE0 / "config/config.h").read_text())
    command("gcc", "-m32", "-w", "-I", folder, "-o", folder / "tcc", folder / "tcc.c", "-lm", "-lpthread")
    return folder / "tcc"


class Patches(unittest.TestCase):
    """Each patch is still needed, and does what its header says."""

    def both(self, number, check):
        self.assertFalse(check(unpatched(number)), "without the patch all is well: it is not needed")
        self.assertTrue(check(made("bin/tcc")))

    def write(self, text):
        (scratch() / "p.c").write_text(text)
        return scratch() / "p.c"

    ALIAS = """static int f(int x) { return x + 1; }
        extern __typeof(f) g __attribute__((__weak__, __alias__("f")));
        int v = 5; extern int w __attribute__((weak, alias("v")));
        int y __attribute__((alias("v")));\n"""

    def test_0001_an_alias_is_a_symbol(self):
        def check(tcc):
            compile_with(tcc, scratch() / "p.o", self.write(self.ALIAS))
            return set(re.findall(r"^\w+ (\w \w)$", command("nm", scratch() / "p.o").stdout.decode(), re.M)) \
                >= {"W g", "V w", "D y", "D v"}
        self.both("0001", check)

    def test_0002_the_archive_index_has_weak_symbols(self):
        def check(tcc):
            compile_with(made("bin/tcc"), scratch() / "p.o", self.write(self.ALIAS))
            command(tcc, "-ar", "rc", scratch() / "p.a", scratch() / "p.o")
            return b"g in p.o" in command("nm", "-s", scratch() / "p.a").stdout
        self.both("0002", check)

    def test_0003_return_in_a_loop(self):
        def check(tcc):
            compile_with(tcc, scratch() / "p.o", self.write(
                "int alarm(unsigned);\n"
                "int f(int a) { int x = 3; while (1) if (a) a = a - 1; else return x; }\n"
                "int main(void) { alarm(2); return f(3) == 3 ? 7 : 1; }\n"))
            link(scratch() / "p", [scratch() / "p.o"])
            return command(scratch() / "p", status=None).returncode == 7
        self.both("0003", check)

    def test_0004_bits_without_initialiser_are_zero(self):
        def check(tcc):
            compile_with(tcc, scratch() / "p.o", self.write(
                "struct b { unsigned a:3, b:5, c:24; };\n"
                "int dirty(void) { volatile char t[64]; int i; for (i = 0; i < 64; i++) t[i] = 0xff; return t[3]; }\n"
                "int bits(void) { struct b x = { .a = 1 }; return *(int *)&x; }\n"
                "int main(void) { dirty(); return bits() == 1 ? 7 : 1; }\n"))
            link(scratch() / "p", [scratch() / "p.o"])
            return command(scratch() / "p", status=None).returncode == 7
        self.both("0004", check)


if __name__ == "__main__":
    unittest.main()
