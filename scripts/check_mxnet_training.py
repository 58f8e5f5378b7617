"""Proves that the local ResNet learns whole, and that Sagescene scores its models alike; takes MXNet's Python."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from sagescene.files import recordio
from sagescene.files.recordio import Record
from sagescene_command.digits import write_digits
from sagescene_model import artifact
from sagescene_model.inference import Classifier
from sagescene_model.pictures import Fit, decode

ROOT = Path(__file__).parents[1]
CHANNELS = ("train", "validation")
COMMON = {"num_layers": "20", "image_shape": "3,28,28", "mini_batch_size": "16", "epochs": "4", "learning_rate": "0.05"}
# A few images each, as many as a model needs to tell some of them apart; the last batches are not full.
VARIANTS: dict[str, dict[str, str]] = {
    "nag, a schedule, top_k": {"optimizer": "nag", "lr_scheduler_step": "2,3", "top_k": "2"},
    "adam, crop": {"optimizer": "adam", "learning_rate": "0.001", "augmentation_type": "crop"},
    "rmsprop, crop_color": {"optimizer": "rmsprop", "learning_rate": "0.001", "augmentation_type": "crop_color"},
    "crop_color_transform, resized": {"augmentation_type": "crop_color_transform", "resize": "32"},
    "each epoch stored": {"checkpoint_frequency": "1"},
    "gray": {"image_shape": "1,28,28"},
    "several labels": {"multi_label": "1"},
    "one label that is or is not": {"multi_label": "1", "num_classes": "1"},
    "ResNet-18 at 32, resized": {"num_layers": "18", "image_shape": "3,32,32", "resize": "32"},
}
REFUSED = {
    "float16": ({"precision_dtype": "float16"}, "set precision_dtype to float32"),
    "other weights": ({"use_pretrained_model": "1", "image_shape": "3,224,224"}, "set use_pretrained_model to 0"),
    "another depth": ({"num_layers": "18"}, "no experiments done on num_layers 18"),
    "small images": ({"num_layers": "18", "image_shape": "3,64,64"}, "input image size smaller than input shape"),
}
LEAST_ACCURACY = 0.97


def list_records(folder: Path, values: Mapping[str, str]) -> Iterator[Record]:
    """Read the digits in an order of chance; with several labels, each says whether a digit has a multiple."""
    paths = sorted(folder.rglob("*.png"))
    for number in np.random.default_rng(0).permutation(len(paths)):
        digit = int(paths[number].parent.name)
        classes = int(values["num_classes"])
        flags = tuple(float(digit % (label + 2) == 0) for label in range(classes))
        labels = flags if values.get("multi_label") else (float(digit),)
        yield Record(identifier=int(number), labels=labels, image=paths[number].read_bytes())


def lay_out(root: Path, values: Mapping[str, str], records: list[Record]) -> None:
    """Lay out the `/opt/ml` of a training container: every fifth image validates."""
    for folder in ("input/config", *(f"input/data/{name}" for name in CHANNELS)):
        (root / folder).mkdir(parents=True)
    (root / "input/config/hyperparameters.json").write_text(json.dumps(values))
    config = {name: {"ContentType": "application/x-recordio"} for name in CHANNELS}
    (root / "input/config/inputdataconfig.json").write_text(json.dumps(config))
    for name in CHANNELS:
        chosen = [record for at, record in enumerate(records) if (at % 5 == 0) == (name == "validation")]
        (root / f"input/data/{name}/{name}.rec").write_bytes(b"".join(map(recordio.pack, chosen)))


def start(python: str, root: Path) -> subprocess.Popen[str]:
    """Start training as a container does."""
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-m", "sagescene_trainer.mxnet", "--root", str(root)]
    return subprocess.Popen(  # nosec B603 # noqa: S603 - our own words
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def train(python: str, root: Path) -> str:
    """Train to the end, and return what was printed."""
    return start(python, root).communicate()[0]


def check_termination(python: str, root: Path, values: Mapping[str, str], records: list[Record]) -> None:
    """End a training by SIGTERM after its first epoch, as StopTrainingJob does.

    Raises:
        SystemExit: if it does not end well with a whole model.
    """
    lay_out(root, values, records)
    with start(python, root) as process:
        for line in process.stdout or ():
            if line.startswith("Saved checkpoint"):
                process.terminate()
    score(root, values)
    if process.returncode:
        sys.exit(f"A training that is stopped ends with status {process.returncode}.")
    print("  ends well: a training that is stopped")


def check_interruption(python: str, root: Path, values: Mapping[str, str], records: list[Record]) -> None:
    """Kill a training within its third epoch, and let another container go on from its checkpoint.

    Raises:
        SystemExit: if its epochs come out otherwise than those of a training that nobody interrupted.
    """
    for name in ("whole", "first", "second"):
        lay_out(root / name, values, records)
        (root / name / "checkpoints").mkdir()
    whole = train(python, root / "whole")
    with start(python, root / "first") as process:
        for line in process.stdout or ():
            if line.startswith("Epoch[2] Train-accuracy"):
                process.kill()
    shutil.copytree(root / "first/checkpoints", root / "second/checkpoints", dirs_exist_ok=True)
    resumed = train(python, root / "second")
    accuracies = [re.findall(r"(Epoch\[\d+\] .*accuracy.*)", printed) for printed in (whole, resumed)]
    if "epoch 2 is next" not in resumed or accuracies[1] != accuracies[0][-len(accuracies[1]) :]:
        sys.exit(f"A training goes on otherwise than it began.\n{whole}\n{resumed}")
    print("  goes on as before: a training that is interrupted")


def score(root: Path, values: Mapping[str, str]) -> float:
    """Score the stored model by Sagescene's own reading, on the centres of the images.

    Raises:
        SystemExit: if it answers the same to every image, which would prove nothing.
    """
    found = artifact.read(root / "model")
    resize = int(values["resize"]) if "resize" in values else None
    records = list(recordio.read([(root / "input/data/validation/validation.rec").read_bytes()]))
    images = np.stack([decode(record.image, found.shape, Fit.CROP, resize=resize) for record in records])
    answers = Classifier(found, threads=1).probabilities(images)
    labels = np.array([record.labels for record in records])
    chosen = answers > 0.5 if "multi_label" in values else answers.argmax(1)
    if (chosen == chosen[0]).all():
        sys.exit(f"The model of {dict(values)} answers the same to all images: train it longer.")
    return float((chosen == (labels if "multi_label" in values else labels[:, 0])).mean())


def check(python: str, root: Path, name: str, values: Mapping[str, str], records: list[Record]) -> float:
    """Train on one set, and hold the accuracy of the epoch that was stored against our own.

    Raises:
        SystemExit: if they differ by an image or more.
    """
    lay_out(root, values, records)
    printed = train(python, root)
    accuracies = list(map(float, re.findall(r"Validation-accuracy=(\S+)", printed)))
    if len(accuracies) != int(values["epochs"]):
        sys.exit(f"{name}: not all epochs were trained.\n{printed}")
    accuracy = accuracies[-1] if "checkpoint_frequency" in values else max(accuracies)
    ours = score(root, values)
    images = -(-len(records) // 5)
    if abs(ours - accuracy) * images * (int(values["num_classes"]) if "multi_label" in values else 1) > 0.5:
        sys.exit(f"{name}: MXNet scores {accuracy}, Sagescene {ours} on the same {images} images.\n{printed}")
    print(f"  agrees: {name}, accuracy {accuracy:.4f} of {images} images")
    return accuracy


def main(python: str) -> None:
    """Train each variant on a few digits, and then on all of them."""
    print("What MXNet itself trains in the local stack, Sagescene scores alike:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_digits(folder / "digits", side=30)
        for number, (variant, changes) in enumerate(VARIANTS.items()):
            classes = "3" if "multi_label" in changes else "10"
            values = {**COMMON, "num_classes": classes, "num_training_samples": "360", **changes}
            check(python, folder / str(number), variant, values, list(list_records(folder / "digits", values))[:451])
        for variant, (changes, says) in REFUSED.items():
            values = {**COMMON, "num_classes": "10", "num_training_samples": "360", **changes}
            root = folder / variant
            lay_out(root, values, list(list_records(folder / "digits", values))[:451])
            printed = train(python, root)
            if says not in (root / "output/failure").read_text():
                sys.exit(f"{variant}: it was not refused by '{says}'.\n{printed}")
            print(f"  refused: {variant}")
        values = {**COMMON, "num_classes": "10", "num_training_samples": "360", "epochs": "1000"}
        check_termination(python, folder / "stopped", values, list(list_records(folder / "digits", values))[:451])
        values = {**COMMON, "num_classes": "10", "num_training_samples": "360", "epochs": "4", "optimizer": "adam"}
        values |= {"learning_rate": "0.01", "lr_scheduler_step": "1,3", "lr_scheduler_factor": "0.5"}
        check_interruption(python, folder / "interrupted", values, list(list_records(folder / "digits", values))[:451])
        values = {**COMMON, "num_classes": "10", "num_training_samples": "1437", "epochs": "6"}
        records = list(list_records(folder / "digits", values))
        accuracy = check(python, folder / "whole", "all digits, whole training", values, records)
    if accuracy < LEAST_ACCURACY:
        sys.exit(f"The whole training ends at {accuracy}, below {LEAST_ACCURACY}.")
    print("The local ResNet learns.")


if __name__ == "__main__":
    main(sys.argv[1])
