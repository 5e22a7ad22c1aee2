"""Policy, people and roots: what makes the rest worth reading."""
import os
from vectors import vector
from world import (DAY, NOW, OTHER, PEOPLE, POLICY, digest, dump, gpg, gpg_key, gpg_public, key, openpgp, person, says,
                   sign, ssh, ssh_key)

reroot = lambda t: t.root("ada", "bob")
keys = lambda who: [gpg_key(k) for k in PEOPLE[who][2]]
roots = lambda *people: [{"person": p, "keys": keys(p)} for p in people]


def policy(name, expected, old, new):
    vector(f"policy: {name}", expected, lambda t: reroot(t.edit("trust/policy.toml", old, new)))


BAD = "trust/policy.toml"
policy("an unknown field", BAD, "version = 1\n", "version = 1\nx = 1\n")
policy("an unknown table", BAD, "[snapshot]", "[x]\n[snapshot]")
policy("an unknown field of a group", BAD, "reviewers = 1", "reviewers = 1\nx = 1")
policy("an unknown field of the algorithms", BAD, "[algorithms]", "[algorithms]\nx = 1")
policy("another version", BAD, "version = 1", "version = 2")
policy("no version", BAD, "version = 1\n", "")
policy("a version in quotes", BAD, "version = 1\n", 'version = "1"\n')
policy("a version that is true", BAD, "version = 1\n", "version = true\n")
for field in "maintainers", "reviewers", "reproducers":
    count = "= 3" if field == "reproducers" else "= 1"
    policy(f"{field} of 0", "must be at least 1", f"{field} {count}", f"{field} = 0")
    policy(f"{field} of -1", BAD, f"{field} {count}", f"{field} = -1")
    policy(f"{field} of 6", "but there are only", f"{field} {count}", f"{field} = 6")
    policy(f"no {field}", BAD, f"{field} {count}\n", "")
policy("reproducers of 2^32", BAD, "reproducers = 3", "reproducers = 4294967296")
policy("reproducers of 2^32 + 1", BAD, "reproducers = 3", "reproducers = 4294967297")
policy("a fraction of a reproducer", BAD, "reproducers = 3", "reproducers = 3.0")
policy("reproducers in quotes", BAD, "reproducers = 3", 'reproducers = "3"')
policy("reproducers twice", BAD, "reproducers = 3", "reproducers = 3\nreproducers = 1")
policy("organisations of 0", "must be at least 1", "organisations = 2", "organisations = 0")
policy("more organisations than there are", "but there are only 3", "organisations = 2", "organisations = 4")
policy("CPU vendors of 0", "must be at least 1", "cpu-vendors = 2", "cpu-vendors = 0")
policy("more engines than people", "but there are only 5", "cpu-vendors = 2", "engines = 6")
policy("a snapshot threshold of 0", "must be at least 1", "[snapshot]\nthreshold = 2", "[snapshot]\nthreshold = 0")
policy("a snapshot threshold of 3", "but there are only 2", "[snapshot]\nthreshold = 2", "[snapshot]\nthreshold = 3")
policy("no default group", "`default` is missing", "[groups.default]", "[groups.core]")
policy("another group that is wrong", BAD, "[groups.default]", "[groups.x]\nmaintainers = 0\nreviewers = 1\nreproducers = 1\n[groups.default]")
policy("an empty repository", BAD, "registry.example/cairn", "")
policy("a repository that ends with a slash", BAD, "registry.example/cairn", "registry.example/cairn/")
policy("RSA of 2048 bits", "at least 3072", "rsa-minimum-bits = 3072", "rsa-minimum-bits = 2048")
policy("SHA-1", "`sha1` is none of", '"sha256", "sha512"', '"sha256", "sha1"')
policy("MD5", "`md5` is none of", '"sha256", "sha512"', '"md5"')
policy("DSA", "`dsa` is none of", '"ed25519", "rsa", "p256"', '"ed25519", "dsa"')
policy("ssh-dss", "`ssh-dss` is none of", '"ssh-ed25519", ', '"ssh-ed25519", "ssh-dss", ')
policy("no hash at all", "must not be empty", '"sha256", "sha512"', "")
policy("signatures that live for ever", "between 1 and 3650", "signature-days = 400", "signature-days = 3651")
policy("signatures of 0 days", "between 1 and 3650", "signature-days = 400", "signature-days = 0")
policy("no algorithms", BAD, POLICY[POLICY.index("[algorithms]"):POLICY.index("[maximum-age]")], "")
policy("no TOML", BAD, "version = 1", "version 1")
policy("a list that names an algorithm twice", None, '"sha256", "sha512"', '"sha256", "sha512", "sha256"')
policy("a hash that nobody uses may go", None, '"sha256", "sha512"', '"sha512"')
policy("an algorithm of a key in the tree is not allowed", "is not allowed by the policy", '"ed25519", "rsa", "p256"', '"rsa"')
policy("an SSH type of a key in the tree is not allowed", "is not allowed by the policy", '"ssh-ed25519", ', "")
vector("policy: a byte order mark", "", lambda t: reroot(t.put("trust/policy.toml", b"\xef\xbb\xbf" + POLICY.encode())))
vector("policy: not UTF-8", "no UTF-8", lambda t: reroot(t.put("trust/policy.toml", POLICY.encode() + b"# \xff\n")))
vector("policy: missing", "is missing", lambda t: reroot(t.drop("trust/policy.toml")))
vector("policy: longer than a megabyte", "longer than", lambda t: reroot(t.put("trust/policy.toml", POLICY + "#" * (1 << 20))))
vector("policy: Windows line ends", None, lambda t: reroot(t.put("trust/policy.toml", POLICY.replace("\n", "\r\n"))))

