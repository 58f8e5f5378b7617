"""Ways to go through a record file; the answer is the number of records. Runs on MXNet's Python too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.list_readers import prepare_nothing, read_chunks

if TYPE_CHECKING:
    from collections.abc import Callable


def prepare_read() -> Callable[[str, str], str]:
    """Read the bytes and look at none."""

    def work(path: str, _: str) -> str:
        return str(sum(map(len, read_chunks(path))))

    return work


def prepare_scan() -> Callable[[str, str], str]:
    """Use the product: framing, labels and every image's size."""
    from sagescene.files import recordscan

    return lambda path, _: str(recordscan.scan(read_chunks(path)).records)


def prepare_scan_with_list() -> Callable[[str, str], str]:
    """Use the product, which holds every record against its row too."""
    from sagescene.files import listrows, recordscan

    return lambda path, listed: str(recordscan.scan(read_chunks(path), rows=listrows.read(read_chunks(listed))).records)


def prepare_scan_with_leaks() -> Callable[[str, str], str]:
    """Use the product as it reads training files: every path and a checksum of every image are remembered."""
    from sagescene.files import leaks, listrows, recordscan

    def work(path: str, listed: str) -> str:
        shared = leaks.Leaks(train_list="", train_records="", validation_list="", validation_records="")
        rows = shared.remember_rows(listrows.read(read_chunks(listed)))
        return str(recordscan.scan(read_chunks(path), rows=rows, on_image=shared.remember_image).records)

    return work


def prepare_parts() -> Callable[[str, str], str]:
    """Use the product's innermost loop: framing, label and id, but not the images."""
    from sagescene.files.framing import FIRST, HEADER, WHOLE, Source, read_header, read_parts

    def work(path: str, _: str) -> str:
        records = 0
        for part in read_parts(Source(read_chunks(path)), HEADER.size):
            if part.flag in (WHOLE, FIRST):
                read_header(part.head, part.offset)
                records += 1
        return str(records)

    return work


def prepare_mxnet() -> Callable[[str, str], str]:
    """Use MXNet's reader."""
    import warnings

    warnings.simplefilter("ignore")
    import mxnet

    def work(path: str, _: str) -> str:
        reader, records = mxnet.recordio.MXRecordIO(path, "r"), 0
        while reader.read() is not None:
            records += 1
        return str(records)

    return work


def prepare_mxnet_unpacked() -> Callable[[str, str], str]:
    """Use MXNet's reader, and take each record's label and id."""
    import warnings

    warnings.simplefilter("ignore")
    import mxnet

    def work(path: str, _: str) -> str:
        reader, records = mxnet.recordio.MXRecordIO(path, "r"), 0
        while (record := reader.read()) is not None:
            mxnet.recordio.unpack(record)
            records += 1
        return str(records)

    return work


CANDIDATES: dict[str, Callable[[], Callable[..., str]]] = {
    "bare interpreter": prepare_nothing,
    "read only": prepare_read,
    "framing, label, id": prepare_parts,
    "sagescene": prepare_scan,
    "sagescene with list": prepare_scan_with_list,
    "sagescene with list, leaks": prepare_scan_with_leaks,
    "MXRecordIO": prepare_mxnet,
    "MXRecordIO, unpacked": prepare_mxnet_unpacked,
}
