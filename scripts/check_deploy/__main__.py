"""Deploys the built stack with `sam deploy` onto MiniStack and has a data set become a model there.

MiniStack (https://github.com/ministackorg/ministack) is an emulator of AWS that shares no code with this project's own.
Here it holds each call of the functions against their roles, and serves HTTPS alone, as the bucket's policy asks for.
It has no SageMaker: the functions find this project's at AWS_ENDPOINT_URL_SAGEMAKER, which they inherit from its own
environment. Not shown, therefore: how SageMaker's events come to the bus, which takes them from AWS alone (see
`RemoteBus`), what the training role may do, and the alarms that `alarms.py` leaves out.
"""

import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from sagescene_command import interrupts
from scripts.check_deploy.alarms import write_deployable
from scripts.check_deploy.programs import CheckFailedError, Programs

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam/build/template.yaml"
DATA = ROOT / "tests/data/two_class"  # packed by MXNet's im2rec
MAIN, OWN = ROOT / ".venv/bin", ROOT / ".venv/ministack/bin"
STACK, PREFIX = "sagescene-dev", "sagescene-dev"  # of samconfig.toml's default
PARAMETERS = [f"JobPrefix={PREFIX}", "QuietPeriodInSeconds=1", "Epochs=1", "LogLevel=DEBUG", "EvaluateModel=no"]
ACCOUNT = "123456789012"
SECRET_KEY = "local"  # nosec B105 # noqa: S105 - it opens nothing but what stands here
_began = time.monotonic()


def say(text: str) -> None:
    """Print what happened, and when."""
    print(f"{time.monotonic() - _began:6.1f} s  {text}", flush=True)


def find_port() -> int:
    """Find a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_environment(folder: Path, emulator: int, sagemaker: int) -> dict[str, str]:
    """Build all that the programs find in their environment; nothing of a person's own, for functions inherit it."""
    return {
        "PATH": f"{MAIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{emulator}",
        "AWS_ENDPOINT_URL_SAGEMAKER": f"http://127.0.0.1:{sagemaker}",
        "AWS_CA_BUNDLE": str(folder / "ministack-tls/server.crt"),
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # twelve digits are MiniStack's root user of that account
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "SAM_CLI_TELEMETRY": "0",
    }


def begin_emulator(programs: Programs, port: int) -> None:
    """Begin MiniStack and wait until it answers."""
    programs.begin(
        "ministack",
        [str(OWN / "ministack")],
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",  # else its port for devices is open on all addresses
        DOCKER_HOST="unix:///nonexistent",  # else it clears away containers, a person's own among them
        LAMBDA_EXECUTOR="local",
        AUTH="true",
        USE_SSL="1",
    )
    await_that(programs, "MiniStack answers", lambda: boto3.client("sts").get_caller_identity(), limit=60)


def begin_sagemaker(programs: Programs, port: int) -> None:
    """Begin SageMaker and wait until it answers."""
    programs.begin("sagemaker", [str(MAIN / "python"), "-m", "sagescene_standin.sagemaker", "--port", str(port)])
    await_that(programs, "SageMaker answers", lambda: boto3.client("sagemaker").list_training_jobs(), limit=60)


def await_that[T](programs: Programs, what: str, look: Callable[[], T | None], *, limit: float) -> T:
    """Look until there is something to see; nothing may listen beyond the loopback meanwhile.

    Raises:
        CheckFailedError: there was nothing within `limit` seconds, or a program ended or listens where it must not.
    """
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        programs.require_alive()
        programs.require_loopback()
        try:
            if found := look():
                return found
        except BotoCoreError:  # nobody answers yet
            pass
        time.sleep(0.3)
    raise CheckFailedError(f"{what}: that did not happen within {limit:.0f} seconds.")


def deploy(programs: Programs) -> tuple[str, list[str]]:
    """Deploy the stack; return the bucket's name and the dead-letter queues' URLs."""
    template = BUILT.with_name("ministack.yaml")
    left_out = write_deployable(BUILT, template)
    say(f"left out, for MiniStack computes no metrics and saves no queries: {', '.join(left_out)}")
    files = ["--template-file", str(template), "--config-file", str(ROOT / "samconfig.toml")]
    options = [*files, "--no-confirm-changeset", "--parameter-overrides", *PARAMETERS]
    programs.run("sam deploy", [str(MAIN / "sam"), "deploy", *options], limit=300)
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    if unfinished := [one["LogicalResourceId"] for one in resources if one["ResourceStatus"] != "CREATE_COMPLETE"]:
        raise CheckFailedError(f"These resources were not created: {', '.join(unfinished)}.")
    say(f"sam deploy created the stack {STACK}: {len(resources)} resources")
    (bucket,) = [output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "Bucket"]
    dead_letters = [
        one["PhysicalResourceId"]
        for one in resources
        if one["LogicalResourceId"].endswith("DeadLetters") and one["ResourceType"] == "AWS::SQS::Queue"
    ]
    return bucket, dead_letters


