"""The instance types that the algorithm documents for training, and their GPUs."""

from collections.abc import Mapping, Sequence

# In the order in which the template offers them: `make instance-types` writes its lists from this table.
# Families: see "EC2 Instance Recommendation for the Image Classification Algorithm" of the developer guide.
GPUS: Mapping[str, int] = {
    "ml.g4dn.xlarge": 1, "ml.g4dn.2xlarge": 1, "ml.g4dn.4xlarge": 1, "ml.g4dn.8xlarge": 1,
    "ml.g4dn.12xlarge": 4, "ml.g4dn.16xlarge": 1,
    "ml.g5.xlarge": 1, "ml.g5.2xlarge": 1, "ml.g5.4xlarge": 1, "ml.g5.8xlarge": 1,
    "ml.g5.12xlarge": 4, "ml.g5.16xlarge": 1, "ml.g5.24xlarge": 4, "ml.g5.48xlarge": 8,
    "ml.p3.2xlarge": 1, "ml.p3.8xlarge": 4, "ml.p3.16xlarge": 8,
    "ml.p2.xlarge": 1, "ml.p2.8xlarge": 8, "ml.p2.16xlarge": 16,
}  # fmt: skip


def gpus_of(instance_type: str) -> int:
    """Count the GPUs of one instance; a type that the algorithm does not document counts as one."""
    return GPUS.get(instance_type, 1)


def choose_type(instance_types: Sequence[str], tries: int, most: int) -> str:
    """Choose the type of the next try after so many of the present round found no capacity.

    Each try takes the next type of the list, and begins it anew after the last. After `most` tries the round is over,
    and the next one begins with the first type.
    """
    return instance_types[tries % most % len(instance_types)]
