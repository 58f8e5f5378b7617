"""Whether CloudWatch Logs would take the key of a log group."""

from sagescene_standin.account import Account
from sagescene_standin.aws_call import Permission
from sagescene_standin.cloudformation.deployment import CreatedStack
from sagescene_standin.errors import DeploymentError
from sagescene_standin.iam.authority import Authority

_NEEDED = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")


class LogKeyRefusedError(DeploymentError):
    """CloudWatch Logs would refuse a log group, because it may not use its key."""

    def __init__(self, group: str) -> None:
        super().__init__(f"The specified KMS key does not exist or is not allowed to be used with Arn '{group}'")


def check_log_keys(stack: CreatedStack, account: Account, authority: Authority) -> None:
    """Make sure that the policy of every log group's key admits CloudWatch Logs.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html

    Raises:
        LogKeyRefusedError: it does not, or there is no such key.
    """
    for group in stack.of_type("AWS::Logs::LogGroup"):
        key = group.properties.get("KmsKeyId")
        if not key:
            continue
        arn = account.arn("logs", f"log-group:{group.physical_id}")
        context = {"kms:EncryptionContext:aws:logs:arn": arn}
        service = _principal(account.region)
        for action in _NEEDED:
            permission = Permission(action=f"kms:{action}", resource=key, context=context)
            if not authority.service_may(service, permission, source=arn):
                raise LogKeyRefusedError(arn)


def _principal(region: str) -> str:
    """Name the service as a policy does: with its Region and, unlike most, its partition's suffix."""
    return f"logs.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
