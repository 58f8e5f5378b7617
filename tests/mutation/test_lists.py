"""What is left out as noise, how a change is named, and the committed list of survivors."""

from pathlib import Path

import pytest

from tests.mutation.source import compare_lines, find_noise, is_within, name_function
from tests.mutation.survivors import Change, find_outdated, find_unlisted, read_survivors
from tests.stack_template import ROOT

SOURCE = """\
type Step = int | str

@dataclass(frozen=True)
class Context[S: int = int]:
    size: int | None = 3 | 4

    def wait(self, ä: "ü", *, b: int | None = 5) -> int | None:
        logger.info("x", delay=60 + 1)
        return self.size * 2 if b > 1 else None
"""


def test_what_is_never_run_or_only_logged_is_noise() -> None:
    lines = SOURCE.splitlines()
    noise = [lines[line - 1][column:end] for (line, column), (_, end) in find_noise(SOURCE)]
    assert sorted(noise) == sorted([
        "type Step = int | str", "dataclass(frozen=True)", "S: int = int", "int | None",
        '"ü"', "int | None", "int | None", 'logger.info("x", delay=60 + 1)', "*",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("piece", "is_noise"),
    [
        ("@dataclass(frozen=True)", True),
        ("60 + 1", True),
        ("*", True),
        ("3 | 4", False),
        ("* 2", False),
        ("b > 1", False),
    ],
)
def test_a_piece_of_noise_is_noise(piece: str, *, is_noise: bool) -> None:
    before = SOURCE.partition(piece)[0]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2])
    assert is_within((line, column), (line, column + len(piece)), find_noise(SOURCE)) is is_noise


@pytest.mark.parametrize(("line", "name"), [(1, ""), (5, "Context"), (9, "Context.wait")])
def test_a_line_is_named_by_what_it_is_in(line: int, name: str) -> None:
    assert name_function(SOURCE, line) == name


def test_a_change_is_named_by_its_lines_wherever_they_stand() -> None:
    changed = SOURCE.replace("return self.size", "return (\n            self.size)")
    assert compare_lines(SOURCE, changed) == (
        "return self.size * 2 if b > 1 else None",
        "return ( self.size) * 2 if b > 1 else None",
    )


def change(module: str = "workflow/waits.py", becomes: str = "return 2") -> Change:
    return Change(module=module, function="f", was="return 1", becomes=becomes)


def test_a_survivor_without_a_reason_is_found() -> None:
    assert find_unlisted([change(), change(becomes="return 3")], [change()]) == [change(becomes="return 3")]


def test_an_entry_that_no_longer_survives_is_found_once_its_module_was_tried() -> None:
    listed = [change(), change(becomes="return 3"), change("workflow/claims.py")]
    assert find_outdated([change()], listed, ["workflow/waits.py"]) == [change(becomes="return 3")]


@pytest.mark.parametrize("text", ['"', "'", "\"'\\\n ä", ""])
def test_a_survivor_is_printed_as_the_list_has_it(text: str, tmp_path: Path) -> None:
    survivor = change(becomes=text)
    path = tmp_path / "survivors.toml"
    path.write_text(str(survivor).replace('reason = ""', 'reason = "why"'), encoding="utf-8")
    assert read_survivors(path) == {survivor: "why"}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (str(change()), "give a reason for the survivor in workflow/waits.py: return 2"),
        (str(change()).replace('""', '"why"\n') * 2, "leave out the second of two entries"),
    ],
)
def test_a_list_with_gaps_or_doubles_is_refused(entries: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(entries)
    with pytest.raises(ValueError, match=message):
        read_survivors(path)


def test_every_survivor_is_of_a_module_and_has_its_reason() -> None:
    for survivor in read_survivors():
        core, evaluation = ROOT / "layers/core/sagescene", ROOT / "layers/evaluation"
        places = core / survivor.module, evaluation / f"sagescene_{survivor.module}"
        assert any(place.is_file() for place in places), survivor
