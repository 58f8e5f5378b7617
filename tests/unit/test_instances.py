"""The table of instance types against EC2's own figures, and which type a try takes."""

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES as DESCRIBED

from sagescene.instances import INSTANCE_TYPES, choose_type, local_storage_of, storage_of, types_after

CURRENT = [name for name, kind in INSTANCE_TYPES.items() if not kind.is_legacy]


@pytest.mark.parametrize("instance_type", CURRENT)
def test_gpus_and_disks_are_those_that_ec2_describes(instance_type: str) -> None:
    described, kind = DESCRIBED[instance_type.removeprefix("ml.")], INSTANCE_TYPES[instance_type]
    assert kind.gpus == sum(gpu["Count"] for gpu in described["GpuInfo"]["Gpus"])
    assert kind.local_storage_in_gb == described["InstanceStorageInfo"]["TotalSizeInGB"]


def test_legacy_types_are_those_that_ec2_no_longer_describes_and_are_offered_last() -> None:
    assert all(name.removeprefix("ml.") not in DESCRIBED for name in INSTANCE_TYPES if name not in CURRENT)
    assert list(INSTANCE_TYPES)[: len(CURRENT)] == CURRENT


def test_a_types_own_disks_are_what_it_stores_on_whatever_the_volume() -> None:
    assert (storage_of("ml.g4dn.xlarge", 50), storage_of("ml.g4dn.xlarge", 900)) == (125, 125)
    assert (storage_of("ml.p3.2xlarge", 50), local_storage_of("ml.p3.2xlarge")) == (50, None)
    assert (storage_of("ml.new.xlarge", 50), local_storage_of("ml.new.xlarge")) == (50, None)


@pytest.mark.parametrize(("after", "others"), [("a", "bc"), ("b", "ca"), ("c", "ab")])
def test_the_types_after_one_go_round(after: str, others: str) -> None:
    assert "".join(types_after("abc", after)) == others


@pytest.mark.parametrize(
    ("types", "most", "chosen"),
    [
        ("a", 3, "aaaa"),
        ("ab", 3, "abaa"),
        ("abc", 3, "abca"),
        ("abc", 2, "aba"),
        ("ab", 1, "aa"),
    ],
)
def test_each_try_of_a_round_takes_the_next_type_and_a_new_round_the_first(types: str, most: int, chosen: str) -> None:
    assert "".join(choose_type(types, tries, most) for tries in range(most + 1)) == chosen
