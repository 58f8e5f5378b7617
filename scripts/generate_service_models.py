"""Writes what botocore is to know of the services that `sagescene.aws` calls: the operations it calls, nothing else.

What is left out is most of what a function's start consists of: SageMaker's whole model alone has 3,200 shapes.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from botocore.endpoint_provider import BaseRule, RuleSet, RuleSetStandardLibrary
from botocore.loaders import Loader

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "layers/core/sagescene/service_models"
OPERATIONS = {
    # S3 tells by HeadBucket in which Region a bucket lies that is not in the client's.
    "s3": ("GetObject", "HeadBucket", "ListMultipartUploads", "ListObjectsV2", "PutObject"),
    "sagemaker": (
        "CreateModel",
        "CreateModelPackage",
        "CreateModelPackageGroup",
        "CreateTrainingJob",
        "DescribeModel",
        "DescribeTrainingJob",
        "ListModelPackages",
        "ListTrainingJobs",
    ),
    "logs": ("FilterLogEvents",),
    "sns": ("Publish",),
    "sqs": ("SendMessage",),
}
# botocore reads this one at the first call of an operation with it, whatever it says.
_READ_DOCUMENTATION = "clientContextParams"
# What botocore keeps of a shape and never looks at: a value that breaks it is refused by AWS, whose words are read.
_NEVER_READ = frozenset({"enum", "max", "pattern"})
# What S3's rules are asked here: for buckets by their names, in Regions that they tell apart, reached as an environment
# or a profile may ask for. Two thirds of them are for access points, Outposts and directory buckets.
_ASKED_OF_S3: Mapping[str, Sequence[str | bool | None]] = {
    "Region": ("us-east-1", "eu-west-1", "aws-global", "cn-north-1", "us-gov-west-1"),
    "Bucket": ("bucket", "a.dotted.bucket", None),
    "Endpoint": (None, "https://s3.example.com", "http://127.0.0.1:4566"),
    "UseFIPS": (False, True),
    "UseDualStack": (False, True),
    "ForcePathStyle": (False, True),
    "Accelerate": (False, True),
    "UseGlobalEndpoint": (False, True),
}


def generate() -> dict[str, str]:
    """Give the files by their paths below the folder, from the botocore that is installed."""
    loader = Loader()
    files: dict[str, Any] = {
        "partitions.json": loader.load_data("partitions"),
        "endpoints.json": _reduce_endpoints(loader.load_data("endpoints")),
        "_retry.json": loader.load_data("_retry"),
        "sdk-default-configuration.json": loader.load_data("sdk-default-configuration"),
    }
    for service, operations in OPERATIONS.items():
        folder = f"{service}/{loader.determine_latest_version(service, 'service-2')}"
        model, rules, pages = (
            loader.load_service_model(service, part) for part in ("service-2", "endpoint-rule-set-1", "paginators-1")
        )
        if service == "s3":
            rules = _reduce_rules(rules, loader.load_data("partitions"))
        pagination = {name: each for name, each in pages["pagination"].items() if name in operations}
        files |= {
            f"{folder}/service-2.json": _reduce_model(model, operations),
            f"{folder}/endpoint-rule-set-1.json": rules,
            f"{folder}/paginators-1.json": {"pagination": pagination},
        }
    return {path: f"{json.dumps(content, separators=(',', ':'))}\n" for path, content in files.items()}


def _reduce_model(model: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    operations = {name: model["operations"][name] for name in names}
    shapes: dict[str, Any] = {}
    needed = [*_find_shapes(operations)]
    while needed:
        name = needed.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            needed += _find_shapes(shapes[name])
    read = {
        name: {key: value for key, value in shape.items() if key not in _NEVER_READ}
        for name, shape in sorted(shapes.items())
    }
    reduced = {**model, "operations": operations, "shapes": read}
    reduced.pop("examples", None)
    return {
        key: value if key == _READ_DOCUMENTATION else _without_documentation(value) for key, value in reduced.items()
    }


def _reduce_rules(rules: dict[str, Any], partitions: dict[str, Any]) -> dict[str, Any]:
    whole = RuleSet(**rules, partitions=partitions)
    answering: set[int] = set()
    for values in product(*_ASKED_OF_S3.values()):
        asked = {name: value for name, value in zip(_ASKED_OF_S3, values, strict=True) if value is not None}
        whole.process_input_parameters(asked)
        _find_answer(rules["rules"], asked, whole.rule_lib, answering)
    return {**rules, "rules": _keep(rules["rules"], answering)}


def _find_answer(
    rules: Iterable[dict[str, Any]], asked: Mapping[str, Any], library: RuleSetStandardLibrary, answering: set[int]
) -> bool:
    """Add the rule that answers, and those above it, to `answering`; tell whether there is one."""
    for rule in rules:
        known = {**asked}  # a condition adds to it what the rules below refer to
        if BaseRule(rule["conditions"]).evaluate_conditions(known, library) and (
            rule["type"] != "tree" or _find_answer(rule["rules"], known, library, answering)
        ):
            answering.add(id(rule))
            return True
    return False


def _keep(rules: Iterable[dict[str, Any]], answering: set[int]) -> list[dict[str, Any]]:
    kept = (rule for rule in rules if id(rule) in answering)
    return [{**rule, "rules": _keep(rule["rules"], answering)} if rule["type"] == "tree" else rule for rule in kept]


def _find_shapes(part: object) -> Iterable[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _find_shapes(value)
    elif isinstance(part, list):
        for value in part:
            yield from _find_shapes(value)


def _without_documentation(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return {
            key: _without_documentation(value)
            for key, value in part.items()
            if not (key in ("documentation", "documentationUrl") and isinstance(value, str))
        }
    return [_without_documentation(value) for value in part] if isinstance(part, list) else part


def _reduce_endpoints(endpoints: dict[str, Any]) -> dict[str, Any]:
    partitions = [
        {**partition, "services": {name: each for name, each in partition["services"].items() if _is_called(name)}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _is_called(endpoint_prefix: str) -> bool:
    return re.sub(r"^api\.", "", endpoint_prefix) in OPERATIONS


def main() -> None:
    """Write the folder anew."""
    files = generate()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for path, content in files.items():
        file = FOLDER / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
