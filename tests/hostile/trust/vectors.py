"""All vectors: (name, None for accepted or a part of the reason, what changes the tree).

The tables stand by subject in `envelopes`, `documents`, `counting` and `trusted`.
"""
from world import FOLDER

VECTORS = [("nothing is changed", None, lambda t: None)]
BOB = FOLDER + "bob.reproduction.sig"
KIM = FOLDER + "kim.reproduction.sig"


def vector(name, expected, change):
    VECTORS.append((name, expected, change))


def bad_vote(name, make, path=BOB, reason="2 of 3 reproducers"):
    """A file that is no vote: one is missing; and beside enough good ones it harms nobody."""
    vector(f"{name}, as a vote", reason, lambda t: t.put(path, make()))
    vector(f"{name}, beside enough", None, lambda t: t.put(FOLDER + "0.sig", make()))


def good_vote(name, make, path=BOB):
    vector(f"{name} is a vote", None, lambda t: t.put(path, make()))


import envelopes, documents, counting, trusted  # noqa: E402,F401  each adds its own
