"""Where SageMaker keeps the Image Classification algorithm's image in each Region."""

import difflib
import json
from pathlib import Path
from typing import Final, TypedDict

from sagescene.errors import SagesceneError

REPOSITORY: Final = "image-classification"
TAG: Final = "1"  # AWS advises against `latest` for training in production


class _Registry(TypedDict):
    accounts: dict[str, str]
    suffixes: dict[str, str]


# Written by scripts/generate_registry.py from the SageMaker SDK, which is far too large for a layer.
_REGISTRY: Final[_Registry] = json.loads(Path(__file__).with_name("registry.json").read_text(encoding="utf-8"))

REGIONS: Final = tuple(_REGISTRY["accounts"])


class UnknownRegionError(SagesceneError):
    """SageMaker publishes no Image Classification image in this Region."""

    def __init__(self, region: str) -> None:
        nearest = difflib.get_close_matches(region, REGIONS, n=3)
        super().__init__(
            f"There is no Image Classification image in Region {region!r}. "
            f"Deploy in one that has it, such as {', '.join(nearest or REGIONS)}."
        )


def image_uri(region: str) -> str:
    """Return the URI of the algorithm's image in a Region, as CreateTrainingJob and CreateModel take it.

    Raises:
        UnknownRegionError: the algorithm is not published there.
    """
    account = _REGISTRY["accounts"].get(region)
    if account is None:
        raise UnknownRegionError(region)
    # Without its direction and number the name tells the partition: us-iso-east-1 -> us-iso.
    suffix = _REGISTRY["suffixes"].get(region.rsplit("-", 2)[0], "amazonaws.com")
    return f"{account}.dkr.ecr.{region}.{suffix}/{REPOSITORY}:{TAG}"
