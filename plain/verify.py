#!/usr/bin/env python3
"""May this image be used? cairn's second verifier, written from docs/trust.md alone.

    verify.py TREE NAME VERSION DEFINITION IMAGE PLATFORM NOW [ROOT [SNAPSHOT]]

ROOT and SNAPSHOT are what a client remembers, NUMBER:sha256:HEX, or `-`. It prints `accepted`,
or `refused` and the reasons, and ends with 0 or 4. It needs Python 3.11, gpgv and ssh-keygen.
"""
import base64, collections, datetime, hashlib, json, os, pathlib, re, stat, subprocess, sys
import tempfile, tomllib

DAY, MANY, MIB, MIB4, FILE = 86400, 1 << 32, 1 << 20, 4 << 20, (4 << 20) + (16 << 10)
HASHES = {8: "sha256", 9: "sha384", 10: "sha512"}  # OpenPGP's numbers; below in hex, with a curve
ALGORITHMS = {"01": "rsa", "02": "rsa", "03": "rsa", "1b": "ed25519", "13052b81040022": "p384",
              "16092b06010401da470f01": "ed25519", "13082a8648ce3d030107": "p256"}
big = int.from_bytes
sha256 = lambda data: "sha256:" + hashlib.sha256(data).hexdigest()
ascending = lambda keys: keys == sorted(set(keys))

def need(holds, why):
    if not holds:
        raise ValueError(why)

def read(path, limit):
    """A regular file of at most `limit` bytes, opened once; links are not followed."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        need(stat.S_ISREG(os.fstat(file.fileno()).st_mode), f"{path} is not a regular file")
        data = file.read(limit + 1)
    need(len(data) <= limit, f"{path} is longer than {limit} bytes")
    return data

def names(folder):
    found = os.listdir(os.fsencode(folder)) if os.path.lexists(folder) else []
    return sorted(map(bytes.decode, found))

def newest(folder):
    """The highest of a folder's entries, which must all be numbers."""
    numbers = [int(name) if re.fullmatch("[1-9][0-9]*", name) else 0 for name in names(folder)]
    need(numbers and all(0 < n < 1 << 63 for n in numbers), f"{folder}: no numbers, or not only")
    return max(numbers)

# Shapes. A string is a regular expression, a range is for whole numbers, [SHAPE, LEAST, MOST, BY]
# for a list (sorted by BY, if given), a table for its members; `...` for others; None for anything.
STRING, TEXT, WORD = "(?s:.*)", r"[^\x00-\x1f\x7f-\x9f]*", "[a-z0-9][a-z0-9-]{0,63}"
DIGEST, DATE = "sha256:[0-9a-f]{64}", "(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}"
PACKAGE = r"[a-z][a-z0-9]*/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
NUMBER, POSITIVE, COUNT, DAYS = range(1 << 63), range(1, 1 << 63), range(1, 1 << 32), range(1, 3651)
ENTRY = {"name": PACKAGE, "version": TEXT, "definition": DIGEST, "platform": TEXT, "image": DIGEST}
HOST = {"platform": TEXT, "engine": TEXT, "cpu": TEXT, "distribution": TEXT, "kernel": TEXT}
OPINION = {"name": PACKAGE, "definition": DIGEST, "timestamp": NUMBER}
SIGNER, LISTED = {"person": TEXT, "keys": [STRING, 1, MANY]}, {"path": TEXT, "sha256": DIGEST}
STATEMENTS = {
    "maintainer": OPINION, "review": OPINION,
    "dispute": OPINION | HOST | {"expected": DIGEST, "got": DIGEST, "files": [STRING, 0, 1000]},
    "settlement": {"definition": DIGEST, "platform": TEXT, "image": DIGEST, "timestamp": NUMBER,
                   "settles": [STRING, 0, 256, str]},
    "snapshot": {"number": POSITIVE, "created": NUMBER, "expires": NUMBER,
                 "entries": [ENTRY, 0, MANY, lambda entry: (entry["name"], entry["platform"])]},
    "root": {"version": POSITIVE, "expires": NUMBER, "threshold": POSITIVE,
             "people": [SIGNER, 1, MANY, lambda signer: signer["person"]],
             "files": [LISTED, 0, MANY, lambda file: file["path"]]}}
