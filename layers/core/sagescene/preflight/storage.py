"""Whether what a job copies to its instances fits there."""

import math
from collections.abc import Iterator

from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.instances import local_storage_of

_GB = 10**9
# The weights of the deepest network have 260 MB; besides them there are their archive and what the container writes.
_ROOM_TO_WORK_IN_BYTES = 1 * _GB


def find_lack_of_storage(records_in_bytes: int, instance_type: str, storage_in_gb: int) -> Iterator[Finding]:
    """Find that the `.rec` files do not fit the type with the least storage; 0 GB of it are not known.

    In File mode every instance downloads all of them first:
    https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    """
    needed = records_in_bytes + _ROOM_TO_WORK_IN_BYTES
    if not 0 < storage_in_gb * _GB < needed:
        return
    least = math.ceil(needed / _GB)
    yield Code.STORAGE_TOO_SMALL.found(
        file="",
        message=f"The .rec files have {records_in_bytes / _GB:,.1f} GB, which with the room to work in do not fit the "
        f"{storage_in_gb:,} GB of {instance_type}.",
        remedy=f"Deploy with a VolumeSizeInGB of {least:,} or more."
        if local_storage_of(instance_type) is None
        else f"Deploy with InstanceTypes that all have {least:,} GB of disks or more.",
    )
