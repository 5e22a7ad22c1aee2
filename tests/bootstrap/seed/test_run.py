"""run: words, comments, cd, the first failure, and what is printed of it."""

import os
import unittest

import support

# A program in our own language: prints its arguments, one a line, and ends with
# the status that its name's last character says.
ECHO = r"""
int length(char *s) { int n = 0; while (s[n]) n++; return n; }
int main(int argc, char **argv) {
  int i;
  for (i = 1; i < argc; i++) { sys(4, 1, (int) argv[i], length(argv[i])); sys(4, 1, (int) "\n", 1); }
  return argv[0][length(argv[0]) - 1] - '0';
}
"""


class Run(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.scratch()
        _, made, _ = support.tool_output(support.chain() / "scc", ECHO)
        for name in ("echo0", "echo3"):
            (cls.folder / name).write_bytes(made)
            (cls.folder / name).chmod(0o755)
        (cls.folder / "sub").mkdir()
        cls.run_tool = support.chain() / "run"

    def script(self, text, **options):
        (self.folder / "script").write_bytes(text.encode("latin-1"))
        result = support.call(self.run_tool, "script", cwd=self.folder, **options)
        return result.returncode, result.stdout.decode("latin-1"), result.stderr.decode("latin-1")

    def test_words(self):
        for text, out in [
            ("", ""), ("\n\n", ""), ("# only a comment", ""), ("  # and\n\t#\n", ""), ("echo0 a b", "a\nb\n"),
            ("  echo0\ta \t b  \n", "a\nb\n"), ("echo0 a # b\necho0 c", "a\nc\n"), ("echo0 a#b 'c \"d\" $e *", "a#b\n'c\n\"d\"\n$e\n*\n"),
            ("./echo0 one\n./echo0 two", "one\ntwo\n"), ("echo0 " + "x" * 100000, "x" * 100000 + "\n"),
            ("echo0 " + "w " * 3000, "w\n" * 3000), ("cd sub\n../echo0 in", "in\n"), ("cd .\ncd ./sub\ncd ..\necho0 a", "a\n"),
            (f"cd {self.folder}/sub\n../echo0 b", "b\n"), ("echo0 caf\xe9 cd", "caf\xe9\ncd\n"),
        ]:
            with self.subTest(text=text[:40]):
                self.assertEqual(self.script(text), (0, out, ""))

    def test_the_first_failure_stops_and_is_printed(self):
        for text, out, line in [
            ("echo0 a\n echo3  b # why\necho0 c", "a\nb\n", " echo3  b"), ("none", "", "none"), ("sub/none x", "", "sub/none x"),
            ("script", "", "script"), ("sub", "", "sub"), ("cd none", "", "cd none"), ("cd", "", "cd"), ("cd echo0", "", "cd echo0"),
            ("cdx", "", "cdx"), ("echo0 1\ncd sub\necho0 2", "1\n", "echo0 2"),
        ]:
            with self.subTest(text=text):
                status, printed, message = self.script(text)
                self.assertEqual((status, printed), (1, out))
                self.assertTrue(message.startswith(f"run: failed: {line}"), message)
                self.assertTrue(message.endswith("\n"))
                self.assertEqual(message.count("\n"), 1)

    def test_a_command_killed_by_a_signal_failed(self):
        _, made, _ = support.tool_output(support.chain() / "scc", "int main() { int *p = 0; return *p; }")
        (self.folder / "crash").write_bytes(made)
        (self.folder / "crash").chmod(0o755)
        self.assertEqual(self.script("crash\necho0 a"), (1, "", "run: failed: crash\n"))

    def test_control_characters_are_refused(self):
        for character in set(range(32)) - set(b"\t\n"):
            for text in (f"echo0 a{chr(character)}", f"{chr(character)}echo0 a"):
                with self.subTest(character=character, text=text):
                    status, _, message = self.script("echo0 first\n" + text + "\necho0 last")
                    self.assertEqual(status, 1)
                    self.assertRegex(message, "run: control character in: ")

    def test_environment_is_handed_on(self):
        self.assertEqual(self.script("/usr/bin/env", env={"A": "1", "B": "two"})[1], "A=1\nB=two\n")

    def test_files_that_cannot_be_used(self):
        for arguments, message in [(("none",), b"run: cannot read none\n"), ((".",), b"cannot read .\n"),
                                   ((), b"usage: run SCRIPT\n"),
                                   (("a", "b"), b"usage: run SCRIPT\n")]:
            with self.subTest(arguments=arguments):
                result = support.call(self.run_tool, *arguments, cwd=self.folder)
                self.assertEqual((result.returncode, result.stderr), (1, message))

    def test_a_long_script_of_every_line_length(self):
        text = "".join(f"echo0 {'y' * i}\n" for i in range(1, 60)) + f"echo0 last # {'z' * 5000}"
        status, out, message = self.script(text)
        self.assertEqual((status, message), (0, ""))
        self.assertEqual(out.split("\n")[58:60], ["y" * 59, "last"])


if __name__ == "__main__":
    unittest.main()
