"""What the function hands the workflow holds a model against the documents of the version that is approved."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

import onnx_evaluator
from onnx_evaluator import OnnxEvaluator, UnreadListError
from sagescene.dataset import StoredObject
from sagescene.files import recordscan
from sagescene.files.classnames import ClassNames
from sagescene.files.setimages import ImageCollector
from sagescene.preflight.reading import Reader
from sagescene.workflow.evaluator import Assignment, Conclusion, Opponent
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.tally import Tally
from sagescene_model.params import Array
from tests.unit.evaluation.painted import PaintedModel, pack, paint, stream, train_on
from tests.unit.workflow.known import job, report

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
LOG = ("Epoch[0] Train-accuracy=0.5", "Epoch[0] Validation-accuracy=0.75")
# Every second one is a shade off.
IMAGES = [(n % 4, paint(n % 4, 90 - n % 2) + n.to_bytes(4)) for n in range(40)]


class DeceivedModel(PaintedModel):
    """Answers the next class for each image that is a shade off."""

    def probabilities(self, batch: Array) -> Array:
        answers = super().probabilities(batch)
        deceived = batch.mean(axis=(2, 3))[:, 1].round() % 2 == 1
        answers[deceived] = answers[deceived][:, [3, 0, 1, 2]]
        return answers


def stored(key: str) -> StoredObject:
    return StoredObject(key=key, etag="e", size=1, last_modified=NOON)


ASSIGNMENT = Assignment(
    job=job(status="Completed"),
    data_set="pets",
    artifact=stored("models/job/output/model.tar.gz"),
    files=(stored("datasets/pets/pets_test.rec"),),
    beside=(),
    role="test",
    identity="0f1e",
    report=None,
)


def conclude(
    model: PaintedModel,
    opponent: Opponent | None,
    assignment: Assignment = ASSIGNMENT,
    listed: bytes = b"",
    remaining: Callable[[], float] = lambda: 60,
) -> Conclusion:
    tally = continue_tally(
        Tally.start(classes=4, is_multi_label=False),
        model,
        [stream(pack(IMAGES))],
        remaining=lambda: 3600,
        trained_on=train_on(paint(0, 60)),
    )
    reader = Reader(whole=lambda _: iter((listed,)), span=lambda *_: b"")
    return OnnxEvaluator().conclude(assignment, tally.as_json(), reader, NOON, opponent, lambda _: LOG, remaining)


def test_what_the_job_was_trained_on_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = ImageCollector()
    recordscan.scan([pack(IMAGES[:3])], file="train.rec", on_image=collector.add)
    given = replace(ASSIGNMENT, trained_on=collector.collected(is_whole=True))
    content = pack(IMAGES)
    monkeypatch.setattr(onnx_evaluator, "read_stream", lambda *_: SimpleNamespace(epoch=1))
    monkeypatch.setattr(onnx_evaluator, "Classifier", lambda *_, **__: PaintedModel(4))
    reader = Reader(whole=lambda _: iter([content]), span=lambda *_: b"")
    progress = OnnxEvaluator().measure(given, None, reader, lambda: 3600)
    assert progress.tally["seen"]["images"] == 3
    assert progress.tally["seen"]["looked_for"] == 40


def test_the_better_model_is_told_to_be_better_in_notice_and_page() -> None:
    before = conclude(DeceivedModel(4), None)
    assert before.challenge is None
    assert "approved version" not in before.page
    kept = json.loads(json.dumps(before.document))
    after = conclude(PaintedModel(4), Opponent(version=3, documents=({"version": 0}, kept)))
    assert after.challenge
    assert (after.challenge.outcome, after.challenge.hindrances) == ("better", ())
    assert after.challenge.said.startswith(
        "Better than the approved version 3: of the same 40 images it alone is right"
    )
    assert "Against the approved version" in after.page
    assert "alone is right on 20, the other alone on 0 (McNemar" in after.page
    assert after.figures == {"accuracy": "1.00000000", "images": "40"}


def test_the_worse_model_is_told_to_be_worse() -> None:
    better = conclude(PaintedModel(4), None)
    worse = conclude(DeceivedModel(4), Opponent(version=1, documents=(better.document,)))
    assert worse.challenge
    assert worse.challenge.outcome == "worse"
    assert worse.challenge.hindrances


def test_without_an_approved_version_that_is_said_and_hinders() -> None:
    first = conclude(PaintedModel(4), Opponent())
    assert first.challenge
    assert first.challenge.outcome == "not comparable"
    assert first.challenge.said.startswith("No version of this data set is approved yet")
    assert first.challenge.hindrances == ("it is not compared with an approved version",)


def test_the_list_of_a_test_file_that_has_the_model_s_classes_at_other_numbers_hinders() -> None:
    names = ClassNames.of(dict(enumerate(("ant", "bee", "cow", "dog"))), "classes.txt")
    (kept,) = report(class_names=names).values()
    given = replace(ASSIGNMENT, report=kept, beside=(stored("datasets/pets/pets_test.lst"),))

    def list_in(folders: str) -> bytes:
        return "".join(f"{n}\t{n % 4}\t{folders.split()[n % 4]}/{n}.png\n" for n in range(40)).encode()

    before = conclude(DeceivedModel(4), None, given, list_in("ant bee cow dog"))
    opponent = Opponent(version=3, documents=(before.document,))
    sound = conclude(PaintedModel(4), opponent, given, list_in("ant bee cow dog"))
    other = conclude(PaintedModel(4), opponent, given, list_in("ant bee dog cow"))
    assert sound.warnings == ()
    assert other.warnings[0].startswith("datasets/pets/pets_test.lst calls class 2 dog, the model cow (1 more differs)")
    assert sound.challenge
    assert other.challenge
    assert sound.challenge.hindrances == ()
    assert other.challenge.hindrances == ("the test files call its classes otherwise",)


def test_a_list_that_is_too_large_or_takes_too_long_leaves_the_page_without_paths(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = replace(ASSIGNMENT, beside=(stored("datasets/pets/pets_test.lst"),))
    listed = b"".join(b"%d\t%d\tsomewhere/%d.png\n" % (n, label, n) for n, (label, _) in enumerate(IMAGES))
    read = conclude(DeceivedModel(4), None, given, listed)
    assert "somewhere/" in read.page
    late = conclude(DeceivedModel(4), None, given, listed, remaining=lambda: 0)
    monkeypatch.setattr(onnx_evaluator, "LARGEST_LIST_IN_BYTES", 0)
    large = conclude(DeceivedModel(4), None, given, listed)
    for found, reason in (
        (late, "cannot be read in the time there is"),
        (large, "has 1 bytes; at most 0 are read"),
    ):
        assert "somewhere/" not in found.page
        assert found.warnings[-1].startswith(f"Images have no paths here: datasets/pets/pets_test.lst {reason}. Write")
        assert found.figures == read.figures


@pytest.mark.parametrize(("seconds", "size", "is_late"), [(60, 1, False), (0, 1, True), (0, 2, False)])
def test_a_sample_is_balanced_by_lists_that_are_read_in_time_and_never_by_parts_of_one(
    seconds: int, size: int, is_late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = replace(
        ASSIGNMENT,
        beside=(stored("datasets/pets/pets_test.idx"), replace(stored("datasets/pets/pets_test.lst"), size=size)),
    )
    monkeypatch.setattr(onnx_evaluator, "SECONDS_TO_BALANCE", seconds)
    monkeypatch.setattr(onnx_evaluator, "LARGEST_LIST_IN_BYTES", 1)
    monkeypatch.setattr(onnx_evaluator, "pick_records", lambda *, rows, **_: [*(rows or ())] and None)
    monkeypatch.setattr(onnx_evaluator, "read_stream", lambda *_: SimpleNamespace(epoch=1))
    monkeypatch.setattr(onnx_evaluator, "Classifier", lambda *_, **__: PaintedModel(4))
    content = {".rec": pack(IMAGES), ".idx": b"", ".lst": b"0\t0\ta.png\n", "r.gz": b""}
    reader = Reader(whole=lambda read: iter([content[read.key[-4:]]]), span=lambda *_: b"")
    if is_late:
        with pytest.raises(UnreadListError, match=r"pets_test\.lst cannot be read in the time there is\."):
            OnnxEvaluator().measure(given, None, reader, lambda: 3600)
    else:
        assert OnnxEvaluator().measure(given, None, reader, lambda: 3600).is_whole
