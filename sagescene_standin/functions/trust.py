"""Whether Lambda can assume the roles of functions.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from sagescene_standin.errors import DeploymentError
from sagescene_standin.functions.function import FunctionSettings
from sagescene_standin.iam.authority import Authority


class UnassumableRoleError(DeploymentError):
    """Lambda would refuse to create a function, because it cannot assume its role."""

    def __init__(self, logical_id: str) -> None:
        super().__init__(f"The role defined for the function cannot be assumed by Lambda ({logical_id}).")


def check_role(settings: FunctionSettings, authority: Authority) -> None:
    """Make sure that Lambda can assume a function's role.

    Raises:
        UnassumableRoleError: the role's trust policy does not let Lambda in.
    """
    if not authority.can_assume("lambda.amazonaws.com", settings.role, source=settings.arn):
        raise UnassumableRoleError(settings.logical_id)
