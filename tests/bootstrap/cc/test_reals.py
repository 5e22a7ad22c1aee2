"""Floating constants are rounded exactly: cc's bytes against integer arithmetic."""

import random
import unittest
from fractions import Fraction

from compilers import by_gcc, must, scratch

# name, suffix, bytes in memory, precision, largest exponent
KINDS = [("float", "f", 4, 24, 127), ("double", "", 8, 53, 1023), ("long double", "L", 10, 64, 16383)]
HARD = ["0.1", "1e19", "1e-19", "8.5e17", "9007199254740993.0", "9007199254740992.5", "16777217.0", "16777219.0", "4.35",
        "18446744073709551615.", "18446744073709551615e-19", "9223372036854775808.", "9223372036854775809.",
        "0.0", "0.000", "1.", ".5", "5E-1", "1e+2", "1.0000000596046447755", "1.0000000596046447753", "1.00000005960464478"]


def encode(text, size, precision, top):
    """The bytes of the nearest number of the format, ties to even; None if too large."""
    value = Fraction(text if text[0] != "." else "0" + text) if not text.endswith(".") else Fraction(text + "0")
    bias = top
    if value == 0:
        return bytes(size)
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    while Fraction(2) ** exponent > value:
        exponent -= 1
    while Fraction(2) ** (exponent + 1) <= value:
        exponent += 1
    exponent = max(exponent, 1 - top)
    mantissa = round(value / Fraction(2) ** (exponent - precision + 1))     # Python rounds ties to even
    if mantissa == 1 << precision:
        mantissa >>= 1
        exponent += 1
    if exponent > top:
        return None
    biased = exponent + bias if mantissa >> (precision - 1) else 0
    if size == 10:
        return (biased << 64 | mantissa).to_bytes(10, "little")
    return (biased << (precision - 1) | mantissa & ~(1 << (precision - 1))).to_bytes(size, "little")


class Constants(unittest.TestCase):
    def test_model_against_python(self):
        import struct
        for text in HARD[:14] + ["1.", ".5"]:
            self.assertEqual(encode(text, 8, 53, 1023), struct.pack("<d", float(text)), text)

    def test_every_constant_is_the_nearest(self):
        rng = random.Random(7)
        texts = list(HARD)
        for _ in range(500):
            digits = rng.randrange(2 ** rng.choice([8, 24, 25, 26, 53, 54, 55, 60, 64]))
            places = rng.randrange(20)
            text = f"{digits:020d}"
            texts.append(f"{text[:20 - places]}.{text[20 - places:]}")
            texts.append(f"{digits}e-{places}")
        wanted, lines = [], []
        for text in texts:
            for name, suffix, size, precision, top in KINDS:
                bits = encode(text, size, precision, top)
                if bits is not None:
                    lines.append(f"struct {{ {name} v; }} c{len(lines)} = {{ {text}{suffix} }};")
                    wanted.append((text + suffix, bits, size))
        # All constants lie in data, in order; a marker shows where they begin.
        source = scratch() / "reals.c"
        source.write_text("char marker[] = \"MARKER!\";\n" + "\n".join(lines) + "\nvoid _start(void) __asm__ { 0xf4 };\n")
        must(by_gcc(), "-o", scratch() / "reals", source)
        data = (scratch() / "reals").read_bytes()
        at = data.index(b"MARKER!\0") + 8
        for text, bits, size in wanted:
            self.assertEqual(data[at:at + size].hex(), bits.hex(), text)
            at += {4: 4, 8: 8, 10: 12}[size]

    def test_conversions_between_constants_round_once(self):
        source = scratch() / "narrow.c"
        source.write_text("float a = 0.1; float b = 1.0000002980232239; double c = 0.1f; float d = 16777217;\n"
                          "double e = 9007199254740993LL; long double f = 0.1;\n"
                          "void _start(void) __asm__ { 0xf4 };\n")
        must(by_gcc(), "-o", scratch() / "narrow", source)
        data = (scratch() / "narrow").read_bytes()
        expected = ("cdcccc3d" "0200803f" "000000a09999b93f" "0000804b" "0000000000004043" "00d0ccccccccccccfb3f0000")
        self.assertIn(bytes.fromhex(expected).hex(), data.hex())


if __name__ == "__main__":
    unittest.main()
