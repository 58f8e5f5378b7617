"""The model artifact: symbol, the newest epoch's weights and the input's shape, from a folder or a model.tar.gz."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sagescene_model import params, symbol
from sagescene_model.allocation import give_back_large_blocks
from sagescene_model.archive import MOST_WEIGHT_BYTES, Member, read_archive
from sagescene_model.params import WeightsByName
from sagescene_model.refusals import ArtifactRefused
from sagescene_model.symbol import Symbol

SYMBOL_FILE = "image-classification-symbol.json"
SHAPES_FILE = "model-shapes.json"
PARAMS_FILE = re.compile(r"image-classification-(\d{4,9})\.params")
MOST_TEXT_BYTES = 16 << 20
LONGEST_SIDE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """What one training job left: `epoch` counts from 1, `shape` is channels, height and width.

    `halves` counts the arrays that were float16 in the file.
    """

    name: str
    symbol: Symbol
    weights: WeightsByName
    halves: int
    epoch: int
    shape: tuple[int, int, int]


def read(path: Path) -> Artifact:
    """Read a folder of the artifact's files, or a model.tar.gz; memory is the weights of one epoch.

    Raises:
        ModelRefused: if a file is missing, damaged, or not as the algorithm writes it.
    """
    if path.is_dir():
        return _read_members(_read_folder(path), path.name)
    try:
        with path.open("rb") as stream:
            return read_stream(stream, path.name)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise ArtifactRefused(str(path), "", f"it cannot be opened ({error.strerror}).") from error


def read_stream(stream: BinaryIO, name: str) -> Artifact:
    """Read a model.tar.gz that comes as a stream, which is never sought in; nothing is written to disk.

    Raises:
        ModelRefused: as `read`.
    """
    return _read_members(read_archive(stream, name), name)


def _read_folder(folder: Path) -> Iterator[Member]:
    # The newest weights first, so that no older ones are read.
    for path in sorted(folder.iterdir(), key=lambda path: path.name, reverse=True):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                yield Member(path.name, path.stat().st_size, stream)


def _read_members(members: Iterator[Member], name: str) -> Artifact:
    give_back_large_blocks()  # before the first of them
    texts: dict[str, bytes] = {}
    weights: WeightsByName = {}
    seen: set[str] = set()
    epoch = halves = 0
    for member in members:
        is_text, found = member.name in (SYMBOL_FILE, SHAPES_FILE), PARAMS_FILE.fullmatch(member.name)
        if not is_text and not found:
            continue
        if member.name in seen:
            raise ArtifactRefused(name, member.name, "the file is there twice.")
        seen.add(member.name)
        most = MOST_TEXT_BYTES if is_text else MOST_WEIGHT_BYTES
        if member.size > most:
            raise ArtifactRefused(name, member.name, f"it has {member.size:,} bytes; at most {most:,} are read.")
        if is_text:
            texts[member.name] = member.source.read(member.size)
        elif found and int(found[1]) > epoch:
            weights.clear()
            epoch = int(found[1])
            weights, halves = params.read(member.source, member.size, f"{name}, {member.name}")
    for needed in (SYMBOL_FILE, SHAPES_FILE):
        if needed not in texts:
            raise ArtifactRefused(name, needed, "the file is missing.")
    if not weights:
        raise ArtifactRefused(name, "image-classification-NNNN.params", "the file is missing.")
    return Artifact(
        name=name,
        symbol=symbol.read(texts[SYMBOL_FILE], f"{name}, {SYMBOL_FILE}"),
        weights=weights,
        halves=halves,
        epoch=epoch,
        shape=_read_shape(texts[SHAPES_FILE], f"{name}, {SHAPES_FILE}"),
    )


def _read_shape(content: bytes, file: str) -> tuple[int, int, int]:
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):
        raise ArtifactRefused(file, "", "this is not JSON.") from None
    if isinstance(entries, list):
        for entry in entries:
            shape = entry.get("shape") if isinstance(entry, dict) and entry.get("name") == "data" else None
            if isinstance(shape, list) and len(shape) == 4 and all(type(number) is int for number in shape):
                _, channels, height, width = shape
                if channels in (1, 3) and 0 < height <= LONGEST_SIDE and 0 < width <= LONGEST_SIDE:
                    return channels, height, width
    raise ArtifactRefused(
        file, "", f"it gives no shape of data: images, 1 or 3 channels, height and width up to {LONGEST_SIDE}."
    )
