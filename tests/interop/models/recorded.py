"""recorded.py EXPECTED NOW: what a model's own code says now is what was recorded, up to rounding."""

import json
import pathlib
import sys

SCORE, PIXELS = 1e-4, 0.05


def main() -> int:
    expected, now = (json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:3])
    complaints = [f"other photographs: {sorted(set(expected) ^ set(now))}"] if set(expected) != set(now) else []
    for photo in expected.keys() & now.keys():
        if len(expected[photo]) != len(now[photo]):
            complaints.append(f"{photo}: {len(now[photo])} results, {len(expected[photo])} were recorded")
        for old, new in zip(expected[photo], now[photo]):
            same = old[0] == new[0] and abs(old[1] - new[1]) <= SCORE
            if not same or any(abs(a - b) > PIXELS for a, b in zip(old[2:], new[2:])):
                complaints.append(f"{photo}: {new}; recorded was {old}")
    print(*complaints, sep="\n")
    return 1 if complaints else 0


sys.exit(main())
