"""Read the images of a RecordIO file, in the dmlc format that `im2rec` writes, as the algorithm's iterator does.

The format is the comment of https://github.com/dmlc/dmlc-core/blob/main/include/dmlc/recordio.h; little-endian. Each
record: `uint32 magic | uint32 flag and length | data | padding to 4 bytes`. The flag is 0 for a whole record, 1, 2, 3
for the first, a middle and the last part of one that was cut where its data held the magic number at a multiple of 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sagescene_trainer.failures import AlgorithmFault

_MAGIC = struct.pack("<I", 0xCED7230A)
_FRAME = struct.Struct("<4sI")
_HEADER = struct.Struct("<IfQQ")
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)


@dataclass(frozen=True)
class LabelledImage:
    """One record: its `.lst` index, its labels and the bytes of its picture (JPEG or PNG)."""

    identifier: int
    labels: tuple[float, ...]
    picture: bytes


def read_records(path: Path) -> Iterator[LabelledImage]:
    """Read a record file one picture at a time.

    Raises:
        AlgorithmFault: the file is no RecordIO file, in the words of MXNet or of the algorithm.
    """
    size = path.stat().st_size
    if size == 0:
        raise AlgorithmFault(f"Cannot find any files that matches the URI pattern {path}")
    with path.open("rb") as file:
        if size % 4 and file.read(4) == _MAGIC:
            raise AlgorithmFault(f"file {path.name} do not align by 4 bytes")
        file.seek(0)
        for payload in _join_parts(file):
            yield _read_payload(payload)


def _join_parts(file: BinaryIO) -> Iterator[bytes]:
    begun: list[bytes] | None = None
    while frame := file.read(_FRAME.size):
        flag, data = _read_part(frame, file)
        if (begun is None) == (flag in (_MIDDLE, _LAST)):
            raise AlgorithmFault("Invalid RecordIO Format")
        if flag == _WHOLE:
            yield data
        elif flag == _FIRST:
            begun = [data]
        elif begun is not None:
            begun.append(data)
            if flag == _LAST:
                yield _MAGIC.join(begun)
                begun = None
    if begun is not None:
        raise AlgorithmFault("Invalid RecordIO Format")


def _read_part(frame: bytes, file: BinaryIO) -> tuple[int, bytes]:
    if frame[:4] != _MAGIC:
        raise AlgorithmFault(
            "Internal Server Error. (Input Error) Unable to parse record: "
            "The Record IO header does not start with the magic number."
        )
    if len(frame) < _FRAME.size:
        raise AlgorithmFault("Invalid RecordIO Format")
    flag, length = divmod(_FRAME.unpack(frame)[1], 1 << 29)
    padded = length + (-length % 4)
    data = file.read(padded)
    if flag > _LAST or len(data) < padded:
        raise AlgorithmFault("Invalid RecordIO Format")
    return flag, data[:length]


def _read_payload(payload: bytes) -> LabelledImage:
    if len(payload) < _HEADER.size:
        raise AlgorithmFault("Invalid RecordIO Format")
    width, label, identifier, _ = _HEADER.unpack_from(payload)
    start = _HEADER.size + 4 * width
    if len(payload) < start:
        raise AlgorithmFault("Invalid RecordIO Format")
    labels = struct.unpack_from(f"<{width}f", payload, _HEADER.size) if width else (label,)
    return LabelledImage(identifier=identifier, labels=labels, picture=payload[start:])
