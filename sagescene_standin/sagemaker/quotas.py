"""The account's quotas on training instances, as Service Quotas lists them."""

from collections.abc import Mapping
from typing import Any

from sagescene_standin.sagemaker.options import SageMakerOptions
from sagescene_standin.sagemaker.validation import service_model

_UNLIMITED = 1000  # what is told of a type that nobody has limited: Service Quotas has no word for it


def name_quota(instance_type: str, *, is_spot: bool) -> str:
    """Name the quota on a type's training instances, as the Service Quotas console does."""
    return f"{instance_type} for {'spot ' if is_spot else ''}training job usage"


def list_quotas() -> dict[str, Any]:
    """Answer ListServiceQuotas: the account is a fresh one, and AWS retrieves no quota that has but its default value.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
    """
    return {"Quotas": []}


def list_default_quotas(request: Mapping[str, Any], options: SageMakerOptions) -> dict[str, Any]:
    """Answer ListAWSDefaultServiceQuotas: On-Demand and Spot, of every type that the Region offers for training."""
    if request["ServiceCode"] != "sagemaker":
        return {"Quotas": []}
    kinds = service_model().shape_for("TrainingInstanceType").metadata["enum"]
    limits = {kind: options.quota.get(kind, _UNLIMITED) for kind in kinds if kind not in options.not_offered}
    names = [(name_quota(kind, is_spot=spot), value) for kind, value in limits.items() for spot in (False, True)]
    return {"Quotas": [{"ServiceCode": "sagemaker", "QuotaName": name, "Value": value} for name, value in names]}
