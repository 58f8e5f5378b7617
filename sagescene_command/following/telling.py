"""What happens to a data set, told line by line with the clock time of the local zone."""

from typing import Self

from rich.live import Live
from rich.text import Text

from sagescene_command.following.watching import StackEvent
from sagescene_command.following.words import tell_time
from sagescene_command.terminal import Console


class Teller:
    """Prints events; on a terminal what passes is one line at the bottom, which the next of its kind replaces."""

    def __init__(self, console: Console) -> None:
        """Take where to print."""
        self._console = console
        self._live = Live(console=console, transient=True, auto_refresh=False) if console.is_terminal else None
        self._passing: StackEvent | None = None

    def __enter__(self) -> Self:
        """Begin to use the line at the bottom."""
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        """Leave the last of what passed as a line of its own."""
        self._keep_passing()
        if self._live:
            self._live.stop()

    def __call__(self, event: StackEvent) -> None:
        """Tell of an event."""
        if event.is_passing and self._live:
            self._passing = event
            self._live.update(_compose(event), refresh=True)
            return
        self._keep_passing()
        self._console.print(_compose(event), soft_wrap=True)

    def _keep_passing(self) -> None:
        if self._live and self._passing:
            event, self._passing = self._passing, None
            self._live.update(Text(), refresh=True)
            self._console.print(_compose(event), soft_wrap=True)


def _compose(event: StackEvent) -> Text:
    moment, speaker = (tell_time(event.time), "dim"), (f"{event.speaker:<8}", "cyan")
    return Text.assemble(moment, "  ", speaker, "  ", (event.text, event.style))
