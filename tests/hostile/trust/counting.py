"""Good signatures that must not be counted, or must not be overlooked."""
import os
from vectors import BOB, KIM, vector
from world import (DAY, DEFINITION, FOLDER, IMAGE, NOW, OTHER, POLICY, PEOPLE, digest, dump, entry, gpg_sign, key,
                   objection, openpgp, person, says, sign, snapshot, snapshot_seen, ssh, vote)

FEW = "2 of 3 reproducers"
DISAGREE = "not everybody got this image"
reroot = lambda t: t.root("ada", "bob")


def says_(name, expected, *said, **asked):
    """Puts (who, file, statement) into the definition's folder."""
    def change(t):
        for who, file, statement in said:
            t.says(who, file, statement)
        t.ask(**asked)
    vector(name, expected, change)


def instead(label, expected, **changes):
    """bob's vote says something else."""
    says_(label, expected, ("bob", "bob.reproduction.sig", vote(**changes)))


# One person, one vote.
vector("one signature in two files is one vote", FEW, lambda t: t.put(BOB, t.files[FOLDER + "ada.reproduction.sig"]))
vector("one signature in two hundred files is one vote", FEW,
       lambda t: [t.put(FOLDER + f"{n}.sig", t.files[KIM]) for n in range(200)] and t.drop(BOB))
vector("one message compressed otherwise is one vote", FEW,
       lambda t: t.put(BOB, gpg_sign("ada", dump(vote()), compress="ZIP")))
says_("two votes of one key are one vote", FEW, ("ada", "bob.reproduction.sig", vote(timestamp=NOW)))
says_("two votes of one person's two keys are one vote", FEW, ("ada2", "bob.reproduction.sig", vote()))
says_("two engines of one person are one vote", FEW, ("ada2", "bob.reproduction.sig", vote(engine="podman", timestamp=NOW)))
says_("the second key votes for the first", None, ("ada2", "ada.reproduction.sig", vote()))
says_("a machine is no vote", FEW, ("mac", "bob.reproduction.sig", vote(role="machine")))
says_("a machine that calls itself a person is no vote", FEW, ("mac", "bob.reproduction.sig", vote()))
instead("a person's machine is no vote", FEW, role="machine")
says_("a fourth vote does no harm", None, ("dan", "dan.sig", vote()))
says_("a file's name gives no vote to anybody", FEW, ("ada", "bob.reproduction.sig", vote()))
vector("no folder is no vote", "0 of 3 reproducers", lambda t: t.drop("signatures/"))
vector("a review is no vote", FEW, lambda t: t.put(BOB, t.files[FOLDER + "bob.review.sig"]))

# Replay.
instead("a vote for another image of the same definition is an alarm", DISAGREE, image=OTHER)
instead("replay on another definition", FEW, definition=OTHER)
instead("replay on another package", FEW, name="core/zlib-ng")
instead("replay on another version", FEW, version="1.3.0")
instead("replay on an empty version", FEW, version="")
instead("replay on another repository", FEW, reference="evil.example/cairn/core/zlib:1.3.1")
instead("replay on another tag", FEW, reference="registry.example/cairn/core/zlib:latest")
instead("replay on a reference with a digest", FEW, reference=f"registry.example/cairn/core/zlib@{IMAGE}")
instead("replay on an empty reference", FEW, reference="")
instead("replay on another platform", FEW, platform="linux/arm64")
instead("replay on a platform in capitals", FEW, platform="Linux/amd64")
vector("a question about another image", "0 of 3 reproducers", lambda t: t.ask(image=OTHER))
vector("a question about another definition", "0 of 3 reproducers", lambda t: t.ask(definition=OTHER))
vector("a question about another version", "0 of 3 reproducers", lambda t: t.ask(version="1.3.2"))
vector("a question about another platform", "0 of 3 reproducers", lambda t: t.ask(platform="linux/arm64"))
vector("a question about a package of the same folder name", "0 of 3", lambda t: t.ask(name="core/zlib2"))
vector("a question with a digest that climbs", "", lambda t: t.ask(definition="sha256:../../x"))
vector("a question with a name that climbs", "", lambda t: t.ask(name="../zlib"))

