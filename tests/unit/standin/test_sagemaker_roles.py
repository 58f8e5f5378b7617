"""A job fails when its role lacks what the job's network or keys need."""

import pytest

from sagescene_standin.sagemaker import UncheckedRole
from tests.unit.standin.sagemaker_account import Account, FakeObjects, training_request

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234"
NETWORK = {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}
VOLUME = {
    "ResourceConfig": {
        "InstanceType": "ml.p3.2xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 50,
        "VolumeKmsKeyId": KEY,
    }
}
OUTPUT = {"OutputDataConfig": {**training_request()["OutputDataConfig"], "KmsKeyId": KEY}}


class RoleWithout(UncheckedRole):
    """May do all but one thing."""

    def __init__(self, objects: FakeObjects, action: str) -> None:
        super().__init__(objects)
        self._action = action

    def may(self, action: str, _resource: str) -> bool:
        return action != self._action


@pytest.mark.parametrize(
    ("asked", "action", "reason"),
    [
        (NETWORK, "ec2:CreateNetworkInterface", "InternalServerError: We encountered an internal error."),
        (NETWORK, "ec2:DescribeVpcs", "InternalServerError: We encountered an internal error."),
        (VOLUME, "kms:CreateGrant", "ClientError: The role may not have the volume encrypted: AccessDenied"),
        (OUTPUT, "kms:Encrypt", "ClientError: Artifact upload failed:AccessDenied"),
    ],
)
def test_a_job_fails_only_if_it_asks_for_what_its_role_lacks(
    asked: dict[str, object], action: str, reason: str
) -> None:
    account = Account()
    account.role = RoleWithout(account.objects, action)
    account.create("asks", **asked)
    account.create("asks-not")
    account.wait(1)
    assert account.describe("asks")["FailureReason"].startswith(reason)
    assert account.describe("asks-not")["SecondaryStatus"] == "Downloading"
