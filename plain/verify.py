#!/usr/bin/env python3
"""plain/verify.py: may this image be used? A second verifier, written from docs/trust.md.

    verify.py TREE NAME VERSION DEFINITION IMAGE PLATFORM NOW [ROOT [SNAPSHOT]]

ROOT and SNAPSHOT are what a client remembers, NUMBER:sha256:HEX, or `-`. It prints
`accepted`, or `refused` and the reasons, and ends with 0 or 4. It needs Python 3.11, gpgv
and ssh-keygen, shares no line with cairn, and is meant to be read in one sitting.
"""
import base64, datetime, hashlib, json, os, re, stat, struct, subprocess, sys
import tempfile, tomllib, unicodedata

KIB64, MIB, DAY = 64 << 10, 1 << 20, 86400
MIB4, FILE, SIGNATURES = 4 * MIB, 4 * MIB + (16 << 10), 256
HASHES = {8: "sha256", 9: "sha384", 10: "sha512"}
CURVES = {"2b06010401da470f01": "ed25519", "2a8648ce3d030107": "p256", "2b81040022": "p384"}
SSH = {"ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
       "ssh-rsa"}
ROLES = {"maintainer", "reviewer", "reproducer", "machine", "root"}


class Refused(Exception):
    """Why something is not used."""


def need(holds, why):
    if not holds:
        raise Refused(why)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


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
    found = os.listdir(os.fsencode(folder)) if os.path.lexists(folder) else []
    return sorted(name.decode("utf-8") for name in found)


def numbered(folder):
    found = names(folder)
    need(all(re.fullmatch("[1-9][0-9]*", n) and int(n) < 1 << 63 for n in found), folder)
    return sorted(map(int, found))


# Values, and the tables and objects that they stand in.

def text(v):
    return isinstance(v, str) and not any(unicodedata.category(c) == "Cc" for c in v)


def pattern(expression):
    return lambda v: isinstance(v, str) and re.fullmatch(expression, v) is not None


def day(v):
    need(pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}")(v) and v >= "1970", f"{v} is no day")
    return (datetime.date.fromisoformat(v) - datetime.date(1970, 1, 1)).days * DAY


IS = {
    "text": text,
    "string": lambda v: isinstance(v, str),
    "strings": lambda v: isinstance(v, list) and all(isinstance(s, str) for s in v),
    "list": lambda v: isinstance(v, list),
    "table": lambda v: isinstance(v, dict),
    "number": lambda v: type(v) is int and v >= 0,
    "count": lambda v: type(v) is int and 1 <= v < 1 << 32,
    "days": lambda v: type(v) is int and 1 <= v <= 3650,
    "day": lambda v: day(v) >= 0,
    "digest": pattern("sha256:[0-9a-f]{64}"),
    "package": pattern(r"[a-z][a-z0-9]*/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"),
    "word": pattern("[a-z0-9][a-z0-9-]{0,63}"),
    "file": pattern("[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,127}"),
}


def members(value, spec, where):
    """`value`, which has exactly the members NAME:KIND of `spec`; KIND? may be left out."""
    kinds = dict(member.split(":") for member in spec.split())
    must = {name for name, kind in kinds.items() if kind[-1] != "?"}
    need(isinstance(value, dict) and must <= set(value) <= set(kinds), f"{where}: members")
    for name in value:
        need(IS[kinds[name].rstrip("?")](value[name]), f"{where}.{name}: not what it must be")
    return value


def ascending(keys):
    return all(a < b for a, b in zip(keys, keys[1:]))


# Statements.

HOST = " engine:text cpu:text distribution:text kernel:text"
OPINION = "type:text name:package definition:digest timestamp:number"
ENTRY = "name:package version:text definition:digest platform:text image:digest"
VOTE = "role:text name:package version:text definition:digest platform:text" + HOST
KINDS = {
    "maintainer": OPINION,
    "review": OPINION,
    "dispute": OPINION + " platform:text expected:digest got:digest files:strings" + HOST,
    "settlement": "type:text definition:digest platform:text image:digest settles:strings"
                  " timestamp:number",
    "snapshot": "type:text number:number created:number expires:number entries:list",
    "root": "type:text version:number expires:number threshold:number people:list files:list",
}


