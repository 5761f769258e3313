"""What the checks of a source tree share: a tree of a few files to try them on, and their command lines."""

import contextlib
import pathlib
import sys
import tempfile


@contextlib.contextmanager
def tree_of(files):
    """A folder with these files, {"src/a.h": "text"}, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as tree:
        for name, text in files.items():
            path = pathlib.Path(tree) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        yield tree


def expect(found, expected):
    if found != expected:
        sys.exit("found:\n" + "\n".join(map(str, found)) + "\nexpected:\n" + "\n".join(map(str, expected)))


def main(doc, complaints, self_test):
    """CHECK SOURCE_TREE says what is wrong, CHECK --self-test tries the check."""
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    elif len(sys.argv) != 2:
        sys.exit(doc)
    elif found := complaints(sys.argv[1]):
        sys.exit("\n".join(found))
