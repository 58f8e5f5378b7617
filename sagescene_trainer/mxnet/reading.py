"""Read a channel as the algorithm does: through MXNet's ImageRecordIter, with its augmentations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

import mxnet

from sagescene_trainer.failures import AlgorithmFault, CustomerFault
from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.record_files import find_record_file, read_labels, require_a_batch
from sagescene_trainer.recordio import LabelledImage, read_records

# https://docs.aws.amazon.com/sagemaker/latest/dg/IC-Hyperparameter.html; corners that a turn lays bare are grey, as in
# MXNet's own example.
_CROP: dict[str, Any] = {"rand_crop": True, "rand_mirror": True}
_CROP_COLOR: dict[str, Any] = {**_CROP, "random_h": 36, "random_s": 50, "random_l": 50}
_CROP_COLOR_TRANSFORM = {
    **_CROP_COLOR,
    "max_rotate_angle": 10,
    "max_shear_ratio": 0.1,
    "max_aspect_ratio": 0.25,
    "fill_value": 127,
}
AUGMENTATIONS = {"crop": _CROP, "crop_color": _CROP_COLOR, "crop_color_transform": _CROP_COLOR_TRANSFORM}
_THREADS = 2


@dataclass(frozen=True)
class ImageChannel:
    """A channel's record file, and how many images it holds."""

    path: Path
    images: int


def open_channel(root: Path, name: str, config: Mapping[str, Any], values: Hyperparameters) -> ImageChannel:
    """Find `train` or `validation` in the `/opt/ml` at `root`, and look through its records.

    `config` is the content of `inputdataconfig.json`.

    Raises:
        CustomerFault: the channel, its files, its labels or the sizes of its images are not what the algorithm takes.
        AlgorithmFault: the algorithm would break on a record or its labels.
    """
    path = find_record_file(root, name, config)
    count = 0
    for record in read_records(path):
        read_labels(record, values)
        _require_size(record, values)
        count += 1
    require_a_batch(count, values)
    return ImageChannel(path, count)


def read_batches(channel: ImageChannel, values: Hyperparameters, *, epoch: int | None) -> Iterator[tuple[Any, int]]:
    """Read a channel once: batches, and how many images of each count.

    A last batch that is not full is filled up with images that do not count. With an epoch, images come shuffled and
    augmented in a way of that epoch's own; without, as they lie in the file, and their centre.
    """
    training = {} if epoch is None else {"shuffle": True, "seed": epoch, "seed_aug": epoch}
    left = channel.images
    # A reader for each pass: one that has filled up a batch begins its next pass behind the images it took for that,
    # and one that fills up nothing (round_batch) does not say how much of a batch is no image.
    for batch in mxnet.io.ImageRecordIter(
        path_imgrec=str(channel.path),
        data_shape=values.image_shape,
        label_width=values.num_classes if values.multi_label else 1,
        batch_size=values.mini_batch_size,
        resize=values.resize or -1,
        preprocess_threads=_THREADS,
        verbose=False,
        **training,
        **(AUGMENTATIONS[values.augmentation_type] if values.augmentation_type and training else {}),
    ):
        yield batch, min(values.mini_batch_size, left)
        left -= values.mini_batch_size


def _require_size(record: LabelledImage, values: Hyperparameters) -> None:
    # MXNet 1.9.1 enlarges an image that is too small without a word; the algorithm's documentation says it fails.
    try:
        height, width = mxnet.image.imdecode(record.picture).shape[:2]
    except (mxnet.base.MXNetError, ValueError) as broken:
        raise AlgorithmFault(
            f"Invalid image: the record's bytes cannot be decoded (record {record.identifier})"
        ) from broken
    scale = values.resize / min(height, width) if values.resize else 1.0
    channels, *wanted = values.image_shape
    if round(height * scale) < wanted[0] or round(width * scale) < wanted[1]:
        raise CustomerFault(
            f"input image size smaller than input shape "
            f"(image {height} x {width}, image_shape {channels},{wanted[0]},{wanted[1]})"
        )
