"""Standard output and standard error: what cannot be written ends the command, not the thread that would write it."""

import io
import os
import select
import sys
import threading
from collections.abc import Buffer, Callable
from typing import IO, TextIO, cast

import click

from sagescene.foreign_text import printable_lines


class UnwritableError(click.ClickException):
    """A standard stream takes nothing more; the message says why and what to do."""


class ReaderGoneError(UnwritableError):
    """Whoever read a standard stream has seen enough; the exit status is that of a program which SIGPIPE ends."""

    exit_code = 141

    def __init__(self) -> None:
        super().__init__("Nobody reads on.")

    def show(self, file: object = None) -> None:
        """Say nothing: `| head` is no mistake."""


def guard() -> None:
    """Let whatever writes to standard output or standard error raise UnwritableError, a thread of the stack's as well.

    Raises:
        UnwritableError: standard output is closed.
    """
    if sys.stdout is None:
        raise UnwritableError("Standard output is closed: send it somewhere, such as to /dev/null.")
    sys.stdout = guard_stream(sys.stdout, "Standard output")
    if sys.stderr is not None:
        sys.stderr = guard_stream(sys.stderr, "Standard error")


def guard_stream(stream: TextIO, name: str) -> TextIO:
    """Give a stream to the same file that raises UnwritableError, which calls it by this name.

    Whatever is written to it passes the door for foreign text, so that no message can be one that a terminal obeys.
    What its encoding lacks is spelled out.
    """
    return _Door(
        io.BufferedWriter(_Guarded(stream.fileno(), name)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=bool(stream.line_buffering),
    )


def styled(stream: IO[str]) -> IO[str]:
    """Give a stream past its door, for what has passed there before it was styled."""
    return cast(IO[str], _Styled(stream)) if isinstance(stream, _Door) else stream


def release() -> None:
    """Drop what could not be written: the interpreter would try once more when it ends, and complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except UnwritableError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def watch(stream: TextIO, lost: Callable[[UnwritableError], None]) -> None:
    """Call `lost`, from a thread, when the reader of a stream goes away, even while nothing is written to it."""
    poll = select.poll()
    poll.register(stream.fileno(), 0)  # of a pipe without a reader it tells unasked

    def wait() -> None:
        poll.poll()
        lost(ReaderGoneError())

    threading.Thread(target=wait, name="output", daemon=True).start()


class _Door(io.TextIOWrapper):
    def write(self, text: str, /) -> int:
        super().write(printable_lines(text))
        return len(text)

    def write_styled(self, text: str) -> int:
        return super().write(text)


class _Styled:
    def __init__(self, door: _Door) -> None:
        self._door = door

    def write(self, text: str) -> int:
        return self._door.write_styled(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._door, name)


class _Guarded(io.FileIO):
    """Stands below every buffer: an OSError of the output cannot be told from one of the work that is reported."""

    def __init__(self, descriptor: int, what: str) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._what = what

    def write(self, data: Buffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError as error:
            raise ReaderGoneError from error
        except OSError as error:
            raise UnwritableError(f"{self._what} cannot be written: {error.strerror}. Send it elsewhere.") from error
