"""Load a channel: the one record file under `input/data/<channel>`, as features and labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sagescene_trainer.failures import AlgorithmFault, CustomerFault
from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.pictures import measure_features
from sagescene_trainer.recordio import LabelledImage, read_records


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """A channel's images: features by image, colour, row and column; labels one an image, or one 0/1 column a class."""

    features: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.features)


def load_channel(root: Path, name: str, config: Mapping[str, Any], values: Hyperparameters) -> Samples:
    """Load `train` or `validation` from the `/opt/ml` at `root`.

    `config` is the content of `inputdataconfig.json`.

    Raises:
        CustomerFault: the channel, its files or its labels are not what the algorithm takes.
        AlgorithmFault: the algorithm would break on a record or its labels.
    """
    path = _find_record_file(root / "input" / "data" / name, name, config)
    features, labels = [], []
    for record in read_records(path):
        labels.append(_read_labels(record, values))
        features.append(measure_features(record.picture, values.image_shape, resize=values.resize))
    if len(features) < values.mini_batch_size:
        raise CustomerFault("The number of input images must be bigger or equal to the mini_batch_size.")
    return Samples(features=np.stack(features), labels=np.array(labels, dtype=np.int64))


def _find_record_file(folder: Path, name: str, config: Mapping[str, Any]) -> Path:
    # What the algorithm says to a missing channel, to other content and to a surplus of files was never seen: these are
    # our own words.
    if name not in config:
        raise CustomerFault(f"The channel '{name}' is required; the job has: {', '.join(sorted(config)) or 'none'}.")
    content = config[name].get("ContentType")
    if content != "application/x-recordio":
        raise CustomerFault(
            f"The channel '{name}' has the content type {content!r}; this stand-in reads application/x-recordio only."
        )
    files = sorted(folder.rglob("*.rec"))
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "none"
        raise CustomerFault(f"The channel '{name}' needs exactly one .rec file; it holds {names}.")
    return files[0]


def _read_labels(record: LabelledImage, values: Hyperparameters) -> int | list[int]:
    width = len(record.labels)
    if not values.multi_label:
        if width != 1:
            raise AlgorithmFault(f"rec file provide {width}-dimensional label but label_width is set to 1")
        return int(record.labels[0])
    if width != values.num_classes:
        raise CustomerFault(
            f"Mismatch between number of labels in the multi-label data ({width}) "
            f"and the num_classes parameter ({values.num_classes})."
        )
    return [int(label > 0) for label in record.labels]
