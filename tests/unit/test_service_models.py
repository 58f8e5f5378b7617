"""What botocore is given to know of AWS: what `sagescene.aws` calls, as the installed botocore knows it."""

import re
from itertools import product
from typing import Any

import pytest
from botocore import xform_name
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import Loader

from scripts.generate_service_models import FOLDER, OPERATIONS, generate
from tests.stack_template import ROOT

CALLED = re.compile(r"""\._(s3|sagemaker|logs|sns|sqs)\.(?:get_paginator\("(\w+)"\)|(\w+)\()""")
BY_BOTOCORE = {("s3", "head_bucket")}


def test_the_models_are_those_of_the_installed_botocore() -> None:
    written = {str(path.relative_to(FOLDER)): path for path in FOLDER.rglob("*.json")}
    generated = generate()
    assert written.keys() == generated.keys()
    for name, content in generated.items():
        assert written[name].read_text(encoding="utf-8") == content, f"{name}: `make service-models` writes it anew"


def test_every_operation_that_is_called_has_its_model_and_no_other() -> None:
    source = (ROOT / "layers/core/sagescene/aws.py").read_text()
    called = {(service, paginated or plain) for service, paginated, plain in CALLED.findall(source)}
    known = {(service, xform_name(name)) for service, names in OPERATIONS.items() for name in names}
    assert known == called | BY_BOTOCORE


@pytest.mark.parametrize(
    "endpoint", [None, "https://bucket.vpce-1-2.s3.us-east-1.vpce.amazonaws.com", "http://[::1]:80"]
)
def test_s3_is_reached_as_the_installed_botocore_reaches_it(endpoint: str | None) -> None:
    def answer(provider: EndpointProvider, asked: dict[str, Any]) -> object:
        try:
            return provider.resolve_endpoint(**asked)
        except EndpointProviderError as error:
            return str(error)

    own, whole = Loader([str(FOLDER)], include_default_search_paths=False), Loader()
    partitions = whole.load_data("partitions")
    ours, theirs = (
        EndpointProvider(loader.load_service_model("s3", "endpoint-rule-set-1"), partitions) for loader in (own, whole)
    )
    regions = [name for partition in partitions["partitions"] for name in partition["regions"]]
    buckets = ("sagescene-eu-west-1", "images.example.org", "10.0.0.1", "Old_Name", "point-abc-s3alias", None)
    ways = ("UseFIPS", "UseDualStack", "ForcePathStyle", "Accelerate", "UseGlobalEndpoint")
    for region, bucket, *chosen in product([*regions, "xx-new-9"], buckets, *[(False, True)] * len(ways)):
        given = {"Region": region, "Bucket": bucket, "Endpoint": endpoint, **dict(zip(ways, chosen, strict=True))}
        asked = {name: value for name, value in given.items() if value is not None}
        assert answer(ours, asked) == answer(theirs, asked), asked
