"""Who calls, and whether the caller's role allows it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends
from werkzeug.wrappers import Response

from sagescene_standin.account import SECRET_KEY, Account
from sagescene_standin.aws_call import AwsCall, Permission, permissions_for
from sagescene_standin.iam.policies import PolicyDecision, Request, decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A session of a role, as a function or a training job uses it."""

    role: str
    session: str

    def arn(self, account: Account) -> str:
        """Write the ARN that AWS shows in its messages."""
        return f"arn:aws:sts::{account.id}:assumed-role/{self.role.rsplit('/', 1)[-1]}/{self.session}"


class Identities:
    """Give credentials to roles and recognise them in requests."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._principals: dict[str, Principal] = {}

    def credentials_for(self, role: str, session: str) -> dict[str, str]:
        """Make credentials for a role's session, as environment variables."""
        # AWS's key ids of sessions begin with ASIA; the rest only has to differ from role to role.
        key = "ASIA" + hashlib.sha256(f"{role}/{session}".encode()).hexdigest()[:16].upper()
        self._principals[key] = Principal(role=role, session=session)
        return {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_SESSION_TOKEN": session,
        }

    def principal_of(self, call: AwsCall) -> Principal | None:
        """Recognise the caller; None stands for the account's administrator."""
        return self._principals.get(call.access_key or "")

    def may(self, role: str, permission: Permission) -> bool:
        """Say whether a role's own policies allow an action on a resource."""
        request = Request(action=permission.action, resource=permission.resource, context=permission.context)
        return decide(self._policies(role), request) is PolicyDecision.ALLOWED

    def refused(self, call: AwsCall) -> Permission | None:
        """Name the first permission that the caller of a request lacks."""
        principal = self.principal_of(call)
        if principal is None:
            return None
        needed = permissions_for(call, self._account)
        return next((permission for permission in needed if not self.may(principal.role, permission)), None)

    def _policies(self, role: str) -> list[Mapping[str, Any]]:
        found = iam_backends[self._account.id]["aws"].get_role(role.rsplit("/", 1)[-1])
        return [json.loads(document) if isinstance(document, str) else document for document in found.policies.values()]


def refusal(call: AwsCall, caller: str, permission: Permission) -> Response:
    """Answer as the called service does when IAM says no."""
    quoted = f'"{permission.resource}"' if call.service == "s3" else permission.resource
    text = (
        f"User: {caller} is not authorized to perform: {permission.action} on resource: {quoted} "
        f"because no identity-based policy allows the {permission.action} action"
    )
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
