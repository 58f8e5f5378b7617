"""A model as one ONNX file that says of itself what whoever uses it must know."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import onnx
from onnx import GraphProto, ModelProto

from sagescene.errors import SagesceneError
from sagescene.foreign_text import printable_json
from sagescene_command.packing.writing import appear_together
from sagescene_command.predicting.models import NamedModel
from sagescene_command.predicting.provenance import Provenance, expect_all_named
from sagescene_model.artifact import Artifact
from sagescene_model.onnx_graph import INPUT, PROBABILITIES, Conversion, convert
from sagescene_model.pictures import Fit
from sagescene_model.refusals import DivergedRefused


class UnwritableModelError(SagesceneError):
    """A file that cannot be written; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedModel:
    """What a file that was written says of its model; `shape` is channels, height and width of its input."""

    metadata: dict[str, str]
    shape: tuple[int, int, int]


def export(named: NamedModel, path: Path, *, resize: int | None, force: bool) -> ExportedModel:
    """Write a model as ONNX, whole or not at all, and take its weights: memory is less than twice theirs.

    onnx.checker looks at the graph with the weights' shapes; on a file it would need three times its size.

    `resize` is what its images were resized to, if `named` does not tell. A file that is there already is replaced
    with `force` only.

    Raises:
        ModelRefused: if the graph holds what is not known, onnx.checker finds fault with it, or weights are no numbers.
        NamesRefusedError: if a file of names is not of the model.
        UnwritableModelError: if the file cannot be written, such as for want of room.
    """
    artifact = named.artifact
    conversion = convert(artifact)
    artifact.weights.clear()
    if named.has_file_of_names:
        expect_all_named(named.provenance.class_names, conversion.classes)
    metadata = describe(artifact, named.provenance, conversion.classes, resize or named.provenance.resize)
    onnx.helper.set_model_props(conversion.model, metadata)
    try:
        with appear_together([path], force=force) as (file,):
            _write_model(conversion, artifact.name, file)
    except OSError as error:  # of the beginning of the file, under a name that nobody gave
        raise UnwritableModelError(f"{path} cannot be written ({error.strerror}): give another place.") from error
    return ExportedModel(metadata=metadata, shape=artifact.shape)


def _write_model(conversion: Conversion, model: str, file: BinaryIO) -> None:
    """Write the graph, then each weight, and let that go: messages one after the other are read as one of all.

    https://protobuf.dev/programming-guides/encoding/#last-one-wins
    """
    names = [tensor.name for tensor in conversion.model.graph.initializer]
    del conversion.model.graph.initializer[:]
    file.write(conversion.model.SerializeToString())
    for name in names:
        weight = conversion.weights.pop(name).astype("<f4", copy=False)
        if not np.isfinite(weight).all():
            raise DivergedRefused(model, f"the weight {name}", "holds")
        tensor = onnx.numpy_helper.from_array(weight, name)
        file.write(ModelProto(graph=GraphProto(initializer=[tensor])).SerializeToString())


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


def show_use(path: Path, exported: ExportedModel) -> str:
    """Write a line of Python that asks the model about `image.jpg`, upright, whose centre it cuts out as predict does.

    An image that is smaller is enlarged in one step there, and in up to two by predict.
    """
    channels, height, width = exported.shape
    mode, order = ("RGB", ".transpose(2, 0, 1)") if channels == 3 else ("L", "[None]")
    sides = (("width", width), ("height", height))
    is_small = " or ".join(f"i.{side} < {length}" for side, length in sides)
    larger = f"PIL.ImageOps.cover(i, ({width}, {height}), PIL.Image.Resampling.BILINEAR)"
    box = ", ".join(f"(i.{side} {sign} {length}) // 2" for sign in "-+" for side, length in sides)
    names = 'json.loads(s.get_modelmeta().custom_metadata_map["class_names"])'
    has_names = "class_names" in exported.metadata
    return "; ".join(
        (
            f"import {'json, ' if has_names else ''}numpy, onnxruntime, PIL.Image, PIL.ImageOps",
            f"s = onnxruntime.InferenceSession({str(path)!r})",
            f'i = PIL.ImageOps.exif_transpose(PIL.Image.open("image.jpg")).convert("{mode}")',
            f"i = {larger} if {is_small} else i",
            f"x = numpy.asarray(i.crop(({box})), numpy.float32){order}[None]",
            f'p = s.run(["{PROBABILITIES}"], {{"{INPUT}": x}})[0][0]',
            f"print({f'{names}[p.argmax()]' if has_names else 'p.argmax()'}, p.max())",
        )
    )
