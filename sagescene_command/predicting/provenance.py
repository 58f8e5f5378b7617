"""Where a model is from: what the outcome of its training job and the report on its data set say of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagescene import keys
from sagescene.errors import SagesceneError
from sagescene.files.classnames import ClassNames, read_class_names

type JsonObject = Mapping[str, Any]


class NamesRefusedError(SagesceneError):
    """A file of class names that is faulty, or not of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What is known of a model beside its artifact; `resize` is what its images' shorter sides were resized to."""

    job: str = ""
    data_set: str = ""
    fingerprint: str = ""
    class_names: ClassNames = field(default_factory=ClassNames)
    resize: int | None = None


def read_provenance(outcome: JsonObject | None, report: JsonObject | None) -> Provenance:
    """Read what the two documents say; the names are those of the outcome, or of the report where it has none.

    Raises:
        AttributeError, KeyError, OverflowError, TypeError, ValueError: if one of them is something else.
    """
    if not outcome:
        return Provenance()
    named = outcome.get("class_names") or (report or {}).get("class_names")
    resize = (report or {}).get("hyperparameters", {}).get("resize")
    return Provenance(
        job=str(outcome["job"]),
        data_set=str(outcome["data_set"]),
        fingerprint=keys.fingerprint_of(outcome["job"]),
        class_names=ClassNames.from_json(named) if named else ClassNames(),
        resize=int(resize["value"]) if resize else None,
    )


def read_names(chunks: Iterable[bytes], file: str) -> ClassNames:
    """Read a file of names, one a line, the first that of label 0.

    Raises:
        NamesRefusedError: at its first fault.
    """
    listed = read_class_names(chunks, file=file)
    if listed.names is None:
        fault = listed.findings[0]
        place = f"{file}, {fault.where}" if fault.where else file
        raise NamesRefusedError(f"{place}: {fault.message} {fault.remedy}")
    return ClassNames.of(listed.names, file)


def expect_all_named(names: ClassNames, classes: int) -> None:
    """Hold a file of names against the number of a model's classes.

    Raises:
        NamesRefusedError: if they differ: then it is of another data set.
    """
    if len(names.names) != classes:
        raise NamesRefusedError(
            f"{names.source} names {len(names.names):,} classes, and the model has {classes:,}: "
            "give the classes.txt of the data set that it was trained on with --classes FILE."
        )
