"""The quotas that a person gives the local stack, as `sagescene doctor` reads them."""

from sagescene_standin.sagemaker import SageMakerOptions
from sagescene_standin.sagemaker.quotas import list_default_quotas, list_quotas

OPTIONS = SageMakerOptions(quota={"ml.g4dn.xlarge": 0}, not_offered=["ml.g5.xlarge"])


def test_a_fresh_account_has_default_values_alone() -> None:
    assert list_quotas() == {"Quotas": []}


def test_each_type_has_a_quota_on_demand_and_one_on_spot_instances() -> None:
    listed = list_default_quotas({"ServiceCode": "sagemaker"}, OPTIONS)["Quotas"]
    values = {quota["QuotaName"]: quota["Value"] for quota in listed}
    assert values["ml.g4dn.xlarge for training job usage"] == 0
    assert values["ml.g4dn.xlarge for spot training job usage"] == 0
    assert values["ml.p3.2xlarge for training job usage"] > 100
    assert "ml.g5.xlarge for training job usage" not in values


def test_no_other_service_is_limited() -> None:
    assert list_default_quotas({"ServiceCode": "lambda"}, OPTIONS) == {"Quotas": []}
