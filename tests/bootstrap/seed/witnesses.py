"""Ways to make the seed from its text that share nothing but the text.

Each witness is a program that need not be trusted for anything else, the tool
it needs, and a command. The command runs in a folder that holds

    hex0.hex0   the annotated text            hex0.s    its mnemonics, Intel syntax
    digits      its hexadecimal digits only   bytes.s   its bytes as `.byte` lines

and writes the file `out`. `witnesses.py` prints the list; test_witnesses.py
runs those whose tool is here. The text itself is the argument: anyone may add a
row in a language of their own.
"""

C_PROGRAM = r"""
#include <stdio.h>
int main(void) {
  int c, digits = 0, value = 0;
  FILE *in = fopen("hex0.hex0", "rb"), *out = fopen("out", "wb");
  while ((c = getc(in)) != EOF) {
    if (c == '#' || c == ';') while (c != '\n' && c != EOF) c = getc(in);
    if (c >= '0' && c <= '9') c -= '0';
    else if (c >= 'a' && c <= 'f') c -= 'a' - 10;
    else continue;
    value = value * 16 + c;
    if (++digits % 2 == 0) { putc(value & 255, out); value = 0; }
  }
  return fclose(out);
}
"""

RUST = r"""
fn main() {
    let text = std::fs::read_to_string("hex0.hex0").unwrap();
    let digits: Vec<u32> = text.lines()
        .flat_map(|line| line.split(['#', ';']).next().unwrap().chars())
        .filter_map(|c| c.to_digit(16)).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|d| (d[0] * 16 + d[1]) as u8).collect();
    std::fs::write("out", bytes).unwrap();
}
"""

GO = r"""
package main

import ("encoding/hex"; "os"; "strings")

func main() {
	text, _ := os.ReadFile("digits")
	out, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil { panic(err) }
	os.WriteFile("out", out, 0o755)
}
"""

SMALL_C = r"""
char text[65536]; char out[4096];
int main(int argc, char **argv) {
  int file = sys(5, (int) "hex0.hex0", 0, 0); int length = sys(3, file, (int) text, 65536);
  int i; int n = 0; int value = 0;
  for (i = 0; i < length; i++) {
    int c = text[i];
    if (c == '#' || c == ';') while (text[i] != '\n') i++;
    if (c >= '0' && c <= '9') c -= '0';
    else if (c >= 'a' && c <= 'f') c -= 'a' - 10;
    else continue;
    value = value * 16 + c & 255;
    if (n++ % 2) out[n / 2 - 1] = value;
  }
  file = sys(8, (int) "out", 493, 0);
  return sys(4, file, (int) out, n / 2) != n / 2;
}
"""

STRIP = "sed 's/[;#].*//' hex0.hex0"
AWK = (STRIP + r""" | tr -cd '0-9a-f' | fold -w2 | %s '
{ v = (index("0123456789abcdef", substr($1, 1, 1)) - 1) * 16 + index("0123456789abcdef", substr($1, 2, 1)) - 1
  printf "\\%%03o", v }' | { read -r text; printf "$text"; } > out""")
SHELL = r"""
%s -c 'while IFS= read -r line; do
  line=${line%%%%[;#]*}
  for word in $line; do
    while [ -n "$word" ]; do
      rest=${word#??}; pair=${word%%"$rest"}; word=$rest
      o=$(printf %%03o "0x$pair"); printf "\\$o"
    done
  done
done < hex0.hex0 > out'
"""
OBJCOPY = r"""
%s -c '
n=0; for pair in $(fold -w2 digits); do
  sum=$(( (256 - (1 + n / 256 + n %% 256 + 0x$pair) %% 256) %% 256 ))
  printf ":01%%04X00%%s%%02X\n" $n $(echo $pair | tr a-f A-F) $sum; n=$((n + 1))
done > out.hex; echo ":00000001FF" >> out.hex'
objcopy -I ihex -O binary out.hex out
"""
LINK = " && ld -m elf_i386 -N -Ttext=0x08048000 -e 0 -o linked out.o && objcopy -O binary -j .text linked out"

