"""asm: every instruction with every kind of operand beside GNU as, and every error."""

import pathlib
import random
import shutil
import unittest

import support
from test_listing import ARITHMETIC, assemble, from_asm

REGISTERS = "eax ecx edx ebx esp ebp esi edi".split()
BYTES = "al cl dl bl ah ch dh bh".split()
NUMBERS = ["0", "1", "-1", "127", "128", "-128", "-129", "255", "0x12345678", "0xffffffff", "'A'", "'['", "K", "K + 3", "K - 70"]
SMALL = ["0", "1", "-128", "127", "255", "'z'", "K"]
PLACES = [f"[{r}]" for r in REGISTERS] + ["[data]", "[data + 4]", "[data - 8 + K]", "[0x1234]", "[esp + 4]", "[ebp - 4]",
          "[eax + 127]", "[ecx + 128]", "[edx - 128]", "[ebx - 129]", "[esi + data]", "[edi + data + 3]", "[4 + eax]",
          "[esp + 0x1000]", "[ebp + K]", "[eax + K - 70]"]
CONDITIONS = "jb jae je jne jbe ja js jns jl jge jle jg".split()
PLAIN = "cdq clc stc lodsb stosb stosd movsb".split()
HEAD = "K = 70\n.lcomm other, 10\n.lcomm data, 100\n"


def all_forms():
    """Every form of every instruction, some thousand statements."""
    r = random.Random(1)
    some = lambda items: r.sample(items, 4)
    for name in ARITHMETIC + ["mov"]:
        for one in REGISTERS:
            yield from (f"{name} {one}, {two}" for two in some(REGISTERS) + some(PLACES) + some(NUMBERS))
            yield f"{name} {one}, offset data + 3"
        for one in BYTES:
            yield from (f"{name} {one}, {two}" for two in some(BYTES) + some(PLACES) + some(SMALL))
        for one in PLACES:
            yield from (f"{name} {one}, {two}" for two in some(REGISTERS) + some(BYTES))
            yield from (f"{name} dword ptr {one}, {two}" for two in some(NUMBERS))
            yield f"{name} dword ptr {one}, offset data"
            yield from (f"{name} byte ptr {one}, {two}" for two in some(SMALL))
    for one in REGISTERS:
        yield from (f"test {one}, {two}" for two in REGISTERS)
        yield from (f"imul {one}, {two}" for two in REGISTERS + some(PLACES))
        yield from (f"lea {one}, {two}" for two in PLACES)
        yield from (f"{name} {one}, {two}" for name in ("movzx", "movsx") for two in BYTES)
        yield from (f"{name} {one}, byte ptr {two}" for name in ("movzx", "movsx") for two in PLACES)
        yield from (f"{name} {one}, {two}" for name in "rol shl shr sar".split() for two in ["1", "2", "31", "K", "cl"])
    for one in PLACES:
        yield from (f"{name} {one}, {two}" for name in ("test", "xchg") for two in some(REGISTERS[1:]) + some(BYTES))
        yield from (f"{name} dword ptr {one}" for name in "not neg mul div idiv inc dec push pop jmp call".split())
        yield from (f"{name} byte ptr {one}" for name in "not neg mul div idiv inc dec".split())
        yield from (f"{name} dword ptr {one}, {two}" for name in "rol shl shr sar".split() for two in ["1", "5", "cl"])
    for one in REGISTERS:
        yield from (f"{name} {one}" for name in "not neg mul div idiv inc dec push pop jmp call".split())
    for one in BYTES:
        yield from (f"{name} {one}" for name in "not neg mul div idiv inc dec".split())
        yield from (f"xchg {one}, {two}" for two in BYTES if two != one)
    yield from (f"push {value}" for value in NUMBERS + ["offset data", "offset start + 5"])
    yield from PLAIN
    yield from ["rep movsb", "rep stosd", "int 0x80", "int 0x21", "ret", "ret 16", "ret 0x100"]
    yield from [".byte 0, 255, -128, 'x', K", ".long 1, -1, data, start + 4, K", '.asciz "a; b # c"', '.asciz ""']


