"""The seed: every state and every character, against a model of 20 lines."""

import errno
import itertools
import os
import stat
import struct
import unittest

import support
from emulator import MASK, Emulator

DIGITS = {c: int(chr(c), 16) for c in b"0123456789abcdefABCDEF"}
# Between two characters the seed knows: is this a comment, and which digit, if
# any, has been read of the byte. 2 * 17 states; edi, ebp and the carry hold them.
STATES = [(comment, digit) for comment in (False, True) for digit in [None, *range(16)]]
# Above the digit that waits, edi still holds the digits of earlier bytes.
OLDER = [0, 0xFFFFFFF0, 0x5A5A5A50]
READ, WRITE, EXIT = 3, 4, 1


def step(state, character):
    """The model. -> (next state, byte to write or None); next None: refused"""
    comment, digit = state
    if comment:
        return (character != 10, digit), None
    if character <= 32:
        return state, None
    if character in b"#;":
        return (True, digit), None
    if character not in DIGITS:
        return None, None
    value = DIGITS[character]
    if digit is None:
        return (False, value), None
    return (False, None), digit * 16 + value


def model(text):
    """-> (is the status 0?, the bytes written)"""
    state, out = (False, None), bytearray()
    for character in text:
        state, byte = step(state, character)
        if byte is not None:
            out.append(byte)
        if state is None:
            return False, bytes(out)
    return state[1] is None, bytes(out)


def registers(state):
    """The state as the seed keeps it. -> (ebp, the digit in edi if it counts, carry)"""
    comment, digit = state
    return (1 if digit is None else MASK), digit, not comment


def kept(cpu):
    """The machine's state, as `registers` has it."""
    waits = cpu.r["ebp"] != 1
    return cpu.r["ebp"], cpu.r["edi"] & 15 if waits else None, cpu.carry


class Stepped(unittest.TestCase):
    """The machine code itself, emulated from one read to the next."""

    def started(self, argv=(0x900, 0x910, 0x920), results=(7, 8)):
        cpu = Emulator(support.SEED.read_bytes())
        cpu.r["esp"] = 0xFFFF0000
        for i, value in enumerate([len(argv), *argv, 0]):
            cpu.store(0xFFFF0000 + 4 * i, value)
        calls = []
        for result in results:
            cpu.run()
            calls.append((cpu.r["eax"], cpu.r["ebx"], cpu.r["ecx"]))
            cpu.r["eax"] = result & MASK
        cpu.run()
        return cpu, calls

    def at(self, state, older=0):
        """A machine that is about to get the result of a read in this state."""
        cpu, _ = self.started()
        self.assertEqual((cpu.r["eax"], cpu.r["ebx"], cpu.r["edx"]), (READ, 7, 1))
        cpu.r["ebp"], digit, cpu.carry = registers(state)
        cpu.r["edi"] = older | (digit or 0)
        cpu.zero = cpu.sign = None
        return cpu

    def give(self, cpu, character):
        cpu.store(cpu.r["ecx"], character, 1)
        cpu.r["eax"] = 1
        cpu.run()

    def test_opens_in_creates_out_and_begins_outside_a_comment(self):
        cpu, calls = self.started()
        self.assertEqual(calls, [(5, 0x910, 0), (8, 0x920, 0o755)])
        self.assertEqual(kept(cpu), registers((False, None)))

    def test_every_state_and_character_does_what_the_model_says(self):
        seen = set()
        for state, older in itertools.product(STATES, OLDER):
            for character in range(256):
                with self.subTest(state=state, older=older, character=character):
                    cpu = self.at(state, older)
                    after, byte = step(state, character)
                    self.give(cpu, character)
                    if after is None:
                        self.assertEqual(cpu.r["eax"], EXIT)
                        self.assertNotEqual(cpu.r["ebx"] & 0xFF, 0)
                        continue
                    if byte is not None:
                        self.assertEqual((cpu.r["eax"], cpu.r["ebx"], cpu.r["edx"]), (WRITE, 8, 1))
                        self.assertEqual(cpu.byte(cpu.r["ecx"]), byte)
                        cpu.r["eax"] = 1
                        cpu.run()
                    self.assertEqual((cpu.r["eax"], cpu.r["ebx"], cpu.r["edx"]), (READ, 7, 1))
                    self.assertEqual(kept(cpu), registers(after))
                    seen.add(after)
        # Every state was reached from some state, so none of the above is idle.
        self.assertEqual(seen, set(STATES))

    def test_end_of_input_in_every_state(self):
        for state in STATES:
            with self.subTest(state=state):
                cpu = self.at(state)
                cpu.r["eax"] = 0
                cpu.run()
                self.assertEqual(cpu.r["eax"], EXIT)
                self.assertEqual(cpu.r["ebx"] & 0xFF == 0, state[1] is None)

    def test_failed_read_in_every_state(self):
        for state in STATES:
            for number in errno.errorcode:
                cpu = self.at(state)
                cpu.r["eax"] = -number & MASK
                cpu.run()
                self.assertEqual(cpu.r["eax"], EXIT)
                self.assertNotEqual(cpu.r["ebx"] & 0xFF, 0, (state, number))

    def test_failed_write_makes_the_next_call_invalid_and_ends(self):
        for number in errno.errorcode:
            for byte in range(256):
                cpu = self.at((False, byte >> 4))
                self.give(cpu, ord(f"{byte & 15:x}"))
                cpu.r["eax"] = -number & MASK
                cpu.run()
                self.assertGreater(cpu.r["eax"], 0x80000000)  # no such call: ENOSYS
                cpu.r["eax"] = -errno.ENOSYS & MASK
                cpu.run()
                self.assertEqual(cpu.r["eax"], EXIT)
                self.assertNotEqual(cpu.r["ebx"] & 0xFF, 0)

    def test_failed_open_never_creates_out(self):
        for number in errno.errorcode:
            cpu, calls = self.started(results=(-number, -errno.ENOSYS))
            self.assertGreater(calls[1][0], 0x80000000)
            self.assertGreater(cpu.r["eax"], 0x80000000)
            cpu.r["eax"] = -errno.ENOSYS & MASK
            cpu.run()
            self.assertEqual(cpu.r["eax"], EXIT)
            self.assertNotEqual(cpu.r["ebx"] & 0xFF, 0)


