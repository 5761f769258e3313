#!/usr/bin/env python3
"""Writes samples, chains, and what steps.py makes of them: what reference_test.cc compares the C++ steps with.

    write_cases.py FILE SEED

A case is a line `case NAME CHAIN TOLERANCE SLOPE INTERCEPT`, and five arrays: pixels and mask before, pixels, mask and
to_source after. An array is a line `array ROWS COLUMNS CHANNELS TYPE` and its numbers, row by row; ROWS is 0 where there
is no mask.
"""

import pathlib
import sys

import numpy as np

import steps

CHAIN = "rescale|mask|bias|clip(1,99)|zscore|crop|resize(64,64)"


def blob(random, rows, columns):
    """An ellipse with structures, a hole and specks on a dark ground, with noise and a slow change of brightness."""
    y, x = np.mgrid[0:rows, 0:columns]
    u = (x - columns * random.uniform(0.4, 0.6)) / (columns * random.uniform(0.2, 0.35))
    v = (y - rows * random.uniform(0.4, 0.6)) / (rows * random.uniform(0.2, 0.35))
    value = np.where(u**2 + v**2 < 1, 600.0, 20.0)
    value[(u - 0.2) ** 2 + v**2 < 0.2] = 900
    value[u**2 + (v - 0.4) ** 2 < 0.05] = 15
    value *= 1 + 0.5 * x / columns - 0.3 * y / rows
    value[random.random(value.shape) < 0.01] = 1500
    return np.abs(value + random.normal(0, 25, value.shape))


def as_type(value, kind):
    if kind == "u8":
        return np.clip(np.rint(value / 8), 0, 255).astype(np.uint8)
    return np.rint(value).astype(np.uint16) if kind == "u16" else (value - 40).astype(np.float32)


def some_mask(random, rows, columns):
    mask = blob(random, rows, columns) > 300
    mask[0, 0] = mask[-1, -1] = True
    return mask


def cases(random):
    for kind in ("u8", "u16", "f32"):
        for rows, columns in ((64, 64), (97, 61), (40, 151)):
            pixels, own = as_type(blob(random, rows, columns), kind), some_mask(random, rows, columns)
            rough = 1 if kind != "f32" else 1e-3  # values up to 2000 in single precision
            for name, given in (("all", None), ("masked", own)):
                label = f"{kind}-{columns}x{rows}-{name}"
                yield label, "rescale(0.5,-3)", 1e-4, pixels, given
                yield label, "mask", 0, pixels, given
                yield label, "mask(0)", 0, pixels, given
                yield label, "mask(5)", 0, pixels, given
                # Percentiles between float values are rounded once more when they are stored.
                yield label, "clip(1,99)", 0 if kind != "f32" else 1e-4, pixels, given
                yield label, "clip(0,37.5)", 0 if kind != "f32" else 1e-4, pixels, given
                yield label, "zscore", 1e-5, pixels, given
                yield label, "normalize(20,4)", 1e-4, pixels, given
                yield label, "median(3)", 0, pixels, given
                yield label, "median(5)", 0, pixels, given
                yield label, "crop", 0, pixels, given
                yield label, "crop(7)", 0, pixels, given
                yield label, "resize(32,32)", rough, pixels, given
                yield label, f"resize({columns},17)", rough, pixels, given
                yield label, "resize(200,170)", rough, pixels, given
                yield label, "resize(30,170)", rough, pixels, given
                yield label, "resize(32,19,linear)", rough, pixels, given
                yield label, "resize(30,170,linear)", rough, pixels, given
                yield label, "crop_center(33,40)", 0, pixels, given
                yield label, "resize_shortest(23)", rough, pixels, given
                yield label, "resize_shortest(90,linear)|crop_center(90,90)", rough, pixels, given
                yield label, "letterbox(48,40,9,linear)", rough, pixels, given
                yield label, "crop(2)|resize(50,20)|crop", rough, pixels, given
                yield label, "letterbox(48,40)", rough, pixels, given
                yield label, "crop|letterbox(70,200,9)", rough, pixels, given
                shifted = pixels if kind != "f32" else pixels + np.float32(200)
                yield label, "bias", 2e-3, shifted, given
                yield label, "bias(0.06)", 2e-3, shifted, given
                yield label, "bias(1)", 2e-3, shifted, given
    for shape in ((1, 1), (1, 23), (19, 1), (2, 3)):
        line = random.integers(1, 4000, shape).astype(np.uint16)
        for chain in ("bias", "clip(10,90)", "zscore", "median(3)", "crop(3)", "resize(5,4)", "resize(1,1)"):
            yield f"tiny-{shape[1]}x{shape[0]}", chain, 1 if "resize" in chain else 2e-3, line, None
    wide = random.integers(0, 65536, (50, 60)).astype(np.uint16)
    for chain in ("mask", "clip(2,98)", "zscore", "bias", "resize(31,29)"):
        yield "all-16-bits", chain, 1 if "resize" in chain else 5e-2 if chain == "bias" else 1e-5, wide, None
    same = np.full((9, 8), 77, np.uint16)
    for chain in ("zscore", "clip(1,99)", "bias", "median(3)", "normalize(1,2)"):
        yield "constant", chain, 1e-4, same, None
    colour = random.integers(0, 256, (31, 45, 3)).astype(np.uint8)
    for chain in ("normalize(0.485,0.456,0.406,0.229,0.224,0.225)", "normalize(100,50)", "median(5)", "crop", "rescale(2,1)"):
        yield "colour", chain, 1e-3, colour, some_mask(random, 31, 45)
    yield "four-channels", "median(3)", 0, random.integers(0, 256, (31, 45, 4)).astype(np.uint8), None
    for i in range(12):
        rows, columns = random.integers(100, 257, 2)
        yield f"slice-{i}", CHAIN, 1e-3, as_type(blob(random, rows, columns), "u16"), None


def main():
    random = np.random.default_rng(int(sys.argv[2]))
    with pathlib.Path(sys.argv[1]).open("wb") as file:

        def write(array):
            if array is None:
                array = np.zeros((0, 0), np.uint8)
            if array.dtype == bool:
                array = array.astype(np.uint8) * 255
            array = np.ascontiguousarray(array)
            channels = array.shape[2] if array.ndim == 3 else 1
            file.write(f"array {array.shape[0]} {array.shape[1]} {channels} {array.dtype.name}\n".encode())
            file.write(array.tobytes())

        for name, chain, tolerance, pixels, mask in cases(random):
            slope, intercept = (0.5, -3.0) if "rescale" in chain else (1.0, 0.0)
            result = steps.run(chain, steps.sample(pixels, mask, slope, intercept))
            file.write(f"case {name} {chain} {tolerance} {slope} {intercept}\n".encode())
            for array in (pixels, mask, result["pixels"], result["mask"], result["to_source"]):
                write(array)


main()
