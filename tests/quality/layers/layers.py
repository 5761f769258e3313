#!/usr/bin/env python3
"""Who may include whom: a folder of src/ includes itself and folders of the layers before its own.

    layers.py SOURCE_TREE        says each #include "..." of src/ that is not allowed, by file and line, and whether the
                                 table of docs/architecture.md, which has the reasons, is another one
    layers.py --self-test        tests the check itself, on a tree of a few files
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tree_check import expect, main, tree_of  # noqa: E402

# From the ground up. Folders of one layer do not know each other.
LAYERS = [
    ["base"],
    ["core"],
    ["observe"],
    ["codec", "kafka"],
    ["settings"],
    ["produce"],
    ["consume"],
    ["dead_letters"],
    ["transactions"],
    ["worker"],
    ["testing", "vision"],
    ["media", "dicom", "onnxruntime"],
    ["cli"],
]
PLACE = {folder: place for place, layer in enumerate(LAYERS) for folder in layer}
# Public headers of these folders belong to the folder of the same name; all others are for everybody.
PUBLIC = re.compile(r"conveyor/(vision|media|dicom|onnxruntime|testing)/")
ROW = re.compile(r"\| ((?:`\w+`(?:, )?)+) \|")
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')


def folder_of(include):
    """The folder of src/ that an include belongs to; None: no folder, as for generated and most public headers."""
    public = PUBLIC.match(include)
    if public:
        return public[1]
    folder = include.split("/")[0]
    return folder if folder in PLACE else None


def layers_of_table(text):
    return [re.findall(r"`(\w+)`", row[1]) for row in map(ROW.match, text.splitlines()) if row]


def complaints(tree):
    source = pathlib.Path(tree) / "src"
    found = []
    for folder in sorted(path.name for path in source.iterdir() if path.is_dir()):
        if folder not in PLACE:
            found.append(f"src/{folder}: no place in LAYERS of tests/quality/layers/layers.py")
            continue
        for path in sorted([*source.glob(f"{folder}/**/*.h"), *source.glob(f"{folder}/**/*.cc")]):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                other = folder_of(include[1]) if include else None
                if other is None or other == folder or PLACE[other] < PLACE[folder]:
                    continue
                found.append(f"{path.relative_to(tree)}:{number}: {folder} must not include {other}: {include[1]}")
    return found


def self_test():
    table = layers_of_table("| folder | what |\n|---|---|\n| `base` | `x` |\n| `codec`, `kafka` | both |\n")
    expect(table, [["base"], ["codec", "kafka"]])
    with tree_of({
        "src/base/a.h": '#include "conveyor/error.h"\n',
        "src/codec/b.cc": '#include "base/a.h"\n#include <kafka/c.h>\n#include "kafka/c.h"\n',
        "src/kafka/c.h": '#include "codec/b.h"  // a neighbour\n',
        "src/worker/d.h": '#include "base/a.h"\n#include "conveyor/vision/image.h"\n',
        "src/attic/e.h": "",
    }) as tree:
        expect(complaints(tree), [
            "src/attic: no place in LAYERS of tests/quality/layers/layers.py",
            "src/codec/b.cc:3: codec must not include kafka: kafka/c.h",
            "src/kafka/c.h:1: kafka must not include codec: codec/b.h",
            "src/worker/d.h:2: worker must not include vision: conveyor/vision/image.h",
        ])


def all_complaints(tree):
    found = complaints(tree)
    if layers_of_table((pathlib.Path(tree) / "docs/architecture.md").read_text()) != LAYERS:
        found.append("the table of docs/architecture.md has other folders, or another order, than LAYERS")
    return found


if __name__ == "__main__":
    main(__doc__, all_complaints, self_test)
