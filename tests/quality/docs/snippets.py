#!/usr/bin/env python3
"""Checks that code shown in documentation is the code of files that are built and tested.

A code block that follows a line `<!-- from PATH -->` must be that file, and one that follows
`<!-- from PATH#NAME -->` the part of it between the lines `[NAME]` and `[/NAME]` (in comments of the file's language).

    snippets.py ROOT           fails where a block differs
    snippets.py ROOT --write   writes the blocks anew
"""

import pathlib
import re
import sys
import textwrap

BLOCK = re.compile(r"(<!-- from (?P<source>\S+) -->\n```(?P<language>\w*)\n)(?P<code>.*?)(```\n)", re.DOTALL)


def code_of(root: pathlib.Path, source: str) -> str:
    path, _, name = source.partition("#")
    text = (root / path).read_text()
    if not name:
        return text
    part = re.search(rf"^[^\n]*\[{name}\][^\n]*\n(.*?)^[^\n]*\[/{name}\]", text, re.DOTALL | re.MULTILINE)
    if part is None:
        raise ValueError(f"{path} has no part [{name}]")
    if not part.group(1).strip():
        raise ValueError(f"{path}: the part [{name}] is empty")
    return textwrap.dedent(part.group(1))


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    write = "--write" in sys.argv
    blocks = 0
    wrong = []
    for page in [root / "README.md", *sorted((root / "docs").glob("**/*.md")), *sorted(root.glob("examples/**/*.md"))]:
        text = page.read_text()

        def renewed(match: re.Match) -> str:
            nonlocal blocks
            blocks += 1
            code = code_of(root, match["source"])
            if code != match["code"]:
                wrong.append(f"{page.relative_to(root)}: the block from {match['source']} differs from the file")
            return match[1] + code + match[5]

        new = BLOCK.sub(renewed, text)
        if write and new != text:
            page.write_text(new)
    if blocks == 0:
        wrong.append("no code block names its file; is this the right folder?")
    if write:
        print(f"{blocks} blocks, {len(wrong)} written")
        return 0
    print(*wrong, sep="\n")
    if wrong:
        print("write them anew with: python3 tests/quality/docs/snippets.py . --write")
    return 1 if wrong else 0


sys.exit(main())
