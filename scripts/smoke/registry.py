"""What a smoke test leaves in the model registry, and its removal, as far as whoever runs it may remove that."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError


class Group:
    """The group of a set's versions; there is none, unless the stack has a model registry."""

    def __init__(self, sagemaker: Any, name: str) -> None:  # noqa: ANN401 - boto3's client
        """Take the client for SageMaker and the group's name."""
        self._sagemaker, self._name = sagemaker, name
        self._refusal = ""

    def remove(self) -> Iterator[str]:
        """Delete the versions, then the group, and say so; what is refused, `describe_rest` says."""
        self._refusal = ""
        try:
            if not self._exists():
                return
            for version in self._list_versions():
                self._sagemaker.delete_model_package(ModelPackageName=version)
            self._sagemaker.delete_model_package_group(ModelPackageGroupName=self._name)
        except ClientError as error:
            self._refusal = f"{error.operation_name} fails here ({error.response['Error']['Code']})"
            return
        yield f"deleted the group {self._name} of the model registry with all its versions"

    def describe_rest(self) -> Iterator[str]:
        """Say what stays, and why."""
        if self._refusal:
            yield f"stays, if the stack has a model registry: its group {self._name}, for {self._refusal}"

    def _exists(self) -> bool:
        pages = self._sagemaker.get_paginator("list_model_package_groups").paginate(NameContains=self._name)
        found = (group["ModelPackageGroupName"] for page in pages for group in page["ModelPackageGroupSummaryList"])
        return self._name in found

    def _list_versions(self) -> list[str]:
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=self._name)
        return [version["ModelPackageArn"] for page in pages for version in page["ModelPackageSummaryList"]]
