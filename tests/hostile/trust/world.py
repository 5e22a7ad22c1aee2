"""Throwaway people, their keys, and a tree in which everything is in order.

`Tree()` is accepted as it is: three people of two organisations rebuilt core/zlib, with
not one vote to spare. A vector changes one thing in it.
"""
import functools, hashlib, inspect, json, os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../plain"))
sys.dont_write_bytecode = True
import verify

NOW, DAY = 1_800_000_000, 86400  # 2027-01-15
NAME, VERSION, PLATFORM = "core/zlib", "1.3.1", "linux/amd64"
WORK = tempfile.mkdtemp(prefix="cairn-hostile-")
GNUPG = WORK + "/gnupg"


def digest(text):
    return "sha256:" + hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


DEFINITION, IMAGE, OTHER = digest("definition"), digest("image"), digest("other")
FOLDER = f"signatures/core-zlib/{DEFINITION[7:]}/"


def run(*command, data=b"", **options):
    done = subprocess.run(command, input=data, capture_output=True, **options)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def gpg(*arguments, data=b""):
    options = ["--batch", "--yes", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "",
               "--allow-weak-digest-algos", "--homedir", GNUPG]
    return run("gpg", *options, *arguments, data=data)


def once(make):
    """Remembers by the arguments after defaults are filled in: a key is made once."""
    made, names = {}, inspect.signature(make)

    def ask(*args, **options):
        bound = names.bind(*args, **options)
        bound.apply_defaults()
        what = tuple(bound.arguments.items())
        if what not in made:
            made[what] = make(*args, **options)
        return made[what]
    return ask


@once
def gpg_key(who, algorithm="ed25519", usage="sign"):
    """The fingerprint; the secret half stays in a home that is deleted at the end."""
    os.makedirs(GNUPG, mode=0o700, exist_ok=True)
    gpg("--faked-system-time", "20260101T000000", "--quick-generate-key", f"{who} <{who}@example.org>", algorithm, usage, "never")
    listing = gpg("--with-colons", "--list-keys", f"={who} <{who}@example.org>").decode()
    return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr")).lower()


@once
def gpg_public(who, algorithm="ed25519"):
    return gpg("--armor", "--export", gpg_key(who, algorithm))


@once
def ssh_key(who, kind="ed25519", bits=""):
    path = f"{WORK}/{who}-{kind}{bits}"
    run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", who, "-f", path, *(["-b", bits] if bits else []))
    with open(path + ".pub", "rb") as file:
        public = file.read()
    return path, run("ssh-keygen", "-l", "-f", path + ".pub").decode().split()[1], public


@functools.cache
def gpg_sign(who, data, *options, algorithm="ed25519", compress="none", digest="SHA512", mode="--sign"):
    key = gpg_key(who, algorithm) + "!"
    return gpg("--local-user", key, "--digest-algo", digest, "--compress-algo", compress, *options, mode, "--output", "-", data=data)


@functools.cache
def ssh_sign(who, line, namespace="cairn", *options, kind="ed25519", bits=""):
    """The armored signature alone."""
    return run("ssh-keygen", "-q", "-Y", "sign", "-n", namespace, *options, "-f", ssh_key(who, kind, bits)[0], data=line)


def sign(who, statement):
    data = statement if isinstance(statement, bytes) else dump(statement)
    if who in ("kim", "mac", "stranger-ssh"):
        return data + b"\n" + ssh_sign(who, data + b"\n")
    return gpg_sign(who, data)


