"""The algorithm's own network, trained by MXNet in the local stack; `make check-mxnet` trains it whole."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from sagescene.files import recordio
from sagescene_command.mxnet_environment import find_python
from sagescene_model import artifact
from sagescene_model.inference import Classifier
from sagescene_model.pictures import Fit, decode
from sagescene_standin.sagemaker import SageMakerOptions, TrainingProgram
from tests.e2e.conftest import DATA, LocalStack

SETTINGS = {"image_shape": "3,28,28", "num_layers": 20, "resize": 32, "mini_batch_size": 8, "epochs": 1}


@pytest.mark.skipif(not Path(".venv/mxnet/stamp").exists(), reason="`make mxnet` could not make its environment")
def test_mxnet_itself_trains_a_resnet_that_we_read(stand: Callable[..., LocalStack], tmp_path: Path) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "two_class")
    (folder / "training.json").write_text(json.dumps(SETTINGS))
    program = TrainingProgram(python=str(find_python()), module="sagescene_trainer.mxnet")
    local = stand(sagemaker=SageMakerOptions(program=program))
    local.drop(folder, "two_class")
    job = local.await_decision("model created")["subject"]
    lines = "\n".join(str(occurrence.detail) for occurrence in local.of_kind("log"))
    (stored,) = (key for key in local.keys("models/") if key.endswith("model.tar.gz"))
    local.s3.download_file(local.bucket, stored, str(tmp_path / "model.tar.gz"))
    found = artifact.read(tmp_path / "model.tar.gz")
    assert (len(found.symbol.nodes) > 100, found.shape) == (True, (3, 28, 28))
    records = list(recordio.read([(DATA / "two_class/validation/validation.rec").read_bytes()]))
    images = np.stack([decode(record.image, found.shape, Fit.CROP, resize=32) for record in records])
    answers = Classifier(found, threads=1).probabilities(images).argmax(axis=1)
    right = np.mean(answers == [record.labels[0] for record in records])
    described = local.sagemaker.describe_training_job(TrainingJobName=job)
    (reported,) = (
        metric["Value"] for metric in described["FinalMetricDataList"] if metric["MetricName"] == "validation:accuracy"
    )
    assert len(records) % SETTINGS["mini_batch_size"]  # type: ignore[operator]  # the last batch is not full
    assert reported == pytest.approx(right, abs=1e-6)
    assert re.search(r"MXNet itself trains ResNet-20", lines)
