"""Real files, decoded by Conveyor and by a reference: what tests/unit/dicom/compare.py and tests/unit/media/compare.py share."""

import gzip
import pathlib
import re
import subprocess
import zipfile
from collections.abc import Callable

import numpy

LOSSY = 3  # how far two decoders of a lossy JPEG may be apart: each rounds its cosine transform in its own way

Frames = list[tuple[numpy.ndarray, float]]  # values, and what a step of a stored one is worth


class Decoder:
    """A program of ours (decode_dump.h) that decodes files one after the other."""

    def __init__(self, dump: str, files: list[pathlib.Path]) -> None:
        self.process = subprocess.Popen([dump, *files], stdout=subprocess.PIPE)

    def next(self) -> Frames | str:
        """The frames of the next file: physical values or colours; or its error."""
        frames: Frames = []
        error = None
        while (line := self.process.stdout.readline()) != b"end\n":
            what, *rest = line.decode().rstrip("\n").split("\t")
            if what == "error":
                error = rest[0]
            elif what == "frame":
                frames.append(self.frame(*map(int, rest[:4]), *map(float, rest[4:])))
            else:
                raise RuntimeError(f"{self.process.args[0]} ended with {self.process.wait()}")
        return frames if error is None else error

    def frame(self, height: int, width: int, channels: int, size: int, slope: float, intercept: float):
        bytes_ = self.process.stdout.read(height * width * channels * size)
        pixels = numpy.frombuffer(bytes_, f"<u{size}").reshape(height, width, channels)
        if channels == 1:
            return pixels[:, :, 0] * slope + intercept, abs(slope)
        return pixels[:, :, [2, 1, 0, 3][:channels]], abs(slope)


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def judge(got: Frames | str, expected: list[numpy.ndarray] | Exception, reference: str, lossy: bool) -> tuple[str, bool]:
    """How the file decodes beside the reference, and whether that is good."""
    if isinstance(expected, Exception) and isinstance(got, str):
        return f"{got} (nor does {reference})", True
    if isinstance(expected, Exception):
        return f"decoded; {reference}: {first_line(expected)[:100]}", True
    if isinstance(got, str):
        return got, True
    if len(got) != len(expected):
        return f"{len(got)} frames, {reference} {len(expected)}", False
    furthest = 0.0
    for (values, slope), right in zip(got, expected):
        if values.shape != right.shape:
            return f"shape {values.shape}, {reference} {right.shape}", False
        if not numpy.array_equal(values, right):
            furthest = max(furthest, float(numpy.max(numpy.abs(values.astype(float) - right.astype(float)))) / slope)
    frames = f", {len(got)} frames" if len(got) > 1 else ""
    if furthest < 1e-6:
        return f"as {reference}{frames}", True
    return f"as {reference} to within {furthest:.0f}{frames}", lossy and furthest <= LOSSY


def unpack(folder: pathlib.Path, into: pathlib.Path) -> None:
    """Files that lie gzipped or zipped in a folder."""
    for path in folder.rglob("*"):
        place = into / path.relative_to(folder)
        if path.suffix == ".gz":
            place.parent.mkdir(parents=True, exist_ok=True)
            place.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        elif path.suffix == ".zip":
            zipfile.ZipFile(path).extractall(place.with_suffix(""))


class Report:
    """Tables of files, and the complaints about them."""

    def __init__(self) -> None:
        self.tables: list[str] = []
        self.complaints: list[str] = []
        self.files = 0

    def add(
        self,
        title: str,
        dump: str,
        files: dict[str, pathlib.Path],
        compare: Callable[[pathlib.Path, Frames | str], tuple[str, str, bool]],
        series: str,
    ) -> None:
        """@param files by the name that is shown
        @param compare gives of a file and of what we decoded what it is, how it decodes, and whether that is good
        @param series what of a name becomes *, where several such files fare the same"""
        if not files:
            self.complaints.append(f"{title}: there are no files")
        rows: dict[tuple[str, str, str], list[str]] = {}
        ordered = sorted(files.items())
        decoder = Decoder(dump, [path for _, path in ordered])
        for name, path in ordered:
            kind, result, good = compare(path, decoder.next())
            if not good:
                self.complaints.append(f"{name}: {result}")
            rows.setdefault((re.sub(series, "*", name), kind, result), []).append(name)
        self.files += len(files)
        lines = [f"### {title}", "", "| file | | decodes |", "|---|---|---|"]
        for (many, kind, result), names in rows.items():
            name = names[0] if len(names) == 1 else f"{many} ({len(names)} files)"
            lines.append(f"| `{name}` | {kind} | {result} |".replace("\n", " "))
        self.tables.append("\n".join(lines) + "\n")

    def finish(self, page: pathlib.Path, by: str, write: bool) -> int:
        """Writes the tables into the page, or compares. @return the exit code"""
        whole = page.read_text()
        begin, end = f"<!-- decoded by {by} -->\n", f"<!-- /decoded by {by} -->"
        head, rest = whole.split(begin)
        shown, tail = rest.split(end)
        written = "\n" + "\n".join(self.tables) + "\n"
        if write:
            page.write_text(head + begin + written + end + tail)
        elif shown != written:
            self.complaints.append(f"the tables in {page} are others; the targets dicom_table and media_table write them anew")
            self.complaints += sorted(set(written.splitlines()) ^ set(shown.splitlines()))[:20]
        print(*self.complaints, sep="\n")
        print(f"{self.files} files, {len(self.complaints)} complaints")
        return 1 if self.complaints else 0
