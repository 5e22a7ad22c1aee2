"""hex1: golden bytes, a model of 40 lines over the real sources, every error."""

import pathlib
import re
import unittest

import support

BASE = 0x08048000


def model(text):
    """What hex1 should make of a correct text."""
    def passes(names):
        out = bytearray()
        items = re.finditer(r'[#;][^\n]*|"([^"]*)"|:(\S+)|=(\S+) ([0-9a-fA-F]+)|&([^\s-]+)(?:-(\S+))?'
                            r"|%(\S+)|!(\S+)|([0-9a-fA-F]{2})", text)
        for item in items:
            string, label, constant, value, first, second, far, near, byte = item.groups()
            here = BASE + len(out)
            if string is not None:
                out += string.encode("latin-1")
            elif label:
                names[label] = here
            elif constant:
                names[constant] = int(value, 16)
            elif first:
                out += (names.get(first, 0) - (names.get(second, 0) if second else 0) & 0xFFFFFFFF).to_bytes(4, "little")
            elif far:
                out += (names.get(far, 0) - here - 4 & 0xFFFFFFFF).to_bytes(4, "little")
            elif near:
                out.append(names.get(near, 0) - here - 1 & 0xFF)
            elif byte:
                out.append(int(byte, 16))
        return bytes(out)

    names = {}
    passes(names)
    return passes(names)


GOLDEN = [
    ("", ""), ("48 656C 6c", "48656c6c"), ("# 41\n42 ; 43\n;44", "42"), ("\t4a\n\n 4B", "4a4b"), ("7f#x", "7f"),
    ('"AB" "" "#;:&" 00', "4142233b3a2600"), (":a 90 &a", "9000800408"), ("&b 90 :b", "0580040890"),
    (":a %a", "fcffffff"), ("%b 90 :b", "0100000090"), (":a !a", "ff"), ("!b 90 :b", "0190"), ("=x 10 &x", "10000000"),
    ("=x 09abcDEF\n&x", "efcdab09"), (":a 90 90 :b &b-a &a-b", "909002000000feffffff"), ("=x 0\n=y 1\n&y-x", "01000000"),
    (":long.name_1(x) &long.name_1(x)", "00800408"), (":a 0102:b &b", "010202800408"),
    (":a " + "90 " * 127 + "!a", "90" * 127 + "80"), ("!a " + "90 " * 127 + ":a", "7f" + "90" * 127),
]

ERRORS = [
    ("4", "wrong character"), ("4 1", "wrong character"), ("4g", "wrong character"), ("g4", "wrong character"),
    ("41 *", "wrong character"), ("41 \r", "wrong character"), ("41 \x00 42", "wrong character"), ("# \x00 42", "wrong character"), ("\x00 42", "wrong character"),
    ("\x80", "wrong character"), ('"abc', "wrong character"), ('"ab\ncd"', "wrong character"), ('"a\x00"', "wrong character"),
    (":", "wrong character"), (": a", "wrong character"), ("&", "wrong character"), ("% a", "wrong character"), ("!\n", "wrong character"),
    ("=", "wrong character"), ("=a", "wrong character"), ("=a\n10", "wrong character"), ("=a g", "wrong character"),
    ("=a  1", "wrong character"), ("=a 123456789", "wrong character"), ("=a 1-", "wrong character"), ("&a-", "wrong character"),
    ("&none", "not defined"), ("%none", "not defined"), ("!none", "not defined"), (":a &a-none", "not defined"), (":ab &a", "not defined"),
    (":a :a", "defined twice"), (":a =a 1", "defined twice"), ("=a 1\n=a 1", "defined twice"),
    (":a " + "90 " * 128 + "!a", "too far"), ("!a " + "90 " * 128 + ":a", "too far"), ("=a 0\n!a", "too far"),
]


