"""The image of stage 1, unpacked and entered without cairn.

The image is out/bootstrap-stage1.tgz (or $STAGE1_IMAGE), as `make` exports it. Where it
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

HERE = pathlib.Path(__file__).resolve().parent
IMAGE = pathlib.Path(os.environ.get("STAGE1_IMAGE", HERE.parents[2] / "out/bootstrap-stage1.tgz"))


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
def entered():
    """The image in a folder that is gone afterwards, as a Walk."""
    if not IMAGE.exists():
        skip(f"{IMAGE} is not there: build it with `make out/bootstrap-stage1.tgz`")
    if os.geteuid():
        skip("entering an image without cairn needs root")
    with tempfile.TemporaryDirectory() as root:
        unpack(IMAGE, root)
        yield enter(root)
