"""What is remembered of how long steps took, and how it is said."""

from pathlib import Path

import pytest

from sagescene_command import durations


def test_the_last_time_of_each_step_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "durations.json"
    assert durations.recall("packing", file) is None
    durations.remember("packing", 12.34, file)
    durations.remember("standing up", 4, file)
    durations.remember("packing", 11, file)
    assert (durations.recall("packing", file), durations.recall("standing up", file)) == (11, 4)


@pytest.mark.parametrize("kept", ["", "[1]", '{"packing": "long"}', "\x00"])
def test_what_cannot_be_read_is_forgotten(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "durations.json"
    file.write_text(kept)
    assert durations.recall("packing", file) is None
    durations.remember("packing", 3, file)
    assert durations.recall("packing", file) == 3


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path) -> None:
    durations.remember("packing", 3, tmp_path / "no-folder/durations.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "under a second"), (1.2, "1 s"), (119, "119 s"), (120, "2 min"), (540, "9 min"), (9000, "2 h")],
)
def test_a_duration_is_said_in_the_unit_of_people(seconds: float, said: str) -> None:
    assert durations.tell(seconds) == said
