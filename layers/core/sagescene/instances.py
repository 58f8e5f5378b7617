"""The instance types that the algorithm documents for training, their GPUs and the storage they bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """What a type has: its GPUs, its own disks in GB (none: a volume is made for it), and whether it is withdrawn."""

    gpus: int
    local_storage_in_gb: int | None = None
    is_legacy: bool = False


# In the order in which the template offers them: `make instance-types` writes its lists from this table.
# Families: see "EC2 Instance Recommendation for the Image Classification Algorithm" of the developer guide. GPUs and
# disks are EC2's figures (https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html). AWS is withdrawing P2 and P3.
INSTANCE_TYPES: Mapping[str, InstanceType] = {
    "ml.g4dn.xlarge": InstanceType(gpus=1, local_storage_in_gb=125),
    "ml.g4dn.2xlarge": InstanceType(gpus=1, local_storage_in_gb=225),
    "ml.g4dn.4xlarge": InstanceType(gpus=1, local_storage_in_gb=225),
    "ml.g4dn.8xlarge": InstanceType(gpus=1, local_storage_in_gb=900),
    "ml.g4dn.12xlarge": InstanceType(gpus=4, local_storage_in_gb=900),
    "ml.g4dn.16xlarge": InstanceType(gpus=1, local_storage_in_gb=900),
    "ml.g5.xlarge": InstanceType(gpus=1, local_storage_in_gb=250),
    "ml.g5.2xlarge": InstanceType(gpus=1, local_storage_in_gb=450),
    "ml.g5.4xlarge": InstanceType(gpus=1, local_storage_in_gb=600),
    "ml.g5.8xlarge": InstanceType(gpus=1, local_storage_in_gb=900),
    "ml.g5.12xlarge": InstanceType(gpus=4, local_storage_in_gb=3800),
    "ml.g5.16xlarge": InstanceType(gpus=1, local_storage_in_gb=1900),
    "ml.g5.24xlarge": InstanceType(gpus=4, local_storage_in_gb=3800),
    "ml.g5.48xlarge": InstanceType(gpus=8, local_storage_in_gb=7600),
    "ml.p3.2xlarge": InstanceType(gpus=1, is_legacy=True),
    "ml.p3.8xlarge": InstanceType(gpus=4, is_legacy=True),
    "ml.p3.16xlarge": InstanceType(gpus=8, is_legacy=True),
    "ml.p2.xlarge": InstanceType(gpus=1, is_legacy=True),
    "ml.p2.8xlarge": InstanceType(gpus=8, is_legacy=True),
    "ml.p2.16xlarge": InstanceType(gpus=16, is_legacy=True),
}
_UNDOCUMENTED = InstanceType(gpus=1)


def gpus_of(instance_type: str) -> int:
    """Count the GPUs of one instance; a type that the algorithm does not document counts as one."""
    return INSTANCE_TYPES.get(instance_type, _UNDOCUMENTED).gpus


def local_storage_of(instance_type: str) -> int | None:
    """Give the size in GB of a type's own disks, which SageMaker uses in place of a volume; None for one without.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
    """
    return INSTANCE_TYPES.get(instance_type, _UNDOCUMENTED).local_storage_in_gb


def storage_of(instance_type: str, volume_size_in_gb: int) -> int:
    """Give the size in GB of what an instance keeps its files on: its own disks, else the volume made for it."""
    return local_storage_of(instance_type) or volume_size_in_gb


def volume_of(instance_type: str, volume_size_in_gb: int) -> int:
    """Give the size in GB to ask for: SageMaker refuses one above a type's own disks, for which it makes no volume."""
    return min(volume_size_in_gb, local_storage_of(instance_type) or volume_size_in_gb)


def choose_type(instance_types: Sequence[str], tries: int, most: int) -> str:
    """Choose the type of the next try after so many of the present round found no capacity.

    Each try takes the next type of the list, and begins it anew after the last. After `most` tries the round is over,
    and the next one begins with the first type.
    """
    return instance_types[tries % most % len(instance_types)]


def types_after(instance_types: Sequence[str], instance_type: str) -> Sequence[str]:
    """Give the types of the list from the one after this on, and then those before it."""
    place = instance_types.index(instance_type)
    return [*instance_types[place + 1 :], *instance_types[:place]]
