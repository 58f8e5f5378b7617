"""What a training job's role needs besides S3 and logs, as its request asks: network interfaces, and the use of keys.

https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createtrainingjob-perms
"""

from collections.abc import Mapping
from typing import Any

from sagescene_standin.sagemaker.collaborators import RoleSession

_NETWORK = (
    "CreateNetworkInterface",
    "CreateNetworkInterfacePermission",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
    "DescribeDhcpOptions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
)


def explain_lack(request: Mapping[str, Any], role: RoleSession) -> str | None:
    """Give the FailureReason of a job whose role lacks what its request asks for; None when it lacks nothing.

    Without the permissions of the network SageMaker speaks of an internal error, as seen in
    https://github.com/aws/sagemaker-python-sdk/issues/3026; the words about keys are ours.
    """
    if "VpcConfig" in request and not all(role.may(f"ec2:{action}", "*") for action in _NETWORK):
        return "InternalServerError: We encountered an internal error. Please try again."
    volume_key = request["ResourceConfig"].get("VolumeKmsKeyId")
    if volume_key and not role.may("kms:CreateGrant", volume_key):
        return f"ClientError: The role may not have the volume encrypted: AccessDenied, kms:CreateGrant on {volume_key}"
    output_key = request["OutputDataConfig"].get("KmsKeyId")
    if output_key and not role.may("kms:Encrypt", output_key):
        return f"ClientError: Artifact upload failed:AccessDenied, kms:Encrypt on {output_key}"
    return None
