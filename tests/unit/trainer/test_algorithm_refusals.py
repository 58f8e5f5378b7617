"""What the training algorithm refuses, in the words of the real one."""

import struct
from pathlib import Path

import pytest

from sagescene_trainer.failures import TrainingRefused
from sagescene_trainer.hyperparameters import parse_hyperparameters
from sagescene_trainer.recordio import read_records
from sagescene_trainer.training import train
from tests.unit.standin.record_files import MAGIC, frame, opt_ml, record, two_halves

SMALL = {"num_classes": "2", "num_training_samples": "8", "image_shape": "3,16,16", "mini_batch_size": "4"}


def refuse(
    root: Path, changes: dict[str, str], train_file: bytes | None = None, validation: bytes | None = None
) -> str:
    content = two_halves(8)
    folder = opt_ml(root, SMALL | {"epochs": "1"} | changes, train_file or content, validation or content)
    with pytest.raises(TrainingRefused) as refused:
        train(folder, lambda _line: None)
    return str(refused.value)


def test_defaults_are_those_of_the_documentation() -> None:
    values = parse_hyperparameters({"num_classes": "2", "num_training_samples": "10"})
    assert (values.epochs, values.learning_rate, values.momentum, values.mini_batch_size) == (30, 0.1, 0.9, 32)
    assert (values.image_shape, values.num_layers, values.optimizer) == ((3, 224, 224), 152, "sgd")


def test_blanks_after_commas_are_read() -> None:
    values = parse_hyperparameters(SMALL | {"image_shape": "3, 224, 224", "lr_scheduler_step": "10, 20"})
    assert (values.image_shape, values.lr_scheduler_step) == ((3, 224, 224), (10, 20))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", "0"),
        ("epochs", "2.5"),
        ("epochs", ""),
        ("learning_rate", "1.5"),
        ("learning_rate", "nan"),
        ("learning_rate", "fast"),
        ("momentum", "-0.1"),
        ("image_shape", "224,224"),
        ("image_shape", "3,0,224"),
        ("num_layers", "19"),
        ("optimizer", "SGD"),
        ("multi_label", "true"),
        ("early_stopping", "true"),
        ("top_k", "1"),
        ("lr_scheduler_step", "10;20"),
        ("checkpoint_frequency", "31"),
        ("precision_dtype", "float64"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(TrainingRefused) as refused:
        parse_hyperparameters(SMALL | {name: value})
    text = str(refused.value)
    assert text.startswith(
        f"ClientError: The value '{value}' is not valid for the '{name}' hyperparameter which expects "
    )
    assert text.endswith(" (caused by ValidationError)")


def test_a_top_k_above_the_classes_ends_training_as_it_ends_mxnets(tmp_path: Path) -> None:
    assert refuse(tmp_path, {"top_k": "3"}) == "AlgorithmError: ValueError: kth(=-1) out of bounds (2)"


def test_an_unknown_hyperparameter_is_named() -> None:
    with pytest.raises(TrainingRefused) as refused:
        parse_hyperparameters(SMALL | {"augmentation type": "crop"})
    assert str(refused.value) == (
        "ClientError: Additional hyperparameters are not allowed ('augmentation type' was unexpected)"
    )


def test_a_missing_hyperparameter_is_named() -> None:
    with pytest.raises(TrainingRefused) as refused:
        parse_hyperparameters({"num_classes": "2"})
    assert str(refused.value) == (
        "ClientError: No value(s) were specified for 'num_training_samples' which are required hyperparameter(s) "
        "(caused by ValidationError)"
    )


@pytest.mark.parametrize("short", ["train", "validation"])
def test_a_batch_larger_than_either_channel_is_refused(tmp_path: Path, short: str) -> None:
    content = {"train_file" if short == "train" else "validation": two_halves(3)}
    assert refuse(tmp_path, {}, **content) == (
        "ClientError: The number of input images must be bigger or equal to the mini_batch_size."
    )


def test_images_smaller_than_the_shape_are_refused(tmp_path: Path) -> None:
    text = refuse(tmp_path, {"image_shape": "3,24,16"})
    assert text.startswith("ClientError: input image size smaller than input shape")


def test_a_multi_label_width_other_than_num_classes_is_refused(tmp_path: Path) -> None:
    text = refuse(tmp_path, {"multi_label": "1", "num_classes": "2"}, two_halves(8, labels=(1, 0, 1)))
    assert text == (
        "ClientError: Mismatch between number of labels in the multi-label data (3) and the num_classes parameter (2)."
    )


def test_packed_labels_without_multi_label_are_refused(tmp_path: Path) -> None:
    text = refuse(tmp_path, {}, two_halves(8, labels=(1, 0, 1)))
    assert text == "AlgorithmError: rec file provide 3-dimensional label but label_width is set to 1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a record file at all", "The Record IO header does not start with the magic number."),
        (frame(record(0, (1,), b"no picture")) * 4, "Invalid image"),
        (two_halves(1)[:-4], "Invalid RecordIO Format"),
        (two_halves(1) + b"\0", "do not align by 4 bytes"),
        (frame(b"short"), "Invalid RecordIO Format"),
        (MAGIC + struct.pack("<I", 3 << 29 | 4) + b"last", "Invalid RecordIO Format"),
    ],
)
def test_a_broken_record_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    text = refuse(tmp_path, {}, content)
    assert text.startswith("AlgorithmError: ")
    assert words in text


def test_an_empty_record_file_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "x.rec").touch()
    with pytest.raises(TrainingRefused, match="Cannot find any files"):
        list(read_records(path))


def test_a_record_cut_at_the_magic_number_is_joined_again(tmp_path: Path) -> None:
    (path := tmp_path / "x.rec").write_bytes(
        frame(record(7, (1,), b"aaaa"), flag=1)
        + frame(b"", flag=2)
        + frame(b"bb", flag=3)
        + frame(record(8, (0,), b""))
    )
    first, second = read_records(path)
    assert (first.identifier, first.labels, first.picture) == (7, (1.0,), b"aaaa" + MAGIC + MAGIC + b"bb")
    assert second.identifier == 8


def test_two_record_files_in_a_channel_are_refused(tmp_path: Path) -> None:
    folder = opt_ml(tmp_path, SMALL, two_halves(8), two_halves(8))
    (folder / "input" / "data" / "train" / "more.rec").write_bytes(two_halves(8))
    with pytest.raises(TrainingRefused, match=r"exactly one \.rec file; it holds more\.rec, train\.rec"):
        train(folder, lambda _line: None)
