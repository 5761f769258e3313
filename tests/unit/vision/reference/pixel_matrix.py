#!/usr/bin/env python3
"""Compares what an engine answers to the cells of pixel_matrix.h with NumPy, which knows them by their description alone.

    pixel_matrix.py PROGRAM     PROGRAM is a test program that has PixelMatrix; pixel_matrix_record.h says what it writes

A cell equals NumPy's answer within 1e-4, or is refused: where its numbers have no meaning, and nowhere else.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

TOLERANCE = 1e-4
CELLS = 5 * 3 * 4 * 2 * 3 * 2 * 2 * 2 * 3
# Of the red, green and blue in gray: ITU-R BT.601.
LUMA = np.array([0.299, 0.587, 0.114])
# The networks of models/make_models.py: a linear layer behind the mean of each channel.
NETWORKS = {
    "means.onnx": (np.array([[1, 2, -1], [0.5, -1, 3]]), np.array([0.25, -0.5])),
    "means_gray.onnx": (np.array([[2.0]]), np.array([1.0])),
}


class NoMeaning(Exception):
    """What no picture library could answer: the cell must be refused."""


@dataclass(frozen=True)
class Pixels:
    """values: rows x columns x channels, in the order of `order`. white: 0 where nobody says."""

    values: np.ndarray
    order: str  # gray, bgr or rgb
    white: float
    stored: bool = True  # as the file has them, whose white can be brought to 255
    whole: bool = True  # integers
    normalized: bool = False


def require(holds: bool, why: str) -> None:
    if not holds:
        raise NoMeaning(why)


def white_of_numbers(mean: np.ndarray) -> float:
    """White of the pixels that ImageNet's mean is for, which comes as parts of 1 and of 255."""
    return 1.0 if mean.max() < 1 else 255.0


def rescale(pixels: Pixels, factor: float, offset: float) -> Pixels:
    white = pixels.white * factor + offset
    require(pixels.white == 0 or np.isclose(white, 1), "1/255 brings to 1 only what has 255 as white")
    return replace(pixels, values=pixels.values * factor + offset, white=pixels.white and 1.0, stored=False, whole=False)


def as_rgb(pixels: Pixels) -> np.ndarray:
    if pixels.order == "gray":
        return np.repeat(pixels.values, 3, axis=2)
    return pixels.values[:, :, ::-1] if pixels.order == "bgr" else pixels.values


def color(pixels: Pixels, order: str) -> Pixels:
    if order == "gray" and pixels.order != "gray":
        gray = as_rgb(pixels) @ LUMA[:, np.newaxis]
        return replace(pixels, values=np.rint(gray) if pixels.whole else gray, order="gray")
    values = {"gray": lambda: pixels.values, "rgb": lambda: as_rgb(pixels), "bgr": lambda: as_rgb(pixels)[:, :, ::-1]}
    return replace(pixels, values=values[order](), order=order)


def normalize(pixels: Pixels, *numbers: float) -> Pixels:
    mean, deviation = np.array(numbers[:3]), np.array(numbers[3:])
    require(pixels.order != "gray", "three numbers for one channel")
    require(pixels.white in (0, white_of_numbers(mean)), "numbers for pixels of another white")
    values = (pixels.values - mean) / deviation
    return replace(pixels, values=values, white=0, stored=False, whole=False, normalized=True)


def run(chain: str, pixels: Pixels) -> Pixels:
    for name, given in re.findall(r"(\w+)\(([^)]*)\)", chain):
        if name == "color":
            pixels = color(pixels, given)
        else:
            pixels = {"rescale": rescale, "normalize": normalize}[name](pixels, *map(float, given.split(",")))
    return pixels


@dataclass(frozen=True)
class Card:
    order: str  # of the network, where it has three channels
    scale: float
    mean: np.ndarray | None
    deviation: np.ndarray | None

    def wants_white(self) -> float:
        """Of the pixels that it scales or normalises; 0: it takes them as they are."""
        if self.scale != 1:
            require(self.mean is None or white_of_numbers(self.mean) == 1, "a mean of 0 to 255 behind 1/255")
            return 1 / self.scale
        return 0 if self.mean is None else white_of_numbers(self.mean)