class Run(unittest.TestCase):
    """The file itself, run by the machine."""

    def setUp(self):
        self.folder = support.scratch()
        self.seed = support.chain() / "hex0"

    def run_on(self, text):
        (self.folder / "in").write_bytes(text)
        status = os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn(
            self.seed, ["hex0", "in", "out"], {}), 0)[1])
        return status, (self.folder / "out").read_bytes()

    def test_every_character_with_and_without_a_comment_and_a_digit(self):
        old = os.getcwd()
        os.chdir(self.folder)
        try:
            for comment, digit in [(False, None), (False, 10), (True, None), (True, 7)]:
                before = b"" if digit is None else b"%x" % digit
                before += b"; " if comment else b""
                for character in range(256):
                    text = before + bytes([character]) + b"\n5 7A"
                    good, out = model(text)
                    status, made = self.run_on(text)
                    self.assertEqual((status == 0, made), (good, out), text)
        finally:
            os.chdir(old)

    def test_reproduces_itself(self):
        result = support.call(self.seed, support.STAGE0 / "hex0.hex0", "out", cwd=self.folder)
        self.assertEqual(result.returncode, 0)
        self.assertEqual((self.folder / "out").read_bytes(), support.SEED.read_bytes())

    def test_out_is_executable(self):
        self.addCleanup(os.umask, os.umask(0o022))
        support.call(self.seed, support.STAGE0 / "hex0.hex0", "out", cwd=self.folder)
        self.assertEqual(stat.S_IMODE((self.folder / "out").stat().st_mode), 0o755)

    def test_empty_input_makes_an_empty_file(self):
        (self.folder / "in").write_bytes(b"")
        self.assertEqual(support.call(self.seed, "in", "out", cwd=self.folder).returncode, 0)
        self.assertEqual((self.folder / "out").read_bytes(), b"")

    def test_what_cannot_be_read_or_written_fails(self):
        (self.folder / "in").write_bytes(b"41")
        (self.folder / "empty").write_bytes(b"")
        (self.folder / "folder").mkdir()
        self.assertNotEqual(support.call(self.seed, "none", "out", cwd=self.folder).returncode, 0)
        self.assertFalse((self.folder / "out").exists())
        for arguments in [("folder", "out"), ("in", "none/out"), ("empty", "none/out"),
                          ("in", "folder"), ("empty", "folder"), ("in",), ()]:
            with self.subTest(arguments=arguments):
                result = support.call(self.seed, *arguments, cwd=self.folder, env={"A": "b"})
                self.assertNotEqual(result.returncode, 0)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_full_disk_fails(self):
        (self.folder / "in").write_bytes(b"41 42")
        self.assertNotEqual(support.call(self.seed, "in", "/dev/full", cwd=self.folder).returncode, 0)


class Shape(unittest.TestCase):
    def test_is_small_and_every_field_of_its_header_is_true(self):
        image = support.SEED.read_bytes()
        self.assertLessEqual(len(image), 168)
        self.assertEqual(image[:16], b"\x7fELF\1\1\1" + bytes(9))
        entry, program_headers = 0x08048000 + 0x4C, 0x2C
        fields = struct.unpack_from("<HHIIIIIHHHHHH", image, 16)
        self.assertEqual(fields, (2, 3, 1, entry, program_headers, 0, 0, 52, 32, 1, 0, 0, 0))
        (segment,) = support.elf_segments(image)
        self.assertEqual(segment, (1, 0, 0x08048000, 0x08048000, len(image), len(image), 5, 4096))


if __name__ == "__main__":
    unittest.main()
