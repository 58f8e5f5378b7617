"""A file read by a thread while another looks at what was read."""

import io
import threading

import pytest

from sagescene_command.parallel import read_ahead


def test_all_is_given_in_order_and_the_next_is_read_unasked() -> None:
    content = bytes(range(10))
    file, is_further = io.BytesIO(content), threading.Event()

    def read(size: int) -> bytes:
        piece = file.read(size)
        if file.tell() > size:
            is_further.set()
        return piece

    pieces = read_ahead(read, 4)
    assert next(pieces) == content[:4]
    assert is_further.wait(10)
    assert list(pieces) == [content[4:8], content[8:]]
    assert list(read_ahead(io.BytesIO(content).read, 100)) == [content]
    assert list(read_ahead(io.BytesIO().read, 4)) == []


def test_pieces_that_nobody_has_taken_wait() -> None:
    file = io.BytesIO(bytes(100))
    pieces = read_ahead(file.read, 4)
    for taken in range(1, 5):
        next(pieces)
        assert file.tell() <= 4 * (taken + 1)


def test_a_fault_in_reading_comes_after_what_was_read() -> None:
    given = iter([b"sound"])

    def read(_: int) -> bytes:
        for piece in given:
            return piece
        raise OSError("the disk is gone")

    pieces = read_ahead(read, 5)
    assert next(pieces) == b"sound"
    with pytest.raises(OSError, match="the disk is gone"):
        next(pieces)


def test_an_end_in_between_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    pieces = read_ahead(io.BytesIO(bytes(100)).read, 4)
    next(pieces)
    assert threading.active_count() > before
    pieces.close()  # type: ignore[attr-defined] # as any exception in the loop over it does
    assert threading.active_count() == before
