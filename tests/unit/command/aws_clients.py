"""A stack that is deployed, and AWS's clients with answers ready."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from sagescene_command.following.deployed_stack import DeployedStack

FOUND = datetime(2026, 11, 12, 12, tzinfo=UTC)
STACK = DeployedStack(
    region="us-east-1",
    bucket="bucket",
    resources={
        "UploadsQueue": "url",
        "UploadsDeadLetters": "dead",
        "TrainingEndedDeadLetters": "ended",
        "StartTrainingFunction": "sagescene-start",
        "FinishTrainingFunction": "sagescene-finish",
    },
    found=FOUND,
)
OUTPUT = {"OutputKey": "Bucket", "OutputValue": "bucket"}


class Clients:
    """Stands in for boto3: one client of each service, its answers stubbed; `configs` shows how each was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.configs: dict[str, Config | None] = {}
        services = ("cloudformation", "kms", "lambda", "s3", "sagemaker", "service-quotas", "sqs")
        make: Any = boto3.client
        self._clients = {
            service: make(service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            for service in services
        }
        self.stubs = {service: Stubber(client) for service, client in self._clients.items()}
        monkeypatch.setattr(boto3, "client", self.client)

    def client(self, service: str, config: Config | None = None) -> Any:  # noqa: ANN401
        self.configs[service] = config
        return self._clients[service]


def answer_invoke(clients: Clients, payload: object, asked: dict[str, Any] | None = None, **more: str) -> None:
    body = io.BytesIO(json.dumps(payload).encode())
    clients.stubs["lambda"].add_response("invoke", {"StatusCode": 200, "Payload": body, **more}, asked)
