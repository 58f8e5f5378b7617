"""Weights in MXNet's `.params` files (NDArray::Load of MXNet 1.0 to 1.9.1), read in pieces into one array each.

All numbers are little-endian. The older layouts of an array, before MXNet 0.12 and 1.0, are refused by name.
"""

import struct
from math import prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sagescene_model.refusals import WeightsRefused

type Array = NDArray[np.float32]
type WeightsByName = dict[str, Array]

FILE_MAGIC = 0x112
# With a storage type; the second since MXNet 1.6, for NumPy's shapes.
ARRAY_MAGICS = (0xF993FAC9, 0xF993FACA)
V1_MAGIC = 0xF993FAC8
PIECE_BYTES = 1 << 20
MOST_DIMENSIONS = 8
LONGEST_NAME = 1024
MOST_ARRAYS = 10_000  # ResNet-200 has a thousand; the smallest are of 28 bytes, and take ten times as many when held
_SMALLEST_ARRAY = 28  # bytes of an array's head with one dimension
_TYPES: dict[int, np.dtype[np.floating]] = {0: np.dtype("<f4"), 2: np.dtype("<f2")}
_OTHER_TYPES = {1: "float64", 3: "uint8", 4: "int32", 5: "int8", 6: "int64", 7: "bool", 12: "bfloat16"}
_STORAGE_TYPES = {1: "row_sparse", 2: "csr"}


class Readable(Protocol):
    """A file or a member of an archive, read forwards."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end only."""
        ...


def read(source: Readable, size: int, file: str) -> tuple[WeightsByName, int]:
    """Return the arrays of a file of `size` bytes by name, without `arg:` and `aux:`, and how many were float16.

    float16 becomes float32. Memory is the arrays, and one of them more while it is converted.

    Raises:
        WeightsRefused: at the first bytes that do not belong to the format, or do not fit into `size`.
    """
    reader = _Reader(source, size, file)
    if reader.number("<Q") != FILE_MAGIC:
        raise WeightsRefused(file, "byte 0", "this is no file of MXNet weights.")
    reader.number("<Q")
    count = reader.number("<Q")
    if not 0 < count <= reader.left // _SMALLEST_ARRAY:
        raise WeightsRefused(file, "byte 16", f"{count:,} arrays do not fit into {size:,} bytes.")
    if count > MOST_ARRAYS:
        raise WeightsRefused(file, "byte 16", f"it has {count:,} arrays; at most {MOST_ARRAYS:,} are read.")
    arrays, halves = [], 0
    for number in range(count):
        array, was_half = _read_array(reader, number + 1)
        arrays.append(array)
        halves += was_half
    offset = reader.offset
    names = reader.number("<Q")
    if names != count:
        raise WeightsRefused(file, f"byte {offset}", f"there are {names:,} names for {count:,} arrays.")
    weights: WeightsByName = {}
    for array in arrays:
        name = _read_name(reader)
        if name in weights:
            raise WeightsRefused(file, name, "two arrays have this name.")
        weights[name] = array
    if reader.left:
        raise WeightsRefused(file, f"byte {reader.offset}", f"{reader.left:,} bytes follow the last name.")
    return weights, halves


class _Reader:
    def __init__(self, source: Readable, size: int, file: str) -> None:
        self._source, self._size, self.left, self.file = source, size, size, file

    @property
    def offset(self) -> int:
        return self._size - self.left

    def fill(self, target: memoryview) -> None:
        if len(target) > self.left:
            raise WeightsRefused(
                self.file, f"byte {self.offset}", f"{len(target):,} bytes belong here, and {self.left:,} are left."
            )
        filled = 0
        while filled < len(target):
            piece = self._source.read(min(PIECE_BYTES, len(target) - filled))
            if not piece:
                raise WeightsRefused(
                    self.file, f"byte {self.offset}", f"the file ends before its {self._size:,} bytes."
                )
            target[filled : filled + len(piece)] = piece
            filled += len(piece)
            self.left -= len(piece)

    def bytes(self, size: int) -> bytes:
        content = bytearray(size)
        self.fill(memoryview(content))
        return bytes(content)

    def number(self, form: str) -> int:
        (value,) = struct.unpack(form, self.bytes(struct.calcsize(form)))
        return int(value)


def _read_array(reader: _Reader, number: int) -> tuple[Array, bool]:
    """Read one array: magic, storage type, shape, device, type, values."""
    where = f"array {number} at byte {reader.offset}"
    magic = reader.number("<I")
    if magic not in ARRAY_MAGICS:
        is_old = magic == V1_MAGIC or 0 < magic <= MOST_DIMENSIONS
        what = "is in the layout of an MXNet before 1.0" if is_old else "does not start as an array of MXNet does"
        raise WeightsRefused(reader.file, where, f"it {what}.")
    storage = reader.number("<i")
    if storage:
        raise WeightsRefused(
            reader.file, where, f"its storage type is {_STORAGE_TYPES.get(storage, storage)}; weights are dense."
        )
    dimensions = reader.number("<i")
    if not 0 < dimensions <= MOST_DIMENSIONS:
        raise WeightsRefused(reader.file, where, f"it has {dimensions:,} dimensions.")
    shape = struct.unpack(f"<{dimensions}q", reader.bytes(8 * dimensions))
    reader.bytes(8)  # the device and its number
    code = reader.number("<i")
    if code not in _TYPES:
        raise WeightsRefused(
            reader.file,
            where,
            f"its numbers are {_OTHER_TYPES.get(code, f'of the type {code}')}; float32 and float16 are known.",
        )
    if min(shape) < 1 or prod(shape) * _TYPES[code].itemsize > reader.left:
        raise WeightsRefused(
            reader.file, where, f"its shape {shape} does not fit into the {reader.left:,} bytes that are left."
        )
    array = np.empty(shape, _TYPES[code])
    reader.fill(memoryview(array.reshape(-1).view(np.uint8)))
    return array.astype(np.float32, copy=False), code != 0


def _read_name(reader: _Reader) -> str:
    where = f"byte {reader.offset}"
    length = reader.number("<Q")
    if not 0 < length <= min(LONGEST_NAME, reader.left):
        raise WeightsRefused(reader.file, where, f"a name of {length:,} bytes cannot stand here.")
    content = reader.bytes(length)
    kind, _, name = content.decode("utf-8", "replace").partition(":")
    if kind not in ("arg", "aux") or not name.isprintable() or not name:
        raise WeightsRefused(reader.file, where, f"{content[:40]!r} is no name of a weight (arg:... or aux:...).")
    return name
