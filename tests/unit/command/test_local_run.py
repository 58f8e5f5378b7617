"""What a run concludes from the answers to several uploads of one data set, whatever their order."""

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from sagescene_command.local_run import LocalRun, Result, UnusableFolderError, find_uploads
from sagescene_command.relay import Relay
from sagescene_standin.occurrence import Occurrence

WAITING_LONGER = ("waiting", "it awaits its train .lst, validation .rec")
WAITING = ("waiting", "it awaits its validation .rec")
REFUSED = ("refused", "datasets/pets/train.rec, record 3: It is no image. Pack it anew.")
REFUSED_ALREADY = ("refused", "it was refused already; a later upload tries again")
POSTPONED = ("postponed", "The account-level service limit is 0 Instances")
STOOD_DOWN = ("stood down", "another upload came later")
ERROR = {"errorType": "ClientError", "errorMessage": "An error occurred (AccessDenied)"}


def answered(decision: str, reason: str, function: str = "StartTrainingFunction") -> Occurrence:
    answer = [{"decision": decision, "subject": "pets", "reason": reason}]
    return Occurrence("invocation", function, {"error": None, "result": answer})


def failed(function: str = "StartTrainingFunction") -> Occurrence:
    return Occurrence("invocation", function, {"error": ERROR, "result": None})


def conclude(occurrences: Iterable[Occurrence], uploads: int) -> Result:
    relay = Relay(lambda _: None)
    for occurrence in occurrences:
        relay.listen(occurrence)
    return LocalRun(relay)._await_decision(uploads, deadline=0)


@pytest.mark.parametrize(
    ("decisions", "verdict", "reason"),
    [
        ((WAITING_LONGER, WAITING, STOOD_DOWN), *WAITING),
        ((WAITING, REFUSED, REFUSED_ALREADY), *REFUSED),
        ((WAITING, STOOD_DOWN, REFUSED), *REFUSED),
        ((STOOD_DOWN, STOOD_DOWN, POSTPONED), *POSTPONED),
    ],
)
def test_what_says_most_about_the_set_holds_in_any_order(
    decisions: tuple[tuple[str, str], ...], verdict: str, reason: str
) -> None:
    for order in itertools.permutations(decisions):
        result = conclude([answered(*decision) for decision in order], len(order))
        assert (result.verdict, result.reason) == (verdict, reason)


def test_a_quota_is_waited_for_once_the_files_are_there() -> None:
    assert conclude([answered(*WAITING), answered(*POSTPONED)], 2).verdict == "postponed"


def test_an_error_is_no_judgment() -> None:
    result = conclude([answered(*WAITING), failed()], 2)
    assert (result.verdict, result.reason) == ("error", "ClientError: An error occurred (AccessDenied)")


def test_a_model_counts_though_one_upload_ended_in_an_error() -> None:
    story = [failed(), answered("started", "complete"), answered("model created", "arn", "FinishTrainingFunction")]
    assert conclude(story, 2).verdict == "model"


def test_a_dead_letter_is_told_in_the_same_words_of_an_upload_and_of_an_evaluation() -> None:
    letter = Occurrence("dead-letter", "DeadLetters", {})
    result = conclude([letter], 1)
    told = "DeadLetters keeps what failed each time that it was tried."
    assert (result.verdict, result.reason) == ("dead-lettered", told)
    relay = Relay(lambda _: None)
    relay.listen(letter)
    assert LocalRun(relay)._await_evaluation("job", deadline=0) == told


def test_a_set_of_which_nothing_started_says_so() -> None:
    assert conclude([answered(*STOOD_DOWN)], 1).verdict == "nothing"


def test_what_only_describes_a_set_is_none(tmp_path: Path) -> None:
    for name in ("classes.txt", "training.json"):
        (tmp_path / name).touch()
    with pytest.raises(UnusableFolderError, match=r"holds no \.rec and \.lst files"):
        find_uploads(tmp_path, "pets")
    (tmp_path / "train.lst").touch()
    assert "datasets/pets/classes.txt" in find_uploads(tmp_path, "pets")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (
            ["cat/1.jpg", "dog/2.png"],
            "holds 2 images (cat 1, dog 1), not packed yet. Pack them first: sagescene pack {0} ",
        ),
        (["cat/1.jpg", "classes.txt", "training.json"], "holds 1 image (cat 1), not packed yet."),
        (
            ["cat/1.CR3", "dog/2.png"],
            "holds 2 images (cat 1, dog 1), not packed yet. cat/1.CR3 is a photo in a form that is not read, such as "
            "HEIC or camera raw: convert it to JPEG. Then pack them: sagescene pack {0} ",
        ),
        (["train.tfrecord"], "these are TFRecord files"),
        (["notes.txt"], "{0} holds no .rec and .lst files. Give the folder of one data set, such as sagescene pack "),
        ([], "{0} holds no files. Give the folder of one data set, such as sagescene pack makes of a folder of"),
    ],
)
def test_a_folder_without_records_is_told_what_to_do(tmp_path: Path, names: list[str], says: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(UnusableFolderError) as raised:
        find_uploads(tmp_path, "pets")
    assert says.format(tmp_path) in str(raised.value)


def test_a_folder_of_records_in_another_form_is_dropped_and_answered_by_the_stack(tmp_path: Path) -> None:
    (tmp_path / "TRAIN.REC").touch()
    assert list(find_uploads(tmp_path, "pets")) == ["datasets/pets/TRAIN.REC"]


def test_a_folder_whose_own_name_cannot_be_printed_is_told_so_and_not_that_it_is_empty(tmp_path: Path) -> None:
    folder = tmp_path / "pe\x1bts"
    folder.mkdir()
    (folder / "train.rec").touch()
    with pytest.raises(UnusableFolderError, match=r"holds control characters .*rename the folder") as refused:
        find_uploads(folder, folder.name)
    assert "holds no" not in str(refused.value)
