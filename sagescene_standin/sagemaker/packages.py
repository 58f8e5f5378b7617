"""The model registry: groups of model packages, their versions, and the approval of each.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sagescene_standin.account import Account
from sagescene_standin.sagemaker.faults import invalid
from sagescene_standin.sagemaker.listing import cut_page, is_within

_PENDING = "PendingManualApproval"
_GROUP_SUMMARY = (
    "ModelPackageGroupName",
    "ModelPackageGroupArn",
    "ModelPackageGroupDescription",
    "CreationTime",
    "ModelPackageGroupStatus",
)
_PACKAGE_SUMMARY = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
)
_OF_AN_UPDATE = ("ModelApprovalStatus", "ApprovalDescription", "InferenceSpecification", "SourceUri")


class ModelRegistry:
    """The account's model packages; each is a version of a group, counted from 1 and never counted again."""

    def __init__(
        self, account: Account, clock: Callable[[], float], announce: Callable[[dict[str, Any]], None]
    ) -> None:
        """Start empty; `announce` takes the event of every change of a package's approval."""
        self._account, self._clock, self._announce = account, clock, announce
        self._groups: dict[str, dict[str, Any]] = {}
        self._packages: dict[str, dict[str, Any]] = {}  # by ARN, as they are described
        self._asked: dict[str, tuple[Mapping[str, Any], str]] = {}  # by ClientToken: the request, and its answer
        self._last_version: dict[str, int] = {}
        self.tags: dict[str, dict[str, str]] = {}  # by ARN

    def create_group(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer CreateModelPackageGroup."""
        name = request["ModelPackageGroupName"]
        arn = self._account.arn("sagemaker", f"model-package-group/{name}")
        if name in self._groups:
            raise invalid(f"Model Package Group already exists: {arn}")
        self._groups[name] = {
            **{key: value for key, value in request.items() if key != "Tags"},
            "ModelPackageGroupArn": arn,
            "CreationTime": self._clock(),
            "CreatedBy": {},
            "ModelPackageGroupStatus": "Completed",
        }
        self._keep_tags(arn, request)
        return {"ModelPackageGroupArn": arn}

    def describe_group(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer DescribeModelPackageGroup; the group is given by its name or its ARN."""
        return dict(self._find_group(request["ModelPackageGroupName"]))

    def list_groups(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ListModelPackageGroups."""
        found = [
            group
            for group in self._groups.values()
            if request.get("NameContains", "").lower() in group["ModelPackageGroupName"].lower()
            and is_within(group["CreationTime"], request, "CreationTime")
        ]
        field = {"Name": "ModelPackageGroupName"}.get(request.get("SortBy", ""), "CreationTime")
        page, token = cut_page(
            found, request, key=lambda one: (one[field], one["ModelPackageGroupName"]), order="Ascending"
        )
        return {"ModelPackageGroupSummaryList": [_pick(one, _GROUP_SUMMARY) for one in page], **token}

    def delete_group(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer DeleteModelPackageGroup, which refuses a group that has packages."""
        group = self._find_group(request["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        if any(package["ModelPackageGroupName"] == name for package in self._packages.values()):
            raise invalid(f"Model Package Group {group['ModelPackageGroupArn']} has model packages; delete them first.")
        self.tags.pop(group["ModelPackageGroupArn"], None)
        del self._groups[name]
        return {}

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer CreateModelPackage: the same ClientToken gives the same package, and no second one."""
        token = request.get("ClientToken")
        if token in self._asked:
            earlier, arn = self._asked[token]
            if earlier != request:
                raise invalid(f"The ClientToken {token} was used with other parameters already.")
            return {"ModelPackageArn": arn}
        if "ModelPackageGroupName" not in request or "ModelPackageName" in request:
            raise invalid("This local stand-in offers versioned model packages only: give a ModelPackageGroupName.")
        group = self._find_group(request["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        version = self._last_version[name] = self._last_version.get(name, 0) + 1
        arn = self._account.arn("sagemaker", f"model-package/{name}/{version}")
        self._packages[arn] = {
            "ModelApprovalStatus": _PENDING,
            **{key: value for key, value in request.items() if key not in ("Tags", "ClientToken")},
            "ModelPackageGroupName": name,
            "ModelPackageVersion": version,
            "ModelPackageArn": arn,
            "CreationTime": self._clock(),
            "CreatedBy": {},
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        }
        self._keep_tags(arn, request)
        if token:
            self._asked[token] = request, arn
        self._announce(self._describe_change(self._packages[arn]))
        return {"ModelPackageArn": arn}

    def describe(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer DescribeModelPackage."""
        return dict(self._find(request["ModelPackageName"]))

    def list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ListModelPackages."""
        group = request.get("ModelPackageGroupName")
        name = self._find_group(group)["ModelPackageGroupName"] if group else None
        found = [
            package
            for package in self._packages.values()
            if name in (None, package["ModelPackageGroupName"])
            and request.get("ModelApprovalStatus", package["ModelApprovalStatus"]) == package["ModelApprovalStatus"]
            and is_within(package["CreationTime"], request, "CreationTime")
        ]
        page, token = cut_page(
            found, request, key=lambda one: (one["CreationTime"], one["ModelPackageArn"]), order="Ascending"
        )
        return {"ModelPackageSummaryList": [_pick(one, _PACKAGE_SUMMARY) for one in page], **token}

    def update(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer UpdateModelPackage; a change of the approval is announced."""
        package = self._find(request["ModelPackageArn"])
        before = package["ModelApprovalStatus"]
        package.update(_pick(request, _OF_AN_UPDATE), LastModifiedTime=self._clock(), LastModifiedBy={})
        metadata = {**package.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
        for key in request.get("CustomerMetadataPropertiesToRemove", ()):
            metadata.pop(key, None)
        if metadata:
            package["CustomerMetadataProperties"] = metadata
        if package["ModelApprovalStatus"] != before:
            self._announce(self._describe_change(package))
        return {"ModelPackageArn": package["ModelPackageArn"]}

    def delete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer DeleteModelPackage."""
        arn = self._find(request["ModelPackageName"])["ModelPackageArn"]
        self.tags.pop(arn, None)
        del self._packages[arn]
        return {}

    def _find_group(self, name: str) -> dict[str, Any]:
        found = self._groups.get(name.rpartition("/")[2])
        if found is None or name not in (found["ModelPackageGroupName"], found["ModelPackageGroupArn"]):
            raise invalid(f"ModelPackageGroup {name} does not exist.")
        return found

    def _find(self, arn: str) -> dict[str, Any]:
        if arn not in self._packages:
            raise invalid(f"ModelPackage {arn} does not exist.")
        return self._packages[arn]

    def _keep_tags(self, arn: str, request: Mapping[str, Any]) -> None:
        self.tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}

    def _describe_change(self, package: Mapping[str, Any]) -> dict[str, Any]:
        """Build the event as EventBridge carries it.

        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-model-package
        """
        now = self._clock()
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "SageMaker Model Package State Change",
            "source": "aws.sagemaker",
            "account": self._account.id,
            "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self._account.region,
            "resources": [package["ModelPackageArn"]],
            "detail": {
                **_pick(package, (*_PACKAGE_SUMMARY, "InferenceSpecification", "ModelPackageStatusDetails")),
                "CreationTime": int(package["CreationTime"] * 1000),
            },
        }


def _pick(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
