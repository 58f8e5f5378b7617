"""Folders of splits where folders of classes should be: told from classes that are merely called so."""

from pathlib import Path

import pytest

from sagescene_command.packing.splits import explain_splits


def explain(images: Path, files: str) -> str:
    """Explain a folder of these files, given as `folder/file folder/folder/file`, and name it `photos`."""
    for name in files.split():
        path = images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    folders = sorted(path.name for path in images.iterdir() if path.is_dir())
    return explain_splits(images, folders).replace(str(images), "photos")


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ("train/cat/1.jpg train/dog/1.jpg val/cat/2.jpg val/dog/2.jpg", "train and val are splits"),
        ("train/1.jpg test/2.jpg", "train and test are splits"),
        ("Test/1.jpg Train/2.jpg VALIDATION/3.jpg", "Train, VALIDATION and Test are splits"),
        ("training/1.jpg valid/1.jpg testing/1.jpg", "training, valid and testing are splits"),
        ("training_set/cat/1.jpg test_set/cat/1.jpg", "training_set and test_set are splits"),
        ("TrainImages/1.jpg TestImages/1.jpg", "TrainImages and TestImages are splits"),
        ("trainset/1.jpg test-data/1.jpg", "trainset and test-data are splits"),
        ("train2017/1.jpg val2017/1.jpg", "train2017 and val2017 are splits"),
        ("seg_pred/1.jpg seg_test/a/1.jpg seg_train/a/1.jpg", "seg_train and seg_test are splits"),
        ("labels/1.xml train/1.jpg unlabeled/1.jpg val/1.jpg x/1.jpg y/1.jpg", "train and val are splits"),
        ("car/1.jpg bus/1.jpg train/1.jpg test/1.jpg", "train and test are splits"),
        ("cat/1.jpg Dog/1.jpg train/Cat/1.jpg train/dog/1.jpg", "train is a split"),
        ("cat/1.jpg dog/1.jpg valid/1.jpg valid/cat/1.jpg valid/dog/1.jpg valid/bird/1.jpg", "valid is a split"),
        ("train/cat/1.jpg train/dog/1.jpg", "train is a split"),
        ("cat/1.jpg dog/1.jpg test/1.jpg", "test is a split"),
        ("cat/1.jpg dog/1.jpg Validation_set/1.jpg", "Validation_set is a split"),
    ],
)
def test_splits_are_named_whatever_is_in_them(tmp_path: Path, files: str, names: str) -> None:
    assert explain(tmp_path, files).startswith(f"photos must hold one folder for each class, but {names}; ")


@pytest.mark.parametrize(
    "files",
    [
        "bus/1.jpg car/1.jpg train/1.jpg",
        "car/1.jpg train/1.jpg",
        "Bus/1.jpg Train/1.jpg",
        "bus/1.jpg car/1.jpg train/steam/1.jpg train/electric/1.jpg",
        "bus/electric/1.jpg car/electric/1.jpg train/electric/1.jpg train/steam/1.jpg",
        "bus/1.jpg car/1.jpg toy/1.jpg train/toy/1.jpg train/steam/1.jpg",
        "bus/1.jpg train/1.jpg training/1.jpg",
        "train/1.jpg train_2/1.jpg",
        "train_station/1.jpg test_tube/1.jpg",
        "bullet_train/1.jpg crash_test/1.jpg",
        "invalid/1.jpg valid/1.jpg unclear/1.jpg",
        "control/1.jpg test/1.jpg",
        "test_tube/1.jpg flask/1.jpg beaker/1.jpg",
        "trainers/1.jpg testers/1.jpg set/1.jpg data/1.jpg",
        "anna/1.jpg bob/1.jpg dev/1.jpg",
        "0/1.jpg 1/1.jpg",
        "train/1.jpg",
        "猫/1.jpg 犬/1.jpg",
    ],
)
def test_a_class_may_be_called_like_a_split(tmp_path: Path, files: str) -> None:
    assert explain(tmp_path, files) == ""


@pytest.mark.parametrize(
    ("files", "remedy"),
    [
        (
            "val/cat/1.jpg val/dog/1.jpg train/cat/1.jpg train/dog/1.jpg",
            "put the images of a class from all splits into one folder named for it, or pack photos/train alone.",
        ),
        (
            "test/1.jpg train/1.jpg",
            "put the images of a class from all splits into one folder named for it, "
            "or rename them if they are classes.",
        ),
        (
            "test/test/cat/1.jpg train/train/cat/1.jpg train/.cache/1.jpg",  # a folder more: it could not be packed
            "put the images of a class from all splits into one folder named for it, "
            "or rename them if they are classes.",
        ),
        (
            "test/cat/1.jpg test/dog/1.jpg val/cat/1.jpg val/dog/1.jpg",
            "put the images of a class from all splits into one folder named for it, "
            "or rename them if they are classes.",
        ),
        (
            "train/cat/1.jpg train/dog/1.jpg",
            "put its images into the folders of their classes, or pack photos/train alone.",
        ),
        (
            "cat/1.jpg dog/1.jpg test/1.jpg",
            "put its images into the folders of their classes, or rename it if it is a class.",
        ),
    ],
)
def test_the_remedy_is_one_that_can_be_followed(tmp_path: Path, files: str, remedy: str) -> None:
    assert explain(tmp_path, files).partition("; ")[2] == remedy
