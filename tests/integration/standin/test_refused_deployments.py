"""Deployments that fail when resources already stand: nothing stays behind."""

import shutil
import threading
from pathlib import Path

import pytest

from sagescene_standin.errors import DeploymentError
from sagescene_standin.functions.trust import UntraceableError
from sagescene_standin.options import Options
from sagescene_standin.queues.mapping import UnacceptableMappingError
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import RUNTIME, TEMPLATE


@pytest.mark.parametrize(
    ("written", "instead", "error", "message"),
    [
        ("sqs:ReceiveMessage, ", "", UnacceptableMappingError, "not have permissions to call ReceiveMessage on SQS"),
        ("VisibilityTimeout: 30", "VisibilityTimeout: 2", UnacceptableMappingError, "2 seconds is less than Function"),
        ("RecursiveLoop: Allow", "Tracing: Active", UntraceableError, "permissions to call PutTraceSegments on XRAY"),
    ],
)
def test_a_mapping_or_a_function_that_lambda_would_refuse_is_refused(
    built: Path, tmp_path: Path, written: str, instead: str, error: type[DeploymentError], message: str
) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace(written, instead))
    options = Options(runtime_directory=RUNTIME, start_processes=False)
    before = set(threading.enumerate())
    with pytest.raises(error, match=message):
        Stack.deploy(tmp_path, {}, options)
    assert set(threading.enumerate()) <= before
