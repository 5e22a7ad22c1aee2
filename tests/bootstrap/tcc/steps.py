"""The chain step by step: how long each line of stage0.run takes, what it makes,
and the table of docs/bootstrap.md that says so."""
import dataclasses
import hashlib
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile

from chain import REPOSITORY, STAGE0, Build, enter_command

DOCUMENT = REPOSITORY / "docs/bootstrap.md"
HASH_LINE = re.compile(r"^(bin/sha256 (\S+)) ([0-9a-f]{64})$", re.M)

# A row of the table: the file made, what it can do that the last could not, and
# the files a person reads for it (patterns below packages/bootstrap/stage0).
ROWS = [
    ("bin/seed", "turns pairs of hex digits into bytes; the only file that is not text", ["hex0.hex0"]),
    ("bin/hex0", "the same, made by itself from its listing", []),
    ("bin/hex1", "names places, computes the distances between them, reports mistakes", ["hex1.hex0"]),
    ("bin/asm", "knows the processor's instructions by name", ["asm.hex1"]),
    ("bin/scc", "compiles expressions, functions and structures: Small C", ["scc.asm"]),
    ("bin/run", "starts one command after another and stops at the first failure", ["cc/lib.c", "tools/run.c"]),
    ("bin/sha256", "proves a file", ["tools/sha256.c"]),
    ("bin/unbz2", "undoes bzip2", ["tools/stream.c", "tools/unbz2.c"]),
    ("bin/untar", "unpacks an archive", ["tools/untar.c"]),
    ("bin/patch", "applies our changes to upstream's files", ["tools/patch.c"]),
    ("bin/cc", "compiles the C that tcc is written in: a preprocessor, types, 64 bits, floats, a linker",
     ["cc/*.c"]),
    ("bin/tcc1", "compiles C99, an assembler and archives; made by cc",
     ["libc/*.c", "libc/include/**/*.h", "config/config.h", "patches/*.patch"]),
    ("bin/tcc2", "the same, made by itself", []),
    ("bin/tcc", "the same once more: tcc2 and tcc are one file, the fixed point", []),
    ("libtcc1.a", "what tcc's programs need at run time", []),
]
SCRIPTS = ["Containerfile", "stage0.run"]

# What the image holds beside tcc, made by tcc: the same tools, and a few that only
# stage 1 needs.  Nobody has to read their sources to believe tcc.
IMAGE_ROWS = [
    ("bin/cp", "copies a file (not in the image)", ["install.run", "tools/entry.c", "tools/cp.c"]),
    ("bin/mkdir", "makes folders", ["tools/mkdir.c"]),
    ("rootfs/bin/ungz", "undoes gzip", ["tools/ungz.c"]),
    *((f"rootfs/bin/{name}", "as above, by tcc", []) for name in ("run", "sha256", "unbz2", "untar", "patch")),
]


@dataclasses.dataclass
class Step:
    """One file made: its bytes' number and hash, and the seconds of processor time it took."""

    name: str
    size: int
    sha256: str
    seconds: float


