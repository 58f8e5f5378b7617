"""What EC2 says of the machines behind training instances: the answers of DescribeInstanceTypes that moto keeps."""

from functools import cache

from sagescene_standin.moto_models import INSTANCE_TYPES


@cache
def local_storage_in_gb(instance_type: str) -> int | None:
    """Give the size of the disks that a type brings with it; None for one that has none, or that is not known."""
    described = INSTANCE_TYPES.get(instance_type.removeprefix("ml."), {})
    size: int | None = described.get("InstanceStorageInfo", {}).get("TotalSizeInGB")
    return size
