"""The seed, from its text, in every independent way whose tool is here."""

import shutil
import subprocess
import sys
import unittest

import support
from test_listing import from_hex0
from witnesses import C_PROGRAM, GO, RUST, SMALL_C, WITNESSES


def prepare(folder):
    """The files that the commands of witnesses.py read."""
    shutil.copy(support.STAGE0 / "hex0.hex0", folder)
    source, _ = from_hex0(support.STAGE0 / "hex0.hex0")
    (folder / "hex0.s").write_text(".intel_syntax noprefix\n" + source)
    lines = [support.split_listing(line)[0] for line in (folder / "hex0.hex0").read_text().splitlines()]
    pairs = [word[i:i + 2] for line in lines for word in line.split() for i in range(0, len(word), 2)]
    (folder / "digits").write_text("".join(pairs) + "\n")
    (folder / "bytes.s").write_text("".join(f".byte 0x{pair}\n" for pair in pairs))
    for name, text in [("program.c", C_PROGRAM), ("program.rs", RUST), ("program.go", GO), ("program.sc", SMALL_C)]:
        (folder / name).write_text(text)


class Witnesses(unittest.TestCase):
    def test_every_witness_agrees(self):
        seed, agreed, missing = support.SEED.read_bytes(), [], []
        for name, tools, command in WITNESSES:
            absent = [tool for tool in tools if not shutil.which(tool)]
            if absent:
                missing.append(f"{name} (no {', '.join(absent)})")
                continue
            with self.subTest(witness=name):
                folder = support.scratch()
                prepare(folder)
                command = command.replace("CHAIN", str(support.chain()))
                result = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, timeout=120)
                out = folder / "out"
                self.assertTrue(out.exists(), result.stderr)
                self.assertEqual(out.read_bytes(), seed, result.stderr)
                agreed.append(name)
        print(f"\nseed reproduced in {len(agreed)} ways: {', '.join(agreed)}", file=sys.stderr)
        print(f"not run: {', '.join(missing) or 'none'} (commands: python3 witnesses.py)", file=sys.stderr)
        self.assertGreaterEqual(len(agreed), 12)


if __name__ == "__main__":
    unittest.main()
