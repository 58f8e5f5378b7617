"""The checksums by which images are told: the same numbers from either library, and for all who ask."""

import importlib
import sys
import zlib
from collections.abc import Iterator

import pytest

from sagescene.bounds import HEAD_BYTES, TOLD_BY_BYTES
from sagescene.files import checksums
from sagescene.files.recordcontent import PackedImage
from sagescene.files.setimages import ImageCollector, digest_of

LONG = bytes(range(256)) * 400
# As the reports that are kept hold them: what gives others needs another setimages.VERSION.
KEPT = {b"an image!": "bfa2fe2ceb451d69", LONG: "6809cc798b36db65"}


@pytest.fixture(params=["zlib-ng", "zlib"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Take one of the two libraries, as a process does that has no other."""
    with monkeypatch.context() as patch:
        if request.param == "zlib":
            patch.setitem(sys.modules, "zlib_ng.zlib_ng", None)
        importlib.reload(checksums)
        yield request.param
    importlib.reload(checksums)


def test_either_library_gives_the_same_checksum(library: str) -> None:
    assert (vars(checksums)["crc32"] is zlib.crc32) == (library == "zlib")
    assert all(checksums.tell(LONG[:size])[0] == zlib.crc32(LONG[:size]) for size in range(0, len(LONG), 997))


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("content", KEPT)
def test_an_image_is_told_as_in_the_reports_that_are_kept(content: bytes) -> None:
    collector = ImageCollector()
    collector.add(PackedImage(1, 0, (0.0,), len(content), memoryview(content)))
    assert collector.collected(is_whole=True).digests.hex() == KEPT[content]
    assert digest_of(len(content), content).hex() == KEPT[content]


@pytest.mark.parametrize("size", [0, 1, TOLD_BY_BYTES, TOLD_BY_BYTES + 1, HEAD_BYTES])
def test_what_tells_the_first_bytes_and_all_of_them_is_as_if_each_were_read_by_itself(size: int) -> None:
    head = (LONG * 2)[:size]
    image = PackedImage(1, 0, (0.0,), size, memoryview(head))
    assert image.contents == (checksums.tell(head[:TOLD_BY_BYTES]), checksums.tell(head))
    assert checksums.tell(head) == (zlib.crc32(head), head[size // 2 :][:64])


def test_bytes_are_read_once_for_all_who_ask() -> None:
    image = PackedImage(1, 0, (0.0,), len(LONG), LONG)
    contents = image.contents
    image.head = b""
    assert image.contents is contents
