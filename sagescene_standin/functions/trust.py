"""Whether Lambda can assume the roles of functions, and trace in their name.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
"""

from sagescene_standin.aws_call import Permission
from sagescene_standin.errors import DeploymentError
from sagescene_standin.functions.function import FunctionSettings
from sagescene_standin.iam.authority import Authority


class UnassumableRoleError(DeploymentError):
    """Lambda would refuse to create a function, because it cannot assume its role."""

    def __init__(self, logical_id: str) -> None:
        super().__init__(f"The role defined for the function cannot be assumed by Lambda ({logical_id}).")


class UntraceableError(DeploymentError):
    """Lambda would refuse to trace a function, because its role may not send traces."""

    def __init__(self, logical_id: str, action: str) -> None:
        super().__init__(
            f"The provided execution role does not have permissions to call {action} on XRAY ({logical_id})."
        )


def check_role(settings: FunctionSettings, authority: Authority) -> None:
    """Make sure that Lambda can assume a function's role, and that it may send traces where the function is traced.

    Raises:
        UnassumableRoleError: the role's trust policy does not let Lambda in.
        UntraceableError: the role does not allow what active tracing needs.
    """
    if not authority.can_assume("lambda.amazonaws.com", settings.role, source=settings.arn):
        raise UnassumableRoleError(settings.logical_id)
    for action in ("PutTraceSegments", "PutTelemetryRecords") if settings.is_traced else ():
        if not authority.role_may(settings.role, Permission(action=f"xray:{action}", resource="*")):
            raise UntraceableError(settings.logical_id, action)
