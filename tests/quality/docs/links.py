#!/usr/bin/env python3
"""links.py SOURCE_TREE: files, and headings in them, that the pages link to are there."""

import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page):
    """As GitHub makes them of headings."""
    found = set()
    in_code = False
    for line in page.read_text().splitlines():
        in_code ^= line.startswith("```")
        if not in_code and line.startswith("#"):
            text = line.lstrip("#").strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def without_code(text):
    return re.sub(r"```.*?```", "", text, flags=re.S)


def main():
    tree = pathlib.Path(sys.argv[1]).resolve()
    pages = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=tree, capture_output=True, text=True, check=False)
    names = [name for name in pages.stdout.split("\0") if name] or [str(p) for p in tree.glob("**/*.md")]
    if not names:
        sys.exit(f"no pages in {tree}")
    wrong = []
    count = 0
    for name in names:
        page = tree / name
        if not page.exists():
            continue
        for link in LINK.findall(without_code(page.read_text())):
            if re.match(r"[a-z]+:", link):
                continue
            count += 1
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists():
                wrong.append(f"{name}: there is no {link}")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                wrong.append(f"{name}: there is no heading {link}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{count} links in {len(names)} pages")


if __name__ == "__main__":
    main()
