"""What a data set's training jobs are called, and under which keys the stack writes about them."""

import re
from datetime import UTC, datetime
from hashlib import sha256

REPORTS = "reports/"
MODELS = "models/"
OUTCOMES = "outcomes/"
NOTICES = "notices/"
SLOTS = "slots/"
EVALUATIONS = "evaluations/"
CHECKPOINTS = "checkpoints/"

_UNFINISHED = ".unfinished.json"
_ASKED = ".asked.json"
_AWAITED = ".notice.json"
_TOLD = ".told.json"
_LONGEST_JOB_NAME = 63
_DIGITS_OF_A_GROUP = 8
_LAST_ATTEMPT = 999
_LONGEST_ATTEMPT = len(f"--r{_LAST_ATTEMPT}")
_REPORT = re.compile(rf"{REPORTS}[^/]+/(?P<content>[0-9a-f]+)\.json")
_OF_JOB = re.compile(rf"{OUTCOMES}[^/]+/(?P<job>[^/.]+)(?P<kind>(\.[^/.]+)?\.json)")
_ATTEMPT = re.compile(r"(?P<first>.+)--r(?P<number>[2-9]|[1-9][0-9]{1,2})")


def job_name(prefix: str, data_set: str, content: str, attempt: int = 1) -> str:
    """Name the nth attempt to train on a content: `<prefix>--<set>--<fingerprint>`, then `--r2`, `--r3`.

    The set's name is reduced to SageMaker's alphabet and cut, so that the whole keeps within 63 characters.
    """
    room = _LONGEST_JOB_NAME - len(prefix) - len(content) - 2 * len("--") - _LONGEST_ATTEMPT
    word = re.sub(r"[^a-zA-Z0-9]+", "-", data_set).strip("-")[:room].rstrip("-") or "set"
    return f"{prefix}--{word}--{content}" + (f"--r{attempt}" if attempt > 1 else "")


def model_group(prefix: str, data_set: str) -> str:
    """Name the group of a data set's versions in the model registry: `<prefix>--<set>`, in 63 characters at most.

    A set whose name cannot stand there as it is has a digest of it at the end, so that no two sets share a group.
    """
    word = re.sub(r"[^a-z0-9]+", "-", data_set.lower()).strip("-")
    room = _LONGEST_JOB_NAME - len(prefix) - len("--")
    if word == data_set and len(word) <= room:
        return f"{prefix}--{word}"
    digest = sha256(data_set.encode()).hexdigest()[:_DIGITS_OF_A_GROUP]
    room -= len(digest) + len("--")
    return f"{prefix}--{word[:room].rstrip('-') or 'set'}--{digest}"


def name_attempts(job: str) -> list[str]:
    """Name all attempts up to a job's own, from the first on; a name of another form is its own first attempt."""
    attempt = _ATTEMPT.fullmatch(job)
    if not attempt:
        return [job]
    return [attempt["first"], *(f"{attempt['first']}--r{number}" for number in range(2, int(attempt["number"]) + 1))]


def fingerprint_of(job: str) -> str:
    """Give the fingerprint in a job's name, whichever attempt it is."""
    return name_attempts(job)[0].rpartition("--")[2]


def next_attempt(job: str) -> str | None:
    """Name the attempt after a job's own, or None when SageMaker takes no such name."""
    attempts = name_attempts(job)
    number = len(attempts) + 1
    name = f"{attempts[0]}--r{number}"
    return name if number <= _LAST_ATTEMPT and len(name) <= _LONGEST_JOB_NAME else None


def checkpoints_prefix(job: str) -> str:
    """Say below which keys a job's checkpoints lie.

    It is the job's own, for SageMaker has a job go on from whatever lies there; and it ends with a slash, or `--r2`
    would be among those of the first attempt.
    """
    return f"{CHECKPOINTS}{job}/"


def report_key(data_set: str, content: str) -> str:
    """Say where the report on a data set's content lies."""
    return f"{REPORTS}{data_set}/{content}.json"


def is_report_key(key: str) -> bool:
    """Tell whether a key is that of a report; other files lie beside reports."""
    return content_of_report(key) is not None


def content_of_report(key: str) -> str | None:
    """Give the fingerprint of the content that a report's key is of; None for another key."""
    named = _REPORT.fullmatch(key)
    return named["content"] if named else None


def data_set_of_report(key: str) -> str:
    """Say which data set a report's key is of."""
    return key.removeprefix(REPORTS).partition("/")[0]


def page_key(data_set: str, content: str) -> str:
    """Say where the page lies that shows the report to people."""
    return f"{REPORTS}{data_set}/{content}.html"


def page_beside(key: str) -> str:
    """Give the key of the page that shows to people what lies under the key of a report or an evaluation."""
    return f"{key.removesuffix('.json')}.html"


def images_key(data_set: str, content: str) -> str:
    """Say where the digests and labels of a content's training images lie, for the next content and test images."""
    return f"{REPORTS}{data_set}/{content}.images.json"


def notice_key(data_set: str, content: str, topic: str) -> str:
    """Say where it is kept that people were told of something about a content."""
    return f"{NOTICES}{data_set}/{content}.{topic}.json"


def topic_key(topic: str) -> str:
    """Say where it is kept when people were last told of a topic."""
    return f"{NOTICES}{topic}.json"


