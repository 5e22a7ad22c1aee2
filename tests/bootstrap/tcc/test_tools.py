"""The unpackers and the rest against the host's tools, and against damage."""
import gzip
import hashlib
import io
import os
import random
import tarfile
import unittest

from support import command, scratch, tools

RANDOM = random.Random(20)


def texts():
    """Inputs that exercise every path of a compressor."""
    words = [bytes(RANDOM.choices(range(97, 123), k=RANDOM.randrange(1, 9))) for _ in range(300)]
    yield "empty", b""
    yield "one byte", b"x"
    yield "four equal", b"aaaa"
    yield "runs", b"".join(bytes([RANDOM.randrange(4)]) * RANDOM.randrange(1, 700) for _ in range(2000))
    yield "zeros", bytes(3_000_000)
    yield "noise", RANDOM.randbytes(200_000)
    yield "all bytes", bytes(range(256)) * 40
    yield "words", b" ".join(RANDOM.choice(words) for _ in range(400_000))
    yield "periodic", b"abc" * 300_000


class Both(unittest.TestCase):
    """Runs each case with the tool that gcc made and those that the chain made."""

    def each(self, name):
        return tools(name)

    def refused(self, program, *arguments, message):
        done = command(program, *arguments, status=None)
        self.assertEqual(done.returncode, 1, (arguments, done))
        self.assertIn(message, done.stderr)
        self.assertLess(len(done.stderr), 400)


class Unpackers(Both):
    def unpacks(self, program, packed, plain, what):
        source, target = scratch() / "packed", scratch() / "plain"
        source.write_bytes(packed)
        command(program, source, target)
        self.assertEqual(target.read_bytes(), plain, what)

    def damaged(self, program, packed, plain):
        """A file cut off is refused; one turned bit is refused or was in a place that means
        nothing (a time stamp, an unused code), and the text is right."""
        source, target = scratch() / "packed", scratch() / "plain"
        for _ in range(150):
            hurt = bytearray(packed)
            at = RANDOM.randrange(len(hurt))
            hurt[at] ^= 1 << RANDOM.randrange(8)
            source.write_bytes(hurt)
            done = command(program, source, target, status=None, timeout=20)
            if done.returncode != 1:
                self.assertEqual((done.returncode, target.read_bytes()), (0, plain), f"byte {at} turned")
            source.write_bytes(packed[:at])
            done = command(program, source, target, status=None, timeout=20)
            self.assertEqual(done.returncode, 1, f"cut to {at} of {len(hurt)}, and nothing said")

    def test_bzip2_of_every_kind_comes_back(self):
        for program in self.each("unbz2"):
            for what, plain in texts():
                for level in ("-1", "-9"):
                    packed = command("bzip2", level, "-c", input=plain).stdout
                    self.unpacks(program, packed, plain, what)
            two = command("bzip2", "-c", input=b"one").stdout + command("bzip2", "-c", input=b"two").stdout
            self.unpacks(program, two, b"onetwo", "two streams")

    def test_gzip_of_every_kind_comes_back(self):
        for program in self.each("ungz"):
            for what, plain in texts():
                for level in (0, 1, 6, 9):
                    self.unpacks(program, gzip.compress(plain, level), plain, what)
            packed = io.BytesIO()
            with gzip.GzipFile("a name", "wb", fileobj=packed) as f:
                f.write(b"named")
            self.unpacks(program, packed.getvalue() * 2, b"namednamed", "a name in the header, twice")

    def test_damage_to_bzip2_is_found(self):
        for program in self.each("unbz2"):
            plain = b"some text that is short " * 20
            self.damaged(program, command("bzip2", "-c", input=plain).stdout, plain)
            (scratch() / "packed").write_bytes(b"")
            self.refused(program, scratch() / "packed", scratch() / "plain", message=b"ends too early")
            self.refused(program, scratch() / "none", scratch() / "plain", message=b"cannot open")
            self.refused(program, scratch() / "packed", scratch() / "no/such", message=b"cannot create")
            self.refused(program, message=b"usage: ")

    def test_damage_to_gzip_is_found(self):
        for program in self.each("ungz"):
            for plain, level in ((b"some text that is short " * 20, 9), (RANDOM.randbytes(300), 0)):
                self.damaged(program, gzip.compress(plain, level), plain)
            (scratch() / "packed").write_bytes(b"BZh9")
            self.refused(program, scratch() / "packed", scratch() / "plain", message=b"not a gzip file")
            self.refused(program, message=b"usage: ")


