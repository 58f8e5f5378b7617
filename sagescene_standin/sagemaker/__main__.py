"""SageMaker alone, as a program, for an account that another process plays: `python -m sagescene_standin.sagemaker`.

It serves training jobs and models on the loopback, for whoever has its address in AWS_ENDPOINT_URL_SAGEMAKER. The rest
of the account it reaches as any AWS client does, with the credentials and the Region of its environment: the objects at
AWS_ENDPOINT_URL_S3, the bus at AWS_ENDPOINT_URL_EVENTS, IAM, STS, Lambda, SQS and CloudWatch Logs likewise, or all at
AWS_ENDPOINT_URL (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).

Where it is not like AWS: nobody's permission to call it is checked; objects are read and written with the program's own
credentials; its events do not pass through the bus, which takes none from outside with a source of AWS's (see
`RemoteBus`); its jobs and models are forgotten when it ends, which it does at Ctrl-C or SIGTERM.
"""

import argparse
import signal
import threading
import time
from typing import Any

import boto3
from botocore.config import Config

from sagescene_standin.account import Account
from sagescene_standin.gateway import Server
from sagescene_standin.occurrence import Occurrence
from sagescene_standin.sagemaker import (
    BotoObjectStore,
    ProcessLauncher,
    Runner,
    SageMakerOptions,
    TrainingProgram,
    TrainingService,
    make_application,
)
from sagescene_standin.sagemaker.remote import RemoteBus, assume_with, write_logs_with


def connect(service: str) -> Any:  # noqa: ANN401  # boto3 clients have no class at run time
    """Make a client of a service where the environment says that the service is."""
    # No proxies: what a person's environment says about them is not meant for the loopback.
    return boto3.client(service, config=Config(proxies={}))  # type: ignore[call-overload]


def make_service(account: Account, objects: BotoObjectStore) -> TrainingService:
    """Build the service on the account that the environment names."""
    return TrainingService(
        account=account,
        options=SageMakerOptions(),
        clock=time.time,
        assume=assume_with(connect("iam"), account.id, objects, write_logs_with(connect("logs"))),
        publish=RemoteBus(connect).take,
        launcher=ProcessLauncher(TrainingProgram()),
        listen=_tell,
    )


def _tell(occurrence: Occurrence) -> None:
    if occurrence.kind == "job":
        reason = occurrence.detail["failure_reason"]
        text = f"{occurrence.subject}: {occurrence.detail['secondary_status']}{f' ({reason})' if reason else ''}"
        print(text, flush=True)


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(
        prog="python -m sagescene_standin.sagemaker", description="SageMaker for an account that another process plays."
    )
    parser.add_argument("--port", type=int, default=0, help="of the endpoint on 127.0.0.1; 0, the default, takes any")
    port: int = parser.parse_args().port
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: ended.set())
    region = boto3.Session().region_name
    if region is None:
        parser.error("say in AWS_DEFAULT_REGION which Region this is")
    account = Account(id=connect("sts").get_caller_identity()["Account"], region=region)
    service = make_service(account, BotoObjectStore(connect("s3")))
    with Runner(service):
        server = Server(make_application(service), port=port)
        try:
            print(f"SageMaker of account {account.id} in {region} stands at {server.endpoint}", flush=True)
            ended.wait()
        finally:
            server.close()


if __name__ == "__main__":
    main()
