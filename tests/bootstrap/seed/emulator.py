"""The dozen i386 instructions of which the seed consists, one step at a time.

    cpu = Emulator(image)
    cpu.run()            # until int 0x80; cpu.r["eax"] is the call's number
    cpu.r["eax"] = 3     # its result
    cpu.run()

Written from the processor's manual, not from the seed: an instruction or an
operand that the table below does not name raises, so nothing is guessed.
"""

REGISTERS = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"]
MASK = 0xFFFFFFFF


class Emulator:
    def __init__(self, image, base=0x08048000):
        self.r = dict.fromkeys(REGISTERS, 0)
        self.memory = {base + i: byte for i, byte in enumerate(image)}
        self.ip = base + int.from_bytes(image[24:28], "little") - base
        self.carry = self.zero = self.sign = None  # None: not known, must not be used

    def byte(self, address):
        return self.memory[address & MASK]

    def word(self, address):
        return sum(self.byte(address + i) << 8 * i for i in range(4))

    def store(self, address, value, size=4):
        for i in range(size):
            self.memory[(address + i) & MASK] = value >> 8 * i & 0xFF

    def fetch(self, size=1):
        value = sum(self.byte(self.ip + i) << 8 * i for i in range(size))
        self.ip += size
        return value

    def modrm(self):
        """-> (register field, a name, or None and an address)"""
        byte = self.fetch()
        mode, field, rm = byte >> 6, byte >> 3 & 7, byte & 7
        if mode == 3:
            return field, REGISTERS[rm], None
        if mode == 0 and rm not in (4, 5):
            return field, None, self.r[REGISTERS[rm]]
        raise NotImplementedError(f"modrm {byte:02x}")

    def set_al(self, value):
        self.r["eax"] = self.r["eax"] & 0xFFFFFF00 | value & 0xFF

    def flags(self, result, carry, bits):
        self.carry, self.zero = carry, result & (1 << bits) - 1 == 0
        self.sign = bool(result >> bits - 1 & 1)

    def branch(self, taken):
        distance = self.fetch()
        if taken is None:
            raise NotImplementedError("a jump on a flag that is not known")
        if taken:
            self.ip += distance - 256 * (distance > 127)

    def run(self):
        """Run up to and including the next int 0x80."""
        while not self.step():
            pass

    def step(self):
        r, op = self.r, self.fetch()
        al = r["eax"] & 0xFF
        if 0x40 <= op <= 0x4F:  # inc, dec: carry stays
            name, change = REGISTERS[op & 7], 1 if op < 0x48 else -1
            r[name] = r[name] + change & MASK
            self.zero, self.sign = r[name] == 0, bool(r[name] >> 31)
        elif 0x50 <= op <= 0x57:
            r["esp"] = r["esp"] - 4 & MASK
            self.store(r["esp"], r[REGISTERS[op & 7]])
        elif 0x58 <= op <= 0x5F:
            value = self.word(r["esp"])
            r["esp"] = r["esp"] + 4 & MASK
            r[REGISTERS[op & 7]] = value
        elif 0x91 <= op <= 0x97:
            name = REGISTERS[op & 7]
            r["eax"], r[name] = r[name], r["eax"]
        elif op in (0x01, 0x09, 0x89):  # add, or, mov: r/m32, r32
            field, name, address = self.modrm()
            value = r[REGISTERS[field]]
            if op == 0x89 and name is None:
                self.store(address, value)
                return False
            total = {0x01: r[name] + value, 0x09: r[name] | value, 0x89: value}[op]
            r[name] = total & MASK
            if op != 0x89:
                self.flags(total, total > MASK, 32)
        elif op == 0x8A:
            field, name, address = self.modrm()
            if field or name:
                raise NotImplementedError("8a only into al, from memory")
            self.set_al(self.byte(address))
        elif op == 0xB0:
            self.set_al(self.fetch())
        elif op == 0x66:
            if self.fetch() != 0xB9:
                raise NotImplementedError("66 only before b9")
            r["ecx"] = r["ecx"] & 0xFFFF0000 | self.fetch(2)
        elif op in (0x04, 0x24, 0x2C, 0x34, 0x3C):  # add and sub xor cmp: al, imm8
            value = self.fetch()
            result = {0x04: al + value, 0x24: al & value, 0x34: al ^ value}.get(op, al - value)
            self.flags(result, not 0 <= result <= 0xFF, 8)
            if op != 0x3C:
                self.set_al(result)
        elif op == 0xC1:
            field, name, _ = self.modrm()
            count = self.fetch()
            if field != 4 or name is None:
                raise NotImplementedError("c1 only as shl of a register")
            r[name] = r[name] << count & MASK
            self.carry = None
            self.zero, self.sign = r[name] == 0, bool(r[name] >> 31)
        elif op == 0xF7:
            field, name, _ = self.modrm()
            if field != 3 or name is None:
                raise NotImplementedError("f7 only as neg of a register")
            self.flags(-r[name], r[name] != 0, 32)
            r[name] = -r[name] & MASK
        elif op == 0xF9:
            self.carry = True
        elif op in (0x72, 0x73):
            self.branch(self.carry if op == 0x72 or self.carry is None else not self.carry)
        elif op in (0x74, 0x75):
            self.branch(self.zero if op == 0x74 or self.zero is None else not self.zero)
        elif op == 0x78:
            self.branch(self.sign)
        elif op == 0xEB:
            self.branch(True)
        elif op == 0xCD:
            if self.fetch() != 0x80:
                raise NotImplementedError("int only 0x80")
            return True  # a system call changes eax, and no flag
        else:
            raise NotImplementedError(f"opcode {op:02x} at {self.ip - 1:08x}")
        return False
