#!/usr/bin/env python3
"""parts.py SOURCE_TREE: docs/architecture.md names files and classes that src/ has. parts.py --self-test"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tree_check import expect, main, tree_of  # noqa: E402

PAGE = "docs/architecture.md"
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)+(?:\.(?:h|cc))?")
CLASS = re.compile(r"(?:[a-z]+::)?([A-Z]\w*[a-z]\w*)")


def complaints(tree):
    tree = pathlib.Path(tree)
    headers = [*tree.glob("src/**/*.h"), *tree.glob("include/**/*.h")]
    defined = set(re.findall(r"\b(?:class|struct|enum|concept|using)\s+(?:class\s+)?(?:CONVEYOR_EXPORT\s+)?(\w+)",
                             "\n".join(path.read_text() for path in headers)))
    found = []
    for name in sorted(set(CODE.findall((tree / PAGE).read_text()))):
        if FILE.fullmatch(name):
            file = tree / "src" / name
            there = file.is_file() if file.suffix else any(file.with_suffix(end).is_file() for end in (".h", ".cc"))
            if not there and not file.is_dir() and not (tree / name).exists():
                found.append(f"{PAGE}: src/ has no {name}")
        elif (match := CLASS.fullmatch(name)) and match[1] not in defined:
            found.append(f"{PAGE}: no header has {name}")
    return found


def self_test():
    page = "`a/one.cc`, `a/two`, `a/three`, `One`, `kafka::Two`, `Three`, `lower`, `a/four.h`"
    files = {PAGE: page, "src/a/one.cc": "", "src/a/two.h": "class One {};\nstruct Two;\n", "src/a/four.cc": ""}
    with tree_of(files) as tree:
        expect(complaints(tree), [f"{PAGE}: no header has Three", f"{PAGE}: src/ has no a/four.h",
                                  f"{PAGE}: src/ has no a/three"])


if __name__ == "__main__":
    main(__doc__, complaints, self_test)
