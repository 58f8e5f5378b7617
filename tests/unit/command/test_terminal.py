"""Nothing that the command prints holds what a terminal obeys, except the styles that the command itself chose."""

import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sagescene_command import streams
from sagescene_command.narration import Narrator
from sagescene_command.terminal import Console
from sagescene_standin.occurrence import Occurrence
from tests.stack_template import ROOT
from tests.unit.test_foreign_text import foreign, raw


@given(text=foreign)
def test_whatever_is_written_to_a_stream_passes_the_door(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "output"
        with path.open("w", encoding="utf-8") as file:
            stream = streams.guard_stream(file, "Standard output")
            print(text, file=stream, flush=True)
        assert not raw(path.read_text("utf-8"), "\n")


@given(text=foreign)
def test_whatever_a_console_prints_passes_the_door(text: str) -> None:
    console = Console()
    table = Table.grid()
    table.add_row(Text(text), Text(text, "cyan"))
    with console.capture() as captured:
        console.print(text, Text(text, "bold"), Padding(Text(text), 1), table)
        Narrator(console)(Occurrence(kind="message", subject="topic", detail={"subject": text, "text": text}))
    assert not raw(captured.get(), "\n")


def test_styles_reach_the_stream_and_text_that_looks_like_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = tmp_path / "output"
    with path.open("w", encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdout", streams.guard_stream(file, "Standard output"))
        Console().print(Text("\x1b[31mred", "bold"))
    assert path.read_text() == "\x1b[1m\\x1b[31mred\x1b[0m\n"


def test_what_is_no_terminal_gets_whole_lines_without_blanks_at_their_ends(capsys: pytest.CaptureFixture[str]) -> None:
    long = " ".join(["word"] * 100)
    table = Table("file", "change", box=None)
    table.add_row("a", "b")
    console = Console()
    console.print(Padding(Text(long, "bold"), (0, 0, 0, 2)), table, Text("  \n a  b "), sep="")
    assert [line.rstrip("\n") for line in capsys.readouterr().out.splitlines()] == [
        f"  {long}",
        " file  change",
        " a     b",
        "",
        " a  b",
    ]


def test_a_terminal_gets_lines_of_its_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdout", terminal)
    Console().print(Text(" ".join(["word"] * 20)))
    assert max(map(len, terminal.getvalue().splitlines())) <= 40


def test_a_stream_without_a_door_is_written_to_as_it_is() -> None:
    stream = io.StringIO()
    assert streams.styled(stream) is stream


def test_no_other_console_is_opened() -> None:
    modules = [path for path in (ROOT / "sagescene_command").rglob("*.py") if path.name != "terminal.py"]
    opened = {path for path in modules if re.search(r"\bConsole\(", path.read_text())}
    own = {path for path in modules if "from sagescene_command.terminal import Console" in path.read_text()}
    assert opened
    assert opened <= own
