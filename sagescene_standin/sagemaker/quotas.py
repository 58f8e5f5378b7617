"""The account's quotas on training instances, as Service Quotas lists them."""

from collections.abc import Mapping
from typing import Any

from sagescene_standin.sagemaker.options import SageMakerOptions


def name_quota(instance_type: str, *, is_spot: bool) -> str:
    """Name the quota on a type's training instances, as the Service Quotas console does."""
    return f"{instance_type} for {'spot ' if is_spot else ''}training job usage"


def list_quotas(request: Mapping[str, Any], options: SageMakerOptions) -> dict[str, Any]:
    """Answer ListServiceQuotas: what a person has limited, On-Demand and Spot; no more has a limit here."""
    if request["ServiceCode"] != "sagemaker":
        return {"Quotas": []}
    names = [(name_quota(kind, is_spot=spot), value) for kind, value in options.quota.items() for spot in (False, True)]
    return {"Quotas": [{"ServiceCode": "sagemaker", "QuotaName": name, "Value": value} for name, value in names]}
