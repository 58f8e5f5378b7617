"""A folder or a model.tar.gz becomes an artifact; what could harm the reader is refused before it is read."""

import gzip
import io
import json
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene_model import artifact
from sagescene_model.refusals import ArtifactRefused, ModelRefused
from tests.unit.model.networks import PARAMS, SHAPES, SYMBOL, make_resnet, pack, write_archive, write_folder

FILES = make_resnet(8, (3, 28, 28), 2, narrow=8).files()


def weights_of(value: float) -> bytes:
    """Write weights that tell from which epoch they are."""
    return pack({"arg:w": np.array([value], "<f4")})


EPOCHS = {f"image-classification-{epoch:04d}.params": weights_of(epoch) for epoch in (2, 11, 3)}


@pytest.mark.parametrize("write", [write_archive, write_folder])
def test_an_artifact_is_read(tmp_path: Path, write: Callable[[Path, dict[str, bytes]], Path]) -> None:
    found = artifact.read(write(tmp_path / "model", FILES))
    assert (found.name, found.epoch, found.shape, found.halves) == ("model", 3, (3, 28, 28), 0)
    assert found.weights["fc1_bias"].shape == (2,)
    assert found.symbol.nodes[found.symbol.head].name == "softmax"


@pytest.mark.parametrize("write", [write_archive, write_folder])
def test_the_newest_epoch_is_taken(tmp_path: Path, write: Callable[[Path, dict[str, bytes]], Path]) -> None:
    files = {SYMBOL: FILES[SYMBOL], SHAPES: FILES[SHAPES], **EPOCHS, "code.py": b"x"}
    found = artifact.read(write(tmp_path / "model", files))
    assert (found.epoch, found.weights["w"].tolist()) == (11, [11])


def test_a_stream_is_read_forwards_only(tmp_path: Path) -> None:
    class Body:
        """What S3 gives: it can only be read."""

        def __init__(self, content: bytes) -> None:
            self.content = io.BytesIO(content)

        def read(self, size: int) -> bytes:
            return self.content.read(min(size, 1000))

    path = write_archive(tmp_path / "model.tar.gz", {f"./{name}": content for name, content in FILES.items()})
    body = cast(BinaryIO, Body(path.read_bytes()))
    assert artifact.read_stream(body, "model.tar.gz").epoch == 3


@pytest.mark.parametrize("missing", FILES)
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    files = {name: content for name, content in FILES.items() if name != missing}
    named = "NNNN.params" if missing == PARAMS else missing
    with pytest.raises(ArtifactRefused, match=f"{named}: the file is missing. Take the model.tar.gz"):
        artifact.read(write_folder(tmp_path / "model", files))


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactRefused, match="it cannot be opened"):
        artifact.read(tmp_path / "nothing")


@pytest.mark.parametrize(
    "shapes",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        json.dumps([{"name": "label", "shape": [1, 3, 8, 8]}]).encode(),
        *(
            json.dumps([{"name": "data", "shape": shape}]).encode()
            for shape in ([3, 8, 8], [1, 2, 8, 8], [1, 3, 0, 8], [1, 3, 8, 4097], [1, 3, 8.0, 8], [1, 3, 8, True])
        ),
    ],
)
def test_a_shape_that_is_no_image_is_refused(tmp_path: Path, shapes: bytes) -> None:
    with pytest.raises(ArtifactRefused, match=SHAPES):
        artifact.read(write_folder(tmp_path / "model", {**FILES, SHAPES: shapes}))


