"""How accurate each epoch of a training job was, by the lines that the algorithm logs."""

import re
from collections.abc import Iterable

from sagescene_evaluation.evaluation import EpochAccuracy

WORD = "accuracy="  # which is in every line that is read

_ACCURACY = re.compile(r"Epoch\[(\d+)] (Train|Validation)-accuracy=([01](?:\.\d+)?)\b")


def read_epochs(lines: Iterable[str]) -> tuple[EpochAccuracy, ...]:
    """Read the epochs, in their order; of what is logged twice the last holds."""
    shares: dict[int, dict[str, float]] = {}
    for line in lines:
        if found := _ACCURACY.search(line):
            shares.setdefault(int(found[1]) + 1, {})[found[2]] = min(1.0, float(found[3]))
    return tuple(EpochAccuracy(epoch, of.get("Train"), of.get("Validation")) for epoch, of in sorted(shares.items()))
