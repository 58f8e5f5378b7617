"""An evaluation as the JSON that is kept beside the data set's reports; `docs/evaluation.schema.json` describes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sagescene.files.classnames import ClassNames
from sagescene_evaluation.answers import Answers
from sagescene_evaluation.cases import Case
from sagescene_evaluation.caveats import find_caveats
from sagescene_evaluation.evaluation import EpochAccuracy, EvaluatedFile, Evaluation, Role, SampleKind, Subject
from sagescene_evaluation.list_look import OtherList
from sagescene_evaluation.measures import BinFigures, ClassFigures, FitFigures, Proportion
from sagescene_evaluation.seen import Seen, SeenImage
from sagescene_evaluation.sentences import state_verdict
from sagescene_model.pictures import Fit

VERSION = 1


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Give an evaluation as plain values, with its verdict and what must be known beside it as sentences."""
    subject = evaluation.subject
    return {
        "version": VERSION,
        "job": subject.job,
        "dataset": subject.data_set,
        "written": evaluation.written.isoformat(),
        "verdict": state_verdict(evaluation),
        "caveats": [{**caveat._asdict(), "code": str(caveat.code)} for caveat in find_caveats(evaluation)],
        "artifact": subject.artifact._asdict(),
        "role": str(subject.role),
        "files": [file._asdict() for file in subject.files],
        "copies": list(subject.copies),
        "class_names": subject.class_names.shorten().as_json(),
        **({"names_of_files": subject.names_of_files.shorten().as_json()} if subject.names_of_files.names else {}),
        "job_accuracy": subject.job_accuracy,
        "kept_accuracy": subject.kept_accuracy,
        "epoch": subject.epoch,
        "epochs": [epoch._asdict() for epoch in subject.epochs],
        "classes": evaluation.classes,
        "is_multi_label": evaluation.is_multi_label,
        "images": evaluation.images,
        "all_images": evaluation.all_images,
        "sample": None if evaluation.sample is None else str(evaluation.sample),
        "same": evaluation.same,
        "chance": evaluation.chance,
        "fits": {str(fit): _fit_as_json(figures) for fit, figures in evaluation.fits.items()},
        "per_class": [
            {**each._asdict(), "precision": each.precision, "recall": each.recall, "f1": each.f1}
            for each in evaluation.per_class
        ],
        "pairs": [{"given": given, "found": found, "images": images} for given, found, images in evaluation.pairs],
        "mistakes": [_case_as_json(evaluation, case) for case in evaluation.mistakes],
        "doubtful": [_case_as_json(evaluation, case) for case in evaluation.doubtful],
        "strange": evaluation.strange,
        "strangers": dict(evaluation.strangers),
        "damaged": evaluation.damaged,
        "damages": list(evaluation.damages),
        "faults": list(evaluation.faults),
        "answers": evaluation.answers.as_json(),
        "seen": _seen_as_json(evaluation),
        "repeated": evaluation.repeated,
        "other_lists": [other._asdict() for other in evaluation.other_lists],
    }


def from_json(document: Mapping[str, Any]) -> Evaluation:
    """Read what `as_json` gave.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: if it is something else, such as one of another version.
    """
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']} is not {VERSION}")
    cases = [*document["mistakes"], *document["doubtful"], *document.get("seen", {}).get("named", ())]
    return Evaluation(
        subject=Subject(
            job=document["job"],
            data_set=document["dataset"],
            artifact=EvaluatedFile(**document["artifact"]),
            role=Role(document["role"]),
            files=tuple(EvaluatedFile(**file) for file in document["files"]),
            class_names=ClassNames.from_json(document["class_names"]),
            names_of_files=(
                ClassNames.from_json(document["names_of_files"]) if "names_of_files" in document else ClassNames()
            ),
            job_accuracy=document["job_accuracy"],
            epochs=tuple(EpochAccuracy(**epoch) for epoch in document["epochs"]),
            epoch=document["epoch"],
            copies=tuple(document.get("copies", ())),
            is_of_training=document.get("seen", {}).get("is_of_training", True),
        ),
        written=datetime.fromisoformat(document["written"]),
        classes=document["classes"],
        is_multi_label=document["is_multi_label"],
        images=document["images"],
        all_images=document["all_images"],
        sample=None if document["sample"] is None else SampleKind(document["sample"]),
        same=document["same"],
        chance=document["chance"],
        fits={fit: _read_fit(document["fits"][str(fit)]) for fit in Fit},
        per_class=tuple(_take(ClassFigures, each) for each in document["per_class"]),
        pairs=tuple((pair["given"], pair["found"], pair["images"]) for pair in document["pairs"]),
        mistakes=tuple(_take(Case, case) for case in document["mistakes"]),
        doubtful=tuple(_take(Case, case) for case in document["doubtful"]),
        strange=document["strange"],
        strangers=document["strangers"],
        damaged=document["damaged"],
        damages=tuple(document["damages"]),
        faults=tuple(document["faults"]),
        answers=Answers.from_json(document["answers"]) if "answers" in document else Answers(),
        seen=Seen.from_json(document["seen"]) if "seen" in document else Seen(),
        repeated=document.get("repeated", 0),
        other_lists=tuple(OtherList(**other) for other in document.get("other_lists", ())),
        paths={(case["file"], case["identifier"]): case["path"] for case in cases if case["path"]},
    )


def read_document(document: Any) -> Evaluation | None:  # noqa: ANN401 - whatever JSON holds
    """Read an evaluation that was kept; None for anything else, such as one of another version."""
    try:
        return from_json(document)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _seen_as_json(evaluation: Evaluation) -> dict[str, Any]:
    seen = evaluation.seen
    return {
        **seen.as_json(),
        "named": [_case_as_json(evaluation, each) for each in seen.named],
        "unseen": _proportion_as_json(evaluation.unseen),
        "unknown": seen.tell_doubt(evaluation.images),
        "is_of_training": evaluation.subject.is_of_training,
    }


def _case_as_json(evaluation: Evaluation, case: Case | SeenImage) -> dict[str, Any]:
    return {**case._asdict(), "path": evaluation.paths.get((case.file, case.identifier), "")}


def _proportion_as_json(proportion: Proportion) -> dict[str, Any]:
    low, high = proportion.interval
    return {**proportion._asdict(), "share": proportion.share, "low": low, "high": high}


def _fit_as_json(figures: FitFigures) -> dict[str, Any]:
    return {
        **figures._asdict(),
        "accuracy": _proportion_as_json(figures.accuracy),
        "entries": _proportion_as_json(figures.entries),
        "bins": [each._asdict() for each in figures.bins],
    }


def _read_fit(document: Mapping[str, Any]) -> FitFigures:
    proportions = {name: _take(Proportion, document[name]) for name in ("accuracy", "entries")}
    return FitFigures(**{**document, **proportions, "bins": tuple(BinFigures(**each) for each in document["bins"])})


def _take[T: (Case, ClassFigures, Proportion)](kind: type[T], document: Mapping[str, Any]) -> T:
    return kind(**{name: document[name] for name in kind._fields})
