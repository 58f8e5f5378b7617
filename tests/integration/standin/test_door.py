"""A web page in a browser on the same machine, and what it can do to a local stack that stands there: nothing."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from flask_cors import CORS
from moto.moto_server.werkzeug_app import create_backend_app

from sagescene_standin import gateway
from sagescene_standin.functions import runtime_api
from sagescene_standin.options import Options
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import RUNTIME

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH")
PATIENCE_IN_SECONDS = 120.0
SECRET = "what only the developer may read"
# Nobody looks at signatures: what is signed by the administrator can be written by anybody.
SIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=local/20300101/us-east-1/s3/aws4_request&X-Amz-Signature=none"
)

# What pages have tried on developers' machines. "Unasked" is what browsers send without a preflight.
PAGE = """<!doctype html><title>An innocent page</title><body><pre id="told"></pre><script>
const facts = FACTS, told = {};
const signed = (service, target) => ({
  Authorization: `AWS4-HMAC-SHA256 Credential=local/20300101/us-east-1/${service}/aws4_request, Signature=`,
  "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1",
});
const call = (service, target, request) => fetch(
  facts.stack, {method: "POST", headers: signed(service, target), body: JSON.stringify(request)});
const unasked = (url, body) => fetch(url, {method: "POST", mode: "no-cors", body});
const form = new FormData();
form.append("key", "in/form");
form.append("file", "x");
const attempts = facts.resets ? {
  "forget everything": () => unasked(`${facts.stack}/moto-api/reset`),
} : {
  "read an object": () => fetch(facts.object),
  "list the buckets": () => fetch(facts.stack),
  "look at the dashboard": () => fetch(`${facts.stack}/moto-api/`),
  "write an object": () => fetch(`${facts.bucket}/in/put`, {method: "PUT", body: "x"}),
  "write an object unasked": () => unasked(facts.bucket, form),
  "send a message": () => call("sqs", "AmazonSQS.SendMessage", {QueueUrl: facts.queue, MessageBody: "from a page"}),
  "create a model": () => call("sagemaker", "SageMaker.CreateModel", facts.model),
  "answer for a function unasked": () => unasked(`${facts.runtime}/invocation/1/response`, '"from a page"'),
};
(async () => {
  for (const [name, attempt] of Object.entries(attempts)) {
    try { told[name] = await (await attempt()).text(); } catch (error) { told[name] = `failed: ${error}`; }
  }
  document.getElementById("told").textContent = JSON.stringify(told);
})();
const image = new Image();
image.src = facts.object;
const frame = document.createElement("iframe");
frame.src = facts.object;
document.body.append(image, frame);
</script>"""


class Target:
    """A stack with something to read, and all that a page would need to know of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.bucket = stack.outputs["Bucket"]
        self.queue = stack.resources["DeadLetters"]
        for key in ("secret.txt", "in/model.tar.gz"):
            stack.client("s3").put_object(Bucket=self.bucket, Key=key, Body=SECRET, ContentType="text/plain")
        process = next(iter(stack.functions["Background"]._all))
        self._facts = {
            "stack": stack.endpoint,
            "bucket": f"{stack.endpoint}/{self.bucket}",
            "object": f"{stack.endpoint}/{self.bucket}/secret.txt?{SIGNED}",
            "queue": self.queue,
            "model": self._describe_model(),
            "runtime": f"http://127.0.0.1:{process._server.server_address[1]}/2018-06-01/runtime",
        }

    def visit(self, *, resets: bool = False) -> dict[str, str]:
        """Let a browser open the page, and give what the page was told."""
        with serve(PAGE.replace("FACTS", json.dumps({**self._facts, "resets": resets}))) as url:
            shown = browse(url)
        (told,) = re.findall('<pre id="told">(.+?)</pre>', shown, re.DOTALL)
        answers: dict[str, str] = json.loads(unescape(told))
        return answers

    def state(self) -> dict[str, Any]:
        """Ask the stack what it holds."""
        keys = self.stack.client("s3").list_objects_v2(Bucket=self.bucket)["Contents"]
        received = self.stack.client("sqs").receive_message(QueueUrl=self.queue, VisibilityTimeout=0)
        call = {"service": "s3", "operation": "list_buckets"}
        return {
            "objects": [entry["Key"] for entry in keys],
            "messages": [message["Body"] for message in received.get("Messages", [])],
            "models": [model["ModelName"] for model in self.stack.client("sagemaker").list_models()["Models"]],
            "a function's answer": self.stack.invoke("Background", {"call": call}).result,
        }

    def _describe_model(self) -> dict[str, Any]:
        trusting = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        permitting = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam = self.stack.client("iam")
        role = iam.create_role(RoleName="hosting", AssumeRolePolicyDocument=_policy(trusting))
        iam.put_role_policy(RoleName="hosting", PolicyName="all", PolicyDocument=_policy(permitting))
        container = {"Image": "image", "ModelDataUrl": f"s3://{self.bucket}/in/model.tar.gz"}
        return {"ModelName": "of-a-page", "ExecutionRoleArn": role["Role"]["Arn"], "PrimaryContainer": container}


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextmanager
def serve(page: str) -> Iterator[str]:
    """Serve a page from an origin of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def browse(url: str) -> str:
    """Give what a browser shows of an address, once its scripts have run; evil.example leads to this machine."""
    with TemporaryDirectory() as profile:
        command = [
            str(CHROMIUM),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP evil.example 127.0.0.1",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=30000",
            "--dump-dom",
            url,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_IN_SECONDS).stdout


@pytest.fixture
def target(built: Path) -> Iterator[Target]:
    with Stack.deploy(built, {}, Options(runtime_directory=RUNTIME)) as stack:
        yield Target(stack)


@pytest.fixture
def open_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve as moto does by itself."""
    monkeypatch.setattr(gateway, "guard", lambda application, _host: application)
    monkeypatch.setattr(runtime_api, "refuse", lambda _environ, _host: None)

    def answer_all_origins(service: Any) -> Flask:  # noqa: ANN401
        application = create_backend_app(service)
        CORS(application)
        return application

    monkeypatch.setattr(gateway, "create_backend_app", answer_all_origins)


