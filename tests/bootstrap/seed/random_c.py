"""Random Small C programs whose meaning C defines, given -fwrapv.

No expression both changes a variable and reads it elsewhere, divisors are never
0 or -1, shift counts stay below 32, every loop has a counter of its own, array
indices are masked. So two right compilers print the same.
"""

import random

PRELUDE = """
int sys(int number, int a, int b, int c);
enum { ZERO, SEVEN = 7, EIGHT, MASK = (1 << 4) - 1 | 0x10 };
struct node { int value; char *text; struct node *next; int *where; };
int ga; int gb; char gc; int numbers[16]; char letters[16]; char *words[4];
struct node *chain; char room[256]; char line[16];
int fuel;
void print(int n) {
  int i = 15; int negative = n < 0; line[15] = '\\n';
  do { int d = n % 10; line[i -= 1] = '0' + (d < 0 ? -d : d); n /= 10; } while (n);
  if (negative) line[--i] = '-';
  sys(4, 1, (int)(line + i), 16 - i);
}
int twice(int n) { return n + n; }
int pick(int n, char *s, char c) { return s[n & 3] + c; }
char narrow(int n) { return n; }
"""

MAIN = """
int main(int argc, char **argv) {
  int i; struct node *n;
  words[0] = "zero"; words[1] = "one!"; words[2] = "two?"; words[3] = "tri";
  n = (struct node *) room;
  for (i = 0; i < 4; i++) {
    n->value = i * 1000; n->text = words[i]; n->where = &numbers[i * 3];
    n->next = i == 3 ? (struct node *) room : n + 1; n = n->next;
  }
  chain = (struct node *) room;
  for (i = 0; i < 16; i++) { numbers[i] = i * i - 50; letters[i] = i * 17; }
%s
  for (i = 0; i < 16; i++) { print(numbers[i]); print(letters[i]); }
  print(ga); print(gb); print(gc);
  return 0;
}
"""


