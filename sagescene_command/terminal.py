"""The console of the command: styled by rich, and with nothing in its text that a terminal obeys."""

import re
from collections.abc import Iterable, Iterator
from typing import IO

import rich.console
from rich.console import ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

from sagescene.foreign_text import printable_lines
from sagescene_command.streams import styled

_UNWRAPPED = 10_000  # letters of a line, where no terminal has its own width
_LINE_END = re.compile("(\n)")


class Console(rich.console.Console):
    """A console whose renderables pass the door for foreign text; what it styles them with does not."""

    def __init__(self, *, stderr: bool = False) -> None:
        """Write to standard output, or to standard error; what is no terminal gets each line whole."""
        super().__init__(stderr=stderr)
        if not self.file.isatty():
            self.width = _UNWRAPPED
        self.push_render_hook(_Door())

    @property
    def file(self) -> IO[str]:
        """Give the stream past its own door, which would show the styles in letters."""
        return styled(super().file)

    @file.setter
    def file(self, stream: IO[str]) -> None:
        self._file = stream


class _Door(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(each) for each in renderables]


class _Shown:
    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: rich.console.Console, options: ConsoleOptions) -> Iterable[Segment]:
        segments = console.render(self._renderable, options)
        for segment in segments if console.file.isatty() else _strip_line_ends(segments):
            is_text = segment.control is None
            yield Segment(printable_lines(segment.text), segment.style) if is_text else segment


def _strip_line_ends(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Leave out the blanks with which rich fills its lines: they wrap again wherever the output is read."""
    blanks: list[Segment] = []
    for segment in segments:
        if segment.control is not None:
            yield segment
            continue
        for piece in filter(None, _LINE_END.split(segment.text)):
            text = piece.rstrip(" ")
            if piece == "\n":
                blanks.clear()
            elif text:
                yield from blanks
                blanks.clear()
            if text:
                yield Segment(text, segment.style)
            if len(text) < len(piece):
                blanks.append(Segment(piece[len(text) :], segment.style))
    yield from blanks  # of a line that goes on
