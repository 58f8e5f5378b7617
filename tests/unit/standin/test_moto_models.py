"""moto's models of other services, imported in half the time."""

import sys
from types import ModuleType

import boto3
from moto.utilities.utils import load_resource

from sagescene_standin.cloudformation.resource_types import supported_types


def of_ec2(name: str) -> ModuleType:
    """Give a module as it was imported: an import of this file's own would read all that it can."""
    return sys.modules[f"moto.ec2.models.{name}"]


def test_ec2_has_not_read_what_each_region_offers() -> None:
    assert not any(
        of_region
        for offers in of_ec2("instance_types").INSTANCE_TYPE_OFFERINGS.values()
        for of_region in offers.values()
    )


def test_ec2_has_the_regions_that_it_would_have_read() -> None:
    regions = {region.name for region in of_ec2("availability_zones_and_regions").RegionsAndZonesBackend.regions}
    assert regions >= {*boto3.Session().get_available_regions("ec2")}


def test_every_service_is_there_and_what_is_imported_later_reads_all() -> None:
    assert {"AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup"} <= supported_types()
    assert load_resource("ec2/resources/instance_type_offerings/region/us-east-1.json")
