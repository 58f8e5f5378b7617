"""What a person reads at the end of a run that has made no model."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from sagescene_command import ending
from sagescene_command.local_run import Result
from sagescene_command.narration import Narrator

FAILED = Result(verdict="failed", reason="It broke.", job={"name": "sagescene--pets--0123456789ab"})
REFUSED = Result(verdict="refused", reason="It is no image.")


@pytest.mark.parametrize(
    ("result", "for_good", "offers_the_log"), [(FAILED, False, True), (FAILED, True, False), (REFUSED, False, False)]
)
def test_a_run_without_a_model_says_that_it_is_over_and_how_its_log_is_kept(
    result: Result, tmp_path: Path, *, for_good: bool, offers_the_log: bool
) -> None:
    terminal = io.StringIO()
    ending.tell(result, Narrator(Console(file=terminal)), data=tmp_path, kept=tmp_path, for_good=for_good)
    told = terminal.getvalue()
    assert result.reason in told
    assert "mend it and run again; the stack has ended" in told
    assert ("--save FOLDER keeps reports, notices and what the job logged" in told) is offers_the_log
