"""What an instance has to keep the files on: every one copies them whole before it trains."""

from datetime import UTC, datetime

import pytest

from sagescene.dataset import DataSet, StoredObject
from sagescene.findings import Severity
from sagescene.preflight import examination
from sagescene.preflight.examination import conditions_of
from sagescene.preflight.reading import Reader
from sagescene.preflight.storage import find_lack_of_storage
from sagescene.settings import StartSettings
from tests.stack_template import environment_of

NOW = datetime(2026, 11, 12, tzinfo=UTC)
GB = 10**9


@pytest.mark.parametrize(("records", "fits"), [(0, True), (49 * GB, True), (49 * GB + 1, False), (60 * GB, False)])
def test_the_records_and_room_to_work_in_must_fit(records: int, *, fits: bool) -> None:
    assert (not list(find_lack_of_storage(records, "ml.p3.2xlarge", 50))) is fits


def test_storage_that_is_not_known_holds_everything() -> None:
    assert not list(find_lack_of_storage(10**15, "", 0))


def test_a_volume_may_be_larger() -> None:
    (finding,) = find_lack_of_storage(60 * GB + 1, "ml.p3.2xlarge", 50)
    assert finding.severity is Severity.ERROR
    assert str(finding) == (
        "The .rec files have 60.0 GB, which with the room to work in do not fit the 50 GB of ml.p3.2xlarge. "
        "Deploy with a VolumeSizeInGB of 62 or more."
    )


def test_disks_of_a_types_own_may_not() -> None:
    (finding,) = find_lack_of_storage(130 * GB, "ml.g4dn.xlarge", 125)
    assert finding.remedy == "Deploy with InstanceTypes that all have 131 GB of disks or more."


@pytest.mark.parametrize(
    ("types", "volume", "tightest"),
    [
        ("ml.g4dn.xlarge,ml.g5.xlarge", "50", ("ml.g4dn.xlarge", 125)),
        ("ml.g4dn.xlarge,ml.p3.2xlarge", "50", ("ml.p3.2xlarge", 50)),
        ("ml.g4dn.xlarge,ml.p3.2xlarge", "500", ("ml.g4dn.xlarge", 125)),
    ],
)
def test_the_type_with_the_least_storage_is_the_one_to_fit(types: str, volume: str, tightest: tuple[str, int]) -> None:
    environment = environment_of("StartTrainingFunction", InstanceTypes=types, VolumeSizeInGB=volume)
    conditions = conditions_of(DATA_SET, StartSettings.from_env(environment))
    assert (conditions.storage_type, conditions.storage_in_gb) == tightest


def stored(name: str, size: int) -> StoredObject:
    return StoredObject(key=f"datasets/pets/{name}", etag=name, size=size, last_modified=NOW)


DATA_SET = DataSet(
    name="pets",
    train_records=stored("train.rec", 100 * GB),
    train_list=stored("train.lst", 1),
    validation_records=stored("validation.rec", 30 * GB),
)


def test_both_channels_are_held_against_the_storage() -> None:
    settings = StartSettings.from_env(environment_of("StartTrainingFunction"))
    examined = examination.examine(
        DATA_SET,
        Reader(whole=lambda _: [], span=lambda *_: b""),
        conditions_of(DATA_SET, settings),
        written=NOW,
        largest_whole_in_bytes=0,
    )
    (finding,) = [finding for finding in examined.report.findings if finding.code == "storage-too-small"]
    assert finding.message.startswith("The .rec files have 130.0 GB")