def outcome_key(job: str, created: datetime) -> str:
    """Say where the outcome of a training job lies: under the day (UTC) on which the job was created.

    So those of a month are listed without listing all there are, and that of one job can be asked for.
    """
    return f"{OUTCOMES}{_day(created)}/{job}.json"


def job_of_outcome(key: str) -> str | None:
    """Name the ended job whose outcome, or mark of a model still to be made, lies under a key; None for another key."""
    return job_named_in(key) if key.endswith(_UNFINISHED) or is_outcome_key(key) else None


def is_outcome_key(key: str) -> bool:
    """Tell whether an outcome lies under a key, no mark beside it."""
    named = _OF_JOB.fullmatch(key)
    return named is not None and named["kind"] == ".json"


def job_named_in(key: str) -> str | None:
    """Name the job that the outcome, or the mark beside outcomes, under a key is about; None for another key."""
    named = _OF_JOB.fullmatch(key)
    return named["job"] if named else None


def day_of_outcome(key: str) -> str:
    """Give the day (UTC) on which the job was created whose outcome lies under a key, such as `2026-11-12`."""
    return key.removeprefix(OUTCOMES).partition("/")[0]


def former_outcome_key(data_set: str, job: str) -> str:
    """Say where an earlier version wrote the outcome of a job."""
    return f"{REPORTS}{data_set}/{job}.outcome.json"


def not_started_key(job: str, asked: datetime) -> str:
    """Say where it lies that waiting for a job, asked for at this time, was given up; it may still come to be."""
    return f"{OUTCOMES}{_day(asked)}/{job}.not-started.json"


def unfinished_key(job: str, created: datetime) -> str:
    """Say where it lies that the model of a completed job could not be made yet: beside the outcome to come."""
    return f"{OUTCOMES}{_day(created)}/{job}{_UNFINISHED}"


def asked_key(job: str, asked: datetime) -> str:
    """Say where it lies that a model is wanted back: under the day on which that was asked, for the job may be old."""
    return f"{OUTCOMES}{_day(asked)}/{job}{_ASKED}"


def is_asked_key(key: str) -> bool:
    """Tell whether a key says that a model is wanted back."""
    return key.endswith(_ASKED)


def outcome_beside(unfinished_key: str) -> str | None:
    """Give the key of the outcome that ends what an unfinished job waits for; None for another key."""
    return unfinished_key.removesuffix(_UNFINISHED) + ".json" if unfinished_key.endswith(_UNFINISHED) else None


def awaited_key(job: str, created: datetime) -> str:
    """Say where it lies that the notice of a job's model waits for its evaluation, and who sends it."""
    return f"{OUTCOMES}{_day(created)}/{job}{_AWAITED}"


def told_key(job: str, created: datetime) -> str:
    """Say where it lies that people were told of a job's model: beside the mark of `awaited_key`."""
    return f"{OUTCOMES}{_day(created)}/{job}{_TOLD}"


def outcomes_of(job: str, created: datetime) -> str:
    """Say how the keys of a job's outcome and of all marks beside it begin."""
    return f"{OUTCOMES}{_day(created)}/{job}."


def is_of_notice(key: str) -> bool:
    """Tell whether a key beside outcomes says nothing of a job, but whether people were told of its model."""
    return key.endswith((_AWAITED, _TOLD))


def told_beside(awaited_key: str) -> str | None:
    """Give the key of what ends a notice's waiting; None for another key."""
    return awaited_key.removesuffix(_AWAITED) + _TOLD if awaited_key.endswith(_AWAITED) else None


def evaluation_state_key(job: str, created: datetime, identity: str) -> str:
    """Say where it lies how far the evaluation of a job's model on certain files has come."""
    return f"{EVALUATIONS}{_day(created)}/{job}/{identity}.json"


def registration_key(job: str, created: datetime) -> str:
    """Say where it lies with which request a job's model is entered in the registry; no evaluation is named so."""
    return f"{EVALUATIONS}{_day(created)}/{job}/registration.json"


def evaluations_of(data_set: str, job: str) -> str:
    """Say how the keys of all evaluations of a job's model begin, and of whatever else lies beside them."""
    return f"{REPORTS}{data_set}/{job}."


def is_evaluation_key(key: str) -> bool:
    """Tell whether an evaluation lies under a key."""
    return key.endswith(".evaluation.json")


def evaluation_key(data_set: str, job: str, identity: str = "") -> str:
    """Say where the evaluation of a job's model lies; those after its first have their identity in the name."""
    return f"{_evaluation(data_set, job, identity)}.json"


def evaluation_page_key(data_set: str, job: str, identity: str = "") -> str:
    """Say where the page lies that shows an evaluation to people."""
    return f"{_evaluation(data_set, job, identity)}.html"


def _evaluation(data_set: str, job: str, identity: str) -> str:
    return f"{REPORTS}{data_set}/{job}.{f'{identity}.' if identity else ''}evaluation"


def first_outcome_key(since: datetime) -> str:
    """Give a key before those of all outcomes of jobs created on this day or later."""
    return f"{OUTCOMES}{_day(since)}/"


def slot_key(group: str, number: int) -> str:
    """Say where the nth slot of a group lies, which one job holds at a time."""
    return f"{SLOTS}{group}/{number}.json"


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
