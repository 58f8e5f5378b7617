"""Who calls, and whether the caller's role allows it."""

import hashlib
import json
from dataclasses import dataclass

from werkzeug.wrappers import Response

from sagescene_standin.account import SECRET_KEY, Account
from sagescene_standin.aws_call import AwsCall, Permission, UnknownPermissionError, permissions_for
from sagescene_standin.iam.authority import Authority
from sagescene_standin.kms.key_use import key_permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A session of a role, as a function or a training job uses it."""

    role: str
    session: str

    def arn(self, account: Account) -> str:
        """Write the ARN that AWS shows in its messages."""
        return f"arn:aws:sts::{account.id}:assumed-role/{self.role.rsplit('/', 1)[-1]}/{self.session}"


class Identities:
    """Give credentials to roles, recognise them in requests, and hold their calls against the roles' policies."""

    def __init__(self, account: Account, authority: Authority) -> None:
        self._account, self._authority = account, authority
        self._principals: dict[str, Principal] = {}

    def credentials_for(self, role: str, session: str) -> dict[str, str]:
        """Make credentials for a role's session, as environment variables."""
        return {
            "AWS_ACCESS_KEY_ID": self._key_of(role, session),
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_SESSION_TOKEN": session,
        }

    def _key_of(self, role: str, session: str) -> str:
        # AWS's key ids of sessions begin with ASIA; the rest only has to differ from role to role.
        key = "ASIA" + hashlib.sha256(f"{role}/{session}".encode()).hexdigest()[:16].upper()
        self._principals[key] = Principal(role=role, session=session)
        return key

    def principal_of(self, call: AwsCall) -> Principal | None:
        """Recognise the caller; None stands for the account's administrator."""
        return self._principals.get(call.access_key or "")

    def refusal_of(self, call: AwsCall) -> Response | None:
        """Answer, as the called service does, a call that its caller may not make; None for one that it may."""
        principal = self.principal_of(call)
        if principal is None:
            return None
        try:
            lacking = self.lacking(principal.role, call)
        except UnknownPermissionError as error:
            return _refuse(call, str(error))
        return _refuse(call, explain(principal.arn(self._account), lacking)) if lacking else None

    def lacking(self, role: str, call: AwsCall) -> Permission | None:
        """Name the first permission that a role (its ARN) lacks for a call.

        Raises:
            UnknownPermissionError: it is not known what the operation needs.
        """
        needed = (*permissions_for(call, self._account), *key_permissions(call, self._account))
        return next((permission for permission in needed if not self._authority.role_may(role, permission)), None)


def explain(caller: str, permission: Permission) -> str:
    """Say in IAM's words what a caller lacks."""
    quoted = f'"{permission.resource}"' if permission.resource.startswith("arn:aws:s3:") else permission.resource
    return (
        f"User: {caller} is not authorized to perform: {permission.action} on resource: {quoted} "
        f"because no identity-based policy allows the {permission.action} action"
    )


def _refuse(call: AwsCall, text: str) -> Response:
    match call.service:
        case "s3":
            body = f"<Error><Code>AccessDenied</Code><Message>{text}</Message></Error>"
            return Response(body, 403, content_type="application/xml")
        case "sns":
            error = f"<Type>Sender</Type><Code>AuthorizationError</Code><Message>{text}</Message>"
            return Response(f"<ErrorResponse><Error>{error}</Error></ErrorResponse>", 403, content_type="text/xml")
        case "sqs":
            body = json.dumps({"__type": "com.amazonaws.sqs#AccessDenied", "message": text})
            return Response(
                body,
                403,
                {"x-amzn-query-error": "AccessDenied;Sender"},
                content_type="application/x-amz-json-1.0",
            )
        case _:
            body = json.dumps({"__type": "AccessDeniedException", "message": text, "Message": text})
            return Response(body, 400, content_type="application/x-amz-json-1.1")
