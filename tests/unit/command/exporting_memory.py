"""Prints what exporting a model takes in memory, over its weights: `python exporting_memory.py SMALL LARGE`.

What the libraries take themselves, whatever they write, is taken out by exporting a small model before.
"""

import sys
from contextlib import nullcontext
from pathlib import Path

from benchmarks.candidate import read_peak
from sagescene_command.predicting import onnx_file
from sagescene_command.predicting.models import load_model


def export(archive: Path) -> int:
    """Export a model beside its archive; gives the bytes of its weights."""
    found = load_model(str(archive), classes=None, stack_name="", show_progress=lambda _: nullcontext(lambda *_: None))
    weights = sum(array.nbytes for array in found.artifact.weights.values())
    onnx_file.export(found, archive.with_suffix(".onnx"), resize=None, force=False)
    return weights


small, large = map(Path, sys.argv[1:])
export(small)
before = read_peak()
weights = export(large)
print((read_peak() - before) / weights)