# Time.
instead("a vote from two days ahead", FEW, timestamp=NOW + 2 * DAY)
instead("a vote from a day and a second ahead", FEW, timestamp=NOW + DAY + 1)
instead("a vote from a day ahead", None, timestamp=NOW + DAY)
instead("a vote from the end of time", FEW, timestamp=(1 << 63) - 1)
instead("a vote from 1970", FEW, timestamp=0)


def days(start, end):
    return lambda t: reroot(t.put("trust/keys/bob/person.toml", person("one", PEOPLE["bob"][1], openpgp("bob", start=start, end=end))))


vector("a vote before the key's first day", FEW, days("2027-01-11", "2099-01-01"))
vector("a vote on the key's first day", None, days("2027-01-10", "2099-01-01"))
vector("a vote on the key's last day that does not count", FEW, days("2026-01-01", "2027-01-10"))
vector("a vote on the key's last day", None, days("2026-01-01", "2027-01-11"))
vector("a vote of yesterday by a key that ended today", None, days("2026-01-01", "2027-01-14"))


def old(t, seconds):
    reroot(t.edit("trust/policy.toml", "signature-days = 400", "signature-days = 10"))
    t.says("bob", "bob.reproduction.sig", vote(timestamp=NOW - seconds))


vector("a vote older than the policy allows", FEW, lambda t: old(t, 10 * DAY + 1))
vector("a vote as old as the policy allows", None, lambda t: old(t, 10 * DAY))


def revoke(who, extra='revoked = "2027-01-14"\n'):
    def change(t):
        block = ssh(who) if who == "kim" else openpgp(who)
        t.put(f"trust/keys/{who}/person.toml", person(PEOPLE[who][0], PEOPLE[who][1], block + extra))
        t.root("ada", "eve", people=[{"person": p, "keys": t.prints[p]} for p in ("ada", "eve")])
    return change


def with_prints(change):
    from world import gpg_key

    def wrapped(t):
        t.prints = {p: [gpg_key(k) for k in PEOPLE[p][2]] for p in ("ada", "bob", "eve")}
        change(t)
    return wrapped


vector("a revoked OpenPGP key", "bob's key was revoked", with_prints(revoke("bob")))
vector("a revoked SSH key", "kim's key was revoked", with_prints(revoke("kim")))
vector("a key revoked for next year is revoked", FEW, with_prints(revoke("kim", 'revoked = "2028-01-01"\n')))

# Diversity.
vector("all of one organisation", "1 of 2 organisations", lambda t: reroot(
    t.edit("trust/keys/kim/person.toml", "three", "one").edit("trust/policy.toml", "reproducers = 3", "reproducers = 3")))
says_("all on one CPU vendor", "1 of 2 CPU vendors", ("kim", "kim.reproduction.sig", vote()))
says_("a CPU vendor that is not named is none", "1 of 2 CPU vendors", ("kim", "kim.reproduction.sig", vote(cpu="")))
says_("a superseded vote gives no CPU vendor", "1 of 2 CPU vendors",
      ("kim", "kim2.sig", vote(timestamp=NOW - DAY)))
says_("a machine gives no CPU vendor", "1 of 2 CPU vendors", ("kim", "kim.reproduction.sig", vote()),
      ("mac", "mac.sig", vote(role="machine", cpu="AuthenticAMD")))
for field, label in ("engines", "engines"), ("distributions", "distributions"):
    vector(f"too few {field}", f"1 of 2 {label}",
           lambda t, field=field: reroot(t.put("trust/policy.toml", POLICY + f"{field} = 2\n")))
vector("a group's own rule is stricter", "3 of 4 reproducers", lambda t: reroot(t.put(
    "trust/policy.toml", POLICY + "[groups.core]\nmaintainers = 1\nreviewers = 1\nreproducers = 4\n")))
vector("a rule for another group", None, lambda t: reroot(t.put(
    "trust/policy.toml", POLICY + "[groups.bootstrap]\nmaintainers = 1\nreviewers = 1\nreproducers = 4\n")))

