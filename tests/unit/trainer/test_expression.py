"""The stored graph says what the network says; `make check-mxnet` has MXNet itself run it."""

import io
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sagescene_trainer import artifact
from sagescene_trainer.channels import Samples
from sagescene_trainer.hyperparameters import parse_hyperparameters
from sagescene_trainer.network import Network
from sagescene_trainer.pictures import measure_features
from sagescene_trainer.termination import TerminationRequested
from tests.unit.trainer.mxnet_model import evaluate


@pytest.mark.parametrize(
    ("classes", "multi_label", "shape", "shades"),
    [
        (2, False, (3, 32, 32), 256),
        (4, False, (3, 37, 50), 256),
        (3, False, (3, 12, 9), 256),
        (3, False, (3, 12, 9), 2),
        (2, False, (1, 28, 28), 256),
        (3, True, (3, 32, 32), 256),
        (1, True, (3, 32, 32), 256),
        (1, False, (3, 32, 32), 256),
    ],
)
def test_the_stored_graph_gives_the_networks_probabilities(
    tmp_path: Path, classes: int, multi_label: bool, shape: tuple[int, int, int], shades: int
) -> None:
    texts = {"num_classes": str(classes), "num_training_samples": "24", "mini_batch_size": "6"}
    texts |= {"image_shape": ",".join(map(str, shape)), "multi_label": str(int(multi_label)), "learning_rate": "0.05"}
    values = parse_hyperparameters(texts)
    chance = np.random.default_rng(0)
    pictures = chance.integers(0, shades, (24, *shape), dtype=np.uint8)
    labels = chance.integers(0, 2, (24, classes)) if multi_label else chance.integers(0, classes, 24)
    features = np.stack([measure_features(encode(picture), shape) for picture in pictures])
    samples = Samples(features=features, labels=labels)
    network = Network(values, samples)
    for _ in range(5):
        network.fit_epoch(samples)
    artifact.save_model(tmp_path, epoch=5, weights=network.weights(), values=values)
    expected = network.predict(samples)
    assert expected.shape == (24, classes)
    assert np.ptp(expected) > 0.1 or (classes == 1 and not multi_label)
    assert abs(evaluate(tmp_path, pictures.astype(np.float32)) - expected).max() <= 1e-5


def encode(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0)).save(stream, "PNG")
    return stream.getvalue()


def test_a_termination_waits_for_a_whole_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pack_and_terminate(_arrays: object) -> bytes:
        signal.raise_signal(signal.SIGTERM)
        return b"parameters"

    def end(_signal: int, _frame: object) -> None:
        raise TerminationRequested

    monkeypatch.setattr(artifact, "pack_parameters", pack_and_terminate)
    values = parse_hyperparameters({"num_classes": "2", "num_training_samples": "2", "image_shape": "3,8,8"})
    samples = Samples(features=np.zeros((2, 3, 8, 8), dtype=np.float32), labels=np.array([0, 1]))
    network = Network(values, samples)
    network.fit_epoch(samples)
    (older := tmp_path / "image-classification-0001.params").touch()
    before = signal.signal(signal.SIGTERM, end)
    try:
        with pytest.raises(TerminationRequested):
            artifact.save_model(tmp_path, epoch=2, weights=network.weights(), values=values, superseded=older)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "image-classification-0002.params",
        "image-classification-symbol.json",
        "model-shapes.json",
    ]


@pytest.mark.parametrize(
    ("side", "windows", "size"),
    [(1, 1, 1), (15, 15, 1), (16, 16, 1), (17, 8, 3), (28, 14, 2), (224, 16, 14), (255, 15, 31)],
)
@pytest.mark.parametrize("corner", [0, -1])
def test_every_pixel_counts_and_no_average_is_rounded(side: int, windows: int, size: int, corner: int) -> None:
    pixels = np.zeros((1, side, side), dtype=np.uint8)
    pixels[0, corner, corner] = 1
    averages = measure_features(encode(pixels), (1, side, side))
    assert averages.shape == (1, windows, windows)
    assert averages[0, corner, corner] == np.float32(1 / size**2)