class Watch:
    """Follows a data set from outside: the training job at SageMaker, the outcome in the bucket."""

    def __init__(self, bucket: str) -> None:
        """Take the bucket."""
        self._bucket, self._told = bucket, ""
        self._s3: Any = boto3.client("s3")
        self._sagemaker: Any = boto3.client("sagemaker")

    def look(self) -> dict[str, Any] | None:
        """Say where the job stands when that has changed, and return the outcome once there is one."""
        for summary in self._sagemaker.list_training_jobs()["TrainingJobSummaries"]:
            job = self._sagemaker.describe_training_job(TrainingJobName=summary["TrainingJobName"])
            if job["SecondaryStatus"] != self._told:
                self._told = job["SecondaryStatus"]
                say(f"training job {job['TrainingJobName']}: {self._told} {job.get('FailureReason', '')}".rstrip())
        for entry in self._s3.list_objects_v2(Bucket=self._bucket, Prefix="outcomes/").get("Contents", []):
            outcome: dict[str, Any] = json.loads(self._read(entry["Key"]))
            return outcome
        return None

    def require_model(self, outcome: dict[str, Any]) -> None:
        """Make sure that a model came of it, with the artifact it names, and a report that calls the set sound.

        Raises:
            CheckFailedError: it did not.
        """
        if outcome["decision"] != "model created":
            raise CheckFailedError(f"No model came of the data set: {outcome['decision']}, {outcome['reason']}")
        model = self._sagemaker.describe_model(ModelName=outcome["job"])
        artifact = model["PrimaryContainer"]["ModelDataUrl"]
        bucket, _, key = artifact.removeprefix("s3://").partition("/")
        size = self._s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
        say(f"model {model['ModelName']}: {artifact}, {size:,} bytes")

    def _read(self, key: str) -> bytes:
        content: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return content


def require_no_dead_letters(queues: list[str]) -> None:
    """Make sure that nothing failed on its way.

    Raises:
        CheckFailedError: a dead-letter queue is not empty.
    """
    sqs = boto3.client("sqs")
    for url in queues:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        if found["ApproximateNumberOfMessages"] != "0":
            raise CheckFailedError(f"{url.rpartition('/')[2]} holds {found['ApproximateNumberOfMessages']} messages.")


def check(programs: Programs, emulator: int, sagemaker: int) -> None:
    """Go through all of it.

    Raises:
        CheckFailedError: a step did not come out as it should.
    """
    begin_emulator(programs, emulator)
    say(f"MiniStack stands at {os.environ['AWS_ENDPOINT_URL']}")
    begin_sagemaker(programs, sagemaker)
    say(f"SageMaker stands at {os.environ['AWS_ENDPOINT_URL_SAGEMAKER']}")
    bucket, dead_letters = deploy(programs)
    target = f"s3://{bucket}/datasets/{DATA.name}/"
    programs.run("aws s3 cp", [str(OWN / "aws"), "s3", "cp", "--recursive", str(DATA), target], limit=60)
    say(f"aws s3 cp dropped {DATA.relative_to(ROOT)} at {target}")
    watch = Watch(bucket)
    watch.require_model(await_that(programs, "The data set becomes a model", watch.look, limit=180))
    say(f"make smoke STACK={STACK} YES=1 says:")
    print(programs.run("smoke", [str(MAIN / "python"), "-m", "scripts.smoke", STACK, "--yes"], limit=180), end="")
    require_no_dead_letters(dead_letters)
    say(f"no dead letters; everything listened on {', '.join(sorted(programs.addresses()))} alone")


def main() -> None:
    """Check, and say what failed."""
    interrupts.install()
    emulator, sagemaker = find_port(), find_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        environment = make_environment(Path(name), emulator, sagemaker)
        os.environ.clear()
        os.environ.update(environment)  # for this process's own clients
        with Programs(Path(name), environment) as programs:
            try:
                check(programs, emulator, sagemaker)
            except (CheckFailedError, BotoCoreError, ClientError) as failure:
                sys.exit(f"{failure}\n{programs.tails()}")
        say("everything ended")


if __name__ == "__main__":
    main()