def dump(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def vote(**changes):
    """A reproduction; `changes` by the names of docs/trust.md."""
    facts = dict(role="reproducer", name=NAME, version=VERSION, definition=DEFINITION, platform=PLATFORM,
                 engine="embedded", cpu="GenuineIntel", distribution="debian-12", kernel="6.12")
    outer = dict(reference=f"registry.example/cairn/{NAME}:{VERSION}", image=IMAGE, timestamp=NOW - 5 * DAY)
    for name, value in changes.items():
        (outer if name in outer else facts)[name] = value
    return {"critical": {"identity": {"docker-reference": outer["reference"]},
                         "image": {"docker-manifest-digest": outer["image"]}, "type": "atomic container signature"},
            "optional": {"creator": "cairn 0.1.0", "timestamp": outer["timestamp"], "cairn": facts}}


def says(kind, **members):
    base = dict(definition=DEFINITION, timestamp=NOW - 5 * DAY)
    if kind in ("maintainer", "review", "dispute"):
        base["name"] = NAME
    if kind in ("dispute", "settlement"):
        base["platform"] = PLATFORM
    if kind == "dispute":
        base |= dict(expected=IMAGE, got=OTHER, files=[], engine="embedded", cpu="x", distribution="d", kernel="k")
    if kind == "settlement":
        base |= dict(image=IMAGE, settles=[objection("dan", says("dispute"))])
    return {"cairn": {"type": kind} | base | members}


def objection(who, statement):
    """What a settlement calls it."""
    return f"{who} {digest(dump(statement))}"


def entry(**changes):
    return dict(name=NAME, version=VERSION, definition=DEFINITION, platform=PLATFORM, image=IMAGE) | changes


def snapshot(*entries, **changes):
    base = dict(number=1, created=NOW - DAY, expires=NOW + 20 * DAY, entries=list(entries) or [entry()])
    return {"cairn": {"type": "snapshot"} | base | changes}


def snapshot_seen(statement):
    return f"{statement['cairn']['number']}:{digest(dump(statement))}"


def person(organisation, roles, *keys, name="Somebody"):
    text = f'name = "{name}"\norganisation = "{organisation}"\nroles = {json.dumps(roles)}\n'
    return text + "".join(keys)


def key(kind, file, fingerprint, extra="", start="2026-01-01", end="2099-01-01"):
    return (f'[[key]]\nkind = "{kind}"\nfile = "{file}"\nfingerprint = "{fingerprint}"\n'
            f'not-before = "{start}"\nnot-after = "{end}"\n{extra}')


def openpgp(who, algorithm="ed25519", **days):
    return key("openpgp", f"{who}.asc", gpg_key(who, algorithm), **days)


def ssh(who, kind="ed25519", bits="", **days):
    return key("ssh", f"{who}.pub", ssh_key(who, kind, bits)[1], **days)


POLICY = """version = 1
repository = "registry.example/cairn"
[algorithms]
openpgp = ["ed25519", "rsa", "p256"]
ssh = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"]
hashes = ["sha256", "sha512"]
rsa-minimum-bits = 3072
[maximum-age]
signature-days = 400
snapshot-days = 30
[snapshot]
threshold = 2
[groups.default]
maintainers = 1
reviewers = 1
reproducers = 3
organisations = 2
cpu-vendors = 2
"""

PEOPLE = {  # organisation, roles, keys
    "ada": ("one", ["maintainer", "reproducer", "root"], ["ada", "ada2"]),
    "bob": ("one", ["reviewer", "reproducer", "root"], ["bob"]),
    "eve": ("two", ["maintainer", "reproducer", "root"], ["eve"]),
    "dan": ("two", ["reproducer"], ["dan"]),
    "kim": ("three", ["reproducer"], ["kim"]),
    "mac": ("two", ["machine"], ["mac"]),
}


class Tree:
    """Files in memory; a value may be a function that makes something unusual at a path."""

    def __init__(self):
        self.files = dict(base()) if base.cache_info().currsize else {}
        self.question = dict(name=NAME, version=VERSION, definition=DEFINITION, image=IMAGE, platform=PLATFORM,
                             now=NOW, root="-", seen="-")

    def put(self, path, content):
        self.files[path] = content.encode() if isinstance(content, str) else content
        return self

    def drop(self, *starts):
        self.files = {p: c for p, c in self.files.items() if not p.startswith(starts)}
        return self

    def edit(self, path, old, new):
        assert old in self.files[path].decode(), (path, old)
        return self.put(path, self.files[path].decode().replace(old, new, 1))

    def says(self, who, file, statement):
        return self.put(FOLDER + file, sign(who, statement))

    def ask(self, **changes):
        self.question |= changes
        return self

    def set(self, *signers, number=1, **changes):
        """The whole set, signed by these."""
        statement = snapshot(**changes) if "cairn" not in changes else changes
        for who in signers:
            self.put(f"snapshots/{number}/{who}-{len(self.files)}.sig", sign(who, statement))
        return self

    def root(self, *signers, version=1, folder=None, **changes):
        """A root document over the files as they are, signed by these."""
        files = {p[6:]: c for p, c in self.files.items() if p.startswith("trust/") and not p.startswith("trust/root")}
        listed = [{"path": p, "sha256": digest(files[p])} for p in sorted(files) if isinstance(files[p], bytes)]
        people = [{"person": p, "keys": [gpg_key(k) for k in PEOPLE[p][2]]} for p in ("ada", "bob", "eve")]
        base = dict(version=version, expires=NOW + 300 * DAY, threshold=2, people=people, files=listed)
        document = {"cairn": {"type": "root"} | base | changes}
        folder = f"trust/root/{folder or version}/"
        self.drop(folder).put(folder + "root.json", dump(document))
        for who in signers:
            self.put(f"{folder}{who}.sig", sign(who, document))
        return self

    def write(self, folder):
        for path, content in self.files.items():
            full = os.path.join(folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if callable(content):
                content(full)
            else:
                with open(full, "wb") as file:
                    file.write(content)


@functools.cache
def base():
    tree = Tree()
    tree.put("trust/policy.toml", POLICY)
    for who, (organisation, roles, keys) in PEOPLE.items():
        is_ssh = who in ("kim", "mac")
        for k in keys:
            public = ssh_key(k)[2] if is_ssh else gpg_public(k)
            tree.put(f"trust/keys/{who}/{k}.{'pub' if is_ssh else 'asc'}", public)
        blocks = [ssh(k) if is_ssh else openpgp(k) for k in keys]
        tree.put(f"trust/keys/{who}/person.toml", person(organisation, roles, *blocks))
    tree.root("ada", "bob")
    tree.says("ada", "ada.maintainer.sig", says("maintainer")).says("bob", "bob.review.sig", says("review"))
    tree.says("ada", "ada.reproduction.sig", vote()).says("bob", "bob.reproduction.sig", vote())
    tree.says("kim", "kim.reproduction.sig", vote(cpu="AuthenticAMD"))
    tree.set("ada", "eve")
    return tree.files


def cleanup():
    subprocess.run(["gpgconf", "--homedir", GNUPG, "--kill", "all"], capture_output=True)
    shutil.rmtree(WORK, ignore_errors=True)
