#!/usr/bin/env python3
"""Builds bootstrap/stage1 without cairn, in one folder, from a stage 0 that is there.

    walk.py ROOT SOURCES [FIRST [LAST]]

ROOT holds the files of the image bootstrap/stage0; SOURCES the tarballs under the
names of the Containerfile's ADD lines or Debian's. Every RUN line is a step with a
number; FIRST and LAST choose some, so that a copy of ROOT can be gone on with. Printed
are each step's seconds by the clock and of processor time. A proof that fails is printed and
ends nothing (the exit status says so): its line says which digest the step has now, which
is how a new one is recorded.

It is also the second opinion on the engine: another program that reads the same
Containerfile must come to the same digests. A RUN gets namespaces of its own for
mounts, processes and the network, and a /dev of its own: tcc, run as root, unlinks
what its -o names. Needs root.
"""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

STAGES = pathlib.Path(__file__).resolve().parents[3] / "packages/bootstrap"
PACKAGE = STAGES / "stage1"
DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9))
INSIDE = """
import ctypes, os, signal, sys
# Python ignores it, and what is started would inherit that.
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
root, cwd, *argv = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
def mount(kind, where):
    os.makedirs(root + where, exist_ok=True)
    if libc.mount(kind.encode(), (root + where).encode(), kind.encode(), 0, None):
        raise OSError(ctypes.get_errno(), "mount " + where)
mount("tmpfs", "/dev")
mount("proc", "/proc")
os.umask(0)
for name, major, minor in %r:
    os.mknod(root + "/dev/" + name, 0o20666, os.makedev(major, minor))
os.symlink("/proc/self/fd", root + "/dev/fd")
os.umask(0o22)
libc.personality(0x0040000)
path = os.environ.get("PATH")
os.chroot(root)
os.chdir(cwd)
os.execv(argv[0], argv)
""" % (DEVICES,)


def processor_time():
    """Seconds that finished children have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tarball(sources, name, stage="stage1"):
    """The source of a stage's ADD line for `name`, under that name or Debian's."""
    for line in (STAGES / stage / "Containerfile").read_text().split("\n"):
        if line.startswith("ADD") and line.endswith(" " + name):
            for candidate in (name, line.split()[-2].rsplit("/", 1)[1]):
                if (pathlib.Path(sources) / candidate).exists():
                    return pathlib.Path(sources) / candidate
    raise SystemExit(f"{name} is not in {sources}")


class Walk:
    """One reading of the Containerfile, from its start to its package stage."""

    def __init__(self, root, sources=None, log=None):
        self.root, self.sources = pathlib.Path(root).resolve(), sources and pathlib.Path(sources)
        self.log = log or open(self.root.parent / (self.root.name + ".log"), "a")
        self.path, self.cwd = "/bin", "/"

    def at(self, name):
        return self.root / os.path.join(self.cwd, name).lstrip("/")

    def add(self, words):
        """ADD: a tarball by the name that it gets."""
        if not self.at(words[-1]).exists():
            shutil.copy(tarball(self.sources, words[-1]), self.at(words[-1]))

    def copy(self, words):
        target = self.at(words[-1])
        target.mkdir(parents=True, exist_ok=True)
        for name in words[:-1]:
            if (PACKAGE / name).is_dir():
                shutil.copytree(PACKAGE / name, target, dirs_exist_ok=True)
            else:
                shutil.copy(PACKAGE / name, target)

    def run(self, argv, **options):
        """Runs argv in the folder; returns (status, seconds, output if asked for)."""
        start = time.monotonic()
        command = ["unshare", "--mount", "--pid", "--fork", "--net", "--kill-child"]
        command += [sys.executable, "-c", INSIDE, str(self.root), self.cwd, *argv]
        environment = {"PATH": self.path, "LC_ALL": "C", "TZ": "UTC", "SOURCE_DATE_EPOCH": "0", "HOME": "/root"}
        unshare = shutil.which("unshare")
        done = subprocess.run([unshare, *command[1:]], env=environment, stdin=subprocess.DEVNULL, text=True,
                              stderr=subprocess.STDOUT, **({"stdout": self.log} | options))
        return done.returncode, time.monotonic() - start, done.stdout

    def step(self, body):
        """One RUN line. Proofs answer with their text, others with their status."""
        argv = json.loads(body) if body.startswith("[") else ["/bin/sh", "-c", body]
        proof = "proof.run" in body or "prove.sh" in body
        status, seconds, output = self.run(argv, **({"stdout": subprocess.PIPE} if proof else {}))
        if status and not proof:
            raise SystemExit(f"failed with {status}: {body}; the log is {self.log.name}")
        return status, seconds, output

    def walk(self, first=1, last=10**6):
        """Does the steps; returns how many proofs failed."""
        number = failed = 0
        for line in (PACKAGE / "Containerfile").read_text().split("\n"):
            words = line.split()
            if line.startswith("FROM scratch AS package"):
                return failed
            if line.startswith("WORKDIR"):
                self.cwd = os.path.join(self.cwd, words[1])
                self.at(".").mkdir(parents=True, exist_ok=True)
            elif line.startswith("ENV PATH="):
                self.path = line.removeprefix("ENV PATH=")
            elif line.startswith("ADD") and first == 1:
                self.add(words)
            elif line.startswith("COPY") and not words[1].startswith("--"):
                self.copy(words[1:])
            elif line.startswith("RUN"):
                number += 1
                if first <= number <= last:
                    before = processor_time()
                    status, seconds, output = self.step(line[4:])
                    print(f"{number:3} {seconds:8.1f} s {processor_time() - before:8.1f} s  {line[4:]}", flush=True)
                    if status:
                        failed += 1
                        print(output.strip(), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    sys.exit(1 if Walk(*sys.argv[1:3]).walk(*map(int, sys.argv[3:5])) else 0)
