"""The template, deployed once in the local stack's services, and emptied for every world that is to begin there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import s3_backends
from moto.sqs.models import Queue, sqs_backends

from sagescene_standin.account import Account
from sagescene_standin.cloudformation.deployment import CreatedStack, create_stack
from sagescene_standin.functions.function import FunctionSettings, read_functions
from sagescene_standin.gateway import Gateway, Server
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.identity import Identities
from sagescene_standin.moto_changes import changed_moto
from sagescene_standin.sagemaker.training_service import LOG_GROUP
from tests.stack_template import PSEUDO_PARAMETERS, transform

ACCOUNT = Account(id=PSEUDO_PARAMETERS["AWS::AccountId"], region=PSEUDO_PARAMETERS["AWS::Region"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What stands, and the parameters it was deployed with."""

    parameters: Mapping[str, str]
    stack: CreatedStack

    @property
    def bucket(self) -> str:
        """The name of the data bucket."""
        return self.stack.resources["DataBucket"].physical_id

    @property
    def queues(self) -> dict[str, Queue]:
        """The queues by logical id."""
        known = sqs_backends[ACCOUNT.id][ACCOUNT.region]
        queues = self.stack.of_type("AWS::SQS::Queue")
        return {queue.logical_id: known.get_queue(queue.physical_id.rpartition("/")[2]) for queue in queues}

    def functions(self) -> list[FunctionSettings]:
        """How each function is deployed."""
        return read_functions(self.stack, transform(**self.parameters).code, ACCOUNT)

    def empty(self) -> None:
        """Take out whatever an earlier world has left."""
        bucket = s3_backends[ACCOUNT.id]["aws"].get_bucket(self.bucket)
        bucket.keys.clear()
        bucket.multiparts.clear()
        for queue in self.queues.values():
            queue._messages.clear()
            queue.pending_messages.clear()
            queue.deleted_messages.clear()
        groups = logs_backends[ACCOUNT.id][ACCOUNT.region].groups
        groups.pop(LOG_GROUP, None)  # SageMaker makes it when it first logs
        for group in groups.values():
            group.streams.clear()


# What docs/deploying.md asks of a key's policy.
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT.id}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{ACCOUNT.region}.amazonaws.com"},
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Resource": "*",
        },
    ],
}
BOUNDARY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                f"{service}:*"
                for service in ("cloudwatch", "ec2", "kms", "logs", "s3", "sagemaker", "sns", "sqs", "xray")
            ]
            + ["iam:PassRole"],
            "Resource": "*",
        }
    ],
}

_current: list[Deployment] = []


def deploy(parameters: Mapping[str, str]) -> Deployment:
    """Give an empty account in which the template stands; deploying takes some seconds, emptying none."""
    if not _current or _current[0].parameters != parameters or not _stands(_current[0]):
        tear_down()
        _current.append(Deployment(parameters=parameters, stack=_create(parameters)))
    deployment = _current[0]
    deployment.empty()
    return deployment


def _stands(deployment: Deployment) -> bool:
    """Tell whether no other test of this process has emptied the account since."""
    return deployment.bucket in s3_backends[ACCOUNT.id]["aws"].buckets


def tear_down() -> None:
    """Leave the account to others."""
    _current.clear()
    moto_api_backend.reset()


def _prepare(parameters: Mapping[str, str]) -> None:
    """Make what parameters name and people have: a customer key, and a permissions boundary."""
    if arn := parameters.get("KmsKeyArn"):
        backend = kms_backends[ACCOUNT.id][ACCOUNT.region]
        key = backend.create_key(json.dumps(KEY_POLICY), "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", [])
        key.id, key.arn = arn.rpartition("/")[2], arn  # moto chooses another
        backend.keys[key.id] = key
    if arn := parameters.get("PermissionsBoundaryArn"):
        iam_backends[ACCOUNT.id]["aws"].create_policy("", "/", json.dumps(BOUNDARY), arn.rpartition("/")[2], [])


def _create(parameters: Mapping[str, str]) -> CreatedStack:
    _prepare(parameters)
    authority = Authority(ACCOUNT)
    gateway = Gateway(Identities(ACCOUNT, authority), authority, invoke=_refuse, operations={})
    server = Server(gateway)
    try:
        with changed_moto(
            time_factor=1,
            on_object_event=lambda *_: None,
            on_message=lambda *_: None,
            call_function=lambda *_: None,
        ):
            return create_stack(
                transform(**parameters),
                name=PSEUDO_PARAMETERS["AWS::StackName"],
                account=ACCOUNT,
                session=ACCOUNT.session(),
                endpoint=server.endpoint,
            )
    finally:
        server.close()


def _refuse(*_: object) -> NoReturn:
    raise NotImplementedError("nobody invokes anything while the stack is being created")
