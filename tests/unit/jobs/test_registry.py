"""The image registry against the SageMaker SDK it is generated from, and against AWS's partitions."""

import warnings

import pytest

from sagescene.jobs import registry
from scripts import generate_registry

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own, at import
    from sagemaker.core import image_uris


@pytest.mark.parametrize("region", registry.REGIONS)
def test_the_image_uri_is_the_sdks(region: str) -> None:
    assert registry.image_uri(region) == image_uris.retrieve("image-classification", region)


def test_the_table_holds_every_region_of_the_sdk_and_no_other() -> None:
    assert list(registry.REGIONS) == generate_registry.list_regions()
    assert len(registry.REGIONS) == 37


def test_the_data_file_is_what_the_script_writes() -> None:
    written = generate_registry.DATA_FILE.read_text(encoding="utf-8")
    assert written == generate_registry.render_registry()


@pytest.mark.parametrize(
    ("region", "uri"),
    [
        ("us-east-1", "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"),
        ("us-gov-west-1", "226302683700.dkr.ecr.us-gov-west-1.amazonaws.com/image-classification:1"),
        ("cn-north-1", "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/image-classification:1"),
        ("us-iso-east-1", "490574956308.dkr.ecr.us-iso-east-1.c2s.ic.gov/image-classification:1"),
        ("us-isob-east-1", "765400339828.dkr.ecr.us-isob-east-1.sc2s.sgov.gov/image-classification:1"),
        ("us-isof-south-1", "124985052026.dkr.ecr.us-isof-south-1.csp.hci.ic.gov/image-classification:1"),
    ],
)
def test_each_partition_has_its_own_dns_suffix(region: str, uri: str) -> None:
    assert registry.image_uri(region) == uri


def test_an_unknown_region_is_refused_with_the_nearest_known_ones() -> None:
    with pytest.raises(registry.UnknownRegionError, match=r"'ap-southeast-5'.*ap-southeast-[1-4]"):
        registry.image_uri("ap-southeast-5")


def test_a_region_like_no_other_is_refused_with_all_of_them() -> None:
    with pytest.raises(registry.UnknownRegionError, match=r"af-south-1.*us-west-2"):
        registry.image_uri("")