# name, tools it needs, command
WITNESSES = [
    ("sed and xxd", ["sed", "xxd"], STRIP + " | xxd -r -p > out"),
    ("sed and basenc", ["sed", "basenc"], STRIP + " | tr -cd 0-9a-f | tr a-f A-F | basenc --base16 -d > out"),
    ("mawk", ["mawk"], AWK % "mawk"),
    ("gawk", ["gawk"], AWK % "gawk --posix"),
    ("busybox's awk", ["busybox"], AWK % "busybox awk"),
    ("busybox's xxd", ["busybox"], "busybox sed 's/[;#].*//' hex0.hex0 | busybox xxd -r -p > out"),
    ("POSIX sh, printf (dash)", ["dash"], SHELL % "dash"),
    ("POSIX sh, printf (bash)", ["bash"], SHELL % "bash --posix"),
    ("POSIX sh, printf (busybox)", ["busybox"], SHELL % "busybox sh"),
    ("perl", ["perl"], r"perl -ne 's/[;#].*//s; s/\s//g; print pack q(H*), $_' hex0.hex0 > out"),
    ("python", ["python3"], "python3 -c 'import re; open(\"out\", \"wb\").write(bytes.fromhex("
     "re.sub(\"[;#].*\", \"\", open(\"hex0.hex0\").read())))'"),
    ("node", ["node"], "node -e 'const f = require(\"fs\"); f.writeFileSync(\"out\", Buffer.from("
     "f.readFileSync(\"hex0.hex0\", \"utf8\").replace(/[;#].*/g, \"\").replace(/\\s/g, \"\"), \"hex\"))'"),
    ("ruby", ["ruby"], "ruby -e 'File.binwrite(\"out\", [File.read(\"hex0.hex0\").gsub(/[;#].*/, \"\").gsub(/\\s/, \"\")].pack(\"H*\"))'"),
    ("php", ["php"], "php -r 'file_put_contents(\"out\", hex2bin(preg_replace(\"/[;#].*|\\s/\", \"\", file_get_contents(\"hex0.hex0\"))));'"),
    ("lua", ["lua5.4"], "lua5.4 -e 'local t = io.open(\"digits\"):read(\"a\"); io.open(\"out\", \"wb\"):write((t:gsub(\"%s\", \"\")"
     ":gsub(\"..\", function(h) return string.char(tonumber(h, 16)) end)))'"),
    ("guile", ["guile"], "guile -c '(use-modules (ice-9 binary-ports) (ice-9 textual-ports)) (let* ((t (string-delete char-whitespace? "
     "(call-with-input-file \"digits\" get-string-all))) (n (quotient (string-length t) 2))) (call-with-output-file \"out\" (lambda (p) "
     "(do ((i 0 (1+ i))) ((= i n)) (put-u8 p (string->number (substring t (* 2 i) (+ 2 (* 2 i))) 16)))) #:binary #t))'"),
    ("sqlite", ["sqlite3"], "sqlite3 :memory: \"select writefile('out', x'$(tr -d '\\n' < digits)')\" > log"),
    ("objcopy from Intel HEX", ["objcopy"], OBJCOPY % "sh"),
    ("GNU as, .byte", ["as", "ld"], "as --32 -o out.o bytes.s" + LINK),
    ("GNU as, mnemonics", ["as", "ld"], "as --32 -o out.o hex0.s" + LINK),
    ("llvm-mc, mnemonics", ["llvm-mc", "ld"], "llvm-mc --triple=i386-linux --x86-asm-syntax=intel --filetype=obj -o out.o hex0.s" + LINK),
    ("llvm-mc, .byte", ["llvm-mc", "ld"], "llvm-mc --triple=i386-linux --filetype=obj -o out.o bytes.s" + LINK),
    ("nasm, mnemonics", ["nasm"], "{ echo 'bits 32'; sed 's/^[.]intel.*//; s/^[.]byte/db/' hex0.s; } > out.nasm && nasm -f bin -o out out.nasm"),
    ("yasm, mnemonics", ["yasm"], "{ echo 'bits 32'; sed 's/^[.]intel.*//; s/^[.]byte/db/' hex0.s; } > out.yasm && yasm -f bin -o out out.yasm"),
    ("fasm, mnemonics", ["fasm"], "{ echo 'use32'; sed 's/^[.]intel.*//; s/^[.]byte/db/' hex0.s; } > out.fasm && fasm out.fasm out > log"),
    ("C by tcc", ["tcc"], "tcc -o program program.c && ./program"),
    ("C by gcc", ["gcc"], "gcc -o program program.c && ./program"),
    ("C by clang", ["clang"], "clang -o program program.c && ./program"),
    ("Rust", ["rustc"], "rustc -o program program.rs && ./program"),
    ("Go", ["go"], "GOCACHE=$PWD GO111MODULE=off go run program.go"),
    ("itself", [], "CHAIN/hex0 hex0.hex0 out"),
    ("hex1 of the chain", [], "CHAIN/hex1 out hex0.hex0"),
    ("asm of the chain, .byte", [], "grep ^.byte bytes.s > b.asm && CHAIN/asm with bytes.asm 2> log || CHAIN/asm with b.asm && tail -c +117 with > out"),
    ("Small C of the chain", [], "CHAIN/scc program program.sc && ./program"),
    ("itself, in qemu-i386", ["qemu-i386"], "qemu-i386 CHAIN/hex0 hex0.hex0 out"),
]

if __name__ == "__main__":
    import shutil
    for name, tools, command in WITNESSES:
        missing = [tool for tool in tools if not shutil.which(tool)]
        print(f"{name}{' (not run here: no ' + ', '.join(missing) + ')' if missing else ''}\n    {command.strip()}")