REPRODUCTION = {
    "critical": {"identity": {"docker-reference": TEXT}, "type": "atomic container signature",
                 "image": {"docker-manifest-digest": DIGEST}},
    "optional": {"creator": TEXT, "timestamp": NUMBER, ...: None, "cairn": HOST | {
        "role": "reproducer|machine", "name": PACKAGE, "version": TEXT, "definition": DIGEST}}}
KEY = {"kind": "openpgp|ssh", "file": "[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,127}",
       "fingerprint": "[0-9a-f]{40}|SHA256:[A-Za-z0-9+/]{43}",
       "not-before": DATE, "not-after": DATE, "revoked": DATE}
PERSON = {"name": STRING, "organisation": WORD, "key": [KEY, 1, MANY],
          "roles": ["maintainer|reviewer|reproducer|machine|root", 1, 5]}
DIVERSITY = ["organisations", "cpu-vendors", "engines", "distributions"]
GROUP = dict.fromkeys(["maintainers", "reviewers", "reproducers", *DIVERSITY], COUNT)
SSH = r"ssh-ed25519|sk-ssh-ed25519@openssh\.com|ecdsa-sha2-nistp256|ecdsa-sha2-nistp384|ssh-rsa"
POLICY = {"version": range(1, 2), "repository": "(?s:.*[^/])", "snapshot": {"threshold": COUNT},
          "maximum-age": {"signature-days": DAYS, "snapshot-days": DAYS},
          "groups": {"default": GROUP, ...: GROUP}, "algorithms": {
              "openpgp": ["ed25519|rsa|p256|p384", 1, MANY], "ssh": [SSH, 1, MANY],
              "hashes": ["sha256|sha384|sha512", 1, MANY], "rsa-minimum-bits": range(3072, MANY)}}
OPTIONAL = {..., "revoked", *DIVERSITY}

def fits(value, shape, where):
    """The value, members in the shape's order, dates as seconds; refused if it does not fit."""
    if isinstance(shape, dict):
        need(isinstance(value, dict) and shape.keys() - value.keys() <= OPTIONAL
             and (... in shape or value.keys() <= shape.keys()), f"{where}: not these members")
        value = {name: fits(value[name], shape.get(name, shape.get(...)), f"{where}.{name}")
                 for name in dict.fromkeys([*shape, *value]) if name in value}
    elif isinstance(shape, list):
        of, least, most, *by = shape
        need(isinstance(value, list) and least <= len(value) <= most, f"{where}: no list, or size")
        value = [fits(one, of, where) for one in value]
        need(not by or ascending(list(map(by[0], value))), f"{where}: not sorted")
    elif isinstance(shape, range):
        need(type(value) is int and value in shape, f"{where}: no number, or out of range")
    elif shape:
        need(isinstance(value, str) and re.fullmatch(shape, value), f"{where}: not {shape}")
    return datetime.datetime.fromisoformat(value + "T00Z").timestamp() if shape == DATE else value

def integer(digits):
    need(digits != "-0" and -1 << 63 <= int(digits) < 1 << 63, "JSON: no 64-bit integer")
    return int(digits)

def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "JSON: a key comes twice")
    return dict(pairs)

def depth(value):
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inside), default=0) if isinstance(value, (dict, list)) else 0

def statement(data):
    """What a document says, without its wrapping."""
    value = json.loads(data.decode(), object_pairs_hook=unique, parse_int=integer,
                       parse_float=integer, parse_constant=integer)
    need(depth(value) <= 64, "statement: nested too deep")
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate fails here
    kind = value["cairn"]["type"] if "cairn" in value else "reproduction"
    need(len(data) <= (MIB4 if kind in ("snapshot", "root") else 64 << 10), f"{kind}: too long")
    if "cairn" not in value:
        said = fits(value, REPRODUCTION, kind)
        return said["optional"]["cairn"] | {
            "type": kind, "timestamp": said["optional"]["timestamp"],
            "reference": said["critical"]["identity"]["docker-reference"],
            "image": said["critical"]["image"]["docker-manifest-digest"]}
    said = fits(value, {"cairn": {"type": kind} | STATEMENTS[kind]}, kind)["cairn"]
    need(kind != "dispute" or said["expected"] != said["got"], "dispute: got what was expected")
    need(kind != "snapshot" or said["expires"] > said["created"], "snapshot: expires too early")
    need(kind != "root" or said["threshold"] <= len(said["people"]), "root: threshold too high")
    keys = [key for person in said.get("people", []) for key in person["keys"]]
    need(len(set(keys)) == len(keys), "root: a key is listed twice")
    return said

