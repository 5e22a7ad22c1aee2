"""The chain as a whole: what it costs, what it rests on, and that the document
about it tells the truth."""
import pathlib
import re
import subprocess
import unittest

import steps
from chain import STAGE0, context_files
from support import chain

SCRIPTS = pathlib.Path(__file__).parent.parent


def script(name, *arguments):
    done = subprocess.run([str(SCRIPTS / name), *arguments], capture_output=True, text=True)
    print(done.stdout)
    return done


class Whole(unittest.TestCase):
    def test_all_ways_lead_to_the_same_tcc(self):
        done = script("ddc")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreaterEqual(done.stdout.count("  same\n"), 7)

    def test_no_file_of_ours_was_made_by_a_machine(self):
        done = script("generated")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_changed_byte_shows_in_the_result(self):
        done = script("mutate", str(len(context_files())))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_system_calls_and_seed_within_their_limits(self):
        done = script("figures")
        self.assertEqual(done.returncode, 0, done.stderr)
        calls = int(re.search(r"system calls +([\d,]+)", done.stdout)[1].replace(",", ""))
        self.assertLess(calls, 50_000)
        self.assertGreater(calls, 1_000)
        self.assertLessEqual((STAGE0 / "hex0").stat().st_size, 168)

    def test_the_package_holds_what_stage_1_needs_and_nothing_else(self):
        package = chain().work / "package"
        names = {str(p.relative_to(package)) for p in package.rglob("*") if p.is_file()}
        programs = {f"bin/{name}" for name in ("mkdir", "patch", "run", "sha256", "tcc", "unbz2", "ungz", "untar")}
        self.assertEqual({name for name in names if not name.startswith("lib/tcc/include/")},
                         programs | {"lib/tcc/libtcc1.a"})
        self.assertIn("lib/tcc/include/stdarg.h", names)
        for name in programs:
            self.assertTrue((package / name).stat().st_mode & 0o111, name)

    def test_no_program_of_the_package_was_made_by_an_earlier_compiler(self):
        """So the image depends on tcc alone, not on how it was reached."""
        package, home = chain().work / "package", chain().work / "build/home/user"
        for name in ("patch", "run", "sha256", "unbz2", "untar"):
            self.assertNotEqual((package / "bin" / name).read_bytes(), (home / "bin" / name).read_bytes(), name)


class Document(unittest.TestCase):
    def test_the_table_says_what_is_so(self):
        """Everything but the seconds, which are another machine's."""
        text = steps.DOCUMENT.read_text()
        written = text.split(steps.BEGIN)[1].split(steps.END)[0].strip().split("\n")
        real = list(steps.table(steps.walk()))
        self.assertEqual([row.split("|")[1:6] for row in written[:-1]], [row.split("|")[1:6] for row in real[:-1]])
        self.assertEqual(written[-1].split("|")[3], real[-1].split("|")[3], "lines in all")

    def test_every_page_it_names_exists(self):
        for page in re.findall(r"\]\(([^)#:]+)\)", steps.DOCUMENT.read_text()):
            self.assertTrue((steps.DOCUMENT.parent / page).exists(), page)


if __name__ == "__main__":
    unittest.main()
