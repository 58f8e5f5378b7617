"""The evaluation of the stack, on a person's machine: any model, any packed set, all of its images."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from sagescene.dataset import StoredObject
from sagescene.errors import SagesceneError
from sagescene.files import listrows, recordscan
from sagescene.files.classnames import ClassNames
from sagescene.files.setimages import ImageCollector, ImagesOfSet
from sagescene.parts import Part, part_of
from sagescene_command.aws_answers import explain_aws_error
from sagescene_command.evaluating.testfiles import HeldOutFiles, choose_files, find_copies, name_shown, open_records
from sagescene_command.places import Place, find_folder, find_in_s3
from sagescene_command.predicting.models import NamedModel
from sagescene_command.predicting.provenance import NamesRefusedError, expect_all_named, read_names
from sagescene_command.progress import Progress, ShowProgress
from sagescene_command.region import DEFAULT_REGION
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.evaluation import EvaluatedFile, Evaluation, Subject
from sagescene_evaluation.seen import TrainingImages
from sagescene_evaluation.tally import Tally
from sagescene_model.inference import Classifier


class UnevaluableError(SagesceneError):
    """A set that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredModel:
    """An evaluation, and the small images that its page shows."""

    evaluation: Evaluation
    thumbnails: Mapping[tuple[int, int], bytes]


def evaluate(model: NamedModel, data: str, *, resize: int | None, show_progress: ShowProgress) -> MeasuredModel:
    """Hold a model against the test images of a set, or else its validation images, under both fits.

    Raises:
        ModelRefused: if the model cannot be run.
        SagesceneError: if the set cannot be read, or holds nothing to test with.
    """
    artifact, provenance = model.artifact, model.provenance
    classifier = Classifier(artifact, threads=os.process_cpu_count() or 1)
    if model.has_file_of_names:
        expect_all_named(provenance.class_names, classifier.classes)
    try:
        place = find_place(data)
        files = choose_files(place.objects, data)
        trained_on = _collect_training(place, show_progress)
        tally = Tally.start(classes=classifier.classes, is_multi_label=classifier.is_multi_label)
        with show_progress("evaluating") as progress:
            sources = open_records(place, files, progress)
            continue_tally(
                tally,
                classifier,
                sources,
                remaining=lambda: float("inf"),
                resize=resize or provenance.resize,
                trained_on=TrainingImages(trained_on) if trained_on else None,
            )
        own, beside = _choose_names(place, files, provenance.class_names, classifier.classes)
        subject = Subject(
            job=provenance.job or artifact.name,
            data_set=place.name,
            artifact=EvaluatedFile(artifact.name, ""),
            role=files.role,
            files=tuple(EvaluatedFile(name_shown(place, stored.key), stored.etag) for stored in files.records),
            epoch=artifact.epoch,
            copies=find_copies(place, files),
            is_of_training=provenance.data_set == place.name,
            class_names=own,
            names_of_files=beside,
        )
        evaluation = Evaluation.of(tally, sources, subject=subject, written=datetime.now(UTC))
        for number, listed in enumerate(files.lists):
            if listed:
                rows = listrows.read(place.reader.whole(listed))
                evaluation = evaluation.with_list(number, rows, tally.labels, provenance.class_names)
    except (BotoCoreError, ClientError) as error:
        raise UnevaluableError(explain_aws_error(data, error)) from error
    return MeasuredModel(evaluation=evaluation, thumbnails=tally.thumbnails)


def find_place(data: str) -> Place:
    """Find a set in S3 or in a folder."""
    if data.startswith("s3://"):
        return find_in_s3(data, boto3.Session().region_name or DEFAULT_REGION)
    return find_folder(str(Path(data)))


def _collect_training(place: Place, show_progress: ShowProgress) -> ImagesOfSet | None:
    """Give what tells a folder's training images; None without any. Of a set in S3 they are not fetched.

    The stack has looked at those. Whatever set a model is of, this may be the same under another name.
    """
    records = [stored for stored in place.objects if part_of(stored.key) is Part.TRAIN_RECORDS]
    if not records or place.bucket:
        return None
    collector = ImageCollector()
    with show_progress("reading the training images") as progress:
        for stored in records:
            recordscan.scan(_watch(place, stored, progress), complete=False, on_image=collector.add)
    return collector.collected(is_whole=True)


def _watch(place: Place, stored: StoredObject, progress: Progress) -> Iterator[bytes]:
    done = 0
    for piece in place.reader.whole(stored):
        done += len(piece)
        progress(done, stored.size)
        yield piece


def _choose_names(place: Place, files: HeldOutFiles, known: ClassNames, classes: int) -> tuple[ClassNames, ClassNames]:
    """Give the names of the classes, and those that the set gives if they are none of a model with so many classes.

    To a model without names the set lends its own. Where the model has names, a faulty file says nothing.
    """
    try:
        given = _read_set_names(place, files)
    except NamesRefusedError:
        if not known.names:
            raise
        given = ClassNames()
    return (given, ClassNames()) if not known.names and len(given.names) == classes else (known, given)


def _read_set_names(place: Place, files: HeldOutFiles) -> ClassNames:
    stored = files.class_names
    return read_names(place.reader.whole(stored), name_shown(place, stored.key)) if stored else ClassNames()