# OpenPGP and SSH: the shape here, the arithmetic in gpgv and ssh-keygen. Of a key file is read
# (fingerprint, algorithm, bits, the key for these), of a signature (fingerprint, what is signed).
packet = lambda tag, body: bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4) + body
ssh_fields = lambda data: pieces(data, lambda rest: (big(rest[:4]), 4))
base64_sha256 = lambda blob: base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

def pieces(data, length_of):
    """The parts of `data` that each have their length before them."""
    while data:
        length, width = length_of(data)
        need(width + length <= len(data), "a piece is cut short")
        yield data[width:width + length]
        data = data[width + length:]

def openpgp_length(data):
    if data[0] < 192:
        return data[0], 1
    return (big(data[1:5]), 5) if data[0] == 255 else ((data[0] - 192 << 8) + data[1] + 192, 2)

def packets(data):
    """[tag, body] of each packet; bodies in parts are joined."""
    found, at, more = [], 0, False
    while at < len(data) or more:
        if not more:
            first, at = data[at], at + 1
            need(first & 0x80 and len(found) < 400, "OpenPGP: no packet")
            found.append([first & 63 if first & 64 else first >> 2 & 15, b""])
        if first & 64:
            more = 224 <= data[at] < 255
            length, width = (1 << (data[at] & 31), 1) if more else openpgp_length(data[at:at + 5])
        else:
            width = (1, 2, 4, 0)[first & 3]
            length = big(data[at:at + width]) if width else len(data) - at
        need(width and not more or found[-1][0] in (8, 11), "OpenPGP: no length")
        at += width + length
        need(at <= len(data), "OpenPGP: cut short")
        found[-1][1] += data[at - length:at]
    return found

