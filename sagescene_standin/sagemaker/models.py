"""CreateModel, DescribeModel, ListModels, DeleteModel."""

from collections.abc import Mapping
from typing import Any

from sagescene_standin.account import Account
from sagescene_standin.sagemaker.admission import assume_role
from sagescene_standin.sagemaker.collaborators import AssumeRole, ObjectStore, split_s3_url
from sagescene_standin.sagemaker.faults import invalid, model_data_missing, model_data_unreadable
from sagescene_standin.sagemaker.listing import cut_page, is_within
from sagescene_standin.sagemaker.options import SageMakerOptions


class ModelCatalogue:
    """The account's models; a name is free again once its model is deleted."""

    def __init__(self, account: Account, assume: AssumeRole, options: SageMakerOptions) -> None:
        self._account, self._assume, self._options = account, assume, options
        self._models: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}  # by ARN

    def create(self, request: Mapping[str, Any], now: float) -> dict[str, Any]:
        """Answer CreateModel."""
        name = request["ModelName"]
        arn = self._account.arn("sagemaker", f"model/{name}")
        if name in self._models:
            raise invalid(f'Cannot create already existing model "{arn}".')
        if ("PrimaryContainer" in request) == ("Containers" in request):
            raise invalid("You must provide exactly one of PrimaryContainer and Containers.")
        if "ExecutionRoleArn" not in request:
            raise invalid("You must provide a non-empty ExecutionRoleArn.")
        objects = assume_role(request["ExecutionRoleArn"], arn, self._assume).objects
        for container in request.get("Containers") or [request["PrimaryContainer"]]:
            self._check_data(container, request["ExecutionRoleArn"], objects)
        self.tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
        kept = {key: value for key, value in request.items() if key != "Tags"}
        self._models[name] = {"EnableNetworkIsolation": False, **kept, "ModelArn": arn, "CreationTime": now}
        if "PrimaryContainer" in request:
            self._models[name]["PrimaryContainer"] = {"Mode": "SingleModel", **request["PrimaryContainer"]}
        return {"ModelArn": arn}

    def describe(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer DescribeModel."""
        return dict(self._find(request["ModelName"]))

    def delete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer DeleteModel."""
        self.tags.pop(self._find(request["ModelName"])["ModelArn"], None)
        del self._models[request["ModelName"]]
        return {}

    def list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ListModels."""
        found = [
            model
            for model in self._models.values()
            if request.get("NameContains", "").lower() in model["ModelName"].lower()
            and is_within(model["CreationTime"], request, "CreationTime")
        ]
        field = {"Name": "ModelName"}.get(request.get("SortBy", ""), "CreationTime")
        page, token = cut_page(found, request, key=lambda one: (one[field], one["ModelName"]), order="Descending")
        summaries = [{key: one[key] for key in ("ModelName", "ModelArn", "CreationTime")} for one in page]
        return {"Models": summaries, **token}

    def _check_data(self, container: Mapping[str, Any], role: str, objects: ObjectStore) -> None:
        url = container.get("ModelDataUrl")
        if url is None:
            return
        bucket, key = split_s3_url(url)
        unreadable = model_data_unreadable(url, role, self._account.region)
        if url.startswith(tuple(self._options.unreadable)):
            raise unreadable
        try:
            is_there = objects.is_there(bucket, key)
        except PermissionError:
            raise unreadable from None
        if not is_there:
            raise model_data_missing(url)

    def _find(self, name: str) -> dict[str, Any]:
        if name not in self._models:
            raise invalid(f'Could not find model "{self._account.arn("sagemaker", f"model/{name}")}".')
        return self._models[name]
