"""Floating constants are rounded exactly: cc's bytes against integer arithmetic."""

import random
import unittest
from fractions import Fraction

from compilers import by_gcc, must, run, scratch

# name, suffix, bytes in memory, precision, largest exponent
KINDS = [("float", "f", 4, 24, 127), ("double", "", 8, 53, 1023), ("long double", "L", 10, 64, 16383)]
HARD = ["0.1", "1e23", "8.5e22", "9007199254740993.0", "9007199254740992.5", "16777217.0", "16777219.0", "4.35",
        "2.2250738585072011e-308", "2.2250738585072014e-308", "4.9e-324", "2.4703282292062327e-324",
        "2.4703282292062328e-324", "1.7976931348623157e308", "3.4028234e38", "1.4e-45", "7.0e-46", "7.1e-46",
        "3.3621031431120935063e-4932", "1.8e-4951", "1.18973149535723176502e4932", "18446744073709551617.0", "0.0",
        "36893488147419103233.0", "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203126", "1.", ".5", "5E-1", "1e+2"]


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
        for _ in range(400):
            digits = "".join(rng.choice("0123456789") for _ in range(rng.choice([1, 3, 9, 17, 21, 40])))
            texts.append(f"{digits}.{rng.randrange(1000)}e{rng.randrange(-60, 30)}")
        for _ in range(60):
            texts.append(f"{rng.randrange(1, 10)}.{rng.randrange(10 ** 18)}e{rng.randrange(-4950, 4930)}")
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
        source.write_text("float a = 0.1; float b = 1.00000029802322387695312500001; double c = 0.1f; float d = 16777217;\n"
                          "double e = 9007199254740993LL; long double f = 0.1; int g = 3.99; int h = -2.5; float i = 1e-45;\n"
                          "void _start(void) __asm__ { 0xf4 };\n")
        must(by_gcc(), "-o", scratch() / "narrow", source)
        data = (scratch() / "narrow").read_bytes()
        expected = ("cdcccc3d" "0200803f" "000000a09999b93f" "0000804b" "0000000000004043" "00d0ccccccccccccfb3f0000"
                    "03000000" "feffffff" "01000000")
        self.assertIn(bytes.fromhex(expected).hex(), data.hex())

    def test_constants_out_of_range_are_errors(self):
        for text in ("3.5e38f", "1.8e308", "1.2e4932L", "1e99999"):
            source = scratch() / "range.c"
            source.write_text(f"long double v = {text};\n")
            self.assertEqual(run(by_gcc(), "-o", scratch() / "range", source).returncode, 1, text)


if __name__ == "__main__":
    unittest.main()
