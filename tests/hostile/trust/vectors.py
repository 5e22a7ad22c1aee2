"""All vectors: (name, None for accepted or a part of the reason, what changes the tree)."""
VECTORS = [("nothing is changed", None, lambda t: None)]


def vector(name, expected, change):
    VECTORS.append((name, expected, change))
