#!/usr/bin/env python3
"""Builds bootstrap/stage0 without cairn: a reading of its Containerfile in
few lines, enough for the tests, the figures and a second opinion.

    chain.py DIR            leaves the package's files in DIR/package
    chain.py DIR --strace   the same, counting system calls (DIR/calls)

Every stage is a folder.  RUN is a plain chroot as the caller's root (inside a
user namespace for other users); the image has no /dev at all, so a compiler
that unlinks its output cannot reach the host's.  USER and LABEL are passed
over, like --chown: they change owners and metadata, not bytes.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
STAGE0 = pathlib.Path(os.environ.get("STAGE0", REPOSITORY / "packages/bootstrap/stage0"))
CACHE = pathlib.Path(os.environ.get("CAIRN_HOME", pathlib.Path.home() / ".cache/cairn"))


def context_files(root=STAGE0):
    """The files of the build context, sorted: all but the image's test."""
    return sorted(p for p in root.rglob("*") if p.is_file() and p != root / "test")


def debian_base():
    """The first archive of this machine's apt configuration."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=True).stdout.split()
    if not targets:
        raise SystemExit("apt knows no archive: run apt-get update")
    return targets[0].rstrip("/")


def source(path, digest):
    """A file of the Debian archive by its hash, downloaded once."""
    kept = CACHE / "sources/sha256" / digest
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".%d" % os.getpid())
        subprocess.run(
            ["/usr/lib/apt/apt-helper", "-o", "APT::Sandbox::User=root", "download-file", f"{debian_base()}/{path}",
             str(part), f"SHA256:{digest}"], check=True, stdout=subprocess.DEVNULL)
        part.rename(kept)
    data = kept.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise SystemExit(f"{kept} is damaged: delete it")
    return data


ENTER = """import os, sys
os.chroot(sys.argv[1]); os.chdir(sys.argv[2])
try: os.execve(sys.argv[3], sys.argv[3:], {})
except OSError as e: sys.exit(f"{sys.argv[3]}: {e.strerror}")
"""


def enter_command(root, cwd, argv):
    """The words that run a command inside a folder, with an empty environment."""
    words = [sys.executable, "-c", ENTER, str(root), cwd, *argv]
    return words if os.geteuid() == 0 else ["unshare", "-r", *words]


class Failed(Exception):
    """A RUN that ended with a status other than 0, and its output."""


class Build:
    """One walk through a Containerfile, in folders below `work`.  A `dry` one only
    lays the files out and lists the RUN lines in `commands`."""

    def __init__(self, work, context=STAGE0, strace=False, quiet=True, dry=False):
        self.work, self.context = pathlib.Path(work), pathlib.Path(context)
        self.strace, self.quiet, self.dry, self.commands = strace, quiet, dry, []
        self.root, self.cwd, self.args, self.seconds = None, "/", {}, []

    def path(self, name, root=None):
        return (root or self.root) / os.path.join(self.cwd, name).lstrip("/")

    def do_from(self, words):
        root = self.work / words[2]
        if words[0] == "scratch":
            root.mkdir(parents=True)
            self.cwd = "/"
        else:
            shutil.copytree(self.work / words[0], root, symlinks=True)
        self.root = root

    def do_copy(self, words):
        """COPY without wildcards; a target that ends in / or . is a folder."""
        options = [w for w in words if w.startswith("--")]
        *names, target = [w for w in words if not w.startswith("--")]
        base, mode = self.context, None
        for option in options:
            key, value = option.split("=", 1)
            if key == "--from":
                base = self.work / value
            elif key == "--chmod":
                mode = int(value, 8)
            elif key != "--chown":
                raise SystemExit(f"COPY {option}: unknown")
        folder = target.endswith("/") or target == "." or len(names) > 1
        for name in names:
            self.copy_one(base / name.lstrip("/"), self.path(target), folder, mode)

    def copy_one(self, old, new, folder, mode):
        if old.is_dir():
            shutil.copytree(old, new, symlinks=True, dirs_exist_ok=True)
            return
        if folder:
            new = new / old.name
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(old, new)
        if mode:
            new.chmod(mode)

    def do_add(self, words):
        checksum, url, name = [w for w in words if not w.startswith("--chown")]
        pool, target = url.removeprefix("${DEBIAN_MIRROR}/"), self.path(name)
        if name.endswith(("/", ".")):
            target = target / pool.rsplit("/", 1)[1]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source(pool, checksum.removeprefix("--checksum=sha256:")))

    def do_run(self, argv):
        self.commands.append(argv)
        if self.dry:
            return
        command = enter_command(self.root, self.cwd, argv)
        if self.strace:
            command = ["strace", "-f", "-c", "-S", "calls", "-U", "calls,name",
                       "-o", str(self.work / "calls.part"), *command]
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        self.seconds.append((" ".join(argv), time.monotonic() - start))
        if self.strace:
            with open(self.work / "calls", "a") as f:
                f.write((self.work / "calls.part").read_text())
        if not self.quiet:
            sys.stderr.write(done.stdout + done.stderr)
        if done.returncode:
            raise Failed(f"RUN {argv}: status {done.returncode}\n{done.stdout}{done.stderr}")

    def run(self, until=None):
        """Walks all stages, or those before the one named; returns the last folder."""
        text = (self.context / "Containerfile").read_text().replace("\\\n", " ")
        for line in text.split("\n"):
            if not line.strip() or line.startswith("#"):
                continue
            word, rest = line.split(None, 1)
            if word in ("USER", "LABEL", "ARG", "ENV"):
                continue
            if until and rest.split()[-1] == until:
                break
            if word == "WORKDIR":
                self.cwd = os.path.join(self.cwd, rest.strip())
                self.path("").mkdir(parents=True, exist_ok=True)
            elif word == "RUN":
                self.do_run(json.loads(rest))
            else:
                {"FROM": self.do_from, "COPY": self.do_copy, "ADD": self.do_add}[word](rest.split())
        return self.root


def digest_of(root):
    """One hash over names, modes and bytes of a tree."""
    total = hashlib.sha256()
    for path in sorted(pathlib.Path(root).rglob("*")):
        if path.is_file():
            mode = path.stat().st_mode & 0o777
            total.update(f"{path.relative_to(root)} {mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


if __name__ == "__main__":
    build = Build(sys.argv[1], strace="--strace" in sys.argv, quiet=False)
    try:
        print(digest_of(build.run()))
    except Failed as failure:
        sys.exit(str(failure))