# Maintainers and reviewers.
vector("nobody proposed it", "0 of 1 maintainers", lambda t: t.drop(FOLDER + "ada.maintainer"))
vector("nobody reviewed it", "0 of 1 reviewers", lambda t: t.drop(FOLDER + "bob.review"))
says_("a proposal by somebody who may not", "0 of 1 maintainers", ("dan", "ada.maintainer.sig", says("maintainer")))
says_("a review by somebody who may not", "0 of 1 reviewers", ("dan", "bob.review.sig", says("review")))
says_("a review of another definition", "0 of 1 reviewers", ("bob", "bob.review.sig", says("review", definition=OTHER)))
says_("a review of another package", "0 of 1 reviewers", ("bob", "bob.review.sig", says("review", name="core/x")))
says_("a review from the future", "0 of 1 reviewers", ("bob", "bob.review.sig", says("review", timestamp=NOW + 9 * DAY)))
says_("a proposal by a stranger", "0 of 1 maintainers", ("mallory", "ada.maintainer.sig", says("maintainer")))
says_("a review with an unknown member", "0 of 1 reviewers", ("bob", "bob.review.sig", says("review", x=1)))
says_("a proposal where a review is needed", "0 of 1 reviewers", ("eve", "bob.review.sig", says("maintainer")))


def own_work(t):
    t.put("trust/keys/bob/person.toml", person("one", ["maintainer", "reviewer", "reproducer", "root"], openpgp("bob")))
    reroot(t).says("bob", "ada.maintainer.sig", says("maintainer"))


vector("the reviewer is the author", "0 of 1 reviewers", own_work)
vector("the reviewer is one of two authors", "0 of 1 reviewers",
       lambda t: (own_work(t), t.says("ada", "ada2.sig", says("maintainer"))))

# Disagreement.
DISPUTE = ("dan", "dan.dispute.sig", says("dispute"))
settle = lambda who, **m: (who, f"{who}.settlement.sig", says("settlement", **m))
says_("a dispute stops the image", "dan signed a dispute", DISPUTE)
says_("a dispute from years ago stops it", DISAGREE, ("dan", "d.sig", says("dispute", timestamp=NOW - 300 * DAY)))
says_("a machine's dispute stops it", "mac signed a dispute", ("mac", "d.sig", says("dispute")))
says_("another image by one person stops it", "dan got sha256", ("dan", "d.sig", vote(image=OTHER)))
says_("another image by a machine stops it", "mac got sha256", ("mac", "d.sig", vote(image=OTHER, role="machine")))
says_("another image under another version stops it", DISAGREE, ("dan", "d.sig", vote(image=OTHER, version="9")))
says_("another image under another name stops it", DISAGREE, ("dan", "d.sig", vote(image=OTHER, name="core/x")))
says_("a voter who also got another image stops it", DISAGREE, ("kim", "d.sig", vote(image=OTHER)))
says_("a voter who got another image before stops it", DISAGREE, ("kim", "d.sig", vote(image=OTHER, timestamp=NOW - 90 * DAY)))
says_("a stranger's dispute does not", None, ("mallory", "d.sig", says("dispute")))
says_("a dispute about another platform does not", None, ("dan", "d.sig", says("dispute", platform="linux/arm64")))
says_("a dispute about another definition does not", None, ("dan", "d.sig", says("dispute", definition=OTHER)))
says_("a dispute from the future does not", None, ("dan", "d.sig", says("dispute", timestamp=NOW + 9 * DAY)))
says_("a dispute without a difference does not", None, ("dan", "d.sig", says("dispute", got=IMAGE)))
says_("a dispute with 1,001 files does not", None, ("dan", "d.sig", says("dispute", files=["x"] * 1001)))
says_("a dispute with 1,000 files does", DISAGREE, ("dan", "d.sig", says("dispute", files=["x"] * 1000)))
says_("one root does not settle", DISAGREE, DISPUTE, settle("ada"))
says_("one root with two keys does not settle", DISAGREE, DISPUTE, settle("ada"), ("ada2", "s2.sig", says("settlement")))
says_("two roots settle", None, DISPUTE, settle("ada"), settle("bob"))
says_("people who are no roots do not settle", DISAGREE, DISPUTE, settle("kim"), ("dan", "s2.sig", says("settlement")))
says_("a machine does not settle", DISAGREE, DISPUTE, settle("mac"), settle("ada"))
says_("two roots for different images do not settle", DISAGREE, DISPUTE, settle("ada"), settle("bob", image=OTHER))
says_("two roots settle for the other image", DISAGREE, DISPUTE, settle("ada", image=OTHER), settle("bob", image=OTHER))
says_("two roots settle for another image though nobody disputes", DISAGREE, settle("ada", image=OTHER), settle("bob", image=OTHER))
says_("one root settles for another image though nobody disputes", None, settle("ada", image=OTHER))
says_("a settlement of another platform", DISAGREE, DISPUTE, settle("ada"), settle("bob", platform="linux/arm64"))
says_("a settlement of another definition", DISAGREE, DISPUTE, settle("ada"), settle("bob", definition=OTHER))
says_("a settlement from the future", DISAGREE, DISPUTE, settle("ada"), settle("bob", timestamp=NOW + 9 * DAY))
says_("a root that changed its mind", DISAGREE, DISPUTE, settle("ada"), settle("bob"),
      ("bob", "later.sig", says("settlement", image=OTHER, timestamp=NOW)))
