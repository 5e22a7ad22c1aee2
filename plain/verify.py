#!/usr/bin/env python3
"""plain/verify.py: may this image be used? A second verifier, written from docs/trust.md.

    verify.py TREE NAME VERSION DEFINITION IMAGE PLATFORM NOW [ROOT [SNAPSHOT]]

ROOT and SNAPSHOT are what a client remembers, NUMBER:sha256:HEX, or `-`. It prints
`accepted`, or `refused` and the reasons, and ends with 0 or 4. It needs Python 3.11, gpgv
and ssh-keygen, shares no line with cairn, and is meant to be read in one sitting.
"""
import base64, datetime, hashlib, json, os, re, stat, struct, subprocess, sys
import tempfile, tomllib, unicodedata

KIB64, MIB4, DAY = 64 << 10, 4 << 20, 86400
FILE, TRUST_FILE, SIGNATURES = MIB4 + (16 << 10), 1 << 20, 256
HASHES = {8: "sha256", 9: "sha384", 10: "sha512"}
CURVES = {"2b06010401da470f01": "ed25519", "2a8648ce3d030107": "p256", "2b81040022": "p384"}
SSH = ["ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-rsa"]
ROLES = ["maintainer", "reviewer", "reproducer", "machine", "root"]


class Refused(Exception):
    """Why something is not used."""


def need(holds, why):
    if not holds:
        raise Refused(why)


# Files.

