"""cc made by every compiler that this machine has, and programs made by cc."""

import atexit
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
STAGE0 = pathlib.Path(os.environ.get("STAGE0", HERE.parents[2] / "packages/bootstrap/stage0"))
# The order in which scc reads cc's files; the same as in stage0.run.
SOURCES = [STAGE0 / "cc" / f"{name}.c" for name in (
    "lib", "lex", "macro", "pp", "literal", "type", "declarator", "node", "expr", "image",
    "gen", "gencall", "init", "stmt", "decl", "main")]
LIBC = sorted((STAGE0 / "libc").glob("*.c"))
INCLUDE = STAGE0 / "libc/include"
FOLDERS = ["-I", INCLUDE, "-I", STAGE0 / "config"]

# scc has `sys` built in; here it is for the others.  cc and tcc, which are given
# no host libc, get an entry point too.
SYS_GNU = r"""
int sys(int n, int a, int b, int c) {
    int r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory");
    return r;
}
"""
SYS_TCC = r"""
__asm__(".globl sys\nsys:\n push %ebx\n mov 8(%esp),%eax\n mov 12(%esp),%ebx\n mov 16(%esp),%ecx\n"
        "mov 20(%esp),%edx\n int $0x80\n pop %ebx\n ret\n"
        ".globl _start\n_start:\n mov %esp,%eax\n push %eax\n call begin\n hlt\n");
void begin(int *stack) { sys(1, main(*stack, (char **)(stack + 1)), 0, 0); }
"""
SYS_CC = r"""
int main(int argc, char **argv);
char sys_code[] = {
    0x53, 0x8b, 0x44, 0x24, 8, 0x8b, 0x5c, 0x24, 12, 0x8b, 0x4c, 0x24, 16, 0x8b, 0x54, 0x24, 20,
    0xcd, 0x80, 0x5b, 0xc3 };
int sys(int n, int a, int b, int c) { return ((int (*)())sys_code)(n, a, b, c); }
void _start(char *argv0) { sys(1, main(((int *)&argv0)[-1], &argv0), 0, 0); }
"""


@functools.cache
def scratch():
    """A folder of this run, gone when it ends."""
    folder = tempfile.mkdtemp(prefix="cairn-cc-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return pathlib.Path(folder)


def run(*words, **more):
    return subprocess.run([str(w) for w in words], capture_output=True, timeout=900, **more)


def must(*words, **more):
    done = run(*words, **more)
    if done.returncode:
        raise AssertionError(f"{words}: status {done.returncode}\n{(done.stdout + done.stderr).decode(errors='replace')[-3000:]}")
    return done


def one_file(name, head):
    """cc's source as one file behind `head`, as scc would read it."""
    path = scratch() / f"{name}.c"
    path.write_text(head + "".join(source.read_text() for source in SOURCES))
    return path


@functools.cache
def by_gcc(optimise="-O1"):
    out = scratch() / f"cc-gcc{optimise}"
    must("gcc", "-m32", "-std=gnu89", "-w", "-fwrapv", "-fno-strict-aliasing", optimise, "-o", out, one_file("gcc", SYS_GNU))
    return out


@functools.cache
def by_clang():
    out = scratch() / "cc-clang"
    must("clang", "-m32", "-std=gnu89", "-w", "-fwrapv", "-fno-strict-aliasing", "-O1", "-o", out, one_file("clang", SYS_GNU))
    return out


@functools.cache
def by_tcc(tcc):
    out = scratch() / "cc-tcc"
    must(tcc, "-w", "-nostdlib", "-nostdinc", "-static", "-o", out, one_file("tcc", SYS_TCC))
    return out


@functools.cache
def by_scc(scc):
    out = scratch() / "cc-scc"
    must(scc, out, *SOURCES)
    return out


@functools.cache
def by_cc(cc):
    """Not part of the chain: cc's source happens to be C, so cc compiles itself."""
    out = scratch() / f"{pathlib.Path(cc).name}-cc"
    must(cc, "-o", out, one_file("cc", SYS_CC))
    return out


def tool(variable, *names):
    """The program that an environment variable names, or the first found in PATH."""
    given = os.environ.get(variable)
    return given or next(filter(None, map(shutil.which, names)), None)


def program(sources, cc=None, out=None, *options):
    """A program of cc's, linked with our libc."""
    out = out or scratch() / "program"
    must(cc or by_gcc(), *options, *FOLDERS, "-o", out, *sources, *LIBC)
    return out


def host_program(sources, out=None):
    out = out or scratch() / "host-program"
    must("gcc", "-m32", "-std=gnu99", "-w", "-O0", "-fwrapv", "-o", out, *sources)
    return out