def enter(root, cwd, argv, check=True):
    """Runs one command of the chain in its folder; returns the processor time it took,
    which other work on the machine disturbs less than the clock."""
    command = enter_command(root, cwd, argv)
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if check and done.returncode:
        raise SystemExit(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime


def idle(root, cwd):
    """What `enter` itself costs: the seed without arguments ends at once."""
    return min(enter(root, cwd, ["/home/user/bin/seed"], check=False) for _ in range(5))


def target_of(argv, made):
    """The file that a command makes, or None: the first of its words that is one."""
    return next((word for word in argv[1:] if word in made), None)


def chain_lines(build):
    """Every command of the chain: the RUN lines up to the runner's, then its scripts."""
    text = "".join((build.context / name).read_text() for name in ("stage0.run", "install.run"))
    text = HASH_LINE.sub("", text)
    script = [line.split() for line in text.split("\n") if line and not line.startswith("#")]
    return [argv for argv in build.commands if argv[-1] != "stage0.run"] + script


def walk(emulator=None):
    """Goes the whole way line by line, hashes not compared: {file made: Step}.

    `emulator` is a static program that runs i386 programs (qemu-i386-static): every
    command then runs in it instead of on this machine's processor.
    """
    with tempfile.TemporaryDirectory(prefix="cairn-stage0-") as folder:
        work = pathlib.Path(folder)
        build = Build(work, dry=True)
        build.run(until="install")
        root, cwd, prefix = work / "build", "/home/user", []
        if emulator:
            shutil.copy(emulator, root / "emulator")
            prefix = ["/emulator"]
        made = {name for name, _, _ in ROWS + IMAGE_ROWS}
        took, other = {"bin/seed": 0.0}, 0.0
        home = root / cwd[1:]
        empty = idle(root, cwd)
        for argv in chain_lines(build):
            seconds = max(0.0, enter(root, cwd, prefix + argv) - empty)
            target = target_of(argv, made)
            if target and target not in took:
                took[target] = seconds
            else:
                other += seconds
        steps = {}
        for name, _, _ in ROWS + IMAGE_ROWS:
            data = (home / name).read_bytes()
            steps[name] = Step(name, len(data), hashlib.sha256(data).hexdigest(), took[name])
        steps["rest"] = Step("rest", 0, "", other)
        return steps


def sources(patterns):
    """The files of a row; what an earlier row has counted is not counted again."""
    found = []
    for pattern in patterns:
        found += sorted(p for p in STAGE0.glob(pattern) if p.is_file())
    return found


def count_lines():
    """{row: lines to read}, each file once, and the scripts under "scripts"."""
    seen, lines = set(), {}
    for name, _, patterns in ROWS + IMAGE_ROWS:
        new = [p for p in sources(patterns) if p not in seen]
        seen.update(new)
        lines[name] = sum(p.read_text().count("\n") for p in new)
    lines["scripts"] = sum((STAGE0 / name).read_text().count("\n") for name in SCRIPTS)
    return lines


def lines_to_tcc(lines):
    """Of those lines, what lies between the seed and tcc."""
    return lines["scripts"] + sum(lines[name] for name, _, _ in ROWS)


COMMENTS = {".c": r"/\*.*?\*/|//[^\n]*", ".h": r"/\*.*?\*/", ".patch": r"^[^-+].*?$|^(?:---|\+\+\+).*?$"}


def count_code():
    """Lines that are not blank and not only comment, of the files between seed and tcc."""
    files = {p for _, _, patterns in ROWS for p in sources(patterns)} | {STAGE0 / name for name in SCRIPTS}
    total = 0
    for path in files:
        pattern = COMMENTS.get(path.suffix, r"[#;][^\n]*")
        text = re.sub(pattern, "", path.read_text(), flags=re.S | re.M)
        total += sum(1 for line in text.split("\n") if line.strip())
    return total


def write_hashes(steps):
    script = STAGE0 / "stage0.run"
    script.write_text(HASH_LINE.sub(lambda m: f"{m[1]} {steps[m[2]].sha256}", script.read_text()))


def table(steps):
    """The table of docs/bootstrap.md as lines."""
    lines = count_lines()
    yield "| file | what it can do that those above cannot | lines | bytes | sha256 | seconds |"
    yield "|---|---|---:|---:|---|---:|"
    yield from (row(name, what, steps[name], lines[name]) for name, what, _ in ROWS)
    to_tcc = lines_to_tcc(lines)
    yield f"| seed to tcc | the files above, and scripts of {lines['scripts']} lines | {to_tcc:,} | | | |"
    yield from (row(name, what, steps[name], lines[name]) for name, what, _ in IMAGE_ROWS)
    whole = sum(step.seconds for step in steps.values())
    yield (f"| all | unpacking, patching, copying, proving {steps['rest'].seconds:.2f} s | "
           f"{sum(lines.values()):,} | | | {whole:.2f} |")


def row(name, what, step, lines):
    return f"| {name} | {what} | {lines or ''} | {step.size:,} | `{step.sha256}` | {step.seconds:.2f} |"


BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"


def write_table(steps):
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(before + BEGIN + "\n".join(table(steps)) + "\n" + END + after)