says_("a root that came to its mind", None, DISPUTE, settle("ada"), settle("bob"),
      ("bob", "before.sig", says("settlement", image=OTHER, timestamp=NOW - 90 * DAY)))
says_("settled, and still too few votes", FEW, DISPUTE, settle("ada"), settle("bob"),
      ("bob", "bob.reproduction.sig", vote(definition=OTHER)))

# A settlement ends what it names, and nothing else.
D, LATER, SEEN = says("dispute"), says("dispute", timestamp=NOW - DAY), says("dispute", got=digest("third"))
settled = lambda *said: [settle(who, settles=sorted(said)) for who in ("ada", "bob")]
O = objection("dan", D)
for name, expected, *said in [
    ("that names nothing", DISAGREE, DISPUTE, *settled()),
    ("that names another person", DISAGREE, DISPUTE, *settled(objection("kim", D))),
    ("that names another statement", DISAGREE, DISPUTE, *settled(objection("dan", SEEN))),
    ("that names only the digest", DISAGREE, DISPUTE, *settled(O[4:])),
    ("that names it in capitals", DISAGREE, DISPUTE, *settled(O.upper())),
    ("that names it and more", None, DISPUTE, *settled(O, "nobody " + OTHER, "x")),
    ("and the same person objects again", DISAGREE, DISPUTE, ("dan", "d2.sig", LATER), *settled(O)),
    ("and the same person got a third image", DISAGREE, DISPUTE, ("dan", "d2.sig", SEEN), *settled(O)),
    ("and somebody else signs the same bytes", DISAGREE, DISPUTE, ("kim", "d2.sig", D), *settled(O)),
    ("and an older objection turns up", DISAGREE, DISPUTE,
     ("dan", "d2.sig", says("dispute", timestamp=NOW - 300 * DAY)), *settled(O)),
    ("that names both", None, DISPUTE, ("dan", "d2.sig", LATER), *settled(O, objection("dan", LATER))),
    ("where each root names one of two", DISAGREE, DISPUTE, ("dan", "d2.sig", LATER),
     settle("ada"), settle("bob", settles=[objection("dan", LATER)])),
    ("that one root took back", DISAGREE, DISPUTE, *settled(O),
     ("bob", "later.sig", says("settlement", settles=[], timestamp=NOW))),
    ("that names a vote for another image", None, ("dan", "d.sig", vote(image=OTHER)),
     *settled(objection("dan", vote(image=OTHER)))),
    ("that names a dispute, not the vote beside it", DISAGREE, DISPUTE, ("dan", "d.sig", vote(image=OTHER)), *settled(O)),
    ("of a machine's vote", None, ("mac", "d.sig", vote(image=OTHER, role="machine")),
     *settled(objection("mac", vote(image=OTHER, role="machine")))),
    ("of one objection signed with two keys", None, ("eve", "d.sig", D), ("eve", "d2.sig", D), *settled(objection("eve", D))),
    ("that is not sorted", DISAGREE, DISPUTE, *[settle(who, settles=["x", O]) for who in ("ada", "bob")]),
    ("that names it twice", DISAGREE, DISPUTE, *[settle(who, settles=[O, O]) for who in ("ada", "bob")]),
    ("that names 256", None, DISPUTE, *settled(O, *[f"x{n:03}" for n in range(255)])),
    ("that names 257", DISAGREE, DISPUTE, *settled(O, *[f"x{n:03}" for n in range(256)])),
    ("with a number among its names", DISAGREE, DISPUTE, *[settle(who, settles=[1, O]) for who in ("ada", "bob")]),
    ("whose names are one text", DISAGREE, DISPUTE, *[settle(who, settles=O) for who in ("ada", "bob")]),
    ("with an unknown member", DISAGREE, DISPUTE, *[settle(who, x=1) for who in ("ada", "bob")]),
]:
    says_(f"a settlement {name}", expected, *said)


