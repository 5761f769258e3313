"""Reads frozen graphs without TensorFlow: a GraphDef, or a graph model of TensorFlow.js."""

import base64
import dataclasses
import json
import struct
from collections.abc import Callable, Iterator

import numpy

# tensorflow/core/framework/types.proto
TYPES = {1: numpy.float32, 2: numpy.float64, 3: numpy.int32, 4: numpy.uint8, 9: numpy.int64, 10: numpy.bool_}


@dataclasses.dataclass
class Node:
    name: str = ""
    op: str = ""
    inputs: list[str] = dataclasses.field(default_factory=list)  # "name", or "name:1" of its second output
    attributes: dict = dataclasses.field(default_factory=dict)  # numbers, bytes, lists of them, arrays


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(kind)
            if size is None:
                size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def integers(value: int | bytes) -> list[int]:
    """Of a repeated field, packed or not."""
    if isinstance(value, int):
        return [signed(value)]
    found, at = [], 0
    while at < len(value):
        one, at = varint(value, at)
        found.append(signed(one))
    return found


def sides(data: bytes) -> list[int]:
    """Of a TensorShapeProto."""
    found = []
    for number, dimension in fields(data):
        if number == 2:
            found.append(next((signed(size) for part, size in fields(dimension) if part == 1), 0))
    return found


def tensor(data: bytes) -> numpy.ndarray | None:
    """Of a TensorProto; None of a type that networks do not compute with."""
    kind, shape, content, floats, whole = 1, [], b"", [], []
    for number, value in fields(data):
        if number == 1:
            kind = value
        elif number == 2:
            shape = sides(value)
        elif number == 4:
            content = value
        elif number == 5:
            floats += struct.unpack(f"<{len(value) // 4}f", value)
        elif number in (7, 10):
            whole += integers(value)
    if kind not in TYPES:
        return None
    values = numpy.frombuffer(content, TYPES[kind]) if content else numpy.array(floats or whole, TYPES[kind])
    size = int(numpy.prod(shape))
    if values.size == 1:
        return numpy.full(shape, values[0])
    return values.reshape(shape) if values.size == size else None


def attribute(data: bytes) -> object:
    """Of an AttrValue."""
    for number, value in fields(data):
        if number == 1:
            whole, texts = [], []
            for part, item in fields(value):
                whole += integers(item) if part == 3 else []
                texts += [item] if part == 2 else []
            return whole or texts
        if number == 3:
            return signed(value)
        if number == 4:
            return struct.unpack("<f", value)[0]
        if number == 5:
            return bool(value)
        if number == 8:
            return tensor(value)
        return value
    return None


def read_graph_def(data: bytes) -> dict[str, Node]:
    nodes = {}
    for number, message in fields(data):
        if number != 1:
            continue
        node = Node()
        for part, value in fields(message):
            if part == 1:
                node.name = value.decode()
            elif part == 2:
                node.op = value.decode()
            elif part == 3:
                node.inputs.append(value.decode())
            elif part == 5:
                entry = dict(fields(value))
                node.attributes[entry[1].decode()] = attribute(entry.get(2, b""))
        node.inputs = [name for name in node.inputs if not name.startswith("^")]
        nodes[node.name] = node
    return nodes


def read_weights(manifest: dict, data: bytes) -> dict[str, numpy.ndarray]:
    """Weights that were quantised to 16 bit come as float32."""
    weights, at = {}, 0
    for entry in manifest["weights"]:
        halves = entry.get("quantization", {}).get("dtype") == "float16"
        kind = numpy.dtype(numpy.float16 if halves else entry["dtype"])
        count = int(numpy.prod(entry["shape"]))
        values = numpy.frombuffer(data, kind, count, at).reshape(entry["shape"])
        weights[entry["name"]] = values.astype(numpy.float32) if halves else values
        at += values.nbytes
    if at != len(data):
        raise ValueError(f"the weights have {len(data)} bytes, their list {at}")
    return weights


def read_tensorflow_js(model: bytes, read: Callable[[str], bytes]) -> dict[str, Node]:
    """@param model the JSON; @param read gives the files of weights that it names"""
    described = json.loads(model)
    (manifest,) = described["weightsManifest"]
    weights = read_weights(manifest, b"".join(read(path) for path in manifest["paths"]))
    nodes = {}
    for entry in described["modelTopology"]["node"]:
        node = Node(entry["name"], entry["op"], [name for name in entry.get("input", []) if not name.startswith("^")])
        for key, value in entry.get("attr", {}).items():
            kind, content = next(iter(value.items()))
            if kind == "list":
                numbers = [int(number) for number in content.get("i", [])]
                node.attributes[key] = numbers or [base64.b64decode(text) for text in content.get("s", [])]
            elif kind in ("s", "i"):
                node.attributes[key] = base64.b64decode(content) if kind == "s" else int(content)
            elif kind in ("b", "f"):
                node.attributes[key] = content
        if node.op == "Const":
            node.attributes["value"] = weights[node.name]
        nodes[node.name] = node
    return nodes
