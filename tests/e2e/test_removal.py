"""The commands of the README that remove what `sam delete` leaves, typed into a shell against the local stack."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import DATA, LocalStack
from tests.stack_template import ROOT

# The AWS CLI's words, told by the API's own model as it does: its operations, options, paginated answers and queries.
AWS = """
import sys
import boto3, jmespath
from botocore import xform_name

service, operation, *words = sys.argv[1:]
options = dict(zip(words[::2], words[1::2], strict=True))
query, form = options.pop("--query", None), options.pop("--output", "json")
client = boto3.client(service)
method = operation.replace("-", "_")
members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape.members
known = {"--" + xform_name(name, "-"): name for name in members}
answer = getattr(client, method)(**{known[option]: value for option, value in options.items()})
if query:
    assert form == "text"
    for row in jmespath.search(query, answer):
        print(*row, sep="\\t")
"""


def test_nothing_of_models_registry_and_logs_is_left(stand: Callable[..., LocalStack], tmp_path: Path) -> None:
    local = stand({"Epochs": "1", "EvaluateModel": "yes", "ModelRegistry": "yes"})
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    logs = local.stack.client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    assert local.models()
    assert local.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert logs.describe_log_streams(logGroupName=group)["logStreams"]

    done = type_in(removal().replace("PREFIX", "sagescene"), local, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert local.models() == []
    assert local.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []


def removal() -> str:
    """Give the commands but the first two, which are sam's and the AWS CLI's own and no calls of the API."""
    section = (ROOT / "README.md").read_text().partition("## Remove it\n")[2].partition("\n## ")[0]
    lines = re.findall(r"(?m)^    (.*)$", section)
    assert (lines[0], lines[1][:9]) == ("sam delete", "aws s3 rb")
    return "\n".join(["set -e -o pipefail", *lines[2:]])


def type_in(script: str, local: LocalStack, folder: Path) -> subprocess.CompletedProcess[str]:
    program = folder / "aws"
    program.write_text(f"#!{sys.executable}\n{AWS}")
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": local.stack.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=120)
