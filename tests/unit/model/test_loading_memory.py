"""What reading a model, converting it, loading it into ONNX Runtime and its first answer take in memory together."""

import os
import subprocess
import sys
from pathlib import Path

from tests.checkout import ROOT
from tests.unit.model.networks import make_resnet, write_archive

LOADING_MEMORY = Path(__file__).with_name("loading_memory.py")
MOST_TIMES_THE_WEIGHTS = 2.0


def test_a_model_takes_no_more_than_twice_its_weights(tmp_path: Path) -> None:
    models = {
        "small.tar.gz": make_resnet(8, (3, 28, 28), 2, narrow=8),
        "large.tar.gz": make_resnet(18, (3, 64, 64), 10),
    }
    paths = [write_archive(tmp_path / name, model.files()) for name, model in models.items()]
    done = subprocess.run(
        [sys.executable, LOADING_MEMORY, *paths],  # the peak of a process never falls again
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 1 < float(done.stdout) <= MOST_TIMES_THE_WEIGHTS
