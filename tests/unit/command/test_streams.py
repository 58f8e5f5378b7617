"""What a command learns of its output when that is closed, full or read by nobody."""

import os
import queue
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from sagescene_command import streams

PATIENCE_IN_SECONDS = 30.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """A pipe: the descriptor to read from, and the stream to write to."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        yield reader, streams.guard_stream(stream, "Standard output")


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[TextIO]:
    """A stream to a file that takes nothing, as a full disk does."""
    path = tmp_path / "output"
    path.touch()
    with path.open() as stream:
        yield streams.guard_stream(stream, "Standard output")


def test_what_is_written_arrives(pipe: tuple[int, TextIO]) -> None:
    reader, stream = pipe
    print("Ångström", file=stream, flush=True)
    assert os.read(reader, 100).decode(stream.encoding) == "Ångström\n"
    os.close(reader)


def test_what_the_encoding_of_an_output_lacks_is_spelled_out(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as file:
        guarded = streams.guard_stream(file, "Standard output")
        guarded.write("Ünser\n")
        guarded.flush()
    assert (tmp_path / "out").read_bytes() == b"\\xdcnser\n"


def test_a_pipe_without_a_reader_is_no_mistake(pipe: tuple[int, TextIO], capsys: pytest.CaptureFixture[str]) -> None:
    reader, stream = pipe
    os.close(reader)
    with pytest.raises(streams.ReaderGoneError) as raised:
        print("nobody reads this", file=stream, flush=True)
    raised.value.show()
    assert (raised.value.exit_code, *capsys.readouterr()) == (141, "", "")
    discard(stream)


def test_an_output_that_cannot_be_written_is_named(unwritable: TextIO) -> None:
    with pytest.raises(streams.UnwritableError) as raised:
        print("this has no place", file=unwritable, flush=True)
    assert raised.value.message == "Standard output cannot be written: Bad file descriptor. Send it elsewhere."
    assert raised.value.exit_code == 1
    discard(unwritable)


def test_a_closed_output_is_told_before_anything_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(streams.UnwritableError, match=r"Standard output is closed: send it somewhere"):
        streams.guard()


def test_what_could_not_be_written_is_dropped_at_the_end(
    pipe: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, stream = pipe
    os.close(reader)
    with pytest.raises(streams.ReaderGoneError):
        print("nobody reads this", file=stream, flush=True)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", None)
    streams.release()
    stream.flush()


def test_a_reader_that_goes_away_is_noticed_while_nothing_is_written(pipe: tuple[int, TextIO]) -> None:
    reader, stream = pipe
    lost: queue.SimpleQueue[Exception] = queue.SimpleQueue()
    streams.watch(stream, lost.put)
    print("read", file=stream, flush=True)
    assert os.read(reader, 100) == b"read\n"
    assert lost.empty()
    os.close(reader)
    assert isinstance(lost.get(timeout=PATIENCE_IN_SECONDS), streams.ReaderGoneError)


def discard(stream: TextIO) -> None:
    """Let go what the stream holds and could not write, before its file is closed below it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    stream.flush()
