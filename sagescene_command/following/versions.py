"""The versions of a data set's model as SageMaker's model registry has them, and in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from sagescene.foreign_text import printable
from sagescene.grammar import percent
from sagescene.jobs.requests import job_of_version

_VERDICTS = {
    "better": "better than {}",
    "worse": "worse than {}",
    "within noise": "within noise of {}",
    "not comparable": "not comparable with {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version; `accuracy` is from 0 to 1, and what is not known of one that somebody else entered is empty."""

    version: int
    approval: str
    entered: datetime
    job: str = ""
    accuracy: float | None = None
    images: int | None = None
    role: str = ""
    verdict: str = ""
    compared_with: int | None = None
    artifact: str = ""
    evaluation: str = ""

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Self:
        """Read what DescribeModelPackage answers."""
        noted = described.get("CustomerMetadataProperties", {})
        containers = described.get("InferenceSpecification", {}).get("Containers", [])
        accuracy, images, opponent = (noted.get(name, "") for name in ("accuracy", "images", "compared-with"))
        return cls(
            version=described["ModelPackageVersion"],
            approval=described.get("ModelApprovalStatus", ""),
            entered=described["CreationTime"],
            job=job_of_version(described.get("ModelPackageDescription", "")),
            accuracy=float(accuracy) if accuracy.replace(".", "", 1).isdecimal() else None,
            images=int(images) if images.isdecimal() else None,
            role=noted.get("role", ""),
            verdict=noted.get("verdict", ""),
            compared_with=int(opponent) if opponent.isdecimal() else None,
            artifact=containers[0].get("ModelDataUrl", "") if containers else "",
            evaluation=noted.get("evaluation", ""),
        )

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self) | {"entered": self.entered.isoformat()}


def read_versions(group: str) -> list[Version]:
    """Read every version of a group, newest first; none where there is no such group."""
    client: Any = boto3.client("sagemaker")
    pages = client.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
    try:
        arns = [summary["ModelPackageArn"] for page in pages for summary in page["ModelPackageSummaryList"]]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return []
        raise
    described = (Version.of(client.describe_model_package(ModelPackageName=arn)) for arn in arns)
    return sorted(described, key=lambda each: each.version, reverse=True)


def tell_versions(versions: Sequence[Version]) -> Iterator[str]:
    """Give a line a version: its number, approval, figures, verdict and job."""
    cells = [
        (str(each.version), each.approval, _tell_figures(each), _tell_verdict(each), each.job or "entered by hand")
        for each in versions
    ]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(4)]
    for row in cells:
        padded = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False))
        yield printable("  ".join([*padded, row[-1]]))


def _tell_figures(version: Version) -> str:
    if version.accuracy is None:
        return "no figures"
    of = "" if version.images is None else f" of {version.images:,} {version.role} images"
    return f"{percent(version.accuracy)}{of}"


def _tell_verdict(version: Version) -> str:
    if version.compared_with is None:
        return "compared with none"
    return _VERDICTS.get(version.verdict, "compared with {}").format(version.compared_with)
