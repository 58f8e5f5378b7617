"""A model as one ONNX file that says of itself what whoever uses it must know."""

import json
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import ModelProto

from sagescene.foreign_text import printable_json
from sagescene_command.packing.writing import appear_together
from sagescene_command.predicting.models import NamedModel
from sagescene_command.predicting.provenance import Provenance, expect_all_named
from sagescene_model.artifact import Artifact
from sagescene_model.inference import Classifier
from sagescene_model.onnx_graph import INPUT, PROBABILITIES, convert
from sagescene_model.pictures import Fit
from sagescene_model.refusals import SymbolRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedModel:
    """A model that holds its weights; `shape` is channels, height and width of its input."""

    model: ModelProto
    metadata: dict[str, str]
    shape: tuple[int, int, int]


def export(named: NamedModel, resize: int | None) -> ExportedModel:
    """Make the ONNX form of a model; memory is five times the weights at most, most of it onnx.checker's.

    `resize` is what its images were resized to, if `named` does not tell.

    Raises:
        ModelRefused: if the graph holds what is not known, or onnx.checker finds fault with it.
        NamesRefusedError: if a file of names is not of the model.
    """
    artifact = named.artifact
    conversion = convert(artifact)  # first: a classifier takes the weights
    classes = Classifier(artifact, threads=1).classes
    if named.has_file_of_names:
        expect_all_named(named.provenance.class_names, classes)
    metadata = describe(artifact, named.provenance, classes, resize or named.provenance.resize)
    model = conversion.model
    for tensor in model.graph.initializer:
        tensor.raw_data = conversion.weights.pop(tensor.name).astype("<f4", copy=False).tobytes()
    onnx.helper.set_model_props(model, metadata)
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise SymbolRefused(artifact.name, "", f"onnx.checker finds fault with its ONNX form ({error}).") from error
    return ExportedModel(model=model, metadata=metadata, shape=artifact.shape)


def describe(artifact: Artifact, provenance: Provenance, classes: int, resize: int | None) -> dict[str, str]:
    """Give the metadata of a model, `class_names` and `input_shape` as JSON; what is not known is left out."""
    names = provenance.class_names.names
    known = {
        "class_names": printable_json([names.get(label) for label in range(classes)]) if names else "",
        "input_shape": json.dumps(artifact.shape),
        "input_values": f"{'RGB' if artifact.shape[0] == 3 else 'gray'}, 0 to 255",
        "fit": str(Fit.CROP),  # which is what training sees
        "resize": str(resize or ""),
        "epoch": str(artifact.epoch),
        "data_set": provenance.data_set,
        "fingerprint": provenance.fingerprint,
    }
    return {name: value for name, value in known.items() if value}


def write(exported: ExportedModel, path: Path, *, force: bool) -> None:
    """Write a model, whole or not at all; one that is there already is replaced with `force` only."""
    with appear_together([path], force=force) as (file,):
        onnx.save(exported.model, file)


def show_use(path: Path, exported: ExportedModel) -> str:
    """Write a line of Python that asks the model about `image.jpg`, whose centre it cuts out."""
    channels, height, width = exported.shape
    mode, order = ("RGB", ".transpose(2, 0, 1)") if channels == 3 else ("L", "[None]")
    sides = (("width", width), ("height", height))
    box = ", ".join(f"(i.{side} {sign} {length}) // 2" for sign in "-+" for side, length in sides)
    names = 'json.loads(s.get_modelmeta().custom_metadata_map["class_names"])'
    has_names = "class_names" in exported.metadata
    return "; ".join(
        (
            f"import {'json, ' if has_names else ''}numpy, onnxruntime, PIL.Image",
            f"s = onnxruntime.InferenceSession({str(path)!r})",
            f'i = PIL.Image.open("image.jpg").convert("{mode}")',
            f"x = numpy.asarray(i.crop(({box})), numpy.float32){order}[None]",
            f'p = s.run(["{PROBABILITIES}"], {{"{INPUT}": x}})[0][0]',
            f"print({f'{names}[p.argmax()]' if has_names else 'p.argmax()'}, p.max())",
        )
    )