def integer(digits):
    fits = re.fullmatch("-?[0-9]{1,19}", digits) and digits != "-0"
    need(fits and -1 << 63 <= int(digits) < 1 << 63, "JSON: no 64-bit integer")
    return int(digits)


def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "JSON: a key comes twice")
    return dict(pairs)


def load_json(data):
    value = json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_int=integer,
                       parse_float=integer, parse_constant=integer)
    need(depth(value) <= 64, "JSON: nested too deep")
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate fails here
    return value


def depth(value):
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inside), default=0) if isinstance(value, (dict, list)) else 0


def statement(data):
    need(len(data) <= MIB4, "statement: too long")
    value = load_json(data)
    need(isinstance(value, dict), "statement: must be an object")
    said = members(value, "cairn:table", "statement")["cairn"] if "cairn" in value else None
    kind = said.get("type") if said else None
    need(kind in ("snapshot", "root") or len(data) <= KIB64, "statement: too long")
    if said is None:
        return reproduction(value)
    members(said, KINDS[kind], kind)
    if kind == "dispute":
        need(said["expected"] != said["got"] and len(said["files"]) <= 1000, "dispute: got, files")
    elif kind == "settlement":
        need(len(said["settles"]) <= 256 and ascending(said["settles"]), "settlement: settles")
    elif kind == "snapshot":
        entries = [members(entry, ENTRY, "entry") for entry in said["entries"]]
        need(ascending([(e["name"], e["platform"]) for e in entries]), "snapshot: not sorted")
        need(said["number"] and said["expires"] > said["created"], "snapshot: number, expires")
    elif kind == "root":
        people = [members(p, "person:text keys:strings", "people") for p in said["people"]]
        files = [members(f, "path:text sha256:digest", "files") for f in said["files"]]
        keys = [key for p in people for key in p["keys"]]
        need(all(p["keys"] for p in people) and len(set(keys)) == len(keys), "root: keys")
        need(ascending([p["person"] for p in people]), "root: people not sorted")
        need(ascending([f["path"] for f in files]), "root: files not sorted")
        need(1 <= said["threshold"] <= len(people) and said["version"], "root: threshold, version")
    return said


def reproduction(value):
    members(value, "critical:table optional:table", "statement")
    critical = members(value["critical"], "identity:table image:table type:text", "critical")
    need(critical["type"] == "atomic container signature", "critical.type")
    members(critical["identity"], "docker-reference:text", "identity")
    members(critical["image"], "docker-manifest-digest:digest", "image")
    optional = value["optional"]
    need(text(optional.get("creator")) and IS["number"](optional.get("timestamp")), "optional")
    said = members(optional.get("cairn"), VOTE, "cairn")
    need(said["role"] in ("reproducer", "machine"), "optional.cairn.role")
    return said | {"type": "reproduction", "reference": critical["identity"]["docker-reference"],
                   "image": critical["image"]["docker-manifest-digest"],
                   "timestamp": optional["timestamp"]}


def snapshot_digest(said):
    order = lambda value, spec: {name: value[name] for name in re.findall("([a-z]+):", spec)}
    plain = order(said, KINDS["snapshot"])
    plain["entries"] = [order(entry, ENTRY) for entry in said["entries"]]
    written = json.dumps({"cairn": plain}, ensure_ascii=False, separators=(",", ":"))
    return sha256(re.sub("[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", written).encode())


# OpenPGP: the packets here, the arithmetic in gpgv.

def big(data):
    return int.from_bytes(data, "big")


