"""What measures a model for the workflow: images and models read from where AWS has them, counted with ONNX Runtime."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from io import BufferedReader, RawIOBase
from typing import Any

from sagescene.aws import UnreadableLogError
from sagescene.bounds import LARGEST_LIST_IN_BYTES, SECONDS_TO_BALANCE
from sagescene.dataset import StoredObject
from sagescene.errors import SagesceneError
from sagescene.files import listrows, recordio
from sagescene.observability import logger
from sagescene.preflight.reading import Reader
from sagescene.workflow.evaluator import Assignment, ChallengeVerdict, Conclusion, EvaluationProgress, Opponent
from sagescene_evaluation import caveats, challenge, document, epochs, page, sentences
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.evaluation import EpochAccuracy, EvaluatedFile, Evaluation, Role, Subject
from sagescene_evaluation.picking import pick_records
from sagescene_evaluation.seen import TrainingImages
from sagescene_evaluation.sources import RecordSource, StreamedRecords
from sagescene_evaluation.tally import Tally
from sagescene_model.artifact import read_stream
from sagescene_model.inference import Classifier

_THREADS = 2  # MemorySize comes with a little less than two processors
_SPAN_IN_BYTES = 8 << 20  # what is fetched at once of a file that is not read from its beginning


class UnreadListError(SagesceneError):
    """The list beside a test file is too large, or is such that reading it takes too long."""

    def __init__(self, listed: StoredObject, reason: str) -> None:
        """Name the list and say what to do."""
        super().__init__(
            f"{listed.key} {reason}. Write each row as index, label and path with one TAB between them, or leave the "
            "list out."
        )


class OnnxEvaluator:
    """Reads models and images, and counts, with ONNX Runtime."""

    def measure(
        self,
        assignment: Assignment,
        tally: Mapping[str, Any] | None,
        reader: Reader,
        remaining: Callable[[], float],
    ) -> EvaluationProgress:
        """Go on from a tally until all is read or no seconds remain; raises SagesceneError as the protocol says."""
        with BufferedReader(_Chunks(reader.whole(assignment.artifact))) as stream:
            artifact = read_stream(stream, assignment.artifact.key)
        classifier = Classifier(artifact, threads=_THREADS)
        counted = (
            Tally.start(classes=classifier.classes, is_multi_label=classifier.is_multi_label)
            if tally is None
            else Tally.from_json(tally)
        )
        counted.epoch = artifact.epoch
        resize = assignment.report.hyperparameters.get("resize") if assignment.report else None
        counted = continue_tally(
            counted,
            classifier,
            _balanced_sources_of(assignment, reader),
            remaining=remaining,
            resize=int(resize.value) if resize else None,
            trained_on=TrainingImages(assignment.trained_on),
        )
        return EvaluationProgress(
            tally=counted.as_json(),
            images=counted.images,
            is_whole=counted.is_complete,
            fault=next(iter((*counted.faults, *counted.damages)), ""),
        )

    def conclude(
        self,
        assignment: Assignment,
        tally: Mapping[str, Any],
        reader: Reader,
        written: datetime,
        opponent: Opponent | None,
        training_log: Callable[[str], Iterable[str]],
        remaining: Callable[[], float],
    ) -> Conclusion:
        """Give the figures of a tally, and hold them against those of the version that is approved."""
        counted = Tally.from_json(tally)
        subject = Subject(
            job=assignment.job.name,
            data_set=assignment.data_set,
            artifact=_name(assignment.artifact),
            role=Role(assignment.role),
            files=tuple(map(_name, assignment.files)),
            class_names=assignment.class_names,
            job_accuracy=assignment.job.metrics.get("validation:accuracy"),
            epochs=_read_epochs(training_log),
            epoch=counted.epoch,
            copies=assignment.copies,
        )
        sources = [_source_of(records, assignment, reader) for records in assignment.files]  # of which none is read
        evaluation = Evaluation.of(counted, sources, subject=subject, written=written)
        unread: list[str] = []
        for number, records in enumerate(assignment.files):
            if listed := _find_beside(records, ".lst", assignment):
                try:
                    rows = _read_list(listed, reader, remaining)
                    evaluation = evaluation.with_list(number, rows, counted.labels, assignment.class_names)
                except UnreadListError as error:
                    unread.append(f"Images have no paths here: {error}")
        verdict = _challenge(evaluation, opponent) if opponent else None
        told = (f"{caveat.message} {caveat.remedy}".strip() for caveat in caveats.find_caveats(evaluation))
        said = (
            sentences.state_verdict(evaluation),
            sentences.state_worst(evaluation),
            sentences.relate_to_job(evaluation),
        )
        return Conclusion(
            document=document.as_json(evaluation),
            page=page.render(evaluation, counted.thumbnails, verdict.said if verdict else ""),
            summary=" ".join(filter(None, said)),
            warnings=(*told, *unread),
            figures={"accuracy": f"{evaluation.accuracy.share:.8f}", "images": str(evaluation.images)},
            challenge=verdict,
        )


def _challenge(evaluation: Evaluation, opponent: Opponent) -> ChallengeVerdict:
    in_use = [read for each in opponent.documents if (read := document.read_document(each))]
    found = challenge.hold_against(evaluation, in_use)
    return ChallengeVerdict(
        outcome=str(found.outcome),
        said=challenge.state_challenge(found, opponent.version, evaluation.subject.class_names),
        hindrances=tuple(challenge.find_hindrances(found, evaluation)),
    )


def _read_epochs(training_log: Callable[[str], Iterable[str]]) -> tuple[EpochAccuracy, ...]:
    try:
        return epochs.read_epochs(training_log(epochs.WORD))
    except UnreadableLogError as error:  # an account may deny what is only beside the figures
        logger.warning("the job's log could not be read", reason=str(error))
        return ()


def _name(stored: StoredObject) -> EvaluatedFile:
    return EvaluatedFile(key=stored.key, etag=stored.etag)


def _balanced_sources_of(assignment: Assignment, reader: Reader) -> list[RecordSource]:
    """Give the files in the same order in every invocation: where a sample is read, it is balanced if it can be.

    Raises:
        UnreadListError: if their lists cannot be read in time; another order than before would count images twice.
    """
    until = time.monotonic() + SECONDS_TO_BALANCE
    sources = []
    for records in assignment.files:
        listed = _find_beside(records, ".lst", assignment)
        is_read = listed is not None and listed.size <= LARGEST_LIST_IN_BYTES
        rows = _read_list(listed, reader, lambda: until - time.monotonic()) if listed and is_read else None
        sources.append(_source_of(records, assignment, reader, rows))
    return sources


def _source_of(
    records: StoredObject, assignment: Assignment, reader: Reader, rows: Iterator[listrows.Row] | None = None
) -> RecordSource:
    index = _find_beside(records, ".idx", assignment)
    picked = index and pick_records(
        name=records.key,
        span=partial(reader.span, records),
        size=records.size,
        index=recordio.read_index(reader.whole(index)),
        rows=rows,
    )
    return picked or StreamedRecords(name=records.key, open=partial(_read_from, reader, records))


def _read_list(listed: StoredObject, reader: Reader, remaining: Callable[[], float]) -> Iterator[listrows.Row]:
    if listed.size > LARGEST_LIST_IN_BYTES:
        raise UnreadListError(listed, f"has {listed.size:,} bytes; at most {LARGEST_LIST_IN_BYTES:,} are read")

    def read_in_time() -> Iterator[bytes]:
        for piece in reader.whole(listed):
            if remaining() <= 0:
                raise UnreadListError(listed, "cannot be read in the time there is")
            yield piece

    return listrows.read(read_in_time())


def _find_beside(records: StoredObject, ending: str, assignment: Assignment) -> StoredObject | None:
    key = records.key.removesuffix(".rec") + ending
    return next((stored for stored in assignment.beside if stored.key == key), None)


def _read_from(reader: Reader, records: StoredObject, offset: int) -> Iterable[bytes]:
    if not offset:
        yield from reader.whole(records)
    while 0 < offset < records.size:
        yield reader.span(records, offset, min(_SPAN_IN_BYTES, records.size - offset))
        offset += _SPAN_IN_BYTES


class _Chunks(RawIOBase):
    """An object that comes in pieces, as a stream that is read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._rest = iter(chunks), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever takes bytes
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken], self._rest = self._rest[:taken], self._rest[taken:]
        return taken