def tar(*members: tuple[str, bytes, bytes, str], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """Write an archive of members: name, type, content, where a link leads."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as packed:
        for name, kind, content, link in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.size = kind, link, len(content)
            packed.addfile(member, io.BytesIO(content))
    return target.getvalue()


def header(name: str, kind: bytes, size: int) -> bytes:
    """Write the first block of a member that says it has `size` bytes."""
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


def globally(texts: dict[str, str]) -> bytes:
    """Write a header that says something of all members after it."""
    return tarfile.TarInfo.create_pax_global_header(texts)


FILE = tarfile.REGTYPE
HEADERS = "more than 65,536 bytes of headers stand before a file."
WHOLE = tar(*((name, FILE, content, "") for name, content in FILES.items()))
HOSTILE = {
    "no archive": (b"hello", "it is no whole .tar.gz archive"),
    "nothing": (b"", "it is no whole .tar.gz archive"),
    "cut": (gzip.compress(WHOLE)[:-2000], "it is no whole .tar.gz archive"),
    "wrong checksum": (gzip.compress(WHOLE)[:-8] + bytes(8), "it is no whole .tar.gz archive"),
    "traversal": (gzip.compress(tar((f"../{PARAMS}", FILE, b"x", ""))), "the path leads out of the archive."),
    "inner traversal": (gzip.compress(tar(("a/../../b", FILE, b"x", ""))), "the path leads out of the archive."),
    "absolute": (gzip.compress(tar(("/etc/passwd", FILE, b"x", ""))), "the path leads out of the archive."),
    "link": (
        gzip.compress(tar((SYMBOL, tarfile.SYMTYPE, b"", "/etc/passwd"))),
        "it is a link or another special file.",
    ),
    "hard link": (gzip.compress(tar((SYMBOL, tarfile.LNKTYPE, b"", PARAMS))), "it is a link or another special file."),
    "device": (gzip.compress(tar((SYMBOL, tarfile.CHRTYPE, b"", ""))), "it is a link or another special file."),
    "fifo": (gzip.compress(tar((SYMBOL, tarfile.FIFOTYPE, b"", ""))), "it is a link or another special file."),
    "twice": (gzip.compress(tar((SYMBOL, FILE, b"{}", ""), (SYMBOL, FILE, b"{}", ""))), "the file is there twice."),
    "large text": (gzip.compress(header(SYMBOL, FILE, 1 << 30)), "at most 16,777,216 are read."),
    "large weights": (gzip.compress(header(PARAMS, FILE, 2 << 30)), "at most 1,073,741,824 are read."),
    "lying size": (gzip.compress(header(PARAMS, FILE, 1 << 30) + bytes(512)), "it is no whole .tar.gz archive"),
    "bomb": (gzip.compress(header("other", FILE, 17 << 30)), "it unpacks into more than"),
    "many gzip files": (gzip.compress(b"") * 20_001 + gzip.compress(WHOLE), "made of more than 20,000 gzip files."),
    "bytes behind a gzip file": (gzip.compress(WHOLE) + b"\0\0x", "it is no whole .tar.gz archive"),
    "header bomb": (gzip.compress(header("x", tarfile.XHDTYPE, 1 << 40)), HEADERS),
    "long name bomb": (gzip.compress(header("x", tarfile.GNUTYPE_LONGNAME, 1 << 40)), HEADERS),
    "headers of nearly all that one may hold": (
        gzip.compress(b"".join(globally({str(number): "A" * 1_000_000}) for number in range(64)), 1),
        HEADERS,
    ),
    "many members": (
        gzip.compress(b"".join(header(f"a{number}", FILE, 0) for number in range(1002)) + bytes(1024)),
        "it holds more than 1,000 files.",
    ),
    "many headers": (
        gzip.compress((header("x", tarfile.XHDTYPE, 6) + b"6 a=b\n".ljust(512, b"\0")) * 5000),
        HEADERS,
    ),
}


@contextmanager
def within_little_memory() -> Iterator[None]:
    """Hold a reader to memory that no archive of these tests needs."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 << 20


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_before_it_costs_anything(name: str) -> None:
    content, said = HOSTILE[name]
    with within_little_memory(), pytest.raises(ModelRefused) as refused:
        artifact.read_stream(io.BytesIO(content), "model.tar.gz")
    assert said in str(refused.value)
    assert str(refused.value).startswith("model.tar.gz")


def test_headers_of_all_members_after_them_cost_nothing_from_one_member_to_the_next() -> None:
    headers = (globally({f"{number}.{key}": "" for key in range(4000)}) for number in range(30))
    members = (part + header(f"a{number}", FILE, 0) for number, part in enumerate(headers))
    content = gzip.compress(b"".join(members) + WHOLE, 1)
    with within_little_memory():
        assert artifact.read_stream(io.BytesIO(content), "model.tar.gz").epoch == 3


def test_gzip_files_behind_each_other_are_read_as_one() -> None:
    parts = [gzip.compress(WHOLE[start : start + 1000]) for start in range(0, len(WHOLE), 1000)]
    content = bytes(9).join([*parts, gzip.compress(b""), b""])
    assert artifact.read_stream(io.BytesIO(content), "model.tar.gz").epoch == 3


def test_a_long_name_with_its_attributes_is_passed_over_and_a_long_text_is_read() -> None:
    target = io.BytesIO()
    texts = {"SCHILY.xattr.user.note": "x" * 20_000, "mtime": "1.5"}
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT, pax_headers=texts) as packed:
        for name, content in {"long/" * 800: b"", **FILES, SYMBOL: FILES[SYMBOL] + b" " * (3 << 20)}.items():
            member = tarfile.TarInfo(name)
            member.size, member.pax_headers = len(content), texts
            packed.addfile(member, io.BytesIO(content))
    assert artifact.read_stream(io.BytesIO(gzip.compress(target.getvalue(), 1)), "model.tar.gz").epoch == 3


def test_a_link_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "model", FILES)
    (folder / SYMBOL).rename(tmp_path / "elsewhere")
    (folder / SYMBOL).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArtifactRefused, match=f"{SYMBOL}: the file is missing"):
        artifact.read(folder)


@given(st.binary(max_size=300), st.integers(0, len(WHOLE)), st.booleans())
def test_any_bytes_are_an_artifact_or_refused(noise: bytes, place: int, packed: bool) -> None:
    content = WHOLE[:place] + noise + WHOLE[place + len(noise) :] if packed else noise
    try:
        found = artifact.read_stream(io.BytesIO(gzip.compress(content, 1) if packed else content), "m")
    except ModelRefused:
        return
    assert found.epoch
