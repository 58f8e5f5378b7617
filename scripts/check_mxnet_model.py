"""Proves that MXNet 1.9.1 runs what the local trainer stores, and predicts the same; its argument is MXNet's Python."""

import io
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from sagescene.files import recordio
from sagescene.files.recordio import Record
from sagescene_trainer.channels import load_channel
from sagescene_trainer.hyperparameters import Hyperparameters, parse_hyperparameters
from sagescene_trainer.network import Network
from sagescene_trainer.training import train
from scripts.check_mxnet import DisagreementError, MXNet, expect

TOLERANCE = 1e-5
IMAGES = {"train": 48, "validation": 21}  # the last batch of the validation is not full
CONFIG = {name: {"ContentType": "application/x-recordio"} for name in IMAGES}
COMMON = {"num_training_samples": str(IMAGES["train"]), "mini_batch_size": "8", "epochs": "6", "learning_rate": "0.02"}
SETS = {
    "two classes": {"num_classes": "2", "image_shape": "3,32,32"},
    "four classes, at the usual size": {"num_classes": "4", "image_shape": "3,224,224"},
    "three classes, sides that no stride fills": {"num_classes": "3", "image_shape": "3,37,50"},
    "three classes, smaller than what is averaged": {"num_classes": "3", "image_shape": "3,12,9"},
    "two classes in grey": {"num_classes": "2", "image_shape": "1,28,28"},
    "four classes, each epoch stored": {"num_classes": "4", "image_shape": "3,28,28", "checkpoint_frequency": "1"},
    "three labels an image": {"num_classes": "3", "image_shape": "3,32,32", "multi_label": "1"},
    "one label that is or is not": {"num_classes": "1", "image_shape": "3,32,32", "multi_label": "1"},
    "one class": {"num_classes": "1", "image_shape": "3,32,32"},
}


def draw_records(values: Hyperparameters, count: int, seed: int) -> Iterator[bytes]:
    """Draw noisy PNG images, larger than the shape, in which a class shows so faintly that some are mistaken."""
    channels, height, width = values.image_shape
    chance = np.random.default_rng(seed)
    for identifier in range(count):
        if values.multi_label:
            flags = chance.integers(0, 2, values.num_classes)
        else:
            flags = np.eye(values.num_classes, dtype=np.int64)[chance.integers(values.num_classes)]
        pixels = chance.integers(0, 190, (height + 5, width + 8, channels))
        for stripe, flag in zip(np.array_split(pixels, values.num_classes, axis=1), flags, strict=True):
            stripe += flag * chance.integers(0, 60)
        encoded = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8).squeeze()).save(encoded, "PNG")
        labels = tuple(map(float, flags)) if values.multi_label else (float(flags.argmax()),)
        yield recordio.pack(Record(identifier=identifier, labels=labels, image=encoded.getvalue()))


def lay_out(root: Path, texts: Mapping[str, str], values: Hyperparameters) -> None:
    """Lay out the `/opt/ml` of a training container at `root`."""
    for folder in ("input/config", "model", *(f"input/data/{name}" for name in IMAGES)):
        (root / folder).mkdir(parents=True)
    (root / "input/config/hyperparameters.json").write_text(json.dumps(texts))
    (root / "input/config/inputdataconfig.json").write_text(json.dumps(CONFIG))
    for seed, (name, count) in enumerate(IMAGES.items()):
        (root / f"input/data/{name}/{name}.rec").write_bytes(b"".join(draw_records(values, count, seed)))


def check_model(mxnet: MXNet, name: str, texts: Mapping[str, str], root: Path) -> None:
    """Train on one set, and hold MXNet's probabilities and accuracy against the trainer's own."""
    values = parse_hyperparameters(texts)
    lay_out(root, texts, values)
    accuracy = train(root, lambda _line: None)
    stored = sorted(path.name for path in (root / "model").glob("*.params"))
    width = values.num_classes if values.multi_label else 1
    theirs = np.array(mxnet.predict(root / "model", root / "input/data/validation/validation.rec", width))
    # The trainer kept no network. Its chance has a fixed seed: as many epochs as are stored lead to the same one.
    samples = {channel: load_channel(root, channel, CONFIG, values) for channel in IMAGES}
    network = Network(values, samples["train"])
    for _ in range(int(stored[-1].split(".")[0].rpartition("-")[2])):
        network.fit_epoch(samples["train"])
    ours = network.predict(samples["validation"])
    difference = float(abs(theirs - ours).max()) if theirs.shape == ours.shape else np.inf
    if not difference <= TOLERANCE:
        raise DisagreementError(f"{name}: probabilities differ by up to {difference:.1e}, more than {TOLERANCE:.0e}.")
    print(f"  agrees: probabilities of {name}, to {difference:.1e}; {np.ptp(ours):.2f} apart among themselves")
    labels = samples["validation"].labels
    right = (theirs > 0.5) == labels if values.multi_label else theirs.argmax(axis=1) == labels
    if values.checkpoint_frequency is None:
        expect(f"validation accuracy of {name}, {accuracy:.3f}", f"{right.mean():.6f}", f"{accuracy:.6f}")
    else:
        expect(f"stored epochs of {name}", len(stored), values.epochs)


def main(python: str) -> None:
    """Check every kind of set in a temporary folder."""
    print("What the local trainer stores, MXNet runs:")
    try:
        mxnet = MXNet(python)
        with tempfile.TemporaryDirectory() as folder:
            for number, (name, changes) in enumerate(SETS.items()):
                check_model(mxnet, name, COMMON | changes, Path(folder) / str(number))
    except DisagreementError as error:
        sys.exit(str(error))
    print("The local trainer and MXNet agree.")


if __name__ == "__main__":
    main(sys.argv[1])
