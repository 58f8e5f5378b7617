"""Answers of a trained model: its ONNX form, run by ONNX Runtime on processors."""

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from sagescene_model.artifact import Artifact
from sagescene_model.onnx_graph import INPUT, LOGITS, PROBABILITIES, convert
from sagescene_model.params import Array
from sagescene_model.refusals import ModelRefused, SymbolRefused

# Each of them writes weights anew, and the old ones stay: together they take ResNet-152 to four times its weights.
WEIGHT_COPYING_OPTIMIZERS = ["ConvBNFusion", "ConvMulFusion", "ConvAddFusion", "ConstantFolding"]
_ERRORS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.RuntimeException,
    runtime_errors.NotImplemented,
)


class Classifier:
    """A trained model that answers: `shape` is channels, height and width, `classes` their number.

    Where `is_multi_label`, each class has a probability of its own; else they add up to 1. Beside its own copy of
    the weights it keeps nothing of the artifact.
    """

    def __init__(self, artifact: Artifact, *, threads: int) -> None:
        """Convert and load a model; memory is twice the weights until the artifact's are released.

        Raises:
            SymbolRefused: if the graph holds what is not known, or does not fit the weights.
        """
        conversion = convert(artifact)
        self.name, self.shape, self.is_multi_label = artifact.name, artifact.shape, conversion.is_multi_label
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4  # fatal only: what it refuses is raised as well
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.add_session_config_entry("session.disable_prepacking", "1")
        options.add_external_initializers(
            list(conversion.weights),
            [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in conversion.weights.values()],
        )
        try:
            self._session = onnxruntime.InferenceSession(
                conversion.model.SerializeToString(),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=WEIGHT_COPYING_OPTIMIZERS,
            )
        except _ERRORS as error:
            raise self._misfit(error) from error
        self.classes = len(self.logits(np.zeros((1, *self.shape), np.float32))[0])

    def probabilities(self, batch: Array) -> Array:
        """Return a row of probabilities an image; `batch` is images, channels, height, width, from 0 to 255.

        Raises:
            ModelRefused: if they are no numbers.
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
            raise ModelRefused(
                self.name,
                "",
                "the model answers with what is no number (NaN or infinite), so its training has diverged.",
                "Train again with a smaller learning_rate.",
            )
        return found

    def _misfit(self, error: Exception) -> SymbolRefused:
        text = " ".join(str(error).split())[:200]
        return SymbolRefused(self.name, "", f"graph and weights do not fit each other ({text}).")
