"""What a person reads of a log line's values."""

import time
from collections.abc import Iterator

import pytest

from sagescene_command.particulars import lay_out


@pytest.fixture(autouse=True)
def _in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("particulars", "told"),
    [
        ({"delay_in_seconds": 542}, ": delay 9 min"),
        ({"next_try": "2026-11-26 15:00:00+00:00"}, ": next try 2026-11-27 00:00:00"),
        ({"next_try": "2026-11-26T15:00:00.123456Z"}, ": next try 2026-11-27 00:00:00"),
        ({"cause": "quota", "reason": "", "service": "sagescene"}, ": cause quota"),
        ({"hyperparameters": {"epochs": "8", "momentum": "0.9"}}, ": hyperparameters epochs 8, momentum 0.9"),
        ({"files": ["a_test.rec", "b_test.rec"]}, ": files a_test.rec, b_test.rec"),
        ({"measured_in_seconds": 0.37199999999995725}, ": measured under a second"),
        ({}, ""),
    ],
)
def test_values_are_in_units_of_people(particulars: dict[str, object], told: str) -> None:
    assert lay_out({"level": "INFO", "message": "waiting", **particulars}) == told


def test_long_values_have_a_line_each() -> None:
    line = {"level": "WARNING", "message": "so", "file": "datasets/pets/train.rec", "remedy": "Mend it. " * 9}
    assert [each.strip() for each in lay_out(line).splitlines()[1:]] == [
        "file: datasets/pets/train.rec",
        f"remedy: {'Mend it. ' * 9}".strip(),
    ]
