"""Answers every sample event by an unmodified `sam local invoke` in containers, against the local stack.

The image is Lambda's own where AWS's registry is reached, else `make_lambda_image` makes a stand-in of this machine's
parts. sam's exit status is 0 even where a function ended in an error, so that its answer is read.
"""

import json
import os
import subprocess
import sys
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import docker

from sagescene_command import local_stack, sam_local, samples
from sagescene_standin.account import SECRET_KEY
from sagescene_standin.listening import listen

ROOT = Path(__file__).parents[1]
SAM = Path(sys.executable).with_name("sam")
IMAGE = "public.ecr.aws/lambda/python:3.13-x86_64"
STAND_IN = "sagescene/lambda-python:3.13"
LOOPBACK = "127.0.0.1"
PATIENCE_IN_SECONDS = 300


def read_answer(printed: str) -> Any:  # noqa: ANN401
    """Read what a function answered from sam's standard output: its last line, as JSON; None where there is none."""
    try:
        return json.loads(printed.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return None


def find_fault(answer: Any) -> str:  # noqa: ANN401
    """Say why an answer is none of a function that did its work; nothing where it is one: a list of decisions."""
    if isinstance(answer, dict) and (answer.keys() & {"errorMessage", "errorType", "FunctionError"}):
        return f"{answer.get('errorType', 'error')}: {answer.get('errorMessage', answer)}"
    if not isinstance(answer, list):
        return f"no list of decisions, but {answer}" if answer is not None else "no answer"
    return ""


def find_address(engine: docker.DockerClient) -> str:
    """Find where containers reach this machine: the engine's bridge, where it is one of this machine."""
    for network in engine.networks.list(names=["bridge", "podman"]):
        for subnet in network.attrs["IPAM"]["Config"] or []:
            # Some engines leave it out where nobody chose it; it is the first address then.
            gateway = subnet.get("Gateway") or str(next(ip_network(subnet["Subnet"]).hosts()))
            try:
                listen(gateway, 0).close()
            except OSError:
                # It is of a machine of the engine's own, on macOS and Windows, whence the loopback is reached.
                continue
            return str(gateway)
    return LOOPBACK


def find_image(engine: docker.DockerClient) -> str:
    """Give an image to run the functions in: Lambda's own, or a stand-in, made anew, where that is not reached."""
    try:
        engine.images.get(IMAGE)
    except docker.errors.ImageNotFound:
        print(f"Fetching {IMAGE} (some hundred MB, once)", flush=True)
        try:
            engine.images.pull(IMAGE)
        except docker.errors.APIError as error:
            print(f"It is not reached: {error.explanation or error}", flush=True)
            print(f"Making a stand-in of this machine's Python: {STAND_IN}", flush=True)
            command = [str(ROOT / "scripts/make_lambda_image"), STAND_IN]
            subprocess.run(command, check=True)  # nosec B603 # noqa: S603 - our own words
            return STAND_IN
    return IMAGE


def invoke(event: Path, options: list[str]) -> tuple[Any, str]:
    """Have sam invoke the function of a sample event; give its answer, and the fault in it, if any."""
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
        "SAM_CLI_TELEMETRY": "0",
    }
    for inherited in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        environment.pop(inherited, None)
    command = [str(SAM), "local", "invoke", samples.name_function(event), "--event", str(event), *options]
    done = subprocess.run(  # nosec B603 # noqa: S603 - sam, and the checkout's own paths
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_IN_SECONDS, check=False
    )
    answer = read_answer(done.stdout)
    fault = find_fault(answer) if done.returncode == 0 else f"sam ended with status {done.returncode}"
    return answer, f"{fault}\n{done.stderr}" if fault else ""


def main() -> None:
    """Answer all sample events; the exit status is 1 when one was not answered, or with an error."""
    try:
        engine = docker.from_env()
        engine.ping()
    except docker.errors.DockerException:
        print("Left out: no Docker or Podman answers here (for Podman, DOCKER_HOST must name its socket).")
        return
    image, clock = find_image(engine), samples.SampleClock()
    began = time.monotonic()
    stack = local_stack.prepare({"EvaluateModel": "yes"}, host=find_address(engine), now=clock)
    faults = 0
    with stack:
        print("Standing the local stack up, and laying the samples in", flush=True)
        stack.stand_up()
        samples.lay(stack, clock)
        settings = sam_local.write_settings(stack, local_stack.BUILD)
        options = [*settings, "--skip-pull-image", *(["--invoke-image", image] if image == STAND_IN else [])]
        for event in samples.list_events():
            name = event.relative_to(local_stack.SAMPLE_EVENTS)
            answer, fault = invoke(event, options)
            faults += bool(fault)
            told = fault or "; ".join(f"{each['subject']}: {each['decision']}" for each in answer) or "nothing to do"
            print(f"{time.monotonic() - began:6.1f} s  {name}  {told}", flush=True)
    print(f"{faults} of the sample events ended in errors." if faults else f"All were answered, in {image}.")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
