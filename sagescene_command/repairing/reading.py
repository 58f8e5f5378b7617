"""The files of a folder, read as far as a repair is planned from them."""

import hashlib
from collections.abc import Iterator

from sagescene.dataset import DataSet, StoredObject
from sagescene.errors import SagesceneError
from sagescene.files import classnames, recordio
from sagescene.files.framing import RecordError
from sagescene.parts import DATASETS
from sagescene_command.places import Place
from sagescene_command.repairing.planning import ChannelContent

MOST_LABELS = 4_000_000  # of several an image, in a list or in records: each takes some 100 bytes until all is planned


class TooManyLabelsError(SagesceneError):
    """Records or a list of which a repair cannot hold all labels; the message says what to do instead."""


def read_channels(place: Place, data_set: DataSet) -> list[ChannelContent]:
    """Read both channels, training first; memory grows with the number of images, and not with their bytes.

    Raises:
        TooManyLabelsError: if images have several labels, and more of them in all than are held.
    """
    return [
        _read_channel(place, data_set.train_records, data_set.train_list, data_set.train_index),
        _read_channel(place, data_set.validation_records, data_set.validation_list, data_set.validation_index),
    ]


def read_names(place: Place, stored: StoredObject) -> list[str] | None:
    """Read the names of classes.txt, or the lines of a faulty one; None if there are none.

    The lines can be written again as they are, whatever their encoding.
    """
    content = b"".join(place.reader.whole(stored))
    names = classnames.read_class_names([content]).names
    if names is None:
        return content.decode("utf-8", errors="surrogateescape").rstrip().split("\n")
    return list(names.values()) or None


def name_file(place: Place, stored: StoredObject | None) -> str:
    """Give a file's path from the folder on, empty for none."""
    return stored.key.removeprefix(f"{DATASETS}{place.name}/") if stored else ""


def _read_channel(
    place: Place, records: StoredObject, listed: StoredObject | None, index: StoredObject | None
) -> ChannelContent:
    labels: dict[int, tuple[float, ...]] = {}
    expected = hashlib.sha256()
    are_whole = True
    held = 0
    try:
        for offset, record in recordio.read_with_offsets(place.reader.whole(records)):
            are_whole = are_whole and record.identifier not in labels
            labels[record.identifier] = record.labels
            held += len(record.labels) - 1
            _require_room(held, name_file(place, records))
            expected.update(recordio.index_line(record.identifier, offset).encode())
    except RecordError:
        are_whole = False
    content = b"".join(place.reader.whole(listed)) if listed else b""
    _require_room(content.count(b"\t") - 2 * content.count(b"\n"), name_file(place, listed))
    return ChannelContent(
        list_file=name_file(place, listed),
        listed=content,
        records_file=name_file(place, records),
        records=labels,
        are_whole=are_whole,
        index_file=name_file(place, index),
        index_agrees=index is None or _digest(_read_index(place, index)) == expected.digest(),
    )


def _require_room(labels: int, file: str) -> None:
    if labels > MOST_LABELS:
        raise TooManyLabelsError(
            f"{file} holds more than {MOST_LABELS:,} labels besides the first of each image, and repair takes no more: "
            "write the list again as sagescene check tells, and pack it."
        )


def _read_index(place: Place, index: StoredObject) -> Iterator[bytes]:
    for identifier, offset in recordio.read_index(place.reader.whole(index)):
        yield recordio.index_line(identifier, offset).encode()


def _digest(pieces: Iterator[bytes]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()
