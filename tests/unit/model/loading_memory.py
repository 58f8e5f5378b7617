"""Prints what loading an artifact takes in memory, over its weights: `python loading_memory.py SMALL LARGE`.

What the libraries take themselves, whatever they load, is taken out by loading a small artifact before.
"""

import sys
from pathlib import Path

from benchmarks.candidate import read_peak
from sagescene_model import artifact
from sagescene_model.inference import Classifier


def load(folder: Path) -> int:
    """Read and convert a model and let it answer once; gives the bytes of its weights."""
    found = artifact.read(folder)
    weights = sum(array.nbytes for array in found.weights.values())
    Classifier(found, threads=1)
    return weights


small, large = map(Path, sys.argv[1:])
load(small)
before = read_peak()
weights = load(large)
print((read_peak() - before) / weights)