@needs_chromium
def test_a_page_of_another_origin_reads_nothing_and_changes_nothing(target: Target) -> None:
    before = target.state()
    told = target.visit() | target.visit(resets=True)
    assert {name: answer for name, answer in told.items() if answer and not answer.startswith("failed:")} == {}
    assert target.state() == before


@needs_chromium
@pytest.mark.usefixtures("open_door")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the poller misses its queue
def test_without_the_door_the_same_page_does_as_it_likes(target: Target) -> None:
    told = target.visit()
    assert told["read an object"] == SECRET
    assert target.bucket in told["list the buckets"]
    assert "Moto" in told["look at the dashboard"]
    assert target.state() == {
        "objects": ["in/form", "in/model.tar.gz", "in/put", "secret.txt"],
        "messages": ["from a page"],
        "models": ["of-a-page"],
        "a function's answer": "from a page",
    }
    target.visit(resets=True)
    assert target.stack.client("s3").list_buckets()["Buckets"] == []


@needs_chromium
def test_a_name_that_leads_to_this_machine_opens_nothing(target: Target) -> None:
    port = urlsplit(target.stack.endpoint).port
    path = f"{port}/{target.bucket}/secret.txt?{SIGNED}"
    assert SECRET in browse(f"http://127.0.0.1:{path}")
    shown = browse(f"http://evil.example:{path}")
    assert SECRET not in shown
    assert f"The local stack does not answer to the name evil.example:{port}" in shown


@pytest.mark.parametrize("path", ["/", "/moto-api/"])
def test_no_answer_lets_other_origins_read_it(stack: Stack, path: str) -> None:
    with urlopen(Request(f"{stack.endpoint}{path}", headers={"Origin": stack.endpoint})) as answer:
        assert answer.status == 200
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