# People.


def dan(name, expected, text, **files):
    """dan, whose vote is not needed, has another person.toml."""
    def change(t):
        for file, content in files.items():
            t.put(f"trust/keys/dan/{file.replace('_', '.')}", content() if callable(content) else content)
        reroot(t.put("trust/keys/dan/person.toml", text() if callable(text) else text))
    vector(f"people: {name}", expected, change)


block = lambda: openpgp("dan")
plain = lambda *roles: lambda: person("two", list(roles), block())
swap = lambda old, new: lambda: person("two", ["reproducer"], block()).replace(old, new, 1)
KEYS = "trust/keys"
dan("an unknown field", KEYS, swap("name =", "x = 1\nname ="))
dan("an unknown field of a key", KEYS, lambda: person("two", ["reproducer"], openpgp("dan") + "x = 1\n"))
dan("no name", KEYS, swap('name = "Somebody"\n', ""))
dan("no organisation", KEYS, swap('organisation = "two"\n', ""))
dan("an organisation with a space", KEYS, swap('"two"', '"two "'))
dan("an organisation in capitals", KEYS, swap('"two"', '"Two"'))
dan("an empty organisation", KEYS, swap('"two"', '""'))
dan("no roles", KEYS, plain())
dan("a role twice", KEYS, plain("reproducer", "reproducer"))
dan("an unknown role", KEYS, plain("reproducer", "king"))
dan("a machine that is also a person", KEYS, plain("machine", "reproducer"))
dan("a machine that is also a root", KEYS, plain("machine", "root"))
dan("no keys", KEYS, lambda: person("two", ["reproducer"]))
dan("a key twice", "is listed for dan and for dan", lambda: person("two", ["reproducer"], block(), block()))
dan("bob's key", "is listed for bob and for dan", lambda: person("two", ["reproducer"], block(), key("openpgp", "dan.asc", gpg_key("bob"))))
dan("the key in capitals", KEYS, lambda: person("two", ["reproducer"], key("openpgp", "dan.asc", gpg_key("dan").upper())))
dan("a short key id", KEYS, lambda: person("two", ["reproducer"], key("openpgp", "dan.asc", gpg_key("dan")[-16:])))
dan("another's key file", "the key file is for", lambda: person("two", ["reproducer"], block()), dan_asc=lambda: gpg_public("mallory"))
dan("a key file in another folder", KEYS, swap('"dan.asc"', '"../bob/bob.asc"'))
dan("an absolute key file", KEYS, swap('"dan.asc"', '"/etc/passwd"'))
dan("a hidden key file", KEYS, swap('"dan.asc"', '".asc"'))
dan("a key file that is not there", "is not there", swap('"dan.asc"', '"other.asc"'))
dan("a key file that is no key", KEYS, plain("reproducer"), dan_asc=b"no key\n")
dan("an empty key file", KEYS, plain("reproducer"), dan_asc=b"")
dan("an unknown kind of key", KEYS, swap('"openpgp"', '"x509"'))
dan("an SSH key called OpenPGP", KEYS, lambda: person("two", ["reproducer"], ssh("dan").replace('"ssh"', '"openpgp"')), dan_pub=lambda: ssh_key("dan")[2])
dan("days in the wrong order", KEYS, lambda: person("two", ["reproducer"], openpgp("dan", start="2027-01-01", end="2026-01-01")))
dan("no days at all", KEYS, lambda: person("two", ["reproducer"], openpgp("dan", start="2027-01-01", end="2027-01-01")))
dan("a day that does not exist", KEYS, lambda: person("two", ["reproducer"], openpgp("dan", end="2027-02-29")))
dan("a day without zeros", KEYS, lambda: person("two", ["reproducer"], openpgp("dan", end="2027-2-1")))
dan("a day before 1970", KEYS, lambda: person("two", ["reproducer"], openpgp("dan", start="1969-12-31")))
dan("a day that is a TOML date", KEYS, swap('"2099-01-01"', "2099-01-01"))
dan("a kind that is a table", KEYS, swap('"openpgp"', "{ openpgp = {} }"))
dan("a role that is a table", KEYS, swap('["reproducer"]', "[{ reproducer = {} }]"))
dan("a byte order mark", "", lambda: "\ufeff" + person("two", ["reproducer"], block()))
dan("the same as before", None, plain("reproducer"))
dan("a second certificate in the file", None, plain("reproducer"), dan_asc=lambda: gpg("--export", gpg_key("dan")) + gpg("--export", gpg_key("mallory")))
dan("a binary certificate", None, plain("reproducer"), dan_asc=lambda: gpg("--export", gpg_key("dan")))
for algorithm, expected in (("rsa1024", "1024 bits"), ("rsa2048", "2048 bits"), ("rsa3072", None), ("dsa2048", "not allowed"),
                            ("nistp256", None), ("nistp384", "not allowed"), ("brainpoolP256r1", "")):
    dan(f"an OpenPGP {algorithm} key", expected, lambda a=algorithm: person("two", ["reproducer"], openpgp("dan-" + a, a)),
        **{f"dan-{algorithm}_asc": lambda a=algorithm: gpg_public("dan-" + a, a)})
