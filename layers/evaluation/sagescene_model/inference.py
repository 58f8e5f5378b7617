"""Answers of a trained model: its ONNX form, run by ONNX Runtime on processors."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from sagescene_model.artifact import Artifact
from sagescene_model.onnx_graph import INPUT, LOGITS, PROBABILITIES, Conversion, convert, refer_to_file
from sagescene_model.params import Array
from sagescene_model.refusals import DivergedRefused, SymbolRefused

# Each of them writes weights anew beside those that the blocked layout needs, for at most 4 % of the time.
WEIGHT_COPYING_OPTIMIZERS = ["ConvBNFusion", "ConvMulFusion", "ConvAddFusion", "ConstantFolding"]
_WEIGHTS_FILE = "weights"
_ALIGNMENT = 64  # of a line of a processor's cache
_ERRORS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.RuntimeException,
    runtime_errors.NotImplemented,
)


class Classifier:
    """A trained model that answers: `shape` is channels, height and width, `classes` their number.

    Where `is_multi_label`, each class has a probability of its own; else they add up to 1.
    """

    def __init__(self, artifact: Artifact, *, threads: int) -> None:
        """Convert and load a model, and take its weights: the artifact has none afterwards.

        Between the two they lie in a temporary file, so that memory is less than twice the weights.

        Raises:
            SymbolRefused: if the graph holds what is not known, or does not fit the weights.
            OSError: if there is no room for that file; the message says what to do.
        """
        conversion = convert(artifact)
        artifact.weights.clear()
        self.name, self.shape, self.is_multi_label = artifact.name, artifact.shape, conversion.is_multi_label
        with _make_folder() as folder:
            _move_weights(conversion, Path(folder))
            try:
                self._session = _load(conversion, folder, threads)
            except _ERRORS as error:
                raise self._misfit(error) from error
        self.classes = len(self.logits(np.zeros((1, *self.shape), np.float32))[0])

    def probabilities(self, batch: Array) -> Array:
        """Return a row of probabilities an image; `batch` is images, channels, height, width, from 0 to 255.

        Raises:
            DivergedRefused: if they are no numbers.
        """
        return self._run(PROBABILITIES, batch)

    def logits(self, batch: Array) -> Array:
        """Return what the probabilities are made from; see `probabilities`."""
        return self._run(LOGITS, batch)

    def _run(self, output: str, batch: Array) -> Array:
        if batch.shape[1:] != self.shape:
            raise ValueError(f"a batch of the shape {batch.shape} is not of images of {self.shape}")
        try:
            (answers,) = self._session.run([output], {INPUT: np.ascontiguousarray(batch, np.float32)})
        except _ERRORS as error:
            raise self._misfit(error) from error
        found = np.asarray(answers, np.float32)
        if not np.isfinite(found).all():
            raise DivergedRefused(self.name, "the model", "answers with")
        return found

    def _misfit(self, error: Exception) -> SymbolRefused:
        text = " ".join(str(error).split())[:200]
        return SymbolRefused(self.name, "", f"graph and weights do not fit each other ({text}).")


@contextmanager
def _make_folder() -> Iterator[str]:
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield folder
    except OSError as error:
        raise OSError(
            f"The model's weights go through a temporary file, which cannot be written ({error.strerror or error}): "
            "make room, or name a folder that has it with the environment variable TMPDIR."
        ) from error


def _move_weights(conversion: Conversion, folder: Path) -> None:
    """Write the weights to a file, which ONNX Runtime maps instead of copying it, and let each go."""
    with (folder / _WEIGHTS_FILE).open("wb") as file:
        for tensor in conversion.model.graph.initializer:
            file.write(bytes(-file.tell() % _ALIGNMENT))
            array = conversion.weights.pop(tensor.name)
            refer_to_file(tensor, _WEIGHTS_FILE, file.tell(), array.nbytes)
            file.write(array.data)


def _load(conversion: Conversion, folder: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # fatal only: what it refuses is raised as well
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", folder)
    return onnxruntime.InferenceSession(
        conversion.model.SerializeToString(),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=WEIGHT_COPYING_OPTIMIZERS,
    )
