"""The folder that a training container sees as /opt/ml: what SageMaker puts in before, and takes out afterwards.

Follows https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html.
"""

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from sagescene_standin.sagemaker.collaborators import ObjectStore, split_s3_url
from sagescene_standin.sagemaker.container import Plan

_PREFIXES = ("ClientError:", "AlgorithmError:", "InternalServerError:")


def write_configuration(root: Path, plan: Plan) -> None:
    """Write `input/config/*.json` and make the empty folders."""
    config = root / "input" / "config"
    for folder in (config, root / "input" / "data", root / "model", root / "output"):
        folder.mkdir(parents=True)
    files = {
        "hyperparameters.json": dict(plan.hyperparameters),
        "resourceconfig.json": _describe_cluster(plan.resources),
        "inputdataconfig.json": {channel["ChannelName"]: _describe_channel(channel) for channel in plan.channels},
    }
    for name, content in files.items():
        (config / name).write_text(json.dumps(content))


def download_object(root: Path, channel: Mapping[str, Any], key: str, objects: ObjectStore) -> None:
    """Download one object of a channel to `input/data/<channel>/`, under its key from the prefix's folder on."""
    bucket, prefix = split_s3_url(channel["DataSource"]["S3DataSource"]["S3Uri"])
    folder = root / "input" / "data" / channel["ChannelName"]
    relative = PurePosixPath(key[prefix.rfind("/") + 1 :])
    if key.endswith("/") or ".." in relative.parts or relative.is_absolute():
        return  # a folder's marker, or a key that no file inside the channel can have
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    objects.download(bucket, key, path)


def pack_model(root: Path, target: Path) -> bool:
    """Pack `model/` as model.tar.gz; False when the container left nothing there."""
    files = sorted(path for path in (root / "model").rglob("*") if path.is_file())
    if not files:
        return False
    with tarfile.open(target, "w:gz") as archive:
        for path in files:
            archive.add(path, arcname=str(path.relative_to(root / "model")))
    return True


def read_failure(root: Path, exit_code: int) -> str | None:
    """Return the FailureReason of a container that ended with this exit code; None after success."""
    if exit_code == 0:
        return None
    path = root / "output" / "failure"
    text = path.read_text(errors="replace")[:1024].strip() if path.exists() else ""
    return text if text.startswith(_PREFIXES) else f"AlgorithmError: {text}, exit code: {exit_code}"


def _describe_cluster(resources: Mapping[str, Any]) -> dict[str, Any]:
    # One container runs, however many instances the job asked for.
    return {
        "current_host": "algo-1",
        "hosts": ["algo-1"],
        "network_interface_name": "lo",
        "current_instance_type": resources.get("InstanceType", ""),
    }


def _describe_channel(channel: Mapping[str, Any]) -> dict[str, str]:
    described = {
        "TrainingInputMode": "File",
        "S3DistributionType": channel["DataSource"]["S3DataSource"].get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return described | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})
