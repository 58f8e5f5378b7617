"""The one account and Region that the local stack plays, and how to reach it with boto3."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import boto3
from botocore.config import Config

# Whoever runs the stack is the account's administrator; functions get keys of their own.
ADMINISTRATOR_KEY = "LOCALADMINISTRATOR00"
SECRET_KEY = "local"  # nosec B105 # noqa: S105  nothing checks signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account and the Region; the partition is always `aws`."""

    id: str = "123456789012"
    region: str = "us-east-1"

    def arn(self, service: str, resource: str) -> str:
        """Write the ARN of a resource of this account and Region."""
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def session(self) -> boto3.Session:
        """Give the session with the administrator's credentials, whatever the environment says."""
        return _administrator(self.region)


# Each session reads the models of its services anew, a tenth of a second for a client: so there is but one, and as it
# makes clients for several threads, only one at a time.
_connecting = threading.Lock()


@cache
def _administrator(region: str) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=ADMINISTRATOR_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name=region,
    )


def connect(
    session: boto3.Session, service: str, endpoint: str, credentials: Mapping[str, str] = MappingProxyType({})
) -> Any:  # noqa: ANN401
    """Make a client of one service at the stack's endpoint; `credentials`, as environment variables, go before."""
    # No proxies: what a person's environment says about them is not meant for the loopback.
    config = Config(proxies={}, retries={"total_max_attempts": 2})
    keys = {name.lower(): value for name, value in credentials.items()}
    with _connecting:
        return session.client(service, endpoint_url=endpoint, config=config, **keys)  # type: ignore[call-overload]
