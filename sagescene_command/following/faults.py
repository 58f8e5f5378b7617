"""What hinders a call to AWS, in one sentence that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

from sagescene.errors import SagesceneError
from sagescene.foreign_text import printable
from sagescene_command.aws_answers import NO_REGION
from sagescene_command.local_run import UnusableFolderError

UNANSWERED = 3  # exit status when AWS could not be asked, so that nothing is known

_FAULT_OF_AWS = 500  # and above, of HTTP's statuses
_OUTDATED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN = {"InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}


@contextmanager
def aws_errors() -> Iterator[None]:
    """Let what AWS, or the way to it, refuses end the command with one sentence and the exit status UNANSWERED."""
    try:
        yield
    except (BotoCoreError, ClientError, SagesceneError) as fault:
        says = str(fault) if isinstance(fault, SagesceneError) else explain(fault)
        failure = click.ClickException(printable(says))
        failure.exit_code = UNANSWERED
        raise failure from fault


@contextmanager
def unusable_folders() -> Iterator[None]:
    """Let a folder that cannot be read or dropped end the command as `aws_errors` does."""
    try:
        yield
    except (UnusableFolderError, OSError) as fault:
        failure = click.ClickException(printable(str(fault)))
        failure.exit_code = UNANSWERED
        raise failure from fault


def explain(fault: BotoCoreError | ClientError) -> str:
    """Say in one sentence what hindered a call, and what to do."""
    match fault:
        case NoCredentialsError() | PartialCredentialsError():
            return "There are no AWS credentials here: log in (such as with aws sso login), or set AWS_PROFILE."
        case SSOError():
            return f"AWS's single sign-on does not let you in ({fault}): run aws sso login."
        case NoRegionError():
            return NO_REGION
        case ProfileNotFound():
            return f"{fault}: correct AWS_PROFILE, or make the profile with aws configure."
        case EndpointConnectionError():
            return f"{str(fault).rstrip('.')}: correct AWS_ENDPOINT_URL or the Region, or start the local stack."
        case ClientError():
            return _explain_answer(fault)
    return f"AWS could not be asked: {fault}"


def _explain_answer(fault: ClientError) -> str:
    code, operation = fault.response["Error"]["Code"], fault.operation_name
    if code in _OUTDATED:
        return "These AWS credentials have expired: log in again."
    if code in _UNKNOWN:
        return f"AWS does not accept these credentials ({code}): log in again, or correct AWS_PROFILE."
    if code in _DENIED:
        return f"These credentials may not call {operation}: ask whoever runs the account for that permission."
    if fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _FAULT_OF_AWS:
        return f"AWS itself failed at {operation}: try again in a while."
    return f"AWS refuses {operation}: {fault.response['Error']['Message']} ({code})"