ERRORS = [
    ("foo eax", "not understood"), ("mov", "not understood"), ("mov eax", "wrong operand"), ("mov eax,", "not understood"),
    ("mov eax ebx", "wrong operand"), ("mov eax, ebx ecx", "not understood"), ("mov eax, ebx, ecx", "not understood"),
    ("mov eax, al", "wrong operand"), ("mov al, eax", "wrong operand"), ("mov 5, eax", "wrong operand"), ("mov 5, 6", "wrong operand"),
    ("mov al, 256", "wrong operand"), ("mov al, -129", "wrong operand"), ("mov [eax], 5", "wrong operand"), ("mov [eax], [ebx]", "wrong operand"),
    ("mov dword ptr [eax], [ebx]", "wrong operand"), ("mov byte ptr [eax], ebx", "wrong operand"), ("mov eax, ebx + 1", "wrong operand"),
    ("mov eax, 1 - ebx", "wrong operand"), ("mov eax, [ebx - ecx]", "wrong operand"), ("mov eax, [4 - ecx]", "wrong operand"),
    ("mov eax, [ebx + ecx]", "wrong operand"), ("mov eax, [al]", "wrong operand"), ("mov eax, [ebx", "wrong operand"), ("mov eax, [[ebx]]", "wrong operand"),
    ("mov eax, 0x100000000", "wrong operand"), ("mov eax, 4294967296", "wrong operand"), ("mov eax, 99999999999", "wrong operand"),
    ("mov eax, 12ab", "wrong operand"), ("mov eax, 0x1g", "not understood"), ("mov eax, 'ab'", "wrong operand"), ("mov eax, '", "wrong operand"),
    ("mov eax, none", "not defined"), ("jmp none", "not defined"), ("mov eax, mov", "wrong operand"), ("mov eax, $5", "not understood"),
    ("add byte ptr [eax], 256", "wrong operand"), ("cmp 1, eax", "wrong operand"), ("lea eax, ebx", "wrong operand"), ("lea al, [ebx]", "wrong operand"),
    ("lea [ebx], eax", "wrong operand"), ("movzx eax, ebx", "wrong operand"), ("movzx eax, [ebx]", "wrong operand"), ("movzx al, bl", "wrong operand"),
    ("movsx eax, dword ptr [ebx]", "wrong operand"), ("imul eax, bl", "wrong operand"), ("imul eax, 5", "wrong operand"), ("imul [eax], ebx", "wrong operand"),
    ("test eax, 5", "wrong operand"), ("test eax, [ebx]", "wrong operand"), ("xchg eax, [ebx]", "wrong operand"), ("xchg 5, eax", "wrong operand"),
    ("not 5", "wrong operand"), ("not [eax]", "wrong operand"), ("inc 5", "wrong operand"), ("inc [eax]", "wrong operand"), ("dec", "not understood"),
    ("push al", "wrong operand"), ("push byte ptr [eax]", "wrong operand"), ("pop 5", "wrong operand"), ("pop al", "wrong operand"),
    ("shl al, 1", "wrong operand"), ("shl eax, bl", "wrong operand"), ("shl eax, ecx", "wrong operand"), ("shl eax, 256", "wrong operand"),
    ("shl 5, 1", "wrong operand"), ("shl [eax], 1", "wrong operand"), ("je eax", "wrong operand"), ("je [eax]", "wrong operand"), ("jmp al", "wrong operand"),
    ("int 256", "wrong operand"), ("int eax", "wrong operand"), ("ret 65536", "wrong operand"), ("ret eax", "not understood"), ("cdq eax", "not understood"),
    ("eax", "not understood"), ("byte", "not understood"), ("offset", "not understood"), ("al: nop", "not understood"), ("mov: ret", "not understood"),
    ("a: a:", "defined twice"), ("a = 1\na = 1", "defined twice"), ("a = 1\na:", "defined twice"), (".lcomm a, 4\na:", "defined twice"),
    ("push b\nb = 5", "defined twice, or too late"), ("a == 5", "not understood"), ("a= 5", "not understood"), ("a =5", "not understood"),
    ("a = eax", "wrong operand"), ("a = [5]", "wrong operand"), ("a =\n", "not understood"), (".byte 256", "wrong operand"), (".byte eax", "wrong operand"),
    (".byte 1,", "not understood"), (".byte", "not understood"), (".long eax", "wrong operand"), (".long 1 2", "not understood"),
    ('.asciz "abc', "wrong operand"), (".asciz abc", "wrong operand"), ('.asciz "a\tb"', "wrong operand"), (".lcomm a", "wrong operand"),
    (".lcomm a 4", "wrong operand"), (".lcomm , 4", "not understood"), (".data", "not understood"), ("@", "not understood"), ("\x00 ret", "not understood"),
    ("ret \x00", "not understood"), ("\x80", "not understood"), ("mov eax, bx", "not defined"), ("# \x00\nret", "not understood"),
]


