"""Where the chain's files are, and how the tests build and run its tools.

    tools = chain()            # a folder with hex0, hex1, asm, scc, run
    result = call(tools / "hex1", "out", "in.hex1", cwd=folder)

The chain is built once for each run of the tests, by the chain itself.
"""

import atexit
import functools
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

STAGE0 = pathlib.Path(__file__).resolve().parents[3] / "packages/bootstrap/stage0"
SEED = STAGE0 / "hex0"
HEADER = 116  # bytes of ELF header in front of the code of every tool but hex0
STEPS = [  # tool and its arguments
    ("hex0", "hex1.hex0", "hex1"),
    ("hex1", "asm", "asm.hex1"),
    ("asm", "scc", "scc.asm"),
    ("scc", "run", "cc/lib.c", "tools/run.c"),
]


def scratch():
    """A fresh folder, removed when the tests are over."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="seed-"))
    atexit.register(shutil.rmtree, folder, True)
    return folder


@functools.lru_cache(maxsize=None)
def chain():
    """Build the tools from the seed, each by the one before it."""
    folder = scratch()
    shutil.copy(SEED, folder / "hex0")
    os.chmod(folder / "hex0", 0o755)
    for tool, *arguments in STEPS:
        subprocess.run([f"./{tool}", *places(arguments)], cwd=folder, check=True)
    return folder


def places(arguments):
    """The arguments of a step, with the texts where they are."""
    return [str(STAGE0 / a) if "." in a else a for a in arguments]


def call(tool, *arguments, cwd=None, timeout=20, **options):
    """Run a tool. The result has returncode, stdout and stderr (bytes)."""
    return subprocess.run(
        [str(tool), *map(str, arguments)], cwd=cwd, timeout=timeout,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def tool_output(tool, text, name="in"):
    """Run `tool OUT IN` on the text. -> (returncode, OUT's bytes or None, stderr)"""
    folder = scratch()
    try:
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        result = call(tool, "out", name, cwd=folder)
        out = folder / "out"
        made = out.read_bytes() if out.exists() else None
        return result.returncode, made, result.stderr
    finally:
        shutil.rmtree(folder)


def split_listing(line):
    """One line of an annotated listing. -> (bytes column, [mnemonics], why)"""
    code, _, rest = outside_quotes(line, "#;")
    if line[len(code):len(code) + 1] != ";":
        return code, [], rest
    mnemonics, _, why = rest.partition("#")
    return code, [m.strip() for m in mnemonics.split(";") if m.strip()], why


def outside_quotes(line, marks):
    """Split the line at the first of the marks that is not inside "quotes"."""
    quoted = False
    for place, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character in marks and not quoted:
            return line[:place], character, line[place + 1:]
    return line, "", ""


def elf_segments(image):
    """The program headers. -> [(type, offset, vaddr, paddr, filesz, memsz, flags, align)]"""
    count = struct.unpack_from("<H", image, 44)[0]
    place = struct.unpack_from("<I", image, 28)[0]
    return [struct.unpack_from("<8I", image, place + 32 * i) for i in range(count)]
