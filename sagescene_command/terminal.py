"""The console of the command: styled by rich, and with nothing in its text that a terminal obeys."""

from collections.abc import Iterable
from typing import IO

import rich.console
from rich.console import ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

from sagescene.foreign_text import printable_lines
from sagescene_command.streams import styled


class Console(rich.console.Console):
    """A console whose renderables pass the door for foreign text; what it styles them with does not."""

    def __init__(self, *, stderr: bool = False) -> None:
        """Write to standard output, or to standard error."""
        super().__init__(stderr=stderr)
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
        for segment in console.render(self._renderable, options):
            is_text = segment.control is None
            yield Segment(printable_lines(segment.text), segment.style) if is_text else segment