def packets(data):
    """(tag, body) of each packet; bodies in parts are joined."""
    found, at = [], 0
    while at < len(data):
        need(len(found) < 400 and data[at] & 0x80, "OpenPGP: no packet")
        first, at, body, more = data[at], at + 1, b"", True
        tag = first & 63 if first & 64 else first >> 2 & 15
        while more:
            more, size = False, data[at] if at < len(data) else 0
            if not first & 64:
                width = (1, 2, 4, 0)[first & 3]
                need(width or tag in (8, 11), "OpenPGP: length")
                length = big(data[at:at + width]) if width else len(data) - at
            elif size < 192 or size == 255:
                width = 1 if size < 192 else 5
                length = size if size < 192 else big(data[at + 1:at + 5])
            elif size < 224:
                width, length = 2, (size - 192 << 8) + big(data[at + 1:at + 2]) + 192
            else:
                need(tag in (8, 11), "OpenPGP: partial length")
                width, length, more = 1, 1 << (size & 31), True
            at += width
            need(at + length <= len(data), "OpenPGP: cut short")
            body, at = body + data[at:at + length], at + length
        found.append((tag, body))
    return found


def packet(tag, body):
    return bytes([0xC0 | tag, 0xFF]) + struct.pack(">I", len(body)) + body


def openpgp_key(data, policy):
    """The fingerprint of the first primary key, and its certificate for gpgv."""
    form = rb"\s*-----BEGIN (PGP PUBLIC KEY BLOCK)-----\r?\n(?:[^\n]*\n)*?\r?\n" \
           rb"([A-Za-z0-9+/=\s]+?)(\n=[A-Za-z0-9+/]{4}\r?)?\n-----END \1-----\s*"
    armor = re.fullmatch(form, data)
    found = packets(base64.b64decode(armor[2]) if armor else data)
    need(found and found[0][0] == 6 and found[0][1][:1] == b"\x04", "no version 4 certificate")
    key, bits = found[0][1], 1 << 20
    if key[5] in (1, 2, 3):
        name, bits = "rsa", big(key[8:8 + (big(key[6:8]) + 7) // 8]).bit_length()
    else:
        curve = CURVES.get(key[7:7 + key[6]].hex())
        known = {19: {"p256", "p384"}, 22: {"ed25519"}}.get(key[5], set())
        name = "ed25519" if key[5] == 27 else curve if curve in known else None
    allowed = name in policy["openpgp"] and bits >= policy["rsa-minimum-bits"]
    need(allowed, f"an OpenPGP {name} key, {bits} bits")
    end = next((n for n, (tag, _) in enumerate(found) if n and tag == 6), len(found))
    fingerprint = hashlib.sha1(b"\x99" + struct.pack(">H", len(key)) + key).hexdigest()
    return fingerprint, b"".join(packet(*one) for one in found[:end])


def subpackets(area):
    while area:
        width = 1 if area[0] < 192 else 5 if area[0] == 255 else 2
        length = area[0] if width == 1 else big(area[1:5])
        if width == 2:
            length = (area[0] - 192 << 8) + area[1] + 192
        need(length and width + length <= len(area), "OpenPGP: subpacket")
        yield area[width] & 0x7F, area[width + 1:width + length]
        area = area[width + length:]


def says(files, *command, **options):
    """What a program says of these files, written to a folder that it runs in."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(f"{folder}/{name}", "wb") as file:
                file.write(content)
        return subprocess.run(command, cwd=folder, capture_output=True, **options)


def open_openpgp(data, keys, policy):
    found = packets(data)
    need([tag for tag, _ in found] in ([4, 11, 2], [2, 11]), "OpenPGP: not one signed message")
    (literal,), (body,) = ([b for tag, b in found if tag == wanted] for wanted in (11, 2))
    need(literal[:1] == b"b" and len(literal) >= 6 + literal[1], "OpenPGP: no binary literal")
    payload = literal[6 + literal[1]:]
    need(len(payload) <= MIB4 and body[:2] == b"\x04\x00", "OpenPGP: too long, version or type")
    need(HASHES.get(body[3]) in policy["hashes"], "OpenPGP: the hash is not allowed")
    hashed = 6 + big(body[4:6])
    unhashed = hashed + 2 + big(body[hashed:hashed + 2])
    signed = payload + body[:hashed] + b"\x04\xff" + struct.pack(">I", hashed)
    prefix = hashlib.new(HASHES[body[3]], signed).digest()[:2]
    need(body[unhashed:unhashed + 2] == prefix, "OpenPGP: the digest's first bytes")
    areas = [*subpackets(body[6:hashed]), *subpackets(body[hashed + 2:unhashed])]
    issuers = [value for kind, value in areas if kind == 33]
    need(len(issuers) == 1 and issuers[0][:1] == b"\x04", "OpenPGP: the issuer's fingerprint")
    issuer = issuers[0][1:].hex()
    need(issuer in keys, f"nobody has the key {issuer}")
    files = {"key": keys[issuer], "signature": packet(2, body), "payload": payload}
    said = says(files, "gpgv", "--homedir", ".", "--ignore-time-conflict", "--status-fd", "1",
                "--keyring", "./key", "signature", "payload", text=True)
    valid = re.findall(r"^\[GNUPG:\] VALIDSIG ([0-9A-F]+) ", said.stdout, re.MULTILINE)
    need(valid == [issuer.upper()], "the signature is not good")
    return issuer, payload


# SSH: the shape here, the arithmetic in ssh-keygen.

def fields(data):
    while data:
        length = big(data[:4])
        need(len(data) >= 4 + length, "SSH: cut short")
        yield data[4:4 + length]
        data = data[4 + length:]


def ssh_fingerprint(blob):
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def ssh_key(data, policy):
    kind, encoded = data.decode("utf-8").split()[:2]
    blob = base64.b64decode(encoded, validate=True)
    parts = list(fields(blob))
    need(parts[0] == kind.encode() and kind in policy["ssh"], f"an SSH {kind} key")
    bits = big(parts[2]).bit_length() if kind == "ssh-rsa" else 1 << 20
    need(bits >= policy["rsa-minimum-bits"], "a short SSH RSA key")
    return ssh_fingerprint(blob), f"x {kind} {encoded}\n".encode()


def open_ssh(data, keys, policy):
    line, _, armor = data.partition(b"\n")
    form = b"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+\n)-----END SSH SIGNATURE-----\n"
    inside = re.fullmatch(form, armor)
    need(inside, "SSH: not one armored signature after the statement")
    blob = base64.b64decode(inside[1].replace(b"\n", b""), validate=True)
    need(blob[:10] == b"SSHSIG\0\0\0\1", "SSH: not a version 1 signature")
    public, namespace, _, used, signature = fields(blob[10:])
    need(namespace == b"cairn" and used in (b"sha256", b"sha512"), "SSH: namespace or hash")
    weak = next(fields(signature)) in (b"ssh-rsa", b"ssh-dss")
    need(used.decode() in policy["hashes"] and not weak, "SSH: the hash is not allowed")
    signer = ssh_fingerprint(public)
    need(signer in keys, f"nobody has the key {signer}")
    said = says({"signers": keys[signer], "signature": armor}, "ssh-keygen", "-q", "-Y", "verify",
                "-f", "signers", "-I", "x", "-n", "cairn", "-s", "signature", input=line + b"\n")
    need(said.returncode == 0, "the signature is not good")
    return signer, line


# The trusted files.

def load_person(who, source):
    need(IS["word"](who), f"{who}: not a folder of a person")
    person = tomllib.loads(source)
    members(person, "name:string organisation:word roles:strings key:list", who)
    roles = person["roles"]
    need(roles and len(set(roles)) == len(roles) and set(roles) <= ROLES, f"{who}: roles")
    need(person["key"] and (len(roles) == 1 or "machine" not in roles), f"{who}: key or roles")
    prints = {"openpgp": "[0-9a-f]{40}", "ssh": "SHA256:[A-Za-z0-9+/]{43}"}
    for key in person["key"]:
        members(key, "kind:string file:file fingerprint:string not-before:day not-after:day"
                     " revoked:day?", who)
        need(re.fullmatch(prints.get(key["kind"], "!"), key["fingerprint"]), f"{who}: fingerprint")
        need(day(key["not-before"]) < day(key["not-after"]), f"{who}: not-after must be later")
    return person


def load_policy(source, people):
    policy = members(tomllib.loads(source), "version:count repository:string algorithms:table"
                     " maximum-age:table snapshot:table groups:table", "policy")
    need(policy["version"] == 1 and "default" in policy["groups"], "policy: version or groups")
    need(policy["repository"] and policy["repository"][-1] != "/", "policy: repository")
    algorithms = members(policy["algorithms"], "openpgp:strings ssh:strings hashes:strings"
                         " rsa-minimum-bits:count", "algorithms")
    known = {"openpgp": {"rsa", *CURVES.values()}, "ssh": SSH, "hashes": set(HASHES.values())}
    for name, words in known.items():
        need(algorithms[name] and set(algorithms[name]) <= words, f"algorithms.{name}")
    need(algorithms["rsa-minimum-bits"] >= 3072, "algorithms.rsa-minimum-bits")
    members(policy["maximum-age"], "signature-days:days snapshot-days:days", "maximum-age")
    members(policy["snapshot"], "threshold:count", "snapshot")
    have = {role + "s": sum(role in p["roles"] for p in people.values()) for role in ROLES}
    organisations = {p["organisation"] for p in people.values() if "reproducer" in p["roles"]}
    have |= dict.fromkeys(("cpu-vendors", "engines", "distributions"), have["reproducers"])
    have["organisations"] = len(organisations)
    need(policy["snapshot"]["threshold"] <= have["maintainers"], "snapshot.threshold: too many")
    for name, group in policy["groups"].items():
        members(group, "maintainers:count reviewers:count reproducers:count organisations:count?"
                       " cpu-vendors:count? engines:count? distributions:count?", f"groups.{name}")
        for field in set(have) - {"machines", "roots"}:
            need(group.setdefault(field, 1) <= have[field], f"groups.{name}.{field}: too many")
    return policy


class Trust:
    def __init__(self, tree, known, now):
        self.tree, self.owners, self.rings = tree, {}, {"openpgp": {}, "ssh": {}}
        versions = numbered(f"{tree}/trust/root")
        need(versions, "no root document")
        self.root, _ = self.root_document(versions[-1])
        listed = {f["path"]: f["sha256"] for f in self.root["files"]}
        files = {path: read(f"{tree}/trust/{path}", MIB) for path in self.listing()}
        need({path: sha256(data) for path, data in files.items()} == listed,
             "trust/ is not what the root document says")
        decoded = lambda path: files[path].decode("utf-8")
        people = [path for path in files if re.fullmatch(r"keys/[^/]*/person\.toml", path)]
        self.people = {p.split("/")[1]: load_person(p.split("/")[1], decoded(p)) for p in people}
        self.policy = load_policy(decoded("policy.toml"), self.people)
        for who, key in [(who, key) for who, p in self.people.items() for key in p["key"]]:
            stated, data = key["fingerprint"], files.get(f"keys/{who}/{key['file']}")
            need(data is not None and stated not in self.owners, f"{who}: no key file, or not one")
            reader = openpgp_key if key["kind"] == "openpgp" else ssh_key
            found, self.rings[key["kind"]][stated] = reader(data, self.policy["algorithms"])
            need(found == stated, f"{who}: the key file is for another key")
            self.owners[stated] = who, key
        self.follow(known, versions[-1])
        need(self.root["expires"] > now, "the root expired")
        for who, keys in [(p["person"], p["keys"]) for p in self.root["people"]]:
            owners = [self.owners.get(key, (None, {})) for key in keys]
            good = all(owner == who and "revoked" not in key for owner, key in owners)
            need(good and "root" in self.people[who]["roles"], f"{who} is no root")

    def listing(self):
        """Every file below trust/ but the roots."""
        folder = f"{self.tree}/trust"
        yield from (name for name in names(folder) if name not in ("keys", "root"))
        for who in names(f"{folder}/keys"):
            yield from (f"keys/{who}/{name}" for name in names(f"{folder}/keys/{who}"))

    def root_document(self, version):
        data = read(f"{self.tree}/trust/root/{version}/root.json", FILE)
        root = statement(data)
        need(root["type"] == "root" and root["version"] == version, f"root {version}: another")
        return root, sha256(data)

    def follow(self, known, newest):
        """From the root that was known, one signed step at a time."""
        last, start = None, newest
        if known:
            need(known[0] <= newest, "the root is older than one seen before")
            last, digest = self.root_document(known[0])
            need(digest == known[1], "the root seen before was replaced")
            start = known[0] + 1
        for version in range(start, newest + 1):
            root, _ = self.root_document(version)
            good, _ = self.open_all(f"trust/root/{version}")
            signed = {signer for signer, said, _, _ in good if said == root}
            for rule in (last, root) if last else (root,):
                have = sum(bool(signed & set(p["keys"])) for p in rule["people"])
                need(have >= rule["threshold"], f"root {version}: {have} of {rule['threshold']}")
            last = root

    def open_all(self, folder):
        """(signer, statement, digest of the signed bytes, file) of the good; the bad."""
        files = [name for name in names(f"{self.tree}/{folder}") if name.endswith(".sig")]
        need(len(files) <= SIGNATURES, f"{folder} has more than {SIGNATURES} signatures")
        good, bad = [], []
        for name in files:
            data = read(f"{self.tree}/{folder}/{name}", FILE)
            opener, kind = (open_ssh, "ssh") if data[:1] == b"{" else (open_openpgp, "openpgp")
            try:
                signer, signed = opener(data, self.rings[kind], self.policy["algorithms"])
                good.append((signer, statement(signed), sha256(signed), name))
            except Exception as error:  # whatever is wrong with it, it is no signature
                bad.append(f"{name}: {error!r}")
        return good, bad


# The rule.

def decide(trust, good, asked):
    objections, settled, votes, ignored = {}, {}, {}, []
    opinions = {"maintainer": set(), "review": set()}
    reference = f"{trust.policy['repository']}/{asked['name']}:{asked['version'] or 'latest'}"
    oldest = asked["now"] - trust.policy["maximum-age"]["signature-days"] * DAY
    for signer, said, digest, name in good:
        who, key = trust.owners[signer]
        roles, kind, at = set(trust.people[who]["roles"]), said["type"], said.get("timestamp")
        if kind in ("snapshot", "root") or "revoked" in key or at > asked["now"] + DAY \
                or not day(key["not-before"]) <= at < day(key["not-after"]) \
                or any(said.get(m, asked[m]) != asked[m] for m in ("definition", "platform")):
            ignored.append(f"{name}: {who}'s {kind} does not count here")
        elif kind in opinions and said["name"] == asked["name"] \
                and {"review": "reviewer"}.get(kind, kind) in roles:
            opinions[kind].add(who)
        elif kind == "settlement" and "root" in roles:
            newest = at, said["image"], said["settles"]
            settled[who] = max(settled.get(who, newest), newest)
        elif kind == "dispute" and roles & {"reproducer", "machine"}:
            objections[f"{who} {digest}"] = f"{who} signed a dispute"
        elif kind == "reproduction" and roles & {"reproducer", "machine"}:
            right = [asked["image"], asked["name"], asked["version"], reference]
            if said["image"] != asked["image"]:
                objections[f"{who} {digest}"] = f"{who} got {said['image']}"
            elif [said[m] for m in ("image", "name", "version", "reference")] == right \
                    and at >= oldest and said["role"] == "reproducer" and "machine" not in roles:
                vote = (-at, signer, said["engine"]), said
                votes[who] = min(votes.get(who, vote), vote, key=lambda v: v[0])
        else:
            ignored.append(f"{name}: {who} may not say that, or it is about another package")
    reasons = []
    settling = lambda image: [s for s in settled.values() if s[1] == image]
    enough, others = trust.root["threshold"], {s[1] for s in settled.values()} - {asked["image"]}
    if any(len(settling(image)) >= enough for image in others):
        reasons.append("not everybody got this image: the roots settled for another")
    for name, what in sorted(objections.items()):
        if sum(name in settles for _, _, settles in settling(asked["image"])) < enough:
            reasons.append(f"not everybody got this image: {what}")
    said = [vote for _, vote in votes.values()]
    facts = lambda name: len({vote[name] for vote in said} - {""})
    have = {"reproducers": len(votes), "cpu-vendors": facts("cpu"), "engines": facts("engine"),
            "organisations": len({trust.people[who]["organisation"] for who in votes}),
            "distributions": facts("distribution"), "maintainers": len(opinions["maintainer"]),
            "reviewers": len(opinions["review"] - opinions["maintainer"])}
    groups = trust.policy["groups"]
    group = groups.get(asked["name"].split("/")[0], groups["default"])
    reasons += [f"{n} of {group[what]} {what}" for what, n in have.items() if n < group[what]]
    return reasons + ignored if reasons else []


def freshness(trust, asked, seen):
    numbers = numbered(f"{trust.tree}/snapshots")
    need(numbers, "there is no snapshot")
    number, now, sets = numbers[-1], asked["now"], {}
    for signer, said, _, _ in trust.open_all(f"snapshots/{number}")[0]:
        who, key = trust.owners[signer]
        valid = "revoked" not in key and day(key["not-before"]) <= now < day(key["not-after"]) \
            and "maintainer" in trust.people[who]["roles"]
        if valid and said["type"] == "snapshot" and said["number"] == number:
            sets.setdefault(snapshot_digest(said), (said, set()))[1].add(who)
    oldest = now - trust.policy["maximum-age"]["snapshot-days"] * DAY
    accepted = [said for digest, (said, signers) in sets.items()
                if len(signers) >= trust.policy["snapshot"]["threshold"]
                and said["expires"] > now and oldest <= said["created"] <= now + DAY
                and (not seen or number > seen[0] or (number, digest) == seen)]
    need(len(accepted) == 1, f"snapshot {number}: {len(accepted)} sets are accepted")
    listed = {name: asked[name] for name in ("name", "version", "definition", "platform", "image")}
    need(listed in accepted[0]["entries"], f"snapshot {number} does not list this image")


def judge(tree, name, version, definition, image, platform, now, root="-", seen="-"):
    """The reasons against; none is a yes."""
    reasons = []
    try:
        asked = dict(name=name, version=version, definition=definition, image=image,
                     platform=platform, now=int(now))
        members(asked, ENTRY + " now:number", "the question")
        remembered = lambda v: None if v == "-" else (int(v.split(":")[0]), v.split(":", 1)[1])
        trust = Trust(tree, remembered(root), asked["now"])
        good, bad = trust.open_all(f"signatures/{name.replace('/', '-')}/{definition[7:]}")
        reasons = decide(trust, good, asked)
        reasons += bad if reasons else []
        freshness(trust, asked, remembered(seen))
    except Exception as error:  # whatever goes wrong, the answer is no
        reasons.append(str(error) if isinstance(error, Refused) else repr(error))
    return reasons


if __name__ == "__main__":
    if not 8 <= len(sys.argv) <= 10:
        sys.exit(__doc__)
    found = judge(*sys.argv[1:])
    print("\n  ".join(["refused", *found]) if found else "accepted")
    sys.exit(4 if found else 0)
