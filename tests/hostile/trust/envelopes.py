"""Signature files: what is not exactly one signed message by a known key is no vote."""
import bz2, zlib
from vectors import BOB, KIM, bad_vote, good_vote, vector
from world import (FOLDER, digest, dump, gpg, gpg_key, gpg_sign, sign, ssh_key, ssh_sign, verify, vote)

V = dump(vote())
K = dump(vote(cpu="AuthenticAMD"))
message = lambda: gpg_sign("bob", V)
parts = lambda: verify.packets(message())


def joined(packets):
    return b"".join(verify.packet(tag, body) for tag, body in packets)


def only(*order):
    return lambda: joined([parts()[i] for i in order])


def changed(index, change):
    """One packet of the message, otherwise."""
    def make():
        found = parts()
        found[index] = (found[index][0], change(found[index][1]))
        return joined(found)
    return make


def signature_with(change):
    """The signature packet's fields: head, hashed area, unhashed area, rest."""
    def apply(body):
        hashed = int.from_bytes(body[4:6], "big")
        at = 6 + hashed
        unhashed = int.from_bytes(body[at:at + 2], "big")
        fields = change(body[:4], body[6:at], body[at + 2:at + 2 + unhashed], body[at + 2 + unhashed:])
        head, first, second, rest = fields
        return head + len(first).to_bytes(2, "big") + first + len(second).to_bytes(2, "big") + second + rest
    return changed(2, apply)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def issuer(who):
    return bytes([22, 33, 4]) + bytes.fromhex(gpg_key(who))


def forged():
    return gpg_sign("mallory", V).replace(bytes.fromhex(gpg_key("mallory")), bytes.fromhex(gpg_key("bob")))


compressed = lambda how, data: verify.packet(8, how + data)

