"""Decodes real PNG and JPEG pictures with Conveyor::media and with Pillow, and compares every pixel.

    compare.py DUMP CACHE PAGE            fails where they differ, or where the page does not show the result
    compare.py DUMP CACHE PAGE --write    writes the tables into the page

DUMP is the program of dump.cc, CACHE the folder in which cmake/setup.sh keeps what it fetched, PAGE docs/images.md.
"""

import importlib.metadata
import importlib.util
import pathlib
import sys

import numpy
from PIL import Image

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from decoded import Frames, Report, judge  # noqa: E402


def theirs(image: Image.Image) -> numpy.ndarray:
    """Gray, RGB or RGBA, as Conveyor gives a picture of that mode."""
    if image.mode == "1":
        return numpy.asarray(image.convert("L"))
    if image.mode == "P":
        return numpy.asarray(image.convert("RGBA" if "transparency" in image.info else "RGB"))
    if image.mode == "LA":
        return numpy.asarray(image.convert("RGBA"))
    return numpy.asarray(image)


def compare(path: pathlib.Path, got: Frames | str) -> tuple[str, str, bool]:
    try:
        with Image.open(path) as image:
            kind = f"{image.format}, {image.mode}"
            expected = [theirs(image)]
    except Exception as error:  # whatever Pillow throws at a broken file
        kind, expected = path.suffix[1:].upper(), error
    if isinstance(got, list) and kind == "PNG, RGB" and got[0][0].dtype == numpy.uint16:
        values, good = judge([(got[0][0] >> 8, 1.0)], expected, "Pillow", False)
        return "PNG, RGB, 16 bit", f"{values}, which gives the high bytes", good
    return kind, *judge(got, expected, "Pillow", kind.startswith(("JPEG", "MPO")))


def pictures(root: pathlib.Path) -> dict[str, pathlib.Path]:
    kinds = (".png", ".jpg", ".jpeg")
    return {str(path.relative_to(root)): path for path in root.rglob("*") if path.suffix.lower() in kinds}


def main() -> int:
    dump, cache, page = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    skimage = pathlib.Path(importlib.util.find_spec("skimage").origin).parent / "data"
    samples = cache / "opencv-doc"
    report = Report()
    sets = [
        (f"scikit-image {importlib.metadata.version('scikit-image')}", skimage),
        (f"Debian's opencv-doc {(samples / 'version').read_text().strip()}", samples),
    ]
    for title, root in sets:
        report.add(title, dump, pictures(root), compare, r"[^/]+(?=\.[a-z]+$)")
    return report.finish(page, "tests/unit/media/compare.py", "--write" in sys.argv)


sys.exit(main())
