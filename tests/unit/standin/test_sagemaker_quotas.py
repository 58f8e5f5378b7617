"""The quotas that a person gives the local stack, as `sagescene doctor` reads them."""

from sagescene_standin.sagemaker import SageMakerOptions
from sagescene_standin.sagemaker.quotas import list_quotas

OPTIONS = SageMakerOptions(quota={"ml.g4dn.xlarge": 0})


def test_a_type_that_is_limited_has_both_of_its_quotas() -> None:
    listed = list_quotas({"ServiceCode": "sagemaker"}, OPTIONS)["Quotas"]
    assert {quota["QuotaName"]: quota["Value"] for quota in listed} == {
        "ml.g4dn.xlarge for training job usage": 0,
        "ml.g4dn.xlarge for spot training job usage": 0,
    }


def test_no_other_service_is_limited() -> None:
    assert list_quotas({"ServiceCode": "lambda"}, OPTIONS) == {"Quotas": []}