class Writer:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.counters = 0
        self.scalars = ["ga", "gb", "gc", "a", "b", "c", "x", "y"]

    def constant(self):
        return self.r.choice(["0", "1", "2", "-1", "7", "100", "127", "128", "255", "-129", "65535",
                              "0x7fffffff", "-0x7fffffff", "1103515245", "'a'", "'\\n'", "SEVEN",
                              "EIGHT", "MASK", "(int) sizeof(int)", "(int) sizeof(char)",
                              "(int) sizeof(char *)", "(int) sizeof(struct node)", str(self.r.randrange(-99999, 99999))])

    def place(self, depth):
        r = self.r
        return r.choice([
            lambda: r.choice(self.scalars),
            lambda: f"numbers[({self.expression(depth - 1)}) & 15]",
            lambda: f"letters[({self.expression(depth - 1)}) & 15]",
            lambda: f"*(numbers + (({self.expression(depth - 1)}) & 15))",
            lambda: f"p[{r.randrange(-3, 9)}]", lambda: f"*(p + {r.randrange(8)})",
            lambda: f"q[{r.randrange(-3, 9)}]", lambda: f"numbers[{r.randrange(16)}]",
            lambda: "chain->value", lambda: "chain->next->value", lambda: "*chain->next->where",
            lambda: f"chain->where[{r.randrange(4)}]", lambda: "(*&chain)->next->next->value",
        ])()

    def expression(self, depth):
        r = self.r
        if depth <= 0:
            return r.choice([self.constant, lambda: r.choice(self.scalars)])()
        e = lambda: self.expression(depth - 1)
        return r.choice([
            lambda: f"({e()} {r.choice(['+', '-', '*', '&', '|', '^'])} {e()})",
            lambda: f"{e()} {r.choice(['+', '-', '*', '&', '|', '^'])} ({e()})",
            lambda: f"({e()} {r.choice(['/', '%'])} {r.choice([3, 10, 16, 1000, -7])})",
            lambda: f"(({e()}) {r.choice(['/', '%'])} ((({e()}) & 255) + 1))",
            lambda: f"({e()} {r.choice(['<<', '>>'])} {r.randrange(31)})",
            lambda: f"(({e()}) {r.choice(['<<', '>>'])} (({e()}) & 15))",
            lambda: f"({e()} {r.choice(['==', '!=', '<', '>', '<=', '>='])} {e()})",
            lambda: f"({e()} {r.choice(['&&', '||'])} {e()})",
            lambda: f"({e()} ? {e()} : {e()})",
            lambda: f"{r.choice(['-', '~', '!', '(char) ', '(int) '])}({e()})",
            lambda: self.place(depth),
            lambda: f"{r.choice(['twice', 'narrow'])}({e()})",
            lambda: f"pick({e()}, {r.choice(['words[1]', 'chain->text', '%cabcd%c' % (34, 34)])}, {e()})",
            lambda: f"({r.choice(['p', '&numbers[5]', 'chain->where'])} "
                    f"{r.choice(['==', '!='])} {r.choice(['p', 'numbers', '&numbers[3]', '0'])})",
            lambda: f"(q + {r.randrange(4)} - q)",
        ])()

    def assignment(self):
        r = self.r
        target = self.place(1)
        return r.choice([
            lambda: f"{target} = {self.expression(3)}",
            lambda: f"{target} {r.choice(['+=', '-=', '*=', '&=', '|=', '^='])} {self.expression(2)}",
            lambda: f"{target} {r.choice(['/=', '%='])} {r.choice([3, 10, -7])}",
            lambda: f"{target} {r.choice(['<<=', '>>='])} {r.randrange(16)}",
            lambda: f"({target}){r.choice(['++', '--'])}", lambda: f"{r.choice(['++', '--'])}{target}",
            lambda: f"x = {r.choice(['a', 'c', 'gc', 'numbers[3]'])}{r.choice(['++', '--'])}",
            lambda: f"y = {r.choice(['++', '--'])}{r.choice(['b', 'c', 'letters[9]', 'chain->value'])}",
            lambda: f"a = b = {self.expression(2)}", lambda: f"c = gc = {self.expression(2)}",
            lambda: f"p = numbers + {r.randrange(3, 8)}", lambda: f"q = &letters[{r.randrange(3, 8)}]",
            lambda: "chain = chain->next",
        ])()

    def loop_counter(self):
        self.counters += 1
        return f"i{self.counters}"

    def statement(self, depth, loop):
        r = self.r
        if depth <= 0:
            return f"{self.assignment()};"
        s = lambda inner=loop: self.statement(depth - 1, inner)

        def counted(form):
            i = self.loop_counter()
            return form(i, r.randrange(1, 5))

        choices = [
            lambda: f"{self.assignment()};",
            lambda: f"print({self.expression(3)});",
            lambda: f"{{ {s()} {s()} {s()} }}",
            lambda: f"if ({self.expression(2)}) {s()}",
            lambda: f"if ({self.expression(2)}) {s()} else {s()}",
            lambda: counted(lambda i, n: f"{{ int {i} = {n}; while ({i}-- > 0) {{ if (fuel-- < 0) break; {s('loop')} }} }}"),
            lambda: counted(lambda i, n: f"{{ int {i} = 0; do {{ if (fuel-- < 0) break; {s('loop')} }} while (++{i} < {n}); }}"),
            lambda: counted(lambda i, n: f"{{ int {i}; for ({i} = 0, y = 1; {i} < {n}; {i}++, y <<= 1) {{ if (fuel-- < 0) break; {s('loop')} }} }}"),
            lambda: counted(lambda i, n: f"{{ int {i} = 0; for (;;) {{ if ({i}++ > {n} || fuel-- < 0) break; {s('loop')} }} }}"),
        ]
        if loop:
            choices.append(lambda: f"if ({self.expression(1)}) break;")
        if loop == "loop":
            choices.append(lambda: f"if ({self.expression(1)}) continue;")
        return r.choice(choices)()

    def function(self, name):
        body = "\n  ".join(self.statement(3, "") for _ in range(6))
        return (f"int {name}(int a, int b, char c) {{\n  int x = a; char y = b;\n"
                f"  int *p = numbers + 4; char *q = letters + 5;\n  {body}\n"
                f"  if (x > y) return {self.expression(2)};\n  return {self.expression(3)};\n}}\n")

    def program(self, functions):
        text = [PRELUDE]
        calls = []
        for i in range(functions):
            text.append(self.function(f"f{i}"))
            calls.append(f"  fuel = 200; print(f{i}({self.constant()}, {self.constant()}, {self.constant()}));")
        return "".join(text) + MAIN % "\n".join(calls)