def no_names(t):
    for who, file, statement in (DISPUTE, settle("ada"), settle("bob")):
        statement["cairn"].pop("settles", None)
        t.says(who, file, statement)


vector("a settlement without a list", DISAGREE, no_names)


# Folders.
junk = lambda n: lambda t: [t.put(FOLDER + f"junk{i}.sig", b"x") for i in range(n)] and None
vector("251 junk files beside five good ones", None, junk(251))
vector("252 junk files beside five good ones", "more than 256", junk(252))
vector("a hundred thousand junk files", "more than 256", lambda t: t.put(FOLDER + "many", lambda p: [
    os.close(os.open(os.path.join(os.path.dirname(p), f"{n}.sig"), os.O_CREAT | os.O_WRONLY)) for n in range(100_000)]))
vector("files with other endings are not read", None, lambda t: t.put(FOLDER + "README", b"x").put(FOLDER + "x.sig.bak", b"x"))
vector("a link in place of a signature", "", lambda t: t.put(FOLDER + "l.sig", lambda p: os.symlink("bob.reproduction.sig", p)))
vector("a link to nothing", "", lambda t: t.put(FOLDER + "l.sig", lambda p: os.symlink("nothing", p)))
vector("a link to a device", "", lambda t: t.put(FOLDER + "l.sig", lambda p: os.symlink("/dev/zero", p)))
vector("a folder in place of a signature", "not a regular file", lambda t: t.put(FOLDER + "l.sig", os.mkdir))
vector("a pipe in place of a signature", "not a regular file", lambda t: t.put(FOLDER + "l.sig", os.mkfifo))
vector("a name that is not UTF-8", "no UTF-8", lambda t: t.put(FOLDER + "x", lambda p: open(os.fsencode(p) + b"\xff.sig", "wb").close()))
vector("a file of five megabytes", "longer than", lambda t: t.put(FOLDER + "l.sig", b"\xcb" * 5_000_000))
vector("a sparse file of a terabyte", "longer than", lambda t: t.put(FOLDER + "l.sig", lambda p: (open(p, "w").close(), os.truncate(p, 1 << 40))))
vector("a file in place of the folder", "", lambda t: t.drop(FOLDER).put(FOLDER[:-1], b"x"))

# The whole set.
fresh = lambda *signers, **m: lambda t: t.drop("snapshots/").set(*signers, **m)
vector("no snapshot", "there is no snapshot", lambda t: t.drop("snapshots/"))
vector("a snapshot by one maintainer", "1 of 2 maintainers", fresh("ada"))
vector("a snapshot by one maintainer's two keys", "1 of 2 maintainers", fresh("ada", "ada2"))
vector("a snapshot by one maintainer and one who is none", "1 of 2 maintainers", fresh("ada", "bob"))
vector("a snapshot by a stranger", "1 of 2 maintainers", fresh("ada", "mallory"))
vector("a snapshot that expired", "it expired", fresh("ada", "eve", expires=NOW))
vector("a snapshot that expires in a second", None, fresh("ada", "eve", expires=NOW + 1))
vector("a snapshot older than the policy allows", "it expired", fresh("ada", "eve", created=NOW - 30 * DAY - 1))
vector("a snapshot as old as the policy allows", None, fresh("ada", "eve", created=NOW - 30 * DAY))
vector("a snapshot from the future", "it expired", fresh("ada", "eve", created=NOW + DAY + 1))
vector("a snapshot without this image", "does not list", fresh("ada", "eve", entries=[]))
for field, other in dict(image=OTHER, definition=OTHER, version="1.3.0", platform="linux/arm64", name="core/x").items():
    vector(f"a snapshot with another {field}", "does not list", fresh("ada", "eve", entries=[entry(**{field: other})]))