def read(path, limit):
    """A regular file of at most `limit` bytes, opened once; links are not followed."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:
        need(stat.S_ISREG(os.fstat(fd).st_mode), f"{path} is not a regular file")
        data = file.read(limit + 1)
    need(len(data) <= limit, f"{path} is longer than {limit} bytes")
    return data


def names(folder):
    try:
        return sorted(name.decode("utf-8") for name in os.listdir(os.fsencode(folder)))
    except FileNotFoundError:
        return []


def numbered(folder):
    found = names(folder)
    need(all(re.fullmatch(r"[1-9][0-9]*", n) and int(n) < 1 << 63 for n in found), f"{folder}: not only numbers")
    return sorted(map(int, found))


# JSON and statements.

def integer(text):
    need(text != "-0" and len(text) < 21 and -1 << 63 <= int(text) < 1 << 63, "JSON: no 64-bit integer")
    return int(text)


def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "JSON: a key comes twice")
    return dict(pairs)


def refuse(what):
    raise Refused(f"JSON: {what} is no integer")


def load_json(data):
    text, depth = data.decode("utf-8"), 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        need(depth <= 64, "JSON: nested too deep")
    value = json.loads(text, object_pairs_hook=unique, parse_int=integer, parse_float=refuse, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate fails here
    return value


def is_text(v):
    return isinstance(v, str) and not any(unicodedata.category(c) == "Cc" for c in v)


def is_digest(v):
    return isinstance(v, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", v) is not None


def is_package(v):
    return isinstance(v, str) and re.fullmatch(r"[a-z][a-z0-9]*/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*", v) is not None


def is_number(v):
    return type(v) is int and v >= 0


def is_strings(v):
    return isinstance(v, list) and all(isinstance(s, str) for s in v)


def is_sorted(keys):
    return all(a < b for a, b in zip(keys, keys[1:]))


def members(value, kinds, where):
    """An object with exactly these members, each of its kind."""
    need(isinstance(value, dict) and set(value) == set(kinds), f"{where}: members missing or unknown")
    for name, kind in kinds.items():
        need(kind(value[name]), f"{where}.{name}: not what it must be")
    return value


def anything(_):
    return True


HOST = dict(engine=is_text, cpu=is_text, distribution=is_text, kernel=is_text)
OPINION = dict(type=is_text, name=is_package, definition=is_digest, timestamp=is_number)
ENTRY = dict(name=is_package, version=is_text, definition=is_digest, platform=is_text, image=is_digest)
KINDS = {
    "maintainer": OPINION,
    "review": OPINION,
    "dispute": OPINION | HOST | dict(platform=is_text, expected=is_digest, got=is_digest, files=is_strings),
    "settlement": dict(type=is_text, definition=is_digest, platform=is_text, image=is_digest, timestamp=is_number),
    "snapshot": dict(type=is_text, number=is_number, created=is_number, expires=is_number,
                     entries=lambda v: isinstance(v, list)),
    "root": dict(type=is_text, version=is_number, expires=is_number, threshold=is_number,
                 people=lambda v: isinstance(v, list), files=lambda v: isinstance(v, list)),
}


def statement(data):
    need(len(data) <= MIB4, "statement: too long")
    value = load_json(data)
    need(isinstance(value, dict), "statement: must be an object")
    if "cairn" not in value:
        need(len(data) <= KIB64, "statement: too long")
        return reproduction(value)
    cairn = members(value, {"cairn": lambda v: isinstance(v, dict)}, "statement")["cairn"]
    kind = cairn.get("type")
    need(isinstance(kind, str) and kind in KINDS, "cairn.type: no kind of statement")
    need(len(data) <= KIB64 or kind in ("snapshot", "root"), "statement: too long")
    members(cairn, KINDS[kind], kind)
    if kind == "dispute":
        need(cairn["expected"] != cairn["got"] and len(cairn["files"]) <= 1000, "dispute: got or files")
    if kind == "snapshot":
        entries = [members(e, ENTRY, "entry") for e in cairn["entries"]]
        need(is_sorted([(e["name"], e["platform"]) for e in entries]), "snapshot: not sorted")
        need(cairn["number"] >= 1 and cairn["expires"] > cairn["created"], "snapshot: number or expires")
    if kind == "root":
        people = [members(p, dict(person=is_text, keys=is_strings), "people") for p in cairn["people"]]
        files = [members(f, dict(path=is_text, sha256=is_digest), "files") for f in cairn["files"]]
        keys = [key for p in people for key in p["keys"]]
        need(all(p["keys"] for p in people) and len(set(keys)) == len(keys), "root: keys")
        need(is_sorted([p["person"] for p in people]) and is_sorted([f["path"] for f in files]), "root: not sorted")
        need(1 <= cairn["threshold"] <= len(people) and cairn["version"] >= 1, "root: threshold or version")
    return cairn


def reproduction(value):
    top = members(value, dict(critical=anything, optional=lambda v: isinstance(v, dict)), "statement")
    critical = members(top["critical"], dict(identity=anything, image=anything, type=is_text), "critical")
    need(critical["type"] == "atomic container signature", "critical.type")
    reference = members(critical["identity"], {"docker-reference": is_text}, "identity")["docker-reference"]
    image = members(critical["image"], {"docker-manifest-digest": is_digest}, "image")["docker-manifest-digest"]
    optional = top["optional"]
    need(is_text(optional.get("creator")) and is_number(optional.get("timestamp")), "optional: creator or timestamp")
    kinds = HOST | dict(role=is_text, name=is_package, version=is_text, definition=is_digest, platform=is_text)
    cairn = members(optional.get("cairn"), kinds, "optional.cairn")
    need(cairn["role"] in ("reproducer", "machine"), "optional.cairn.role")
    return dict(cairn, type="reproduction", reference=reference, image=image, timestamp=optional["timestamp"])


def snapshot_digest(s):
    order = ["name", "version", "definition", "platform", "image"]
    entries = [{name: e[name] for name in order} for e in s["entries"]]
    plain = {"cairn": {k: s[k] for k in ("type", "number", "created", "expires")} | {"entries": entries}}
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    text = re.sub("[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


# OpenPGP: the packets here, the arithmetic in gpgv.

def packets(data):
    found, at = [], 0
    while at < len(data):
        need(len(found) < 400 and data[at] & 0x80, "OpenPGP: no packet")
        new, body = data[at] & 0x40, b""
        tag = data[at] & 0x3F if new else (data[at] >> 2) & 0xF
        size, more, at = data[at] & 3, True, at + 1
        while more:
            more = False
            if not new:
                width = (1, 2, 4, 0)[size]
                need(width or tag in (8, 11), "OpenPGP: length")
                length = int.from_bytes(data[at:at + width], "big") if width else len(data) - at
                at += width
            else:
                need(at < len(data), "OpenPGP: cut short")
                first = data[at]
                if first < 192:
                    length, at = first, at + 1
                elif first < 224:
                    length, at = (first - 192 << 8) + int.from_bytes(data[at + 1:at + 2], "big") + 192, at + 2
                elif first == 255:
                    length, at = int.from_bytes(data[at + 1:at + 5], "big"), at + 5
                else:
                    need(tag in (8, 11), "OpenPGP: partial length")
                    length, at, more = 1 << (first & 31), at + 1, True
            need(at + length <= len(data), "OpenPGP: cut short")
            body, at = body + data[at:at + length], at + length
        found.append((tag, body))
    return found


def packet(tag, body):
    return bytes([0xC0 | tag, 0xFF]) + struct.pack(">I", len(body)) + body


def certificate(data, policy):
    """The fingerprint of the first primary key, and its certificate for gpgv."""
    begin = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"
    if data.lstrip().startswith(begin):
        lines = [line.strip() for line in data.lstrip().split(b"\n")]
        body = lines[lines.index(b"") + 1:lines.index(b"-----END PGP PUBLIC KEY BLOCK-----")]
        data = base64.b64decode(b"".join(line for line in body if not line.startswith(b"=")), validate=True)
    all_of_them = packets(data)
    need(all_of_them and all_of_them[0][0] == 6 and all_of_them[0][1][:1] == b"\x04", "no version 4 certificate")
    key = all_of_them[0][1]
    if key[5] in (1, 2, 3):
        name, bits = "rsa", int.from_bytes(key[8:8 + (int.from_bytes(key[6:8], "big") + 7) // 8], "big").bit_length()
    else:
        curve = CURVES.get(key[7:7 + key[6]].hex()) if key[5] in (19, 22) else {27: "ed25519"}.get(key[5])
        name, bits = curve if (key[5] == 19) == (curve in ("p256", "p384")) else None, 1 << 20
    need(name in policy["openpgp"] and bits >= policy["rsa-minimum-bits"], f"an OpenPGP {name} key, {bits} bits")
    rest = next((i for i, (tag, _) in enumerate(all_of_them) if i and tag == 6), len(all_of_them))
    fingerprint = hashlib.sha1(b"\x99" + struct.pack(">H", len(key)) + key).hexdigest()
    return fingerprint, b"".join(packet(tag, body) for tag, body in all_of_them[:rest])


def subpackets(area):
    while area:
        width = 1 if area[0] < 192 else 5 if area[0] == 255 else 2
        length = area[0] if width == 1 else int.from_bytes(area[1:5], "big")
        if width == 2:
            length = (area[0] - 192 << 8) + area[1] + 192
        need(length and width + length <= len(area), "OpenPGP: subpacket")
        yield area[width] & 0x7F, area[width + 1:width + length]
        area = area[width + length:]


def open_openpgp(data, keys, policy):
    found = packets(data)
    tags = [tag for tag, _ in found]
    need(tags in ([4, 11, 2], [2, 11]), "OpenPGP: not one signed message")
    (literal,), (signature,) = ([body for tag, body in found if tag == wanted] for wanted in (11, 2))
    need(literal[:1] == b"b" and len(literal) >= 6 + literal[1], "OpenPGP: the literal must be binary")
    payload = literal[6 + literal[1]:]
    need(len(payload) <= MIB4, "OpenPGP: too long")
    need(signature[:2] == b"\x04\x00", "OpenPGP: not a version 4 signature over binary data")
    need(HASHES.get(signature[3]) in policy["hashes"], "OpenPGP: the hash is not allowed")
    hashed = 6 + int.from_bytes(signature[4:6], "big")
    unhashed = hashed + 2 + int.from_bytes(signature[hashed:hashed + 2], "big")
    signed = payload + signature[:hashed] + b"\x04\xff" + struct.pack(">I", hashed)
    prefix = hashlib.new(HASHES[signature[3]], signed).digest()[:2]
    need(signature[unhashed:unhashed + 2] == prefix, "OpenPGP: the digest's first bytes")
    areas = [*subpackets(signature[6:hashed]), *subpackets(signature[hashed + 2:unhashed])]
    issuers = [body for kind, body in areas if kind == 33]
    need(len(issuers) == 1 and issuers[0][:1] == b"\x04", "OpenPGP: the issuer's fingerprint")
    issuer = issuers[0][1:].hex()
    need(issuer in keys, f"nobody has the key {issuer}")
    with tempfile.TemporaryDirectory() as home:
        parts = {"key": keys[issuer], "signature": packet(2, signature), "payload": payload}
        for name, content in parts.items():
            with open(f"{home}/{name}", "wb") as file:
                file.write(content)
        command = ["gpgv", "--homedir", home, "--ignore-time-conflict", "--status-fd", "1", "--keyring"]
        said = subprocess.run(command + [f"{home}/{name}" for name in parts], capture_output=True, text=True)
    valid = re.findall(r"^\[GNUPG:\] VALIDSIG ([0-9A-F]+) ", said.stdout, re.MULTILINE)
    need(valid == [issuer.upper()], "the signature is not good")
    return issuer, payload


# SSH: the shape here, the arithmetic in ssh-keygen.

def strings(data):
    while data:
        length = int.from_bytes(data[:4], "big")
        need(len(data) >= 4 + length, "SSH: cut short")
        yield data[4:4 + length]
        data = data[4 + length:]


def ssh_fingerprint(blob):
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def ssh_key(data, policy):
    kind, text = data.decode("utf-8").split()[:2]
    blob = base64.b64decode(text, validate=True)
    fields = list(strings(blob))
    need(fields[0] == kind.encode() and kind in policy["ssh"], f"an SSH {kind} key")
    if kind == "ssh-rsa":
        need(int.from_bytes(fields[2], "big").bit_length() >= policy["rsa-minimum-bits"], "a short SSH RSA key")
    return ssh_fingerprint(blob), f"x {kind} {text}\n".encode()


def open_ssh(data, keys, policy):
    line, _, armor = data.partition(b"\n")
    pattern = rb"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+\n)-----END SSH SIGNATURE-----\n"
    inside = re.fullmatch(pattern, armor)
    need(inside, "SSH: not one armored signature after the statement")
    blob = base64.b64decode(inside[1].replace(b"\n", b""), validate=True)
    need(blob[:10] == b"SSHSIG\0\0\0\1", "SSH: not a version 1 signature")
    fields = list(strings(blob[10:]))
    need(len(fields) == 5, "SSH: fields")
    public, namespace, _, used, signature = fields
    need(namespace == b"cairn" and used in (b"sha256", b"sha512"), "SSH: namespace or hash")
    need(used.decode() in policy["hashes"] and next(strings(signature)) not in (b"ssh-rsa", b"ssh-dss"), "SSH: weak")
    signer = ssh_fingerprint(public)
    need(signer in keys, f"nobody has the key {signer}")
    with tempfile.TemporaryDirectory() as home:
        for name, content in ("signers", keys[signer]), ("signature", armor):
            with open(f"{home}/{name}", "wb") as file:
                file.write(content)
        command = ["ssh-keygen", "-q", "-Y", "verify", "-f", f"{home}/signers", "-I", "x", "-n", "cairn",
                   "-s", f"{home}/signature"]
        said = subprocess.run(command, input=line + b"\n", capture_output=True)
    need(said.returncode == 0, "the signature is not good")
    return signer, line


# The trusted files.

def table(value, fields, optional, where):
    need(isinstance(value, dict) and set(fields) <= set(value) <= set(fields) | set(optional), f"{where}: fields")
    for name, holds in (fields | optional).items():
        need(name not in value or holds(value[name]), f"{where}.{name}: not what it must be")
    return value


def day(text):
    need(isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text), f"{text} is no day")
    date = datetime.date.fromisoformat(text)
    need(date.year >= 1970, f"{text} is no day")
    return (date - datetime.date(1970, 1, 1)).days * DAY


def is_word(v):
    return isinstance(v, str) and re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", v) is not None


def is_name(v):
    return isinstance(v, str) and re.fullmatch(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,127}", v) is not None


def is_count(v):
    return type(v) is int and 1 <= v < 1 << 32


def load_person(who, text):
    need(is_word(who), f"{who}: not a folder of a person")
    roles = lambda v: is_strings(v) and v and len(set(v)) == len(v) and set(v) <= set(ROLES)
    person = table(tomllib.loads(text), dict(name=lambda v: isinstance(v, str), organisation=is_word, roles=roles,
                                             key=lambda v: isinstance(v, list) and v), {}, who)
    need("machine" not in person["roles"] or len(person["roles"]) == 1, f"{who}: a machine has no other role")
    prints = {"openpgp": r"[0-9a-f]{40}([0-9a-f]{24})?", "ssh": r"SHA256:[A-Za-z0-9+/]{43}"}
    for key in person["key"]:
        fields = dict(kind=lambda v: isinstance(v, str) and v in prints, file=is_name, fingerprint=is_text,
                      **{"not-before": day_or_zero, "not-after": day_or_zero})
        table(key, fields, dict(revoked=day_or_zero), who)
        need(re.fullmatch(prints[key["kind"]], key["fingerprint"]), f"{who}: fingerprint")
        need(day(key["not-before"]) < day(key["not-after"]), f"{who}: not-after must be later")
    return person


def day_or_zero(text):
    return day(text) >= 0


def load_policy(text, people):
    lists = lambda known: lambda v: is_strings(v) and v and set(v) <= set(known)
    days = lambda v: type(v) is int and 1 <= v <= 3650
    policy = tomllib.loads(text)
    isdict = lambda v: isinstance(v, dict)
    table(policy, {"version": lambda v: type(v) is int and v == 1, "algorithms": isdict, "maximum-age": isdict,
                   "repository": lambda v: isinstance(v, str) and v and v[-1] != "/", "snapshot": isdict,
                   "groups": lambda v: isdict(v) and "default" in v}, {}, "policy")
    table(policy["algorithms"], {"openpgp": lists(["ed25519", "p256", "p384", "rsa"]), "ssh": lists(SSH),
          "hashes": lists(HASHES.values()), "rsa-minimum-bits": lambda v: is_count(v) and v >= 3072}, {}, "algorithms")
    table(policy["maximum-age"], {"signature-days": days, "snapshot-days": days}, {}, "maximum-age")
    table(policy["snapshot"], {"threshold": is_count}, {}, "snapshot")
    have = {role + "s": sum(role in p["roles"] for p in people.values()) for role in ROLES}
    have["organisations"] = len({p["organisation"] for p in people.values() if "reproducer" in p["roles"]})
    for name in "cpu-vendors", "engines", "distributions":
        have[name] = have["reproducers"]
    need(policy["snapshot"]["threshold"] <= have["maintainers"], "policy: snapshot.threshold cannot be reached")
    votes, facts = ("maintainers", "reviewers", "reproducers"), ("organisations", "cpu-vendors", "engines", "distributions")
    for name, group in policy["groups"].items():
        table(group, dict.fromkeys(votes, is_count), dict.fromkeys(facts, is_count), f"groups.{name}")
        for field in votes + facts:
            group.setdefault(field, 1)
            need(group[field] <= have[field], f"groups.{name}.{field} cannot be reached")
    return policy


class Trust:
    def __init__(self, tree, known, now):
        self.tree, self.owners, self.pgp, self.ssh = tree, {}, {}, {}
        versions = numbered(f"{tree}/trust/root")
        need(versions, "no root document")
        newest = versions[-1]
        self.root, digest = self.root_document(newest)
        files, listed = {}, {f["path"]: f["sha256"] for f in self.root["files"]}
        for path in self.listing():
            files[path] = read(f"{tree}/trust/{path}", TRUST_FILE)
            need(listed.get(path) == "sha256:" + hashlib.sha256(files[path]).hexdigest(), f"{path} is not what the root document says")
        need(set(listed) == set(files), "a file of the root document is missing")
        self.people = {p.split("/")[1]: load_person(p.split("/")[1], data.decode("utf-8"))
                       for p, data in files.items() if re.fullmatch(r"keys/[^/]*/person\.toml", p)}
        need("policy.toml" in files, "policy.toml is missing")
        self.policy = load_policy(files["policy.toml"].decode("utf-8"), self.people)
        self.algorithms = self.policy["algorithms"]
        for who, person in self.people.items():
            for key in person["key"]:
                stated, data = key["fingerprint"], files.get(f"keys/{who}/{key['file']}")
                need(data is not None and stated not in self.owners, f"{who}: key file missing or key listed twice")
                reader, ring = (certificate, self.pgp) if key["kind"] == "openpgp" else (ssh_key, self.ssh)
                found, ring[stated] = reader(data, self.algorithms)
                need(found == stated, f"{who}: the key file is for another key")
                self.owners[stated] = who, key
        self.follow(known, newest, digest)
        need(self.root["expires"] > now, "the root expired")
        for p in self.root["people"]:
            owned = all(self.owners.get(k, ("", 0))[0] == p["person"] and "revoked" not in self.owners[k][1] for k in p["keys"])
            need(owned and "root" in self.people[p["person"]]["roles"], f"{p['person']} is no root")

    def listing(self):
        for name in names(f"{self.tree}/trust"):
            if name == "keys":
                for who in names(f"{self.tree}/trust/keys"):
                    yield from (f"keys/{who}/{file}" for file in names(f"{self.tree}/trust/keys/{who}"))
            elif name != "root":
                yield name

    def root_document(self, version):
        data = read(f"{self.tree}/trust/root/{version}/root.json", FILE)
        root = statement(data)
        need(root["type"] == "root" and root["version"] == version, f"root {version}: another document")
        return root, "sha256:" + hashlib.sha256(data).hexdigest()

    def follow(self, known, newest, digest):
        last, start = None, newest
        if known:
            need(known[0] <= newest, "the root is older than one seen before")
            last, digest = self.root_document(known[0])
            need(digest == known[1], "the root seen before was replaced")
            start = known[0] + 1
        for version in range(start, newest + 1):
            root, _ = self.root_document(version)
            signed = {key for key, said, _ in self.open_all(f"trust/root/{version}")[0] if said == root}
            for rule in (last, root) if last else (root,):
                have = sum(bool(signed & set(p["keys"])) for p in rule["people"])
                need(have >= rule["threshold"], f"root {version}: {have} of {rule['threshold']} roots")
            last = root

    def open_all(self, folder):
        files = [n for n in names(f"{self.tree}/{folder}") if n.endswith(".sig")]
        need(len(files) <= SIGNATURES, f"{folder} has more than {SIGNATURES} signatures")
        good, bad = [], []
        for name in files:
            data = read(f"{self.tree}/{folder}/{name}", FILE)
            try:
                opener, ring = (open_ssh, self.ssh) if data[:1] == b"{" else (open_openpgp, self.pgp)
                signer, payload = opener(data, ring, self.algorithms)
                good.append((signer, statement(payload), name))
            except (Refused, ValueError, IndexError, OSError, EOFError, StopIteration) as error:
                bad.append(f"{name}: {error}")
        return good, bad


# The rule.

def decide(trust, good, asked):
    heard, disputes, settled, votes = [], set(), {}, {}
    by_role = {"maintainer": set(), "review": set()}
    ignored = []
    for fingerprint, said, name in good:
        who, key = trust.owners[fingerprint]
        roles, kind, at = set(trust.people[who]["roles"]), said["type"], said.get("timestamp")
        ok = kind not in ("snapshot", "root") and "revoked" not in key and at <= asked["now"] + DAY \
            and day(key["not-before"]) <= at < day(key["not-after"]) and said["definition"] == asked["definition"]
        if not ok or said.get("platform", asked["platform"]) != asked["platform"]:
            ignored.append(f"{name}: {who}'s {kind} does not count here")
        elif kind in by_role and said["name"] == asked["name"] and {"review": "reviewer"}.get(kind, kind) in roles:
            by_role[kind].add(who)
        elif kind == "settlement" and "root" in roles:
            settled[who] = max(settled.get(who, (-1, "")), (at, said["image"]))
        elif kind == "dispute" and roles & {"reproducer", "machine"}:
            disputes.add(who)
        elif kind == "reproduction" and roles & {"reproducer", "machine"}:
            heard.append((who, said))
            reference = f"{trust.policy['repository']}/{asked['name']}:{asked['version'] or 'latest'}"
            fits = all(said[m] == asked[m] for m in ("image", "name", "version")) and said["reference"] == reference
            age = trust.policy["maximum-age"]["signature-days"] * DAY
            if fits and asked["now"] - at <= age and said["role"] == "reproducer" and "machine" not in roles:
                rank = (-at, fingerprint, said["engine"])
                if who not in votes or rank < votes[who][0]:
                    votes[who] = rank, said
        else:
            ignored.append(f"{name}: {who} has no role for it, or it is about another package")
    reasons = []
    for image in {image for _, image in settled.values()} | {asked["image"]}:
        settled[image] = sum(image == other for _, other in [v for v in settled.values() if type(v) is tuple])
    others = {f"{who} got {said['image']}" for who, said in heard if said["image"] != asked["image"]}
    others |= {f"{who} signed a dispute" for who in disputes}
    enough = trust.root["threshold"]
    if others and settled[asked["image"]] < enough:
        reasons.append(f"not everybody got this image: {'; '.join(sorted(others))}")
    if any(is_digest(i) and i != asked["image"] and type(n) is int and n >= enough for i, n in settled.items()):
        reasons.append("not everybody got this image: the roots settled for another")
    by_role["review"] -= by_role["maintainer"]
    said = [s for _, s in votes.values()]
    facts = lambda name: len({s[name] for s in said} - {""})
    have = {"reproducers": len(votes), "organisations": len({trust.people[who]["organisation"] for who in votes}),
            "cpu-vendors": facts("cpu"), "engines": facts("engine"), "distributions": facts("distribution"),
            "maintainers": len(by_role["maintainer"]), "reviewers": len(by_role["review"])}
    groups = trust.policy["groups"]
    group = groups.get(asked["name"].split("/")[0], groups["default"])
    reasons += [f"{n} of {group[what]} {what}" for what, n in have.items() if n < group[what]]
    return reasons + ignored if reasons else []


def freshness(trust, asked, seen):
    numbers = numbered(f"{trust.tree}/snapshots")
    need(numbers, "there is no snapshot")
    number, now, sets = numbers[-1], asked["now"], {}
    for fingerprint, said, _ in trust.open_all(f"snapshots/{number}")[0]:
        who, key = trust.owners[fingerprint]
        valid = "revoked" not in key and day(key["not-before"]) <= now < day(key["not-after"])
        if said["type"] == "snapshot" and said["number"] == number and valid and "maintainer" in trust.people[who]["roles"]:
            sets.setdefault(snapshot_digest(said), (said, set()))[1].add(who)
    accepted = [said for digest, (said, signers) in sets.items()
                if len(signers) >= trust.policy["snapshot"]["threshold"] and said["expires"] > now
                and now - said["created"] <= trust.policy["maximum-age"]["snapshot-days"] * DAY
                and said["created"] <= now + DAY
                and (not seen or number > seen[0] or (number, digest) == seen)]
    need(len(accepted) == 1, f"snapshot {number}: {len(accepted)} sets of that number are new enough and signed by enough")
    listed = {name: asked[name] for name in ENTRY}
    need(listed in accepted[0]["entries"], f"snapshot {number} does not list this image")


def judge(tree, name, version, definition, image, platform, now, root="-", seen="-"):
    """The reasons against; none is a yes."""
    reasons = []
    try:
        need(is_package(name) and is_digest(definition) and is_digest(image), "the question is not well formed")
        asked = dict(name=name, version=version, definition=definition, image=image, platform=platform, now=int(now))
        remembered = lambda text: None if text == "-" else (int(text.split(":", 1)[0]), text.split(":", 1)[1])
        trust = Trust(tree, remembered(root), asked["now"])
        good, bad = trust.open_all(f"signatures/{name.replace('/', '-')}/{definition[7:]}")
        reasons = decide(trust, good, asked)
        reasons += bad if reasons else []
        freshness(trust, asked, remembered(seen))
    except Exception as error:  # whatever goes wrong, the answer is no
        reasons.append(f"{type(error).__name__}: {error}" if not isinstance(error, Refused) else str(error))
    return reasons


if __name__ == "__main__":
    if not 8 <= len(sys.argv) <= 10:
        sys.exit(__doc__)
    found = judge(*sys.argv[1:])
    print("\n  ".join(["refused", *found]) if found else "accepted")
    sys.exit(4 if found else 0)