for name, make in {
    "an armored message": lambda: gpg_sign("bob", V, "--armor"),
    "a detached signature": lambda: gpg_sign("bob", V, mode="--detach-sign"),
    "a clear-signed text": lambda: gpg_sign("bob", V, mode="--clear-sign"),
    "two signers in one message": lambda: gpg_sign("bob", V, "--local-user", gpg_key("dan")),
    "a text-mode signature": lambda: gpg_sign("bob", V, "--textmode"),
    "a zero byte after the end": lambda: message() + b"\0",
    "a line break after the end": lambda: message() + b"\n",
    "a second literal after the end": lambda: message() + verify.packet(11, b"b\0\0\0\0\0{}"),
    "a marker packet before": lambda: verify.packet(10, b"PGP") + message(),
    "a marker packet after": lambda: message() + verify.packet(10, b"PGP"),
    "a padding packet after": lambda: message() + verify.packet(21, b"\0" * 8),
    "an unknown packet before": lambda: verify.packet(60, b"x") + message(),
    "an unknown packet between": lambda: joined([parts()[0], (60, b"x"), *parts()[1:]]),
    "a critical unknown packet": lambda: joined([(39, b"x"), *parts()]),
    "two messages in one file": lambda: message() + message(),
    "the same signature twice in one message": only(0, 0, 1, 2, 2),
    "only the signature packet": only(2),
    "only the literal packet": only(1),
    "no signature packet": only(0, 1),
    "no literal packet": only(0, 2),
    "the literal before its signature": only(1, 2),
    "two literals": only(0, 1, 1, 2),
    "a message cut in half": lambda: message()[:len(message()) // 2],
    "a message cut by one byte": lambda: message()[:-1],
    "an empty file": lambda: b"",
    "one zero byte": lambda: b"\0",
    "a line break alone": lambda: b"\n",
    "a kilobyte of 0xff": lambda: b"\xff" * 1024,
    "a bare statement": lambda: V,
    "a flipped bit in the payload": lambda: flip(message(), message().index(b"zlib")),
    "a flipped bit in the signature": lambda: flip(message(), len(message()) - 5),
    "a flipped bit in the signature's digest prefix": signature_with(lambda h, a, b, r: (h, a, b, flip(r, 0))),
    "a signature with SHA-1": lambda: gpg_sign("rsa", V, algorithm="rsa3072", digest="SHA1"),
    "a signature with RIPEMD-160": lambda: gpg_sign("bob", V, digest="RIPEMD160"),
    "a signature with SHA-224": lambda: gpg_sign("rsa", V, algorithm="rsa3072", digest="SHA224"),
    "a signature with SHA-384, which the policy lacks": lambda: gpg_sign("bob", V, digest="SHA384"),
    "a hash number that nobody has": changed(2, lambda b: b[:3] + b"\x63" + b[4:]),
    "MD5 in the hash field": changed(2, lambda b: b[:3] + b"\x01" + b[4:]),
    "a stranger's signature": lambda: gpg_sign("mallory", V),
    "a stranger's signature under another's fingerprint": forged,
    "another statement under a good signature": changed(1, lambda b: b[:6 + b[1]] + dump(vote(kernel="6.13"))),
    "a version 3 signature": changed(2, lambda b: b"\x03" + b[1:]),
    "a version 5 signature": changed(2, lambda b: b"\x05" + b[1:]),
    "a version 6 signature": changed(2, lambda b: b"\x06" + b[1:]),
    "a signature over text by its type": changed(2, lambda b: b[:1] + b"\x01" + b[2:]),
    "a certification in place of a signature": changed(2, lambda b: b[:1] + b"\x13" + b[2:]),
    "a standalone signature": changed(2, lambda b: b[:1] + b"\x02" + b[2:]),
    "no issuer fingerprint": signature_with(lambda h, a, b, r: (h, a.replace(issuer("bob"), b""), b, r)),
    "two issuer fingerprints": signature_with(lambda h, a, b, r: (h, a, b + issuer("bob"), r)),
    "a second issuer fingerprint, of another": signature_with(lambda h, a, b, r: (h, a, b + issuer("dan"), r)),
    "a subpacket longer than its area": signature_with(lambda h, a, b, r: (h, a, b + b"\x40\x02", r)),
    "a subpacket of length zero": signature_with(lambda h, a, b, r: (h, a, b + b"\0", r)),
    "a text literal": changed(1, lambda b: b"t" + b[1:]),
    "a UTF-8 literal": changed(1, lambda b: b"u" + b[1:]),
    "a MIME literal": changed(1, lambda b: b"m" + b[1:]),
    "a literal whose name is longer than itself": changed(1, lambda b: b"b\xff\0\0\0\0{}"),
    "a message compressed with ZIP": lambda: gpg_sign("bob", V, compress="ZIP"),
    "a message compressed with ZLIB": lambda: gpg_sign("bob", V, compress="ZLIB"),
    "a message compressed with BZip2": lambda: gpg_sign("bob", V, compress="BZIP2"),
    "a message in an uncompressed packet": lambda: compressed(b"\0", message()),
    "compressed twice": lambda: compressed(b"\0", compressed(b"\0", message())),
    "compressed by an unknown method": lambda: compressed(b"\x09", message()),
    "a compressed packet without a byte": lambda: verify.packet(8, b""),
    "a compressed stream cut short": lambda: compressed(b"\x02", zlib.compress(message())[:-20]),
    "bytes after the compressed stream": lambda: compressed(b"\x02", zlib.compress(message()) + b"more"),
    "a second packet after the compressed one": lambda: compressed(b"\0", message()) + verify.packet(10, b"PGP"),
    "a zlib bomb of 100 MB": lambda: compressed(b"\x02", zlib.compress(b"\0" * 100_000_000, 9)),
    "a bzip2 bomb of 100 MB": lambda: compressed(b"\x03", bz2.compress(b"\0" * 100_000_000)),
    "ten thousand marker packets": lambda: verify.packet(10, b"PGP") * 10_000 + message(),
    "a packet longer than the file": lambda: b"\xcb\xff\xff\xff\xff\xff" + V,
    "a certificate in place of a signature": lambda: gpg("--export", gpg_key("bob")),
    "a subkey's signature": lambda: subkey_signature(),
    "a critical notation that nobody knows": lambda: gpg_sign("bob", V, "--sig-notation", "!x@example.org=y"),
}.items():
    bad_vote(name, make)


def subkey_signature():
    return gpg("--local-user", subkey() + "!", "--compress-algo", "none", "--digest-algo", "SHA512", "--sign", "--output", "-", data=V)


def subkey():
    if not hasattr(subkey, "made"):
        gpg("--quick-add-key", gpg_key("bob"), "ed25519", "sign", "never")
        listing = gpg("--with-colons", "--list-keys", gpg_key("bob")).decode()
        subkey.made = [line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr")][1]
    return subkey.made


for name, make in {
    "a signature before its literal": only(2, 1),
    "a message with SHA-256": lambda: gpg_sign("bob", V, digest="SHA256"),
    "a literal with a name": changed(1, lambda b: b"b\x04name\0\0\0\0" + b[6 + b[1]:]),
    "a message whose one-pass packet says nonsense": changed(0, lambda b: b[:4] + b"\0" * 8 + b[12:]),
    "a signature whose own expiry is over": lambda: gpg_sign("bob", V, "--faked-system-time", "20260201T000000", "--default-sig-expire", "1"),
    "a signature with a notation": lambda: gpg_sign("bob", V, "--sig-notation", "x@example.org=y"),
    "a signature whose unhashed key id is another's": signature_with(lambda h, a, b, r: (h, a, b"\x09\x10" + b"\0" * 8, r)),
    "a signature without a key id": signature_with(lambda h, a, b, r: (h, a, b"", r)),
}.items():
    good_vote(name, make)


# SSH. kim's is the third vote and the second CPU vendor.

def ssh_file(line=K, who="kim", namespace="cairn", *options):
    return line + b"\n" + ssh_sign(who, line + b"\n", namespace, *options)


def armor_with(change):
    return lambda: K + b"\n" + change(ssh_sign("kim", K + b"\n"))


for name, make in {
    "an SSH signature for git": lambda: ssh_file(K, "kim", "git"),
    "an SSH signature for files": lambda: ssh_file(K, "kim", "file"),
    "an SSH signature for cairn2": lambda: ssh_file(K, "kim", "cairn2"),
    "an SSH signature by a stranger": lambda: ssh_file(K, "mallory-ssh"),
    "an SSH signature over another statement": lambda: K + b"\n" + ssh_sign("kim", dump(vote()) + b"\n"),
    "an SSH signature without the line break": lambda: K + b"\n" + ssh_sign("kim", K),
    "an SSH signature over a file of two lines": lambda: K + b"\n{}\n" + ssh_sign("kim", K + b"\n{}\n"),
    "an SSH file without a signature": lambda: K + b"\n",
    "an SSH statement without a line break": lambda: K,
    "text after the SSH armor": armor_with(lambda a: a + b"more\n"),
    "a line break after the SSH armor": armor_with(lambda a: a + b"\n"),
    "no line break after the SSH armor": armor_with(lambda a: a[:-1]),
    "text before the SSH armor": armor_with(lambda a: b"more\n" + a),
    "an empty line before the SSH armor": armor_with(lambda a: b"\n" + a),
    "a header in the SSH armor": armor_with(lambda a: a.replace(b"-----\n", b"-----\nComment: x\n", 1)),
    "two SSH signatures": armor_with(lambda a: a + a),
    "SSH armor with CRLF": armor_with(lambda a: a.replace(b"\n", b"\r\n")),
    "SSH armor with a space": armor_with(lambda a: a.replace(b"U1NI", b"U1 NI", 1)),
    "SSH armor in one line too few": armor_with(lambda a: b"\n".join(a.split(b"\n")[:2] + a.split(b"\n")[3:])),
    "SSH armor without its end": armor_with(lambda a: a.split(b"-----END")[0]),
    "SSH armor of another kind": armor_with(lambda a: a.replace(b"SSH SIGNATURE", b"PGP SIGNATURE")),
    "a flipped bit in an SSH signature": armor_with(lambda a: a[:-60] + (b"A" if a[-60:-59] != b"A" else b"B") + a[-59:]),
    "an SSH signature with SHA-384": lambda: K + b"\n" + b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n",
    "a CRLF after the SSH statement": lambda: K + b"\r\n" + ssh_sign("kim", K + b"\n"),
    "a space before an SSH statement": lambda: b" " + ssh_file(),
    "an SSH statement that is no JSON": lambda: ssh_file(b"{no"),
}.items():
    bad_vote(name, make, KIM)

vector("an SSH signature with SHA-256 is a vote", None,
       lambda t: t.put(KIM, ssh_file(K, "kim", "cairn", "-O", "hashalg=sha256")))
vector("an SSH signature in the place of an OpenPGP one", None,
       lambda t: t.put(FOLDER + "a.sig", ssh_file()).drop(KIM))