class Hex1(unittest.TestCase):
    def assemble(self, text):
        return support.tool_output(support.chain() / "hex1", text.encode("latin-1"))

    def test_golden(self):
        for text, result in GOLDEN:
            with self.subTest(text=text):
                self.assertEqual(self.assemble(text), (0, bytes.fromhex(result), b""))
                self.assertEqual(model(text).hex(), result)

    def test_the_real_source_as_the_model_assembles_it(self):
        text = (support.STAGE0 / "asm.hex1").read_text()
        self.assertEqual(model(text), (support.chain() / "asm").read_bytes())

    def test_understands_hex0(self):
        text = (support.STAGE0 / "hex0.hex0").read_text()
        self.assertEqual(self.assemble(text)[1], support.SEED.read_bytes())

    def test_errors_have_a_message_the_line_and_no_output(self):
        for text, reason in ERRORS:
            with self.subTest(text=text):
                status, made, message = self.assemble("90 # first\n" + text + "\n90 # last")
                self.assertEqual((status, made), (1, None))
                self.assertTrue(message.startswith(f"hex1: {reason}".encode()), message)
                self.assertTrue(message.endswith(b"\n"), message)
                self.assertNotIn(b"# first", message)

    def test_an_error_shows_its_line(self):
        for text in ("90\n  41 xyz # here\n90", "  41 xyz # here", "90\n  41 xyz # here"):
            self.assertEqual(self.assemble(text)[2], b"hex1: wrong character:   41 xyz # here\n")

    def test_a_character_of_each_kind_is_taken_or_refused(self):
        taken = set(b" \t\n#;0123456789abcdefABCDEF\"")
        for character in range(256):
            text = bytes([character]) + (b"0" if chr(character).isalnum() else b'41"' if character == 34 else b"\n")
            status, made, message = support.tool_output(support.chain() / "hex1", text)
            with self.subTest(character=character):
                self.assertEqual(status == 0, character in taken)
                self.assertEqual(made is None, character not in taken)

    def test_inputs_are_read_one_behind_the_other(self):
        folder = support.scratch()
        (folder / "a").write_text(":a 01 &b")
        (folder / "b").write_text(" :b 02 &a")
        hex1 = support.chain() / "hex1"
        self.assertEqual(support.call(hex1, "out", "a", "b", cwd=folder).returncode, 0)
        self.assertEqual((folder / "out").read_bytes().hex(), "01058004080200800408")
        self.assertEqual((folder / "out").stat().st_mode & 0o700, 0o700)

    def test_files_that_cannot_be_used(self):
        folder = support.scratch()
        (folder / "in").write_text("41")
        (folder / "large").write_bytes(b"\n" * 0x1FFFFF)
        (folder / "output").write_bytes(b'"' + b"a" * 0x100000 + b'"')
        (folder / "names").write_text("".join(f":n{i} " for i in range(100000)))
        hex1 = support.chain() / "hex1"
        cases = [(("out", "none"), b"hex1: cannot read an input\n"), (("out", "."), b"hex1: cannot read an input\n"),
                 (("out", "large"), b"hex1: cannot read an input\n"), (("out", "in", "none"), b"hex1: cannot read an input\n"),
                 (("none/out", "in"), b"hex1: cannot write\n"), ((".", "in"), b"hex1: cannot write\n"),
                 (("out",), b"usage: hex1 OUT IN1 [IN2 ...]\n"), ((), b"usage: hex1 OUT IN1 [IN2 ...]\n")]
        for arguments, message in cases:
            with self.subTest(arguments=arguments):
                result = support.call(hex1, *arguments, cwd=folder)
                self.assertEqual((result.returncode, result.stderr), (1, message))
        for name in ("output", "names"):
            result = support.call(hex1, "out", name, cwd=folder)
            self.assertEqual((result.returncode, result.stderr[:17]), (1, b"hex1: too large: "))
        if pathlib.Path("/dev/full").exists():
            self.assertEqual(support.call(hex1, "/dev/full", "in", cwd=folder).stderr, b"hex1: cannot write\n")
        self.assertFalse((folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
