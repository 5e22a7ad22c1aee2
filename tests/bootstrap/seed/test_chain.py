"""The chain as a whole: recorded digests, a fixed order, and single changed bytes."""

import collections
import hashlib
import os
import random
import re
import shutil
import subprocess
import unittest

import support
from test_listing import statements

DIGESTS = os.path.join(os.path.dirname(__file__), "digests.txt")
TEXTS = ["hex0.hex0", "hex1.hex0", "asm.hex1", "scc.asm"]
SAMPLE = {"hex0": 40, "hex1": 200, "asm": 200}  # changed bytes for a text; hex0 is slow


def tokens(name, text):
    """What of a text has a meaning: equal tokens, equal program."""
    if name.endswith(".hex0"):
        return re.sub(r"[#;][^\n]*|[\0- ]", "", text).lower()
    if name.endswith(".hex1"):
        found = re.findall(r'[#;][^\n]*|("[^"]*"|[:&%!=]\S+|[0-9a-fA-F]+)', text)
        found = [t if t[:1] in ('"', ":", "&", "%", "!", "=") else t.lower() for t in found if t]
        return named(found, [t[1:] for t in found if t[0] in ":="], lambda t: re.split("[-]", t[1:]))
    found = []
    for line in text.split("\n"):
        for statement in statements(line):
            found += re.findall(r"""'.'|"[^"]*"|[\w.]+|\S""", statement)
    found = [str(int(t, 0)) if re.fullmatch(r"0x[0-9a-fA-F]+|[1-9]\d*|0", t) else t for t in found]
    for i in range(3, len(found)):  # zeroed memory comes in units of 4 bytes
        if found[i - 3] == ".lcomm" and found[i].isdigit():
            found[i] = str(int(found[i]) + 3 & ~3)
    names = [a for a, b in zip(found, found[1:]) if b in (":", "=")]
    return named(found, names, lambda t: [t])


def named(found, defined, parts):
    """The tokens without those names that are defined but never used."""
    uses = collections.Counter(part for token in found for part in parts(token))
    idle = {name for name in defined if uses[name] < 2}
    return [token for token in found if not set(parts(token)) & idle]


class Chain(unittest.TestCase):
    def test_every_tool_is_the_recorded_one(self):
        tools = ["hex0", "hex1", "asm", "scc", "run"]
        made = "".join(f"{hashlib.sha256((support.chain() / t).read_bytes()).hexdigest()}  {t}\n" for t in tools)
        with open(DIGESTS) as file:
            self.assertEqual(made, file.read(), "if this was meant: write these into digests.txt")

    def test_the_seed_is_the_only_file_that_is_not_text(self):
        for path in support.STAGE0.rglob("*"):
            if path.is_file() and path != support.SEED:
                with self.subTest(path=path):
                    path.read_bytes().decode("utf-8")
                    self.assertNotIn(b"\0", path.read_bytes())

    def test_the_texts_stay_short(self):
        lines = sum(len((support.STAGE0 / t).read_text().splitlines()) for t in TEXTS)
        self.assertLessEqual(lines, 2300)

    def test_run_can_drive_it_all(self):
        folder = support.scratch()
        for text in [*TEXTS, "cc/lib.c", "tools/run.c"]:
            shutil.copy(support.STAGE0 / text, folder)
        for tool in ("hex0", "hex1", "run"):
            shutil.copy(support.chain() / tool, folder)
        (folder / "script").write_text("hex0 hex0.hex0 new0\nhex0 hex1.hex0 new1\nhex1 asm asm.hex1\n"
                                       "asm scc scc.asm\nscc newr lib.c run.c\n")
        self.assertEqual(support.call("./run", "script", cwd=folder).returncode, 0)
        for new, old in [("new0", "hex0"), ("new1", "hex1"), ("newr", "run"), ("asm", "asm"), ("scc", "scc")]:
            self.assertEqual((folder / new).read_bytes(), (support.chain() / old).read_bytes())

    @unittest.skipUnless(shutil.which("strace"), "no strace here")
    def test_few_system_calls_after_hex0(self):
        folder = support.scratch()
        for tool, out, *texts in support.STEPS[1:]:
            result = subprocess.run(["strace", "-f", "-o", folder / "log", support.chain() / tool, folder / out,
                                     *support.places(texts)], capture_output=True)
            if result.returncode:
                self.skipTest("strace does not work here")
            self.assertLess(len((folder / "log").read_text().splitlines()), 20)

    @unittest.skipUnless(shutil.which("qemu-i386"), "no qemu-i386 here")
    def test_an_emulated_processor_makes_the_same_files(self):
        folder = support.scratch()
        shutil.copy(support.SEED, folder / "hex0")
        for tool, *arguments in support.STEPS:
            subprocess.run(["qemu-i386", f"./{tool}", *support.places(arguments)], cwd=folder, check=True)
        for tool in ("hex1", "asm", "scc", "run"):
            self.assertEqual((folder / tool).read_bytes(), (support.chain() / tool).read_bytes())


class Mutation(unittest.TestCase):
    """One byte of a text changed at random: another program, or none."""

    def assemble(self, name, data):
        folder = support.scratch()
        (folder / "in").write_bytes(data)
        tool = {"hex0": "hex0", "hex1": "hex1", "asm": "asm"}[name.rpartition(".")[2]]
        arguments = ["in", "out"] if tool == "hex0" else ["out", "in"]
        result = support.call(support.chain() / tool, *arguments, cwd=folder)
        made = (folder / "out").read_bytes() if result.returncode == 0 else None
        shutil.rmtree(folder)
        return made

    def test_a_changed_byte_is_never_ignored(self):
        r = random.Random(7)
        for name in TEXTS:
            original = (support.STAGE0 / name).read_bytes()
            right = self.assemble(name, original)
            meaning = tokens(name, original.decode())
            changed = idle = 0
            while changed < SAMPLE[name.rpartition(".")[2]]:
                place, byte = r.randrange(len(original)), r.randrange(256)
                mutant = original[:place] + bytes([byte]) + original[place + 1:]
                if tokens(name, mutant.decode("latin-1")) == meaning:
                    idle += 1  # in a comment, white space, the case of a digit
                    continue
                changed += 1
                with self.subTest(name=name, place=place, byte=byte, line=original[:place].count(b"\n") + 1):
                    self.assertNotEqual(self.assemble(name, mutant), right)

    def test_a_changed_comment_changes_nothing(self):
        r = random.Random(8)
        for name in TEXTS:
            original = (support.STAGE0 / name).read_bytes()
            right = self.assemble(name, original)
            places = [m.start() + 1 + r.randrange(m.end() - m.start() - 1)
                      for m in re.finditer(rb"^# [^\n]+", original, re.M)]
            for place in r.sample(places, min(20, len(places))):
                mutant = original[:place] + b"x" + original[place + 1:]
                self.assertEqual(self.assemble(name, mutant), right)


if __name__ == "__main__":
    unittest.main()