def blob(pixels: Pixels, card: Card, channels: int) -> np.ndarray:
    """What a network gets."""
    wanted, white = card.wants_white(), pixels.white
    require(pixels.values.shape[2] == channels, "another number of channels")
    require(channels == 1 or not (pixels.order == "rgb" and card.order == "bgr"), "red and blue change places")
    values = pixels.values if pixels.order == "gray" or pixels.order == card.order else pixels.values[:, :, ::-1]
    if wanted == 0:
        # Values of which nobody says what they are go in as they are, which is what scale=1 is for.
        require(not pixels.stored or white in (0, 255), "nobody says which white the network knows")
        return values
    require(not pixels.normalized and white != 0, "numbers for pixels of 0 to white")
    if card.scale != 1 and pixels.stored:
        values = values / white  # parts of white, of whatever depth
    else:
        require(white == wanted, "numbers for pixels of another white")
        values = values * card.scale
    return values if card.mean is None else (values - card.mean[:channels]) / card.deviation[:channels]


def scores(network: str, given: np.ndarray) -> np.ndarray:
    weights, bias = NETWORKS[network]
    return weights @ given.mean(axis=(0, 1)) + bias


def numbers(text: str) -> np.ndarray:
    return np.array(text.split(), float)


def read_picture(order: str, white: str, rows: str, columns: str, values: str) -> Pixels:
    return Pixels(numbers(values).reshape(int(rows), int(columns), -1), order, float(white), whole=float(white) > 1)


def compare(pictures: dict[str, Pixels], cell: list[str]) -> tuple[str, str | None]:
    """@return equal or refused, and what is wrong with that"""
    picture, chain, network, order, scale, mean, deviation, answer = cell
    kind, _, got = answer.partition(" ")
    card = Card(order, float(scale), numbers(mean) if mean else None, numbers(deviation) if deviation else None)
    try:
        right = scores(network, blob(run(chain, pictures[picture]), card, NETWORKS[network][0].shape[1]))
    except NoMeaning as error:
        return kind, None if kind == "refused" else f"answers {got} to what has no meaning: {error}"
    if kind == "refused":
        return kind, f"NumPy gives {right}; refused: {got}"
    if numbers(got).shape != right.shape or not np.all(np.abs(numbers(got) - right) <= TOLERANCE):
        return kind, f"NumPy gives {right}, the engine {got}"
    return kind, None


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cells"
        command = [sys.argv[1], "--gtest_filter=PixelMatrix.*", "--gtest_brief=1"]
        result = subprocess.run(command, env=os.environ | {"CONVEYOR_PIXEL_MATRIX": str(path)}, capture_output=True, text=True)
        lines = [line.split("\t") for line in path.read_text().splitlines()]
    pictures = {line[1]: read_picture(*line[2:]) for line in lines if line[0] == "picture"}
    cells = [line[1:] for line in lines if line[0] == "cell"]
    if result.returncode != 0:
        print(result.stdout[-2000:], result.stderr[-2000:], f"{sys.argv[1]} ended with {result.returncode}", sep="\n")
    counts, complaints = Counter(), []
    for cell in cells:
        kind, complaint = compare(pictures, cell)
        counts[kind] += 1
        if complaint is not None:
            complaints.append(f"{cell[:-1]}: {complaint}")
    if len({tuple(cell[:-1]) for cell in cells}) != CELLS or len(cells) != CELLS:
        complaints.append(f"{len(cells)} cells, not {CELLS} different ones")
    if counts["scores"] == 0:
        complaints.append("not one cell has an answer")
    print(*complaints[:30], sep="\n")
    print(f"{counts['scores']} cells have an answer, {counts['refused']} are refused, {len(complaints)} complaints")
    return 1 if complaints or result.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
