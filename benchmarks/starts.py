"""From a function's start to S3's first answer: with the layer as it is built, and with boto3 as `sam build` leaves it.

Run as a program, it is that function: `python -S -B starts.py NAME FOLDER...`, with the folders that it imports from.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PLAIN, SAGESCENE = "boto3, four clients, Powertools", "sagescene"
_ROOT = Path(__file__).parents[1]
_LISTING = b"<ListBucketResult><Name>b</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
SECRET_KEY = "none"  # nosec B105 # noqa: S105 - the server checks no signature


def prepare(data: Path) -> dict[str, list[str]]:
    """Make what both import, and give the commands: boto3 is the local stack's copy of the runtime's."""
    import subprocess

    runtime, layer, plain = _ROOT / ".venv/lambda-runtime", data / "layer", data / "plain"
    python = sys._base_executable  # type: ignore[attr-defined]
    build = ["make", "--silent", "build-SagesceneLayer", f"PYTHON={sys.executable}", f"ARTIFACTS_DIR={layer}"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--target", str(plain)]
    for folder, command in ((layer, build), (plain, [*pip, "--requirement", "requirements.txt"])):
        subprocess.run(["rm", "-rf", folder], check=True)  # nosec B603 B607 # noqa: S603, S607
        subprocess.run(command, cwd=_ROOT / "layers/core", check=True)  # nosec B603 # noqa: S603
    subprocess.run(["cp", "-R", f"{runtime}/.", plain], check=True)  # nosec B603 B607 # noqa: S603, S607
    for compiled in [*plain.rglob("__pycache__")]:
        subprocess.run(["rm", "-r", compiled], check=True)  # nosec B603 B607 # noqa: S603, S607
    folders = {
        PLAIN: [plain],
        SAGESCENE: [layer / "python", runtime, _ROOT / "functions/start_training"],
    }
    return {name: [python, "-S", "-B", __file__, name, *map(str, imported)] for name, imported in folders.items()}


def measure_size(data: Path) -> int:
    """Return the bytes of the layer and the function that starts with it, as they lie unzipped."""
    files = [*(data / "layer").rglob("*"), *(_ROOT / "functions/start_training").rglob("*.py")]
    return sum(path.stat().st_size for path in files if path.is_file())


@contextmanager
def serve_listings() -> Iterator[None]:
    """Answer as an empty bucket does, for every process that is started meanwhile."""
    import threading  # these here, for they would weigh on the start that is measured
    from dataclasses import fields
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from unittest.mock import patch

    from sagescene.settings import StartSettings

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(_LISTING)))
            self.end_headers()
            self.wfile.write(_LISTING)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **{field.name.upper(): "no" if field.type is bool else "1" for field in fields(StartSettings)},
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
    }
    try:
        with patch.dict(os.environ, environment):
            yield
    finally:
        server.shutdown()


def start(name: str, folders: Sequence[str]) -> None:
    """Start as a function does, list a bucket, and print the peak memory in bytes."""
    sys.path[:] = [*folders, *(path for path in sys.path if "python3" in path or path.endswith(".zip"))]
    if name == SAGESCENE:
        import app

        app.cloud._sns, app.cloud._sqs  # noqa: B018
        app.cloud.list_objects("bucket", "")
    else:
        import boto3
        from aws_lambda_powertools import Logger, Metrics

        Logger(), Metrics()
        s3, _ = boto3.client("s3"), (boto3.client("sagemaker"), boto3.client("sns"), boto3.client("sqs"))
        s3.list_objects_v2(Bucket="bucket")
    with Path("/proc/self/status").open() as status:
        print(next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")))


if __name__ == "__main__":
    start(sys.argv[1], sys.argv[2:])
