"""Reads a file of weights that torch.save() wrote, without PyTorch, and without running what a pickle can call."""

import collections
import io
import pickle
import zipfile
from collections.abc import Callable

import numpy

KINDS = {"FloatStorage": numpy.float32, "DoubleStorage": numpy.float64, "HalfStorage": numpy.float16, "LongStorage": numpy.int64}


def tensor(storage: numpy.ndarray, offset: int, shape: tuple, strides: tuple, *_: object) -> numpy.ndarray:
    """torch._utils._rebuild_tensor_v2: a view of a storage. In the older format the storage is filled later, in place."""
    size = storage.itemsize
    return numpy.lib.stride_tricks.as_strided(storage[offset:], shape, [stride * size for stride in strides])


class Unpickler(pickle.Unpickler):
    def __init__(self, data: io.BufferedIOBase, load: Callable[[type, str, int], numpy.ndarray]) -> None:
        super().__init__(data)
        self.load_storage = load

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return tensor
        if module == "torch" and name in KINDS:
            return KINDS[name]
        raise pickle.UnpicklingError(f"weights need no {module}.{name}")

    def persistent_load(self, key: tuple) -> numpy.ndarray:
        _, kind, name, _, count = key[:5]
        return self.load_storage(kind, name, count)


def read_weights(data: bytes) -> dict[str, numpy.ndarray]:
    """Names and values, of either of PyTorch's formats."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        return read_archive(zipfile.ZipFile(io.BytesIO(data)))
    return read_stream(io.BytesIO(data))


def read_archive(files: zipfile.ZipFile) -> dict[str, numpy.ndarray]:
    (described,) = (name for name in files.namelist() if name.endswith("/data.pkl"))
    folder = described.removesuffix("data.pkl")

    def load(kind: type, name: str, count: int) -> numpy.ndarray:
        return numpy.frombuffer(files.read(f"{folder}data/{name}"), kind, count)

    return dict(Unpickler(io.BytesIO(files.read(described)), load).load())


def read_stream(stream: io.BytesIO) -> dict[str, numpy.ndarray]:
    """Before PyTorch 1.6: a few pickles in a row, and then the bytes of each storage."""
    storages: dict[str, numpy.ndarray] = {}

    def load(kind: type, name: str, count: int) -> numpy.ndarray:
        return storages.setdefault(name, numpy.zeros(count, kind))

    for _ in range(3):  # magic number, version, sizes of the machine's types
        Unpickler(stream, load).load()
    weights = Unpickler(stream, load).load()
    for name in Unpickler(stream, load).load():
        count = int.from_bytes(stream.read(8), "little")
        storage = storages[name]
        if count != storage.size:
            raise ValueError(f"a storage has {count} numbers, not {storage.size}")
        storage[:] = numpy.frombuffer(stream.read(storage.nbytes), storage.dtype)
    return dict(weights)
