"""A model's answers to photographs, in the main environment; arguments: a model.tar.gz, and a folder of JPEG files.

The answer is the processor time in seconds that one photograph takes, under both fits, after a batch that does not
count; of the first answer, what all of it takes. Who comes first writes the model: ResNet-18, with random weights.
"""

from __future__ import annotations

import runpy
import sys
import time
from itertools import batched, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from sagescene_evaluation.sources import StreamedRecords
    from sagescene_evaluation.tally import Tally
    from sagescene_model.inference import Classifier

PYTHON = ROOT / ".venv/bin/python"
PHOTOS = 64
SHAPE = (3, 224, 224)
CLASSES = 10
BATCH = 16
ALONE, WHOLE, FIRST = "ONNX Runtime", "sagescene", "first answer"


def prepare_alone() -> Callable[[str, str], str]:
    """Run ONNX Runtime as it comes on what was decoded before: the most that one processor gives."""
    import numpy as np
    import onnxruntime

    from sagescene_model import artifact
    from sagescene_model.onnx_graph import INPUT, PROBABILITIES, convert
    from sagescene_model.pictures import decode_fits

    def work(model: str, photos: str) -> str:
        conversion = convert(artifact.read(_find_model(model)))
        for tensor in conversion.model.graph.initializer:
            tensor.raw_data = conversion.weights[tensor.name].tobytes()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            conversion.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        decoded = [decode_fits(content, SHAPE) for content in _read_photos(photos)]
        batches = [
            np.stack([fits[fit] for fits in batch])
            for batch in batched(decoded, BATCH, strict=True)
            for fit in batch[0]
        ]
        session.run([PROBABILITIES], {INPUT: batches[0]})
        start = time.process_time()
        for batch in batches:
            session.run([PROBABILITIES], {INPUT: batch})
        return str((time.process_time() - start) / PHOTOS)

    return work


def prepare_whole() -> Callable[[str, str], str]:
    """Use the product: records read, images decoded, answered under both fits, counted."""
    from sagescene_evaluation.evaluate import continue_tally
    from sagescene_evaluation.tally import Tally
    from sagescene_model import artifact
    from sagescene_model.inference import Classifier

    def count(classifier: Classifier, source: StreamedRecords) -> Tally:
        tally = Tally.start(classes=CLASSES, is_multi_label=False)
        return continue_tally(tally, classifier, [source], remaining=lambda: float("inf"))

    def work(model: str, photos: str) -> str:
        classifier = Classifier(artifact.read(_find_model(model)), threads=1)
        contents = _read_photos(photos)
        count(classifier, _pack(contents[:BATCH]))
        source = _pack(contents)
        start = time.process_time()
        images = count(classifier, source).images
        seconds = time.process_time() - start
        if images != PHOTOS:
            raise ValueError(f"{images} of {PHOTOS} photographs were answered.")
        return str(seconds / PHOTOS)

    return work


def prepare_first() -> Callable[[str, str], str]:
    """Answer one photograph, as the function does that has just started: with the imports of its handler."""

    def work(model: str, photos: str) -> str:
        start = time.process_time()
        sys.path.insert(0, str(ROOT / "functions/evaluate_model"))
        import onnx_evaluator  # noqa: F401 - what the handler imports
        import sagescene.workflow.evaluate  # noqa: F401 - the same
        from sagescene_model.artifact import read_stream
        from sagescene_model.inference import Classifier
        from sagescene_model.pictures import Fit, decode

        with _find_model(model).open("rb") as stream:
            classifier = Classifier(read_stream(stream, model), threads=1)
        content, *_ = _read_photos(photos)
        classifier.probabilities(decode(content, SHAPE, Fit.CROP)[None])
        return str(time.process_time() - start)

    return work


def _find_model(path: str) -> Path:
    if not Path(path).exists():
        networks: dict[str, Any] = runpy.run_path(str(ROOT / "tests/unit/model/networks.py"))
        networks["write_archive"](Path(path), networks["make_resnet"](18, SHAPE, CLASSES).files())
    return Path(path)


def _read_photos(folder: str) -> list[bytes]:
    return [path.read_bytes() for path in islice(sorted(Path(folder).rglob("*.jpg")), PHOTOS)]


def _pack(contents: list[bytes]) -> StreamedRecords:
    from sagescene.files import recordio
    from sagescene.files.recordio import Record
    from sagescene_evaluation.sources import StreamedRecords

    records = (
        Record(identifier=number, labels=(float(number % CLASSES),), image=content)
        for number, content in enumerate(contents)
    )
    packed = b"".join(map(recordio.pack, records))
    return StreamedRecords(name="photos.rec", open=lambda offset: [packed[offset:]])


CANDIDATES: dict[str, Callable[[], Callable[[str, str], str]]] = {
    ALONE: prepare_alone,
    WHOLE: prepare_whole,
    FIRST: prepare_first,
}
