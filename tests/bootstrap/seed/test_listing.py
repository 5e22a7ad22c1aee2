"""The mnemonic column, assembled by GNU as, gives the bytes of the other column.

So a comment that names an instruction cannot lie. Data lines have no mnemonic
and stand for themselves. scc.asm is GNU as's own language, nearly: our asm
always takes four bytes for a jump and has no short forms for eax and al.
"""

import re
import shutil
import subprocess
import unittest

import support

# A place without a register, and eax: as takes an encoding one byte shorter.
SHORT = [
    (r"mov eax, \[(\w[^\[\]]*)\]", ".byte 0x8b, 0x05; .long {}"),
    (r"mov \[(\w[^\[\]]*)\], eax", ".byte 0x89, 0x05; .long {}"),
    (r"mov al, \[(\w[^\[\]]*)\]", ".byte 0x8a, 0x05; .long {}"),
    (r"mov \[(\w[^\[\]]*)\], al", ".byte 0x88, 0x05; .long {}"),
]
ARITHMETIC = ["add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"]
NAMES = "eax ecx edx ebx esp ebp esi edi al cl dl bl ah ch dh bh".split()


def assemble(source, start):
    """Assemble text that begins at address start. -> bytes"""
    folder = support.scratch()
    (folder / "a.s").write_text(".intel_syntax noprefix\n" + source)
    subprocess.run(["as", "--32", "-o", "a.o", "a.s"], cwd=folder, check=True)
    subprocess.run(["ld", "-m", "elf_i386", "-N", f"-Ttext={start:#x}", "-e", "0", "-o", "a", "a.o"],
                   cwd=folder, check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["objcopy", "-O", "binary", "-j", ".text", "a", "a.bin"], cwd=folder, check=True)
    return (folder / "a.bin").read_bytes()


def data(tokens):
    """The bytes column of a line without a mnemonic, in GNU as's words."""
    for token in re.findall(r'"[^"]*"|\S+', tokens):
        if token.startswith('"'):
            yield f".ascii {token}"
        elif token.startswith("&"):
            yield f".long {token[1:]}"
        else:
            yield from (f".byte 0x{token[i:i + 2]}" for i in range(0, len(token), 2))


def from_hex0(path):
    """A listing in hex0's language: labels are comments `# name: address`."""
    source, addresses = [], {}
    for line in path.read_text().splitlines():
        label = re.match(r"# (?:---- )?([a-z]\w*): ([0-9a-f]{8})\b", line)
        if label:
            addresses[label[1]] = int(label[2], 16)
            source.append(f"{label[1]}:")
        code, mnemonics, _ = support.split_listing(line)
        source += mnemonics or data(code)
    return "\n".join(source) + "\n", addresses


def from_hex1(path):
    """A listing in hex1's language: `:name`, `=name value`, `&name` and so on."""
    source = []
    for line in path.read_text().splitlines():
        code, mnemonics, _ = support.split_listing(line)
        constant = re.match(r"=(\w+) ([0-9a-f]+)", code)
        if constant:
            source.append(f".set {constant[1]}, 0x{constant[2]}")
            continue
        label = re.match(r":(\S+)", code)
        if label:
            source.append(f"{label[1]}:")
            code = code[label.end():]
        source += mnemonics or data(code)
    return "\n".join(source) + "\n"


def from_asm(path):
    """scc.asm: give memory its addresses, spell out the encodings asm chooses."""
    source, bss, numbers = [], 0x09000000, {}
    for line in path.read_text().splitlines():
        for statement in statements(line):
            label = re.match(r"(\w+):\s*(.*)", statement)
            if label:
                source.append(f"{label[1]}:")
                statement = label[2]
            number = re.match(r"(\w+) = (\w+)$", statement)
            if number:
                numbers[number[1]] = int(number[2], 0)
            reserve = re.match(r"\.lcomm (\w+), (\w+)", statement)
            if reserve:
                source.append(f".set {reserve[1]}, {bss:#x}")
                bss += numbers.get(reserve[2]) or int(reserve[2], 0)
                bss += -bss % 4
            elif statement:
                source.append(long_form(statement, numbers))
    return "\n".join(source) + "\n"


