"""What the suites of this folder share: one walk of the chain, and the same
tools and tcc made by the host's compilers, to be held against it."""
import atexit
import functools
import pathlib
import shutil
import subprocess
import tempfile

from chain import STAGE0, Build, source

TARBALL = ("pool/main/t/tcc/tcc_0.9.27+git20200814.62c30a4a.orig.tar.bz2",
           "d63c113bcdd657f51c8ee197a0b0a24203603313e19a52b5f678d40ab7f5df35")
TOOLS = {
    "unbz2": ["stream.c", "unbz2.c"], "ungz": ["stream.c", "ungz.c"], "untar": ["untar.c"],
    "patch": ["patch.c"], "sha256": ["sha256.c"], "cp": ["cp.c"], "mkdir": ["mkdir.c"],
}
LIBC = [str(STAGE0 / "libc" / name) for name in (
    "start.c", "sys.c", "string.c", "stdlib.c", "float.c", "stdio.c", "printf.c")]

# `sys`, which scc has built in, for a host compiler.
SHIM = r"""
int sys(int n, int a, int b, int c) {
    int r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory");
    return r;
}
"""


@functools.cache
def scratch():
    """A folder of this run, gone when it ends."""
    folder = tempfile.mkdtemp(prefix="cairn-stage0-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return pathlib.Path(folder)


def command(*words, status=0, **more):
    done = subprocess.run([str(w) for w in words], capture_output=True, **more)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{words}: status {done.returncode}\n"
                             + (done.stdout + done.stderr).decode(errors="replace")[-3000:])
    return done


@functools.cache
def tcc_source():
    """Upstream's tarball, unpacked and patched by the host's tools."""
    folder = scratch() / "tcc"
    folder.mkdir()
    archive = scratch() / "tcc.tar.bz2"
    archive.write_bytes(source(*TARBALL))
    command("tar", "xjf", archive, "-C", folder)
    for patch in sorted((STAGE0 / "patches").glob("*.patch")):
        command("patch", "-p1", "-s", "-i", patch, cwd=folder)
    return folder


@functools.cache
def chain():
    """The chain, walked once: the folder that holds the stages."""
    work = scratch() / "chain"
    build = Build(work)
    build.run()
    return build


HOST_FLAGS = {"gcc": ["-O1"], "clang": ["-O1"], "tcc": []}


def host_compile(compiler, out, source, *flags):
    """A 32-bit program by a compiler of the host.  Debian's tcc has no 32-bit
    start files, so gcc links what it compiles."""
    flags = ["-m32", "-w", *HOST_FLAGS[compiler], *flags]
    if compiler == "tcc":
        multiarch = command("gcc", "-print-multiarch").stdout.decode().strip()
        command("tcc", *flags, "-I", f"/usr/include/{multiarch}", "-c", "-o", out.with_suffix(".o"), source)
        library = f"/usr/lib/{multiarch}/tcc/i386-libtcc1.a"
        command("gcc", "-m32", "-no-pie", "-o", out, out.with_suffix(".o"), library, "-lm", "-lpthread")
    else:
        command(compiler, *flags, "-o", out, source, "-lm", "-lpthread")
    return out


def small_c(out, sources, compiler="gcc"):
    """A Small C program by a host compiler, from its concatenated sources."""
    text = "".join(pathlib.Path(s).read_text() for s in sources)
    one = out.with_suffix(".all.c")
    one.write_text(text + SHIM)
    return host_compile(compiler, out, one, *([] if compiler == "tcc" else ["-std=gnu89"]))


@functools.cache
def host_tool(name):
    """One of our tools by the host's gcc."""
    files = [STAGE0 / "cc/lib.c"] + [STAGE0 / "tools" / f for f in TOOLS[name]]
    return small_c(scratch() / f"gcc-{name}", files)


def image_tool(name):
    """One of our tools as tcc made it: what stage 1 uses."""
    built = chain().work / "package/bin" / name
    return built if built.exists() else chain().work / "install/home/user/bin" / name


def made(name):
    """A program of the chain, in the folder where it was made."""
    return chain().work / "build/home/user/bin" / name


def tools(name):
    """One of our tools in every form that there is: by gcc, by tcc, by scc."""
    forms = [host_tool(name), image_tool(name)]
    return forms + [made(name)] * made(name).exists()
