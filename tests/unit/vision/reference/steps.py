"""The preprocess steps of conveyor/vision/steps.h, written from their documentation with NumPy, SciPy and scikit-image.

A sample is a dict: pixels (rows x columns, or rows x columns x channels), mask (bool, or None), to_source (2 x 3), slope,
intercept.
"""

import math

import numpy as np
import scipy.ndimage
import skimage.filters
import skimage.measure


def sample(pixels, mask=None, slope=1.0, intercept=0.0):
    return {"pixels": pixels, "mask": mask, "to_source": np.array([[1.0, 0, 0], [0, 1, 0]]), "slope": slope,
            "intercept": intercept}


def inside(s):
    return np.ones(s["pixels"].shape[:2], bool) if s["mask"] is None else s["mask"]


def rescale(s, factor=1.0, offset=0.0):
    value = factor * (s["slope"] * s["pixels"].astype(np.float64) + s["intercept"]) + offset
    return {**s, "pixels": value.astype(np.float32), "slope": 1.0, "intercept": 0.0}


def otsu(levels):
    """The level up to which the darker class goes. scikit-image computes in single precision, which may take a neighbour."""
    values, counts = np.unique(levels, return_counts=True)
    below, sums = np.cumsum(counts)[:-1].astype(np.float64), np.cumsum(values * counts)[:-1].astype(np.float64)
    above = len(levels) - below
    between = below * above * (sums / below - (levels.sum() - sums) / above) ** 2
    others = between[np.searchsorted(values, skimage.filters.threshold_otsu(levels), side="right") - 1]
    assert others > between.max() * (1 - 1e-5), (others, between.max())
    return values[np.argmax(between)]


def mask(s, radius=2):
    pixels, within = s["pixels"], inside(s)
    levels = pixels.astype(np.int64)
    if pixels.dtype == np.float32:
        least, greatest = pixels[within].min(), pixels[within].max()
        levels = np.minimum(((pixels - least) * (np.float32(4096) / (greatest - least))).astype(np.int64), 4095)
    found = (levels > otsu(levels[within])) & within
    radius = int(radius)
    square = np.ones((2 * radius + 1, 2 * radius + 1), bool)
    padded = np.pad(found, 2 * radius + 1)
    closed = scipy.ndimage.binary_closing(padded, square)[tuple(slice(2 * radius + 1, -2 * radius - 1) for _ in range(2))]
    labels = skimage.measure.label(closed, connectivity=2)
    largest = labels == np.argmax(np.bincount(labels[labels > 0]))
    return {**s, "mask": scipy.ndimage.binary_fill_holes(largest) & within}


def bias(s, part=0.2):
    pixels, within = s["pixels"].astype(np.float64), inside(s)
    deviation = part * max(pixels.shape)
    side = max(1, math.floor(deviation / 4))

    def cells(values):
        rows, columns = (range(0, n, side) for n in values.shape)
        return np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1)

    # Counted exactly: (3 * deviation) / side is a whole number where deviation / side is.
    reach = math.floor(3 * (deviation / side))
    gauss = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (deviation / side)) ** 2)

    def smooth(values):
        for axis in (0, 1):
            values = scipy.ndimage.correlate1d(values, gauss, axis=axis, mode="constant")
        return values

    weighted, weight = smooth(cells(pixels * within)), smooth(cells(within.astype(np.float64)))
    field = np.divide(weighted, weight, out=np.zeros_like(weighted), where=weight > 0)
    for axis in (0, 1):
        centres = (np.arange(field.shape[axis]) + 0.5) * side
        wanted = np.arange(pixels.shape[axis]) + 0.5
        field = np.apply_along_axis(lambda line: np.interp(wanted, centres, line), axis, field)
    mean = pixels[within].mean()
    flat = pixels / np.maximum(field, mean / 100)
    return {**s, "pixels": np.where(within, flat * mean / flat[within].mean(), pixels).astype(np.float32)}


def clip(s, low, high):
    limits = np.percentile(s["pixels"][inside(s)].astype(np.float64), [low, high])
    if s["pixels"].dtype != np.float32:
        limits = np.rint(limits)
    return {**s, "pixels": np.clip(s["pixels"], *limits.astype(s["pixels"].dtype))}


def zscore(s):
    pixels, within = s["pixels"].astype(np.float64), inside(s)
    deviation = pixels[within].std()
    value = np.zeros_like(pixels) if deviation == 0 else (pixels - pixels[within].mean()) / deviation
    return {**s, "pixels": np.where(within, value, 0).astype(np.float32)}


