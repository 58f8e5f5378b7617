"""The digits of a run without a data set, and a disk that has no room for them."""

import errno
import io
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
import pytest
from rich.console import Console

from sagescene_command import digits
from sagescene_command.narration import Narrator
from sagescene_command.packing.shortage import explain_shortage
from sagescene_command.room import needing_room


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("is_packing", [False, True])
def test_a_full_disk_is_told_with_what_to_set(number: int, *, is_packing: bool) -> None:
    packing = explain_shortage(Path("digits")) if is_packing else nullcontext()
    with pytest.raises(click.ClickException) as raised, needing_room(), packing:
        raise OSError(number, "why")
    assert raised.value.message.startswith(f"There is no room for temporary files in {tempfile.gettempdir()} (why): ")
    assert "set TMPDIR" in raised.value.message


def test_another_fault_stays_what_it_is() -> None:
    with pytest.raises(ConnectionRefusedError), needing_room():
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")


def test_drawing_and_packing_tell_how_far_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, list[tuple[int, int]]] = {}

    def show(_: Console, what: str) -> Any:  # noqa: ANN401
        return nullcontext(lambda done, total: told.setdefault(what, []).append((done, total)))

    monkeypatch.setattr(digits, "show_progress", show)
    console = Console(file=io.StringIO())
    digits.pack_digits(tmp_path, console, Narrator(console))
    assert {what: steps[-1] for what, steps in told.items()} == {
        "drawing the digits": (1797, 1797),
        "packing the digits": (3594, 3594),
    }
