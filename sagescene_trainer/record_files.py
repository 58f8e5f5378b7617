"""The one record file of a channel, and the labels that the algorithm takes of its records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagescene_trainer.failures import AlgorithmFault, CustomerFault
from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.recordio import LabelledImage


def find_record_file(root: Path, name: str, config: Mapping[str, Any]) -> Path:
    """Find the file under `input/data/<name>` of the `/opt/ml` at `root`; `config` is `inputdataconfig.json`.

    Raises:
        CustomerFault: the channel or its files are not what the algorithm takes.
    """
    # What the algorithm says to a missing channel, to other content and to a surplus of files was never seen: these are
    # our own words.
    if name not in config:
        raise CustomerFault(f"The channel '{name}' is required; the job has: {', '.join(sorted(config)) or 'none'}.")
    content = config[name].get("ContentType")
    if content != "application/x-recordio":
        raise CustomerFault(
            f"The channel '{name}' has the content type {content!r}; this stand-in reads application/x-recordio only."
        )
    files = sorted((root / "input" / "data" / name).rglob("*.rec"))
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "none"
        raise CustomerFault(f"The channel '{name}' needs exactly one .rec file; it holds {names}.")
    return files[0]


def read_labels(record: LabelledImage, values: Hyperparameters) -> int | list[int]:
    """Read one label, or with several labels an image one 0 or 1 a class.

    Raises:
        CustomerFault: there is not one label a class.
        AlgorithmFault: there is not one label.
    """
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


def require_a_batch(images: int, values: Hyperparameters) -> None:
    """Raise CustomerFault for a channel of fewer images than a batch has."""
    if images < values.mini_batch_size:
        raise CustomerFault("The number of input images must be bigger or equal to the mini_batch_size.")
