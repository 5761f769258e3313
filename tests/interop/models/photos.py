"""The ten real photographs that models are compared on, out of packages."""

import importlib.util
import pathlib
import sys

import cv2
import numpy

FROM_SCIKIT_IMAGE = ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "motorcycle_left.png"]
FROM_SCIKIT_LEARN = ["china.jpg", "flower.jpg"]
FRAMES = [80, 320, 640]  # of vtest.avi


def folder_of(package: str, inside: str) -> pathlib.Path:
    return pathlib.Path(importlib.util.find_spec(package).origin).parent / inside


def photos(video: pathlib.Path) -> dict[str, numpy.ndarray]:
    """Blue, green, red, by name."""
    found = {}
    for folder, names in ((folder_of("skimage", "data"), FROM_SCIKIT_IMAGE),
                          (folder_of("sklearn", "datasets/images"), FROM_SCIKIT_LEARN)):
        for name in names:
            found[pathlib.Path(name).stem] = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
    frames = cv2.VideoCapture(str(video))
    for number in range(max(FRAMES) + 1):
        good, frame = frames.read()
        if good and number in FRAMES:
            found[f"vtest_{number}"] = frame
    unread = [name for name, photo in found.items() if photo is None]
    if unread or len(found) != len(FROM_SCIKIT_IMAGE) + len(FROM_SCIKIT_LEARN) + len(FRAMES):
        raise FileNotFoundError(f"{unread or 'frames of ' + str(video)} cannot be read")
    return found


def write(pictures: dict[str, numpy.ndarray], folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """The photographs as PNG."""
    paths = {name: folder / f"{name}.png" for name in pictures}
    for name, photo in pictures.items():
        cv2.imwrite(str(paths[name]), photo)
    return paths


if __name__ == "__main__":  # photos.py VIDEO FOLDER
    write(photos(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]))