for kind, bits, expected in (("rsa", "2048", "2048 bits"), ("rsa", "3072", None), ("ecdsa", "256", None), ("ecdsa", "384", "not allowed"),
                             ("ecdsa", "521", ""), ("ed25519", "", None)):
    dan(f"an SSH {kind} key {bits}".strip(), expected, lambda k=kind, b=bits: person("two", ["reproducer"], ssh("dan", k, b)),
        dan_pub=lambda k=kind, b=bits: ssh_key("dan", k, b)[2])
vector("people: a folder in capitals", KEYS, lambda t: reroot(t.put("trust/keys/Zoe/person.toml", person("two", ["reproducer"], openpgp("zoe"))).put("trust/keys/Zoe/zoe.asc", gpg_public("zoe"))))
vector("people: a folder without a person", None, lambda t: reroot(t.put("trust/keys/zoe/notes", "x")))
vector("people: nobody", "", lambda t: reroot(t.drop("trust/keys/")))


def rsa_vote(t, **options):
    from vectors import BOB
    from world import gpg_sign, vote
    t.put("trust/keys/bob/person.toml", person("one", PEOPLE["bob"][1], openpgp("bob"), openpgp("rsa", "rsa3072")))
    reroot(t.put("trust/keys/bob/rsa.asc", gpg_public("rsa", "rsa3072")))
    t.put(BOB, gpg_sign("rsa", dump(vote()), algorithm="rsa3072", **options))


vector("a vote by an RSA key of 3072 bits", None, rsa_vote)
vector("a vote by an RSA key with SHA-1", "2 of 3", lambda t: rsa_vote(t, digest="SHA1"))
vector("a vote by an RSA key with SHA-224", "2 of 3", lambda t: rsa_vote(t, digest="SHA224"))

