"""The image of a stage, unpacked and entered without cairn.

The image is out/bootstrap-stage1.tgz (or $STAGE1_IMAGE; 3 for stage 3), as `make` exports it. Where it
has not been built, or the caller may not enter it, the program ends with 77, "skipped".
"""

import contextlib
import json
import os
import pathlib
import sys
import tarfile
import tempfile

from walk import Walk

OUT = pathlib.Path(__file__).resolve().parents[3] / "out"


def skip(why):
    print(why)
    sys.exit(77)


def unpack(image, root):
    """The layers of a docker-archive, in their order."""
    with tarfile.open(image) as archive:
        for name in json.load(archive.extractfile("manifest.json"))[0]["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                # Older Pythons know no filters and trust every archive.
                layer.extractall(root, **({"filter": "fully_trusted"} if hasattr(tarfile, "data_filter") else {}))


def enter(root):
    """A Walk whose run() starts programs of `root`, in its /tmp."""
    walk = Walk(root, log=sys.stdout)
    walk.path, walk.cwd = "/usr/bin:/bin", "/tmp"
    return walk


@contextlib.contextmanager
def unpacked(stage=1):
    """The image in a folder that is gone afterwards."""
    name = f"bootstrap-stage{stage}.tgz"
    image = pathlib.Path(os.environ.get(f"STAGE{stage}_IMAGE".replace("-", "_").upper(), OUT / name))
    if not image.exists():
        skip(f"{image} is not there: build it with `make out/{name}`")
    if os.geteuid():
        skip("entering an image without cairn needs root")
    with tempfile.TemporaryDirectory() as root:
        unpack(image, root)
        yield pathlib.Path(root)


@contextlib.contextmanager
def entered(stage=1):
    """The image in such a folder, as a Walk."""
    with unpacked(stage) as root:
        yield enter(root)