def openpgp_key(data):
    armor = re.fullmatch(rb"\s*-----BEGIN (PGP PUBLIC KEY BLOCK)-----\r?\n([^\n]*\n)*?\r?\n([A-Za-z"
                         rb"0-9+/=\s]+?)(\n=[A-Za-z0-9+/]{4}\r?)?\n-----END \1-----\s*", data)
    data = base64.b64decode(armor[3]) if armor else data
    tag, key = packets(data)[0]
    need(tag == 6 and key[:1] == b"\x04", "no version 4 certificate")
    name = ALGORITHMS.get(key[5:6].hex()) or ALGORITHMS.get(key[5:7 + key[6]].hex())
    bits = big(key[8:8 + (big(key[6:8]) + 7) // 8]).bit_length() if name == "rsa" else MANY
    return hashlib.sha1(b"\x99" + len(key).to_bytes(2) + key).hexdigest(), name, bits, data

def says(keys, signer, files, *command, **options):
    """What a program says of these files and the signer's key, all in a folder of their own."""
    need(signer in keys, f"nobody has the key {signer}")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {"key": keys[signer], **files}.items():
            pathlib.Path(folder, name).write_bytes(content)
        return subprocess.run(command, cwd=folder, capture_output=True, **options)

def open_openpgp(data, keys, policy):
    found = packets(data)
    need([tag for tag, _ in found] in ([4, 11, 2], [2, 11]), "OpenPGP: not one signed message")
    literal, body = dict(found)[11], dict(found)[2]
    start = 6 + literal[1]
    need(literal[:1] == b"b" and start <= len(literal) <= start + MIB4, "OpenPGP: the literal")
    need(body[:2] == b"\x04\x00" and HASHES.get(body[3]) in policy["hashes"], "OpenPGP: kind, hash")
    hashed = 6 + big(body[4:6])
    unhashed = hashed + 2 + big(body[hashed:hashed + 2])
    signed = literal[start:] + body[:hashed] + b"\x04\xff" + hashed.to_bytes(4)
    prefix = hashlib.new(HASHES[body[3]], signed).digest()[:2]
    need(body[unhashed:unhashed + 2] == prefix, "OpenPGP: the digest's first bytes")
    issuers = [one[1:] for area in (body[6:hashed], body[hashed + 2:unhashed])
               for one in pieces(area, openpgp_length) if one[0] & 0x7F == 33]
    need(len(issuers) == 1 and issuers[0][:1] == b"\x04", "OpenPGP: the issuer's fingerprint")
    issuer = issuers[0][1:].hex()
    said = says(keys, issuer, {"signature": packet(2, body), "payload": literal[start:]}, "gpgv",
                "--homedir", ".", "--ignore-time-conflict", "--status-fd", "1", "--keyring",
                "./key", "signature", "payload", text=True)
    valid = re.findall(r"^\[GNUPG:\] VALIDSIG ([0-9A-F]+) ", said.stdout, re.MULTILINE)
    need(valid == [issuer.upper()], "the signature is not good")
    return issuer, literal[start:]

def ssh_key(data):
    name, encoded = data.decode().split()[:2]
    blob = base64.b64decode(encoded, validate=True)
    kind, *numbers = ssh_fields(blob)
    need(kind == name.encode(), f"SSH: {name} is something else inside")
    bits = big(numbers[1]).bit_length() if name == "ssh-rsa" else MANY
    return "SHA256:" + base64_sha256(blob), name, bits, f"x {name} {encoded}\n".encode()

def open_ssh(data, keys, policy):
    file = re.fullmatch(b"(.*\n)(-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+\n)"
                        b"-----END SSH SIGNATURE-----\n)", data)
    need(file, "SSH: not one armored signature after the statement")
    blob = base64.b64decode(file[3].replace(b"\n", b""), validate=True)
    public, namespace, _, used, signature = ssh_fields(blob[10:])
    need(blob[:10] == b"SSHSIG\0\0\0\1" and namespace == b"cairn", "SSH: version or namespace")
    need(used in (b"sha256", b"sha512") and used.decode() in policy["hashes"], "SSH: the hash")
    need(next(ssh_fields(signature)) not in (b"ssh-rsa", b"ssh-dss"), "SSH: signed with SHA-1")
    signer = "SHA256:" + base64_sha256(public)
    said = says(keys, signer, {"signature": file[2]}, "ssh-keygen", "-q", "-Y", "verify", "-f",
                "key", "-I", "x", "-n", "cairn", "-s", "signature", input=file[1])
    need(said.returncode == 0, "the signature is not good")
    return signer, file[1][:-1]

def load_person(who, source):
    person = fits(tomllib.loads(source.decode()), PERSON, fits(who, WORD, "a folder"))
    roles = person["roles"]
    need(len(set(roles)) == len(roles), f"{who} has a role twice")
    need(roles == ["machine"] or "machine" not in roles, f"{who} is a machine and more")
    need(all(key["not-before"] < key["not-after"] for key in person["key"]), f"{who}: not-after")
    return person

def load_policy(source, people):
    """The policy; no threshold may be more than these people can reach."""
    policy = fits(tomllib.loads(source.decode()), POLICY, "policy")
    having = lambda role: [p for p in people.values() if role in p["roles"]]
    most = dict.fromkeys(GROUP, len(having("reproducer"))) | {
        "maintainers": len(having("maintainer")), "reviewers": len(having("reviewer")),
        "organisations": len({p["organisation"] for p in having("reproducer")})}
    need(policy["snapshot"]["threshold"] <= most["maintainers"], "snapshot.threshold: too many")
    for name, group in policy["groups"].items():
        for what in GROUP:
            need(group.setdefault(what, 1) <= most[what], f"groups.{name}.{what}: too many")
    return policy

Signed = collections.namedtuple("Signed", "file said digest signer who roles key")
valid = lambda key, at: "revoked" not in key and key["not-before"] <= at < key["not-after"]

class Trust:
    """The trusted files of a tree, checked, and what was signed with their keys."""

    def __init__(self, tree, now, known):
        self.tree, self.now, self.owners, self.keys = tree, now, {}, {}
        last = newest(f"{tree}/trust/root")
        self.root = self.root_document(last)
        paths = [name for name in names(f"{tree}/trust") if name not in ("keys", "root")]
        for who in names(f"{tree}/trust/keys"):
            paths += [f"keys/{who}/{name}" for name in names(f"{tree}/trust/keys/{who}")]
        files = {path: read(f"{tree}/trust/{path}", MIB) for path in paths}
        listed = {file["path"]: file["sha256"] for file in self.root["files"]}
        need({path: sha256(files[path]) for path in files} == listed, "trust/ is not as signed")
        people = [path.split("/")[1] for path in files if path.endswith("/person.toml")]
        self.people = {who: load_person(who, files[f"keys/{who}/person.toml"]) for who in people}
        self.policy = load_policy(files["policy.toml"], self.people)
        allowed = self.policy["algorithms"]
        for who, key in [(who, key) for who in people for key in self.people[who]["key"]]:
            stated, kind, data = key["fingerprint"], key["kind"], files[f"keys/{who}/{key['file']}"]
            reader = openpgp_key if kind == "openpgp" else ssh_key
            found, name, bits, self.keys[stated] = reader(data)
            need(found == stated and found not in self.owners, f"{who}: not the key, or twice")
            need(name in allowed[kind] and bits >= allowed["rsa-minimum-bits"], f"{who}: {name}")
            self.owners[found] = who, set(self.people[who]["roles"]), key
        self.follow(known, last)
        need(self.root["expires"] > now, "the root expired")
        for who, keys in [(p["person"], p["keys"]) for p in self.root["people"]]:
            need(all(owner == who and "root" in roles and "revoked" not in key
                     for owner, roles, key in map(self.owners.get, keys)), f"{who} is no root")

    def root_document(self, version, digest=None):
        data = read(f"{self.tree}/trust/root/{version}/root.json", FILE)
        root = statement(data)
        need(root["type"] == "root" and root["version"] == version, f"root {version}: another")
        need(digest in (None, sha256(data)), f"root {version} is not the one seen before")
        return root

    def follow(self, known, last):
        """From the root that was known, one signed step at a time."""
        need(not known or known[0] <= last, "the root is older than one seen before")
        before = [self.root_document(*known)] if known else []
        for version in range(known[0] + 1 if known else last, last + 1):
            root, (good, _) = self.root_document(version), self.open_all(f"trust/root/{version}")
            signed = {s.signer for s in good if s.said == root}
            for rule in [*before, root]:
                have = sum(not signed.isdisjoint(p["keys"]) for p in rule["people"])
                need(have >= rule["threshold"], f"root {version}: {have} of {rule['threshold']}")
            before = [root]

    def open_all(self, folder):
        """What is properly signed in a folder, and why the other files are not."""
        files = [name for name in names(f"{self.tree}/{folder}") if name.endswith(".sig")]
        need(len(files) <= 256, f"{folder} has more than 256 signatures")
        good, bad = [], []
        for name in files:
            data = read(f"{self.tree}/{folder}/{name}", FILE)
            opener = open_ssh if data[:1] == b"{" else open_openpgp
            try:
                signer, raw = opener(data, self.keys, self.policy["algorithms"])
                good.append(Signed(name, statement(raw), sha256(raw), signer, *self.owners[signer]))
            except Exception as error:  # whatever is wrong with it, it is no signature
                bad.append(f"{name}: {error!r}")
        return good, bad

def counts(s, asked, now):
    """Rule 1: it was said in the key's days, about this definition and platform."""
    at = s.said.get("timestamp")  # a snapshot and a root have none
    return at is not None and at <= now + DAY and valid(s.key, at) \
        and all(s.said.get(what, asked[what]) == asked[what] for what in ("definition", "platform"))

def alarms(heard, image, enough):
    """Rule 2: objections that too few roots settled, and images that they settled for instead."""
    mine = [s for s in heard if s.said["type"] == "settlement" and "root" in s.roles]
    mine.sort(key=lambda s: (s.said["timestamp"], s.said["image"], s.said["settles"]))
    last = {s.who: s.said for s in mine}.values()
    settled = lambda image: [said["settles"] for said in last if said["image"] == image]
    if any(len(settled(said["image"])) >= enough for said in last if said["image"] != image):
        yield "not everybody got this image: the roots settled for another"
    for s in heard:
        got = {"dispute": "another", "reproduction": s.said.get("image")}.get(s.said["type"], image)
        agreed = sum(f"{s.who} {s.digest}" in objections for objections in settled(image))
        if got != image and s.roles & {"reproducer", "machine"} and agreed < enough:
            yield f"not everybody got this image: {s.who} got {got}"

def missing(heard, asked, trust):
    """Rules 3 to 6: which thresholds of the package's group are not reached."""
    policy, name = trust.policy, asked["name"]
    vote = asked | {"type": "reproduction", "role": "reproducer", "reference":
                    f"{policy['repository']}/{name}:{asked['version'] or 'latest'}"}
    votes = [s for s in heard if vote.items() <= s.said.items() and "reproducer" in s.roles
             and s.said["timestamp"] >= trust.now - policy["maximum-age"]["signature-days"] * DAY]
    votes.sort(key=lambda s: (-s.said["timestamp"], s.signer, s.said["engine"]))
    votes = {s.who: s.said | trust.people[s.who] for s in reversed(votes)}  # the first of each
    facts = lambda what: {vote[what] for vote in votes.values()} - {""}
    who = lambda kind, role: {s.who for s in heard if s.said["type"] == kind and role in s.roles
                              and s.said["name"] == name}
    have = {"maintainers": who("maintainer", "maintainer"), "reproducers": votes,
            "reviewers": who("review", "reviewer") - who("maintainer", "maintainer"),
            "organisations": facts("organisation"), "cpu-vendors": facts("cpu"),
            "engines": facts("engine"), "distributions": facts("distribution")}
    group = policy["groups"].get(name.split("/")[0], policy["groups"]["default"])
    return [f"{len(have[what])} of {n} {what}" for what, n in group.items() if len(have[what]) < n]

def freshness(trust, asked, seen):
    """Rule 7: of the newest number exactly one snapshot is accepted, and it lists this image."""
    number, now, sets = newest(f"{trust.tree}/snapshots"), trust.now, {}
    for s in trust.open_all(f"snapshots/{number}")[0]:
        if s.said.get("number") == number and "maintainer" in s.roles and valid(s.key, now):
            own = json.dumps({"cairn": s.said}, ensure_ascii=False, separators=(",", ":"))
            own = re.sub("[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", own)
            sets.setdefault(sha256(own.encode()), (s.said, set()))[1].add(s.who)
    oldest = now - trust.policy["maximum-age"]["snapshot-days"] * DAY
    accepted = [said for digest, (said, signers) in sets.items()
                if len(signers) >= trust.policy["snapshot"]["threshold"]
                and said["expires"] > now and oldest <= said["created"] <= now + DAY
                and (not seen or number > seen[0] or (number, digest) == seen)]
    need(len(accepted) == 1, f"snapshot {number}: {len(accepted)} sets are accepted")
    need(asked in accepted[0]["entries"], f"snapshot {number} does not list this image")

def judge(tree, name, version, definition, image, platform, now, root="-", seen="-"):
    """The reasons against; none is a yes."""
    reasons = []
    try:
        asked = fits(dict(zip(ENTRY, (name, version, definition, platform, image))), ENTRY, "asked")
        remembered = lambda v: None if v == "-" else (int(v.split(":")[0]), v.split(":", 1)[1])
        trust = Trust(tree, fits(int(now), NUMBER, "now"), remembered(root))
        good, bad = trust.open_all(f"signatures/{name.replace('/', '-')}/{definition[7:]}")
        heard = [s for s in good if counts(s, asked, trust.now)]
        reasons = [*alarms(heard, image, trust.root["threshold"]), *missing(heard, asked, trust)]
        ignored = [f"{s.file}: what {s.who} says does not count" for s in good if s not in heard]
        reasons += bad + ignored if reasons else []
        freshness(trust, asked, remembered(seen))
    except Exception as error:  # whatever goes wrong, the answer is no
        reasons.append(f"{type(error).__name__}: {error}")
    return reasons

if __name__ == "__main__":
    found = judge(*sys.argv[1:]) if 8 <= len(sys.argv) <= 10 else sys.exit(__doc__)
    print("\n  ".join(["refused", *found]) if found else "accepted")
    sys.exit(4 if found else 0)