def statements(line):
    """Split a line of scc.asm at ; and drop the comment, minding quotes."""
    parts, quote, part = [], "", ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            break
        elif character == ";":
            parts.append(part.strip())
            part = ""
            continue
        part += character
    return parts + [part.strip()]


def long_form(statement, numbers):
    """The statement in the encoding that our asm chooses."""
    if re.match(r"j\w+ \w+$", statement):
        return "{disp32} " + statement
    for pattern, form in SHORT:
        found = re.match(pattern + "$", statement)
        if found and not set(re.findall(r"\w+", found[1])) & set(NAMES):
            return form.format(found[1])
    found = re.match(r"(\w+) (eax|al), (.+)$", statement)
    if found and found[1] in ARITHMETIC and not set(re.findall(r"\w+", found[3])) & set(NAMES):
        operation, register, value = found.groups()
        if "[" in value.replace("'['", ""):
            return statement
        modrm = 0xC0 + 8 * ARITHMETIC.index(operation)
        if register == "al":
            return f".byte 0x80, {modrm}, {value}"
        if re.search(r"\boffset\b", value) or not small(value, numbers):
            return f".byte 0x81, {modrm}; .long {value.replace('offset ', '')}"
    return statement


def small(value, numbers):
    """Does the value fit into a signed byte?"""
    value = re.sub(r"'(.)'", lambda m: str(ord(m[1])), value)
    value = re.sub(r"\b[A-Za-z_]\w*", lambda m: str(numbers[m[0]]), value)
    total = eval(value, {"__builtins__": {}}) & 0xFFFFFFFF
    return total < 0x80 or total >= 0xFFFFFF80


@unittest.skipUnless(shutil.which("as"), "no GNU as here")
class Listing(unittest.TestCase):
    def test_hex0_and_hex1_are_their_mnemonics(self):
        for name in ("hex0", "hex1"):
            with self.subTest(name=name):
                source, addresses = from_hex0(support.STAGE0 / f"{name}.hex0")
                image = (support.chain() / name).read_bytes()
                self.assertEqual(assemble(source, 0x08048000), image)

    def test_label_comments_are_true(self):
        for name in ("hex0", "hex1"):
            source, addresses = from_hex0(support.STAGE0 / f"{name}.hex0")
            checks = "".join(f".long {label}\n" for label in addresses)
            made = assemble(source + checks, 0x08048000)[-4 * len(addresses):]
            for i, (label, address) in enumerate(addresses.items()):
                with self.subTest(name=name, label=label):
                    self.assertEqual(int.from_bytes(made[4 * i:4 * i + 4], "little"), address)

    def test_asm_is_its_mnemonics(self):
        source = re.sub(r"\.long (\w+)-(\w+)", r".long \1 - \2", from_hex1(support.STAGE0 / "asm.hex1"))
        self.assertEqual(assemble(source, 0x08048000), (support.chain() / "asm").read_bytes())

    def test_scc_is_what_gnu_as_makes_of_it(self):
        source = from_asm(support.STAGE0 / "scc.asm")
        image = (support.chain() / "scc").read_bytes()
        self.assertEqual(assemble(source, 0x08048000 + support.HEADER), image[support.HEADER:])

    def test_every_instruction_line_has_its_mnemonic(self):
        for name in ("hex0.hex0", "hex1.hex0", "asm.hex1"):
            inside = False
            for number, line in enumerate((support.STAGE0 / name).read_text().splitlines(), 1):
                inside |= line.startswith("# ---- start")
                inside &= "the file's header" not in line  # tables from here on
                code, mnemonics, _ = support.split_listing(line)
                rest = re.sub(r'^:\S+|"[^"]*"|\b00\b', "", code).strip()
                if inside and rest and not mnemonics:
                    self.assertRegex(code, r'"|^(\s*[2-7][0-9a-f])+( 0[0a])?\s*$|0a', f"{name}:{number}")


if __name__ == "__main__":
    unittest.main()