def normalize(s, *numbers):
    half = len(numbers) // 2
    value = (s["pixels"].astype(np.float64) - np.array(numbers[:half])) / np.array(numbers[half:])
    return {**s, "pixels": value.astype(np.float32)}


def median(s, size):
    footprint = (int(size), int(size)) + (1,) * (s["pixels"].ndim - 2)
    return {**s, "pixels": scipy.ndimage.median_filter(s["pixels"], size=footprint, mode="nearest")}


def crop(s, margin=0):
    ys, xs = np.nonzero(inside(s))
    top, left = max(0, ys.min() - int(margin)), max(0, xs.min() - int(margin))
    part = (slice(top, ys.max() + 1 + int(margin)), slice(left, xs.max() + 1 + int(margin)))
    to_source = s["to_source"].copy()
    to_source[:, 2] += s["to_source"][:, :2] @ [left, top]
    return {**s, "pixels": s["pixels"][part], "mask": None if s["mask"] is None else s["mask"][part], "to_source": to_source}


def crop_center(s, width, height):
    # As torchvision.transforms.functional.center_crop.
    rows, columns = s["pixels"].shape[:2]
    top, left = int(round((rows - height) / 2.0)), int(round((columns - width) / 2.0))
    part = (slice(top, top + int(height)), slice(left, left + int(width)))
    to_source = s["to_source"].copy()
    to_source[:, 2] += s["to_source"][:, :2] @ [left, top]
    return {**s, "pixels": s["pixels"][part], "mask": None if s["mask"] is None else s["mask"][part], "to_source": to_source}


def resize(s, width, height, interpolation="area"):
    to = (int(height), int(width))
    value = s["pixels"].astype(np.float64)
    shrinks = interpolation == "area" and all(new <= old for new, old in zip(to, value.shape))
    for axis, new in enumerate(to):
        old = value.shape[axis]
        if shrinks:  # the difference of the integral at both ends
            integral = np.insert(np.cumsum(value, axis), 0, 0, axis)
            ends = np.linspace(0, old, new + 1)
            at_ends = np.apply_along_axis(lambda line: np.interp(ends, np.arange(old + 1), line), axis, integral)
            value = np.diff(at_ends, axis=axis) * (new / old)
        else:
            wanted, centres = (np.arange(new) + 0.5) * old / new, np.arange(old) + 0.5
            value = np.apply_along_axis(lambda line: np.interp(wanted, centres, line), axis, value)
    if s["pixels"].dtype != np.float32:
        value = np.rint(value)
    old = s["pixels"].shape
    nearest = [((np.arange(new) + 0.5) * size / new).astype(int) for new, size in zip(to, old)]
    return {**s, "pixels": value.astype(s["pixels"].dtype), "mask": None if s["mask"] is None else s["mask"][np.ix_(*nearest)],
            "to_source": s["to_source"] @ np.diag([old[1] / to[1], old[0] / to[0], 1])}


def resize_shortest(s, side, interpolation="area"):
    # As torchvision.transforms.Resize(side).
    rows, columns = s["pixels"].shape[:2]
    shortest = min(rows, columns)
    return resize(s, int(side * columns / shortest), int(side * rows / shortest), interpolation)


def letterbox(s, width, height, fill=0.0, interpolation="area"):
    rows, columns = s["pixels"].shape[:2]
    factor = min(width / columns, height / rows)
    inner = [min(max(1, round(size * factor)), int(room)) for size, room in ((columns, width), (rows, height))]
    small = resize(s, *inner, interpolation)
    left, top = (int(width) - inner[0]) // 2, (int(height) - inner[1]) // 2
    place = ((top, int(height) - inner[1] - top), (left, int(width) - inner[0] - left))
    to_source = small["to_source"].copy()
    to_source[:, 2] -= small["to_source"][:, :2] @ [left, top]
    return {**small, "pixels": np.pad(small["pixels"], place, constant_values=small["pixels"].dtype.type(fill)),
            "mask": None if small["mask"] is None else np.pad(small["mask"], place), "to_source": to_source}


STEPS = {step.__name__: step for step in (rescale, mask, bias, clip, zscore, normalize, median, crop, crop_center, resize,
                                        resize_shortest, letterbox)}


def run(chain, s):
    """What the chain, given as text, makes of the sample."""
    for text in chain.split("|"):
        name, _, arguments = text.rstrip(")").partition("(")
        s = STEPS[name](s, *(word if word.isalpha() else float(word) for word in arguments.split(",") if word))
    return s
