"""The template, deployed once with each set of parameters, and emptied for every world that is to begin there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from moto.core.base_backend import BackendDict
from moto.core.model_instances import model_data
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import FakeKey, FakeMultipart, s3_backends
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
    """What was deployed, the parameters of it, and the account of each of moto's services, by service."""

    parameters: Mapping[str, str]
    stack: CreatedStack
    accounts: Mapping[BackendDict[Any], Any]

    @property
    def stands(self) -> bool:
        """Whether the account is the one that it was deployed in."""
        return all(services.get(ACCOUNT.id) is account for services, account in self.accounts.items())

    @property
    def is_whole(self) -> bool:
        """Whether no other test of this process has emptied its account, as moto's reset does."""
        return self.bucket in self.accounts[s3_backends]["aws"].buckets

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

    def leave(self) -> None:
        """Keep the account aside, and leave an empty one in its place."""
        self.empty()
        for services in self.accounts:
            del services[ACCOUNT.id]
        del s3_backends.bucket_accounts[self.bucket]

    def come_back(self) -> None:
        """Put the account in the place of an empty one."""
        for services, account in self.accounts.items():
            services[ACCOUNT.id] = account
            _ = services[ACCOUNT.id]  # moto resets no service that was not asked for since it last did
        s3_backends.bucket_accounts[self.bucket] = ("aws", ACCOUNT.id)

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
        # moto keeps whatever was, for its dashboard, and warns of objects that nobody disposed of.
        for stored in (*FakeKey.instances_tracked, *FakeMultipart.instances_tracked):  # type: ignore[attr-defined]
            stored.dispose()
        for kind in (each for kinds in model_data.values() for each in kinds.values()):
            kind.instances_tracked.clear()  # type: ignore[attr-defined]


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

_deployed: dict[frozenset[tuple[str, str]], Deployment] = {}


def deploy(parameters: Mapping[str, str]) -> Deployment:
    """Give an empty account in which the template stands; it is deployed once, which takes a while."""
    key = frozenset(parameters.items())
    if (deployment := _deployed.get(key)) is None or not deployment.is_whole:
        tear_down()
        deployment = _deployed[key] = _create(parameters)
    elif not deployment.stands:
        tear_down()
        deployment.come_back()
    deployment.empty()
    return deployment


def tear_down() -> None:
    """Leave the account to others."""
    for deployment in _deployed.values():
        if deployment.stands:
            deployment.leave()
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


def _create(parameters: Mapping[str, str]) -> Deployment:
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
            stack = create_stack(
                transform(**parameters),
                name=PSEUDO_PARAMETERS["AWS::StackName"],
                account=ACCOUNT,
                session=ACCOUNT.session(),
                endpoint=server.endpoint,
            )
    finally:
        server.close()
    accounts = {services: services[ACCOUNT.id] for services in BackendDict._instances}  # type: ignore[misc]
    return Deployment(parameters=parameters, stack=stack, accounts=accounts)


def _refuse(*_: object) -> NoReturn:
    raise NotImplementedError("nobody invokes anything while the stack is being created")