def archive(entries, form=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, more in entries:
            info = tarfile.TarInfo(name)
            info.mtime = 1_000_000_000
            data = more.pop("data", b"")
            info.size = len(data)
            for key, value in more.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Untar(Both):
    def unpack(self, program, data):
        source, folder = scratch() / "a.tar", scratch() / f"tree{RANDOM.random()}"
        source.write_bytes(data)
        command(program, source, folder)
        return folder

    def entries(self):
        long = "/".join(["part" * 8] * 5)
        return [
            ("plain", {"data": b"text"}), ("run", {"data": b"#!", "mode": 0o755}),
            ("folder/", {"type": tarfile.DIRTYPE}), ("folder/in", {"data": bytes(5000)}),
            ("no/folder/for/this", {"data": b"1"}), ("plain", {"data": b"newer"}), ("empty", {}),
            ("a..b/..c", {"data": b"dots"}), (long, {"data": b"long"}), ("after", {"data": b"a long name"}),
        ]

    def test_a_tree_comes_out_as_it_went_in(self):
        for program in self.each("untar"):
            for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
                entries = self.entries()
                if form == tarfile.GNU_FORMAT:
                    entries.append(("n" * 240, {"data": b"longer"}))
                folder = self.unpack(program, archive(entries, form))
                other = scratch() / f"other{RANDOM.random()}"
                other.mkdir()
                command("tar", "xf", scratch() / "a.tar", "-C", other)
                command("diff", "-r", "--no-dereference", folder, other)
                for name in ("plain", "run"):
                    ours, theirs = (folder / name).stat(), (other / name).stat()
                    self.assertEqual(ours.st_mode & 0o111, theirs.st_mode & 0o111)

    def test_it_passes_over_a_comment_of_pax(self):
        for program in self.each("untar"):
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w", pax_headers={"comment": "of git"}) as tar:
                info = tarfile.TarInfo("x")
                info.size = 1
                tar.addfile(info, io.BytesIO(b"!"))
            self.assertEqual((self.unpack(program, out.getvalue()) / "x").read_bytes(), b"!")

    def test_it_never_leaves_its_folder(self):
        for program in self.each("untar"):
            outside = scratch() / "outside"
            for name in (str(outside), "../outside", "a/../../outside", "a/..", ".."):
                (scratch() / "a.tar").write_bytes(archive([(name, {"data": b"!"})]))
                self.refused(program, scratch() / "a.tar", scratch() / "in", message=b"untar: ")
                self.assertFalse(os.path.lexists(outside))

    def test_what_it_does_not_know_it_refuses(self):
        for program in self.each("untar"):
            for kind in (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE,
                         tarfile.GNUTYPE_SPARSE):
                (scratch() / "a.tar").write_bytes(archive([("x", {"type": kind})]))
                self.refused(program, scratch() / "a.tar", scratch(), message=b"unknown kind")
            good = archive([("x", {"data": b"1" * 2000})])
            for bad, why in ((good[:300], b"no end"), (good[:1024], b"too early"), (good[:2560], b"no end"),
                             (good[:99] + b"!" + good[100:], b"check sum")):
                (scratch() / "a.tar").write_bytes(bad)
                self.refused(program, scratch() / "a.tar", scratch(), message=why)


class Patch(Both):
    def setUp(self):
        self.old, self.new = scratch() / "old", scratch() / "new"
        for folder in (self.old, self.new):
            command("rm", "-rf", folder)
            (folder / "sub").mkdir(parents=True)

    def lines(self, n):
        return [b"line %d" % RANDOM.randrange(n // 3 + 1) for _ in range(n)]

    def diff(self):
        done = command("diff", "-ruN", "--label=a/sub/f", "--label=b/sub/f", "old/sub/f", "new/sub/f",
                       cwd=scratch(), status=None)
        (scratch() / "p").write_bytes(b"Why.\n\n" + done.stdout)
        return done.stdout

    def test_random_edits_as_the_hosts_patch_does_them(self):
        for program in self.each("patch"):
            for _ in range(60):
                lines = self.lines(RANDOM.randrange(1, 60))
                (self.old / "sub/f").write_bytes(b"\n".join(lines) + b"\n")
                for _ in range(RANDOM.randrange(1, 6)):
                    at = RANDOM.randrange(len(lines) + 1)
                    lines[at:at + RANDOM.randrange(3)] = self.lines(RANDOM.randrange(4))
                (self.new / "sub/f").write_bytes(b"".join(line + b"\n" for line in lines))
                if self.diff():
                    command(program, self.old, scratch() / "p")
                self.assertEqual((self.old / "sub/f").read_bytes(), (self.new / "sub/f").read_bytes())

    def test_a_difference_of_one_byte_stops_it(self):
        for program in self.each("patch"):
            text = b"".join(b"%d\n" % i for i in range(20))
            (self.old / "sub/f").write_bytes(text)
            (self.new / "sub/f").write_bytes(text.replace(b"\n9\n", b"\nnine\n"))
            self.diff()
            for changed in (text.replace(b"\n8\n", b"\n8 \n"), b"shifted\n" + text, text[:20], b""):
                (self.old / "sub/f").write_bytes(changed)
                self.refused(program, self.old, scratch() / "p", message=b"patch: ")
                self.assertEqual((self.old / "sub/f").read_bytes(), changed, "a failed patch left a change")

    def test_malformed_diffs(self):
        good = b"--- a/sub/f\n+++ b/sub/f\n@@ -1 +1 @@\n-one\n+two\n"
        cases = [good.replace(b"+++", b"++"), good.replace(b"@@ -1 ", b"@@ -x "), good[:-5], good[:-1],
                 good.replace(b"-1 +1", b"-1,2 +1"), good.replace(b"-1 +1", b"-1 +1,2"),
                 good + b"\\ No newline at end of file\n", good.replace(b"b/sub", b"b/../sub"),
                 good.replace(b"b/sub/f", b"f"), good.replace(b"@@ -1 +1 @@\n", b""), b"no diff\n", b"",
                 good + b"@@ -1 +1 @@\n-one\n+two\n"]
        for program in self.each("patch"):
            for case in cases:
                (self.old / "sub/f").write_bytes(b"one\n")
                (scratch() / "p").write_bytes(case)
                self.refused(program, self.old, scratch() / "p", message=b"patch: ")
                self.assertEqual((self.old / "sub/f").read_bytes(), b"one\n", case)
            (scratch() / "p").write_bytes(good)
            command(program, self.old, scratch() / "p")
            self.assertEqual((self.old / "sub/f").read_bytes(), b"two\n")

    def test_a_new_file(self):
        for program in self.each("patch"):
            (self.old / "sub/f").unlink(missing_ok=True)
            (scratch() / "p").write_bytes(b"--- /dev/null\n+++ b/sub/f\n@@ -0,0 +1,2 @@\n+a\n+b\n")
            command(program, self.old, scratch() / "p")
            self.assertEqual((self.old / "sub/f").read_bytes(), b"a\nb\n")


class Small(Both):
    def test_sha256_of_every_length_around_the_block(self):
        for program in self.each("sha256"):
            for n in [*range(0, 140), 1000, 100_003]:
                data = RANDOM.randbytes(n)
                (scratch() / "f").write_bytes(data)
                right = hashlib.sha256(data).hexdigest()
                command(program, scratch() / "f", right)
                wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
                if n % 10 == 0:
                    self.refused(program, scratch() / "f", wrong, message=right.encode())
            self.refused(program, scratch() / "f", message=b"usage: ")
            self.refused(program, scratch() / "none", "00", message=b"cannot open")

    def test_cp_keeps_bytes_and_the_execute_bit(self):
        for program in self.each("cp"):
            for mode in (0o644, 0o755):
                data = RANDOM.randbytes(70_000)
                (scratch() / "from").write_bytes(data)
                (scratch() / "from").chmod(mode)
                (scratch() / "to").unlink(missing_ok=True)
                command(program, scratch() / "from", scratch() / "to", umask=0o022)
                self.assertEqual((scratch() / "to").read_bytes(), data)
                self.assertEqual((scratch() / "to").stat().st_mode & 0o777, mode)
            self.refused(program, scratch() / "none", scratch() / "to", message=b"cannot open")
            self.refused(program, scratch() / "from", scratch() / "no/such", message=b"cannot create")
            if os.path.exists("/dev/full"):
                self.refused(program, scratch() / "from", "/dev/full", message=b"cannot write")

    def test_mkdir_makes_what_is_missing(self):
        for program in self.each("mkdir"):
            base = scratch() / f"dirs{RANDOM.random()}"
            command(program, base / "a/b/c", base / "d", base / "d")
            self.assertTrue((base / "a/b/c").is_dir() and (base / "d").is_dir())
            (base / "file").write_bytes(b"")
            self.refused(program, base / "file/x", message=b"cannot make")
            self.refused(program, message=b"usage: ")


if __name__ == "__main__":
    unittest.main()
