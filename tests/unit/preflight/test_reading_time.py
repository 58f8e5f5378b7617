"""A reading that takes too long: it ends while there is time to say so, in virtual time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from sagescene.bounds import SECONDS_TO_REPORT
from sagescene.dataset import StoredObject, assemble
from sagescene.preflight import examination
from sagescene.preflight.examination import examine
from sagescene.preflight.reading import Examination, Reader
from sagescene.preflight.reading_time import unlimited
from sagescene.preflight.report import Conditions, Verdict
from tests.unit.preflight.test_examination import (
    GPU,
    LARGE_RECORDS,
    NOW,
    SOUND,
    Memory,
    codes,
    idx,
    judge,
    large,
)

PIECE = 10_000  # bytes that are read at once
TIMEOUT = 300.0


@dataclass
class SlowReader:
    """Reads a data set from memory in virtual time; `seconds` are those that a piece of a file takes."""

    files: dict[str, bytes]
    seconds: dict[str, float]
    left: float = TIMEOUT
    span_in_seconds: float = 0
    read: list[str] = field(default_factory=list)

    def examine(self) -> Examination:
        memory = Memory(self.files)
        instant = memory.reader(PIECE)

        def whole(stored: StoredObject) -> Iterator[bytes]:
            for piece in instant.whole(stored):
                self._take_time(stored)
                yield piece

        def span(stored: StoredObject, offset: int, length: int) -> bytes:
            self.left -= self.span_in_seconds
            return instant.span(stored, offset, length)

        return examine(
            assemble("pets", memory.objects),
            Reader(whole=whole, span=span),
            Conditions(instance_type=GPU, instance_count=1),
            written=NOW,
            largest_whole_in_bytes=10**10,
            seconds_left=lambda: self.left,
        )

    def _take_time(self, stored: StoredObject) -> None:
        name = stored.key.rpartition("/")[2]
        self.read.append(name)
        self.left -= self.seconds.get(name, 0)


def test_a_set_that_is_read_in_time_is_judged_as_ever() -> None:
    examined = SlowReader(SOUND, {"train.rec": 40}).examine()
    assert examined.report.verdict is Verdict.READY
    assert examined == SlowReader(SOUND, {}).examine()


def test_records_that_cannot_be_read_in_time_are_refused_with_the_figure_and_the_way_on() -> None:
    reader = SlowReader(large(), {"train.rec": 10})
    report = reader.examine().report
    assert report.verdict is Verdict.REFUSED
    (finding,) = report.findings
    pieces = reader.read.count("train.rec")
    assert finding.code == "not-read-in-time"
    assert finding.file == "datasets/pets/train.rec"
    assert f"After 280 seconds {(pieces - 1) * PIECE / 1e6:.1f} of the file's" in finding.message
    assert f"{len(LARGE_RECORDS) / 1e6:.1f} MB" in finding.message
    assert ".idx" in finding.remedy


@pytest.mark.parametrize("name", ["train.lst", "validation.lst", "train.rec", "validation.rec"])
def test_whatever_takes_long_there_is_time_left_to_report(name: str) -> None:
    reader = SlowReader(SOUND, {name: 9})
    reader.files = {**SOUND, name: SOUND[name] * 2000}
    report = reader.examine().report
    assert report.findings[0].code == "not-read-in-time"
    assert report.findings[0].file == f"datasets/pets/{name}"
    assert SECONDS_TO_REPORT - 9 <= reader.left < SECONDS_TO_REPORT


def test_what_was_found_before_the_time_was_over_is_told_as_well() -> None:
    reader = SlowReader(large(train_lst=b"no row\n"), {"train.rec": 10})
    assert codes(reader.examine()) == ["not-read-in-time", "too-few-fields"]


def test_records_with_an_index_are_sampled_when_they_cannot_be_read_whole() -> None:
    reader = SlowReader(large(train_idx=idx(LARGE_RECORDS)), {"train.rec": 10}, span_in_seconds=0.1)
    report = reader.examine().report
    assert [finding.code for finding in report.findings] == ["records-sampled"]
    assert report.verdict is Verdict.READY
    assert report.train.looked_at
    assert report.validation.looked_at is None


def test_so_are_records_without_one_that_are_larger_than_what_surely_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = SlowReader(large(), {"train.rec": 10})
    monkeypatch.setattr(examination, "LARGEST_ON_ONE_CONNECTION_IN_BYTES", len(LARGE_RECORDS) - 1)
    report = reader.examine().report
    assert [finding.code for finding in report.findings] == ["records-sampled"]
    assert report.verdict is Verdict.READY


def test_an_index_does_not_help_when_samples_take_too_long_as_well() -> None:
    reader = SlowReader(large(train_idx=idx(LARGE_RECORDS)), {"train.rec": 10}, span_in_seconds=1)
    (finding,) = reader.examine().report.findings
    assert (finding.code, finding.file) == ("not-read-in-time", "datasets/pets/train.rec")
    assert ".idx" not in finding.remedy


def test_records_that_have_no_index_are_read_whole_while_others_are_sampled() -> None:
    files = large(train_idx=idx(LARGE_RECORDS), validation_rec=SOUND["validation.rec"] * 2000)
    finding, *_ = SlowReader(files, {"validation.rec": 9}).examine().report.findings
    assert (finding.code, finding.file) == ("not-read-in-time", "datasets/pets/validation.rec")
    assert ".idx" in finding.remedy


def test_without_a_clock_there_is_no_hurry() -> None:
    assert judge(SOUND, seconds_left=unlimited).report.verdict is Verdict.READY
