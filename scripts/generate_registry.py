"""Writes the image registry that `sagescene.jobs.registry` reads, from the SageMaker SDK."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

DATA_FILE = Path(__file__).parents[1] / "layers/core/sagescene/jobs/registry.json"
ALGORITHM = "image-classification"
DEFAULT_SUFFIX = "amazonaws.com"
URI = re.compile(rf"(?P<account>\d{{12}})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z0-9.]+)/{ALGORITHM}:1")


def list_regions() -> list[str]:
    """Return every Region for which the SDK knows the algorithm's image."""
    package = find_spec("sagemaker.core")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("The SageMaker SDK is missing: `make registry` installs it.")
    table = Path(package.submodule_search_locations[0]) / f"image_uri_config/{ALGORITHM}.json"
    return sorted(json.loads(table.read_text(encoding="utf-8"))["versions"]["1"]["registries"])


def read_image_uri(region: str) -> str:
    """Return the URI of the algorithm's image in a Region, as the SDK composes it."""
    from sagemaker.core import image_uris  # takes seconds, and warns

    return str(image_uris.retrieve(ALGORITHM, region))


def generate_registry() -> dict[str, dict[str, str]]:
    """Return the account of each Region, and the DNS suffix of each partition that has its own."""
    accounts, suffixes = {}, {}
    for region in list_regions():
        match = URI.fullmatch(read_image_uri(region))
        if match is None or match["region"] != region:
            raise ValueError(f"The SDK's image URI for {region} has a new form: {read_image_uri(region)}")
        accounts[region] = match["account"]
        if match["suffix"] != DEFAULT_SUFFIX:
            suffixes[region.rsplit("-", 2)[0]] = match["suffix"]
    return {"accounts": accounts, "suffixes": suffixes}


def render_registry() -> str:
    """Return the data file's text."""
    return json.dumps(generate_registry(), indent=2) + "\n"


if __name__ == "__main__":
    DATA_FILE.write_text(render_registry(), encoding="utf-8")
