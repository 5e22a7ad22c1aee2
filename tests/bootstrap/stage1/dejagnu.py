"""What gcc's test files say about themselves to dejagnu, read without Tcl.

A file holds directives in comments, `{ dg-do run { target SELECTOR } }` and the like.
`read` answers which options a file wants and whether it is a test that runs on a
target, a Linux system with musl; a file that asks for something unknown is left out with
the reason, never run on a guess. The rules are those of the manual "GCC Internals",
chapter "Test Directives", as far as files that run need them.
"""

import dataclasses
import fnmatch
import re

# dg-require-NAME "": all true on ELF with GNU as.
REQUIRES = {"weak", "visibility", "alias", "weak-override", "gc-sections", "named-sections", "stack-size"}
CXX98 = -2


@dataclasses.dataclass
class Target:
    """What a test may ask about: the system, what it has and lacks, and the C++ where a file names none."""

    triplet: str
    has: set
    lacks: set
    standard: int


BOTH = set(
    "alloca c99_runtime cxa_atexit double64 double64plus exceptions fileio fstack_protector gas indirect_jumps int32 int32plus"
    " label_values longlong64 mmap named_sections native nonlocal_goto pthread ptr32plus return_address signal size20plus"
    " size32plus static stdint_types store_merge trampolines untyped_assembly wchar".split()
)
NEITHER = set(
    "arm32 arm_eabi bmi2 cet dfp fopenmp freestanding gld hard_float newlib_nano_io noinit powerpc_altivec_ok powerpc_spe"
    " arm_thumb1_ok supports_stack_clash_protection unwrapped vmx_hw vxworks_kernel vxworks_rtp".split()
)
IA32 = {"ia32", "ilp32", "nonpic"}
LP64 = {"fpic", "int128", "lp64", "lto", "pie", "sse2", "sse_runtime", "sse2_runtime"}
# Missing on purpose: lto and openmp (not configured), dfp, int128, sse and later (an i386),
# unwrapped (newlib's), profiling (gcov wants a file system layout).
I386 = Target("i386-unknown-linux-musl", BOTH | IA32, NEITHER | LP64, 14)
X86_64 = Target("x86_64-pc-linux-musl", BOTH | LP64, NEITHER | IA32, 17)


class Unknown(Exception):
    """A directive asks for a property that this module has no answer for."""


@dataclasses.dataclass
class Test:
    """One file: how it is compiled, or why it is left out."""

    options: str = ""
    sources: tuple = ()
    skipped: str = ""
    not_at: tuple = ()


def words(text):
    """Tcl's words: quoted, braced (with the braces), or bare."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == '"':
            end = re.compile(r'(?<!\\)"').search(text, at + 1).start()
            found.append(text[at + 1 : end].replace('\\"', '"'))
            at = end + 1
        elif text[at] == "{":
            depth, end = 0, at
            while True:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
                if not depth:
                    break
            found.append(text[at:end])
            at = end
        else:
            end = re.compile(r"\s|$").search(text, at).start()
            found.append(text[at:end])
            at = end
    return found


def inner(word):
    return word[1:-1] if word.startswith("{") else word


def holds(selector, target):
    """Whether a selector ("i?86-*-* x86_64-*-*", "{ ! lp64 } && ia32") is true of a target."""
    parts = words(inner(selector))
    for operator, combine in (("||", any), ("&&", all)):
        if operator in parts:
            groups, group = [], []
            for part in parts + [operator]:
                if part == operator:
                    groups.append(group)
                    group = []
                else:
                    group.append(part)
            return combine([holds("{" + " ".join(g) + "}", target) for g in groups])
    if parts[:1] == ["!"]:
        return not holds("{" + " ".join(parts[1:]) + "}", target)
    return any([holds(part, target) if part.startswith("{") else atom(part, target) for part in parts])


def atom(word, target):
    if standard := re.fullmatch(r"c\+\+(\d\d|2a)(_down|_only)?", word):
        year = {"98": CXX98, "2a": 20}.get(standard[1]) or int(standard[1])
        own = target.standard
        return {None: own >= year, "_down": own <= year, "_only": own == year}[standard[2]]
    if word in target.has or word in target.lacks:
        return word in target.has
    if "-" in word or "*" in word:
        return fnmatch.fnmatchcase(target.triplet, word)
    raise Unknown(word)


def condition(word, target):
    """The truth of a trailing `{ target SELECTOR }` or `{ xfail SELECTOR }`."""
    kind, _, selector = inner(word).strip().partition(" ")
    return kind, holds("{" + selector + "}", target)


def directives(text):
    """(name, words) of every directive, in order; each is on one line."""
    for start in re.finditer(r"\{\s*(dg-(?!final)[a-z-]+).*", text):
        try:
            yield start[1], words(inner(words(start[0])[0]))[1:]
        except (IndexError, AttributeError):
            raise Unknown(f"something unreadable: {start[0]}") from None


def read(text, default, target):
    """The Test in a file; `default` is what it does if there is no dg-do ("run", "compile")."""
    try:
        return interpret(text, default, target)
    except Unknown as unknown:
        return Test(skipped=f"asks for {unknown}")


def interpret(text, default, target):
    test, action, options, added = Test(), default, "", []
    for name, args in directives(text):
        if name == "dg-do":
            action = args[0]
            for word in args[1:]:
                kind, true = condition(word, target)
                if kind == "target" and not true:
                    return Test(skipped="for another target")
                if kind == "xfail" and true:
                    return Test(skipped="expected to fail")
        elif name in ("dg-options", "dg-additional-options"):
            if len(args) < 2 or condition(args[1], target)[1]:
                wanted = inner(args[0]).strip().strip('"')
                options, added = (wanted, []) if name == "dg-options" else (options, [*added, wanted])
        elif name == "dg-require-effective-target":
            if len(args) < 2 or condition(args[1], target)[1]:
                if not atom(args[0], target):
                    return Test(skipped=f"needs {args[0]}")
        elif name.startswith("dg-require-") and name[11:] not in REQUIRES:
            return Test(skipped=f"needs {name[11:]}")
        elif name == "dg-skip-if" and holds(args[1], target):
            if len(args) < 3 or inner(args[2]).strip() in ("*", '"*"'):
                return Test(skipped="dg-skip-if")
            test.not_at += tuple(w.strip('"') for w in words(inner(args[2])))
        elif name == "dg-xfail-run-if" and holds(args[1], target):
            return Test(skipped="expected to fail")
        elif name == "dg-additional-sources":
            test.sources += tuple(args[0].split())
    if action != "run":
        return Test(skipped="only compiled")
    test.options = " ".join([options, *added]).strip()
    return test
