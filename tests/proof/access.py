"""What roles may do in virtual time: every call of a client is held against the policies of whoever makes it."""

from sagescene_standin.aws_call import AwsCall, Permission
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.identity import Identities, explain
from tests.proof.deployment import ACCOUNT
from tests.proof.faults import refused


class Access:
    """One role at the gate."""

    def __init__(self, authority: Authority, role: str) -> None:
        """Take the role's ARN."""
        self._authority, self._identities, self.role = authority, Identities(ACCOUNT, authority), role

    def require(self, service: str, operation: str, **call: object) -> None:
        """Raise what boto3 raises when the role may not make a call; the rest are fields of AwsCall."""
        if lacking := self.lacking(service, operation, **call):
            raise refused(operation, "AccessDenied", explain(self.role, lacking), status=403)

    def hides_missing_keys(self, bucket: str) -> bool:
        """Tell whether S3 would say 403 instead of 404, as it does to whoever may not list the whole bucket."""
        return not self._authority.role_may(
            self.role, Permission(action="s3:ListBucket", resource=f"arn:aws:s3:::{bucket}")
        )

    def lacking(self, service: str, operation: str, **call: object) -> Permission | None:
        """Name what the role lacks for a call."""
        asked = AwsCall(service=service, operation=operation, access_key=None, **call)  # type: ignore[arg-type]
        return self._identities.lacking(self.role, asked)