class Asm(unittest.TestCase):
    def make(self, text):
        return support.tool_output(support.chain() / "asm", text.encode("latin-1"))

    @unittest.skipUnless(shutil.which("as"), "no GNU as here")
    def test_every_form_as_gnu_as_encodes_it(self):
        forms = list(all_forms())
        self.assertGreater(len(forms), 3000)
        text = HEAD + "start:\n" + "\n".join(forms) + "\n"
        text += "".join(f"{name} {label}\n" for name in CONDITIONS + ["jmp", "call"] for label in ("start", "end")) + "end: ret\n"
        folder = support.scratch()
        (folder / "a.asm").write_text(text)
        status, made, message = self.make(text)
        self.assertEqual((status, message), (0, b""))
        theirs = assemble(from_asm(folder / "a.asm"), 0x08048000 + support.HEADER)
        self.assertEqual(made[support.HEADER:], theirs)

    def test_statements_may_share_a_line_and_be_spaced_anyhow(self):
        for text in ("start: push eax; pop ebx;; ret", "start:\tpush\teax\n\n  pop   ebx # x\nret", "start:push eax\npop ebx;ret",
                     "# one\nstart: # two\n push eax pop ebx ret", "start: PUSH_IT = 0\npush eax; pop ebx; ret#"):
            with self.subTest(text=text):
                status, made, _ = self.make(text)
                self.assertEqual((status, made and made[support.HEADER:].hex()), (0, "505bc3"))

    def test_header_has_the_sizes(self):
        _, made, _ = self.make("a = 5\n.lcomm x, a\n.lcomm y, 1\nret; mov eax, [y]")
        code, zero = support.elf_segments(made)
        self.assertEqual(code, (1, 0, 0x08048000, 0x08048000, len(made), len(made), 5, 4096))
        self.assertEqual(zero, (1, 0, 0x09000000, 0x09000000, 0, 12, 6, 4096))
        self.assertEqual(made[-4:].hex(), "08000009")
        self.assertEqual(int.from_bytes(made[24:28], "little"), 0x08048000 + support.HEADER)

    def test_a_program_runs(self):
        _, made, _ = self.make(".lcomm n, 4\nmov dword ptr [n], 6; mov ebx, [n]; imul ebx, [n]; mov eax, 1; int 0x80")
        program = support.scratch() / "program"
        program.write_bytes(made)
        program.chmod(0o755)
        self.assertEqual(support.call(program).returncode, 36)

    def test_errors_have_a_message_the_line_and_no_output(self):
        for text, reason in ERRORS:
            with self.subTest(text=text):
                status, made, message = self.make("first: ret\n" + text + "\nlast: ret")
                self.assertEqual((status, made), (1, None))
                self.assertTrue(message.startswith(f"asm: {reason}".encode()), message)
                self.assertTrue(message.endswith(b"\n"), message)
                self.assertNotIn(b"first", message)

    def test_an_error_shows_its_line(self):
        self.assertEqual(self.make("ret\n  mov eax, none # why\nret")[2], b"asm: not defined:   mov eax, none # why\n")

    def test_files_that_cannot_be_used(self):
        folder = support.scratch()
        (folder / "in").write_text("ret")
        (folder / "large").write_bytes(b"\n" * 0x3FFFFF)
        (folder / "output").write_text(".long " + ", ".join(["0"] * 0x40000))
        (folder / "text").write_text('.asciz "' + "a" * 0x100000 + '"')
        (folder / "names").write_text("".join(f"n{i}: " for i in range(9000)))
        asm = support.chain() / "asm"
        cases = [(("out", "none"), b"asm: cannot read an input\n"), (("out", "."), b"asm: cannot read an input\n"),
                 (("out", "large"), b"asm: cannot read an input\n"), (("out", "in", "none"), b"asm: cannot read an input\n"),
                 (("none/out", "in"), b"asm: cannot write\n"), ((".", "in"), b"asm: cannot write\n"),
                 (("out",), b"usage: asm OUT IN1 [IN2 ...]\n"), ((), b"usage: asm OUT IN1 [IN2 ...]\n")]
        for arguments, message in cases:
            with self.subTest(arguments=arguments):
                result = support.call(asm, *arguments, cwd=folder)
                self.assertEqual((result.returncode, result.stderr), (1, message))
        for name in ("output", "text", "names"):
            result = support.call(asm, "out", name, cwd=folder)
            self.assertEqual((result.returncode, result.stderr[:16]), (1, b"asm: too large: "), name)
        if pathlib.Path("/dev/full").exists():
            self.assertEqual(support.call(asm, "/dev/full", "in", cwd=folder).stderr, b"asm: cannot write\n")
        self.assertFalse((folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
