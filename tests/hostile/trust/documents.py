"""Statements, properly signed by a reproducer, that mean nothing or two things."""
import json
from vectors import bad_vote, good_vote
from world import DEFINITION, IMAGE, digest, dump, sign, vote

V = dump(vote())


def text(old, new):
    def make():
        assert old in V, old
        return sign("bob", V.replace(old, new, 1))
    return make


def value(change):
    def make():
        document = vote()
        change(document)
        return sign("bob", document)
    return make


stamp = lambda new: text(b'"timestamp":1799568000', b'"timestamp":' + new)
long = lambda size: sign("bob", dump(vote() | {"optional": vote()["optional"] | {"pad": "x" * (size - len(V) - 9)}}))
ours = lambda **members: value(lambda d: d["optional"]["cairn"].update(members))
deep = lambda n: text(b'"optional":{', b'"optional":{"deep":' + b"[" * n + b"]" * n + b",")

for name, make in {
    "a key twice in `cairn`": text(b'"role":"reproducer"', b'"role":"machine","role":"reproducer"'),
    "a key twice, once escaped": text(b'"role":"reproducer"', b'"role":"reproducer","\\u0072ole":"machine"'),
    "a key twice at the top": text(b'{"critical"', b'{"optional":{},"critical"'),
    "a key twice in `critical`": text(b'"type":', b'"type":"x","type":'),
    "a key twice in somebody else's member": text(b'"optional":{', b'"optional":{"x":{"a":1,"a":2},'),
    "a byte order mark": lambda: sign("bob", b"\xef\xbb\xbf" + V),
    "UTF-16": lambda: sign("bob", V.decode().encode("utf-16")),
    "invalid UTF-8": text(b"cairn 0.1.0", b"cairn \xff"),
    "overlong UTF-8": text(b"cairn 0.1.0", b"cairn \xc0\x80"),
    "a surrogate in UTF-8": text(b"cairn 0.1.0", b"cairn \xed\xa0\x80"),
    "a lone high surrogate": text(b"cairn 0.1.0", b"\\ud800"),
    "a lone low surrogate": text(b"cairn 0.1.0", b"\\udc00"),
    "surrogates in the wrong order": text(b"cairn 0.1.0", b"\\udc00\\ud800"),
    "a lone surrogate in a key": text(b'"optional":{', b'"optional":{"\\ud800":1,'),
    "a number beyond 64 bits": stamp(b"9223372036854775808"),
    "a number of ten thousand digits": stamp(b"1" * 10_000),
    "a fraction": stamp(b"1799568000.0"),
    "an exponent": stamp(b"1799568e3"),
    "an exponent beyond any number": text(b'"optional":{', b'"optional":{"x":1e999,'),
    "minus zero": text(b'"optional":{', b'"optional":{"x":-0,'),
    "a leading zero": stamp(b"01799568000"),
    "a plus sign": stamp(b"+1799568000"),
    "a negative time": stamp(b"-1"),
    "NaN": text(b'"optional":{', b'"optional":{"x":NaN,'),
    "Infinity": text(b'"optional":{', b'"optional":{"x":Infinity,'),
    "a time in quotes": stamp(b'"1799568000"'),
    "a time that is true": stamp(b"true"),
    "a time that is null": stamp(b"null"),
    "nesting of 63 in `optional`": deep(63),
    "nesting of fifty thousand": lambda: sign("bob", b"[" * 50_000),
    "a second document": lambda: sign("bob", V + b"{}"),
    "a zero byte after the document": lambda: sign("bob", V + b"\0"),
    "a comma after the last member": lambda: sign("bob", V[:-1] + b",}"),
    "a comment": lambda: sign("bob", V + b"// no"),
    "single quotes": lambda: sign("bob", V.replace(b'"', b"'")),
    "a raw line break in a string": text(b"cairn 0.1.0", b"cairn\n0.1.0"),
    "a form feed between members": text(b'"optional":{', b'"optional":{\x0c'),
    "a control character in a text": text(b"cairn 0.1.0", b"cairn\\u0007"),
    "a zero character in a text": text(b"linux/amd64", b"linux/amd64\\u0000"),
    "DEL in a text": text(b"cairn 0.1.0", b"cairn \x7f"),
    "a C1 control in a text": text(b"cairn 0.1.0", b"cairn \xc2\x85"),
    "an unknown escape": text(b"cairn 0.1.0", b"cairn\\x20"),
    "an empty document": lambda: sign("bob", b" "),
    "a document of two braces": lambda: sign("bob", b"{}"),
    "an array": lambda: sign("bob", b"[" + V + b"]"),
    "a string": lambda: sign("bob", b'"' + b"x" * 20 + b'"'),
    "null": lambda: sign("bob", b"null"),
    "one byte more than 64 KiB": lambda: long((64 << 10) + 1),
    "an unknown member in `critical`": value(lambda d: d["critical"].update(x=1)),
    "an unknown member in `identity`": value(lambda d: d["critical"]["identity"].update(x=1)),
    "an unknown member in `image`": value(lambda d: d["critical"]["image"].update(x=1)),
    "an unknown member at the top": value(lambda d: d.update(x=1)),
    "an unknown member in `cairn`": ours(x=1),
    "a member `cairn` at the top": value(lambda d: d.update(cairn={"type": "review"})),
    "no `optional`": value(lambda d: d.pop("optional")),
    "no `cairn` in `optional`": value(lambda d: d["optional"].pop("cairn")),
    "no creator": value(lambda d: d["optional"].pop("creator")),
    "no timestamp": value(lambda d: d["optional"].pop("timestamp")),
    "no engine": value(lambda d: d["optional"]["cairn"].pop("engine")),
    "no definition": value(lambda d: d["optional"]["cairn"].pop("definition")),
    "no identity": value(lambda d: d["critical"].pop("identity")),
    "a cosign payload's type": value(lambda d: d["critical"].update(type="cosign container image signature")),
    "an unknown role": ours(role="root"),
    "a role in capitals": ours(role="Reproducer"),
    "a name without a group": ours(name="zlib"),
    "a name that climbs": ours(name="core/../zlib"),
    "a name in capitals": ours(name="core/Zlib"),
    "an engine that is a list": ours(engine=["embedded"]),
    "a digest in capitals": text(IMAGE.encode(), b"sha256:" + IMAGE[7:].upper().encode()),
    "a digest cut short": text(IMAGE.encode(), IMAGE[:-1].encode()),
    "a digest too long": text(IMAGE.encode(), IMAGE.encode() + b"0"),
    "a digest of SHA-512": text(IMAGE.encode(), b"sha512:" + b"0" * 128),
    "a digest that is a path": text(IMAGE.encode(), b"sha256:../../x"),
    "a digest without its algorithm": text(IMAGE.encode(), IMAGE[7:].encode()),
    "a digest and a line break": text(IMAGE.encode(), IMAGE.encode() + b"\\n"),
    "a definition in other digits": text(DEFINITION.encode(), b"sha256:" + "\u0661".encode() * 64),
}.items():
    bad_vote(name, make)

for name, make in {
    "white space between tokens": lambda: sign("bob", json.dumps(vote(), indent=2).encode() + b"\r\n\t "),
    "another order of members": value(lambda d: d.update(critical=d.pop("critical"))),
    "an unknown member in `optional`": value(lambda d: d["optional"].update(x={"y": [None, True]})),
    "an escaped letter": text(b'"role"', b'"\\u0072ole"'),
    "a pair of surrogates": text(b"cairn 0.1.0", b"\\ud83d\\ude00"),
    "a statement of exactly 64 KiB": lambda: long(64 << 10),
    "nesting of 62 in `optional`": deep(62),
    "the smallest number": text(b'"optional":{', b'"optional":{"x":-9223372036854775808,'),
}.items():
    good_vote(name, make)
