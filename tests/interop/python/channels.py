"""What the Python services agree on: which message travels on which topic, and how."""

import zlib

from messagecorps.data_pb2 import Image
from messagecorps.predictions_pb2 import Prediction

TYPES = {"VideoStream": Image, "Predictions": Prediction}

# Labels that are not ASCII, one of them outside the basic plane, and one that is empty.
OBJECTS = ["person", "Fußgänger", "犬", "🥚", ""]

# Width and height of the frames: none, one pixel, a small one, and one of 1.4 MB before it is compressed.
SIZES = [(0, 0), (1, 1), (10, 10), (800, 600)]


def pixels(number, width, height):
    """Interleaved RGB that compresses, and differs from frame to frame."""
    row = bytes((x * 3 + number) % 251 for x in range(width * 3))
    return b"".join(bytes((y % 251,)) + row[1:] for y in range(height)) if width else b""


def encode(message):
    return zlib.compress(message.SerializeToString(), -1)


def decode(topic, value):
    message = TYPES[topic]()
    message.ParseFromString(zlib.decompress(value))
    return message