vector("a snapshot of many images", None, fresh("ada", "eve", entries=[entry(name="core/a"), entry(), entry(platform="linux/arm64")]))
vector("a snapshot out of order", "0 of 2", fresh("ada", "eve", entries=[entry(name="core/zzz"), entry()]))
vector("a snapshot with one image twice", "0 of 2", fresh("ada", "eve", entries=[entry(), entry()]))
vector("a snapshot with two images of one package", "0 of 2", fresh("ada", "eve", entries=[entry(), entry(image=OTHER)]))
vector("a snapshot with an unknown member", "0 of 2", fresh("ada", "eve", entries=[entry(x=1)]))
vector("a snapshot with another number than its folder", "0 of 2", fresh("ada", "eve", number=2) if False else
       lambda t: t.drop("snapshots/").put("snapshots/1/a.sig", sign("ada", snapshot(number=2))).put("snapshots/1/e.sig", sign("eve", snapshot(number=2))))
vector("a snapshot with the number 0", "", lambda t: t.drop("snapshots/").put("snapshots/0/a.sig", sign("ada", snapshot(number=0))))
for folder in "01", "x", "-1", "1.0", "9223372036854775808":
    vector(f"a snapshot folder called {folder}", "must be a whole number", lambda t, folder=folder: t.put(f"snapshots/{folder}/a.sig", b"x"))
vector("an older snapshot than was seen", "is older than 2", lambda t: t.ask(seen=snapshot_seen(snapshot(number=2))))
vector("the snapshot that was seen", None, lambda t: t.ask(seen=snapshot_seen(snapshot())))
vector("another snapshot under the number that was seen", "with other content", lambda t: t.ask(seen=f"1:{OTHER}"))
vector("a newer snapshot than was seen", None, lambda t: t.set("ada", "eve", number=2, cairn=snapshot(number=2)["cairn"]).ask(seen=snapshot_seen(snapshot())))
vector("freeze: a newer snapshot that nobody signed hides the old", "snapshot 2", lambda t: t.put("snapshots/2/x.sig", b"x"))
vector("a new image listed only by the old snapshot", "does not list", lambda t: t.set("ada", "eve", number=2, cairn=snapshot(entry(image=OTHER), number=2)["cairn"]))


def two_sets(t, **asked):
    reroot(t.edit("trust/policy.toml", "[snapshot]\nthreshold = 2", "[snapshot]\nthreshold = 1"))
    t.drop("snapshots/").put("snapshots/1/a.sig", sign("ada", snapshot())).ask(**asked)
    t.put("snapshots/1/e.sig", sign("eve", snapshot(entry(), entry(name="core/zzz"))))


vector("two sets of one number, each signed by enough", "in two versions", two_sets)
vector("two sets of one number, one of them seen before", None, lambda t: two_sets(t, seen=snapshot_seen(snapshot())))
vector("a mixture of two sets, one signature each", "1 of 2 maintainers", lambda t: t.drop("snapshots/").put(
    "snapshots/1/a.sig", sign("ada", snapshot())).put("snapshots/1/e.sig", sign("eve", snapshot(entry(), entry(name="core/zzz")))))
vector("one set in two spellings is one set", None, lambda t: t.drop("snapshots/").put("snapshots/1/a.sig", sign("ada", snapshot())).put(
    "snapshots/1/e.sig", sign("eve", dump(snapshot()).replace(b",", b" , "))))
vector("a set with letters that are escaped when it is hashed", None, lambda t: t.drop("snapshots/").set(
    "ada", "eve", entries=[entry(name="core/a", version="<\u00e9&\u2028>\U0001f600\"\\"), entry()]).ask(
    seen=f"1:{odd()}"))


def odd():
    s = snapshot(entry(name="core/a", version="<\u00e9&\u2028>\U0001f600\"\\"), entry())
    text = dump(s).decode()
    for raw, escaped in ("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"):
        text = text.replace(raw, escaped)
    return digest(text)


def ended(t):
    for who, roles in ("eve", PEOPLE["eve"][1]),:
        t.put(f"trust/keys/{who}/person.toml", person("two", roles, openpgp(who, end="2027-01-15")))
    reroot(t)


vector("a snapshot by a key that ended today", "1 of 2 maintainers", ended)