# Files and roots.
FILES = "root document"
vector("root: a changed policy", FILES, lambda t: t.put("trust/policy.toml", POLICY + "\n"))
vector("root: a changed key", FILES, lambda t: t.put("trust/keys/bob/bob.asc", gpg_public("mallory")))
vector("root: an added person", "is not in the root document", lambda t: t.put("trust/keys/zoe/person.toml", "x"))
vector("root: an added file", "is not in the root document", lambda t: t.put("trust/x", "x"))
vector("root: a missing file", "not in the tree", lambda t: t.drop("trust/keys/dan/dan.asc"))
vector("root: a folder inside a person", "", lambda t: t.put("trust/keys/dan/x/y", "x"))
vector("root: a file in place of a person", "", lambda t: t.put("trust/keys/zoe", "x"))
vector("root: an empty folder of a person", None, lambda t: t.put("trust/keys/zoe", os.mkdir))
vector("root: a link in place of the policy", "", lambda t: t.put("policy", t.files["trust/policy.toml"]).put("trust/policy.toml", lambda p: os.symlink("../policy", p)))
vector("root: a link in place of a key", "", lambda t: t.put("key", t.files["trust/keys/bob/bob.asc"]).put("trust/keys/bob/bob.asc", lambda p: os.symlink("../../../key", p)))
vector("root: a link in place of the document", "", lambda t: t.put("r", t.files["trust/root/1/root.json"]).put("trust/root/1/root.json", lambda p: os.symlink("../../../r", p)))
vector("root: none", "no root document", lambda t: t.drop("trust/root/"))
vector("root: no document in its folder", "", lambda t: t.drop("trust/root/1/root.json"))
vector("root: nobody signed", "0 of 2 roots", lambda t: t.root())
vector("root: one signed", "1 of 2 roots", lambda t: t.root("ada"))
vector("root: one person's two keys signed", "1 of 2 roots", lambda t: t.root("ada", "ada2"))
vector("root: one signed twice", "1 of 2 roots", lambda t: t.root("ada").put("trust/root/1/z.sig", t.files["trust/root/1/ada.sig"]))
vector("root: somebody who is no root signed", "1 of 2 roots", lambda t: t.root("ada", "dan"))
vector("root: a stranger signed", "1 of 2 roots", lambda t: t.root("ada", "mallory"))
vector("root: the signatures are over another document", "0 of 2 roots", lambda t: (
    t.put("trust/policy.toml", POLICY + "\n"), t.root(), [t.put(f"trust/root/1/{w}.sig", t_base[f"trust/root/1/{w}.sig"]) for t_base in [fresh()] for w in ("ada", "bob")]))
vector("root: expired", "it expired", lambda t: t.root("ada", "bob", expires=NOW))
vector("root: expires in a second", None, lambda t: t.root("ada", "bob", expires=NOW + 1))


def fresh():
    from world import Tree
    return Tree().files


def document(name, expected, signers=("ada", "bob"), **changes):
    vector(f"root: {name}", expected, lambda t: t.root(*signers, **{k: v() if callable(v) else v for k, v in changes.items()}))


document("a threshold of 0", "must be between 1", threshold=0)
document("a threshold of -1", "must be", threshold=-1)
document("a threshold above the people", "must be between 1", threshold=4)
document("a threshold of 1 is what it says", None, signers=("ada",), threshold=1)
document("a person twice", "", people=lambda: roots("ada", "ada", "bob"))
document("a key for two people", "", people=lambda: [{"person": p, "keys": keys("ada")} for p in ("ada", "bob")])
document("a key twice for one person", "", people=lambda: [{"person": "ada", "keys": keys("ada") * 2}, *roots("bob")])
document("a person without keys", "", people=lambda: [{"person": "ada", "keys": []}, *roots("bob", "eve")])
document("people out of order", "", people=lambda: roots("bob", "ada", "eve"))
document("nobody", "", people=[])
document("a person without the role", "does not have that person", people=lambda: roots("ada", "bob", "dan"))
document("a person who does not exist", "does not have that person", people=lambda: [*roots("ada", "bob"), {"person": "zoe", "keys": [gpg_key("zoe")]}])
document("another's key for a person", "does not have that person", people=lambda: [{"person": "ada", "keys": keys("dan")}, *roots("bob", "eve")], signers=("bob", "eve"))
document("another version than its folder", "", folder=1, version=2)
document("version 0", "", folder=1, version=0)
document("an unknown member", "", x=1)
document("files out of order", "", files=[{"path": "b", "sha256": OTHER}, {"path": "a", "sha256": OTHER}])
document("a file twice", "", files=[{"path": "a", "sha256": OTHER}] * 2)
document("no files", "is not in the root document", files=[])
for folder in "01", "0", "x", "2x", "-1":
    vector(f"root: a folder called {folder}", "must be a whole number", lambda t, folder=folder: t.put(f"trust/root/{folder}/root.json", b"{}"))
