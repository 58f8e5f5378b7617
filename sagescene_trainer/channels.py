"""Load a channel: the one record file under `input/data/<channel>`, as features and labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.pictures import measure_features
from sagescene_trainer.record_files import find_record_file, read_labels, require_a_batch
from sagescene_trainer.recordio import read_records


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
    path = find_record_file(root, name, config)
    features, labels = [], []
    for record in read_records(path):
        labels.append(read_labels(record, values))
        features.append(measure_features(record.picture, values.image_shape, resize=values.resize))
    require_a_batch(len(features), values)
    return Samples(features=np.stack(features), labels=np.array(labels, dtype=np.int64))
