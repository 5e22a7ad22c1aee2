"""cc made by unrelated compilers is one and the same compiler: equal output.

gcc at four levels always takes part; clang, tcc (CAIRN_TCC or `tcc`) and scc
(CAIRN_SCC) when they are there; and cc compiled by itself, twice.
"""

import shutil
import unittest

import random_programs
from compilers import FOLDERS, HERE, LIBC, SYS_CC, by_cc, by_clang, by_gcc, by_scc, by_tcc, must, one_file, scratch, tool


def makes():
    """Every cc that can be had here, by the name of its maker."""
    found = {f"gcc {level}": by_gcc(level) for level in ("-O0", "-O1", "-O2", "-O3")}
    if shutil.which("clang"):
        found["clang"] = by_clang()
    if tool("CAIRN_TCC"):
        found["tcc"] = by_tcc(tool("CAIRN_TCC"))
    if tool("CAIRN_SCC"):
        found["scc"] = by_scc(tool("CAIRN_SCC"))
    found["cc"] = by_cc(by_gcc())
    found["cc by cc"] = by_cc(found["cc"])
    return found


class SameCompiler(unittest.TestCase):
    def same(self, sources, *options):
        outputs = {}
        for maker, cc in makes().items():
            out = scratch() / "diverse"
            must(cc, *options, "-o", out, *sources)
            outputs[maker] = out.read_bytes()
        self.assertGreaterEqual(len(outputs), 6)
        for maker, data in outputs.items():
            self.assertEqual(data, outputs["gcc -O1"], maker)

    def test_programs(self):
        for source in sorted((HERE / "programs").glob("*.c")):
            if not source.stem.startswith("units_"):
                with self.subTest(source.stem):
                    self.same([source, *LIBC], *FOLDERS)

    def test_random_programs(self):
        for seed in range(100, 105):
            path = scratch() / "random.c"
            path.write_text(random_programs.program(seed))
            self.same([path, *LIBC], *FOLDERS)

    def test_cc_itself(self):
        self.same([one_file("cc", SYS_CC)])


if __name__ == "__main__":
    unittest.main()