raw = lambda change: lambda t: t.put("trust/root/1/root.json", change(t.files["trust/root/1/root.json"]))
vector("root: bytes after the document", "", raw(lambda d: d + b"{}"))
vector("root: a key twice in the document", "", raw(lambda d: d.replace(b'"threshold":2', b'"threshold":2,"threshold":1')))
vector("root: a byte order mark", "", raw(lambda d: b"\xef\xbb\xbf" + d))
vector("root: nested a million times", "", raw(lambda d: b"[" * 1_000_000))
vector("root: another spelling of what was signed", None, raw(lambda d: d.replace(b",", b", ")))
vector("root: longer than four megabytes", "", raw(lambda d: d + b" " * (4 << 20)))
vector("root: 257 signatures", "more than 256", lambda t: [t.put(f"trust/root/1/j{n}.sig", b"x") for n in range(257)] and None)

# Rotation. The first root is by ada, bob and eve, two of three.
known = lambda t, n=1: f"{n}:{digest(t.files[f'trust/root/{n}/root.json'])}"


def rotate(name, expected, *steps, knows=None, weaker=""):
    """Each step is (version, signers, changes); the policy differs, so old files do not fit."""
    def change(t):
        remembered = known(t)
        t.put("trust/policy.toml", POLICY.replace("reproducers = 3", "reproducers = 2") + "# next\n")
        for version, signers, changes in steps:
            t.root(*signers, version=version, **{k: v() if callable(v) else v for k, v in changes.items()})
        t.ask(root=knows or remembered)
    vector(f"rotation: {name}", expected, change)


rotate("by two of the old and the new", None, (2, ("ada", "bob"), {}))
rotate("by one of the old", "1 of 2 roots known before", (2, ("ada",), dict(threshold=1)))
rotate("by one of the old, with two keys", "1 of 2 roots known before", (2, ("ada", "ada2"), dict(threshold=1)))
rotate("by new people only", "0 of 2 roots known before", (2, ("dan", "mallory"), {}))
rotate("by the old only, not by those it names", "1 of 2 roots that it names",
       (2, ("ada", "bob"), dict(people=lambda: roots("bob", "eve"))))
rotate("by both", None, (2, ("ada", "bob", "eve"), dict(people=lambda: roots("bob", "eve"))))
rotate("a weaker threshold by two of the old", None, (2, ("ada", "bob"), dict(threshold=1)))
rotate("two steps", None, (2, ("ada", "bob"), {}), (3, ("bob", "eve"), {}))
rotate("two steps, the first by one", "1 of 2 roots", (2, ("ada",), {}), (3, ("bob", "eve"), {}))
rotate("a skipped step", "", (3, ("ada", "bob"), {}))
rotate("a step whose document is gone", "", (2, (), dict(threshold=9)), (3, ("ada", "bob"), {}))
rotate("unsigned", "0 of 2 roots", (2, (), {}))
rotate("an expired step on the way", None, (2, ("ada", "bob"), dict(expires=1)), (3, ("ada", "bob"), {}))
vector("rotation: the root that was known", None, lambda t: t.ask(root=known(t)))
vector("rotation: an older root than was known", "is older than 2", lambda t: t.ask(root=f"2:{OTHER}"))
vector("rotation: another document under the known version", "with other content", lambda t: t.ask(root=f"1:{OTHER}"))
vector("rotation: the known document is gone", "", lambda t: t.ask(root=known(t)).root("ada", "bob", version=2).drop("trust/root/1/"))
vector("rotation: a client that knows nothing takes the newest", None, lambda t: t.root("ada", "bob", version=7))
vector("rotation: and refuses it if it is unsigned", "0 of 2 roots", lambda t: t.root(version=7))
vector("rotation: the newest is a signed weaker policy of strangers", "0 of 1 roots",
       lambda t: t.root("mallory", version=2, threshold=1, people=[{"person": "mallory", "keys": [gpg_key("mallory")]}]))
