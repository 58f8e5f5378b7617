"""What is told of a set that changed since it was trained on, from the trigger to the report."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sagescene import keys
from sagescene.bounds import EARLIER_LOOKED_AT, LARGEST_IMAGES_IN_BYTES
from sagescene.dataset import DataSet, StoredObject, assemble
from sagescene.files.recordio import Record, read, write
from sagescene.files.setchange import Relabelling, SetChange
from sagescene.findings import Severity
from sagescene.preflight.estimate import LastRun
from sagescene.preflight.report import Report, Verdict, read_report
from sagescene.settings import StartSettings
from sagescene.workflow import changes
from sagescene.workflow.start import start
from tests.proof import data_sets
from tests.unit.workflow.account import Account, invoked
from tests.unit.workflow.known import BUCKET, DAY, HOUR, NOON, PREFIX, SET, SETTINGS, job, known, report, uploaded

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[3] / "docs/report.schema.json").read_text()))
FOLDER = f"datasets/{SET}/"
FILES = data_sets.essential(data_sets.sound())
PICTURE = next(read([FILES["train.rec"]])).image


@pytest.fixture
def account() -> Account:
    """Give an account whose objects are a day old."""
    cloud = Account()
    cloud.modified = NOON - DAY
    return cloud


def train(
    images: Mapping[int, int],
    account: Account,
    *,
    status: str = "Completed",
    names: bytes = b"",
    settings: StartSettings = SETTINGS,
) -> Report:
    """Drop a set of these images with their labels, and end its job; gives the report on it."""
    packed = (
        Record(identifier=at, labels=(float(label),), image=PICTURE + b"%08d" % image)
        for at, (image, label) in enumerate(images.items())
    )
    rows = "".join(f"{at}\t{label}\t{at}.png\n" for at, label in enumerate(images.values()))
    files = {**FILES, "train.rec": b"".join(write(packed)), "train.lst": rows.encode()}
    files |= {"classes.txt": names} if names else {}
    account.objects |= {f"{FOLDER}{name}": body for name, body in files.items()}
    decision = start(uploaded(), replace(invoked(account), settings=settings))
    assert decision.decision == "started"
    account.jobs[decision.subject] = job(name=decision.subject, status=status)
    return kept_report(account)


def kept_report(account: Account) -> Report:
    """Read the report on what lies there."""
    assembled = assemble(SET, account.list_objects(BUCKET, FOLDER))
    assert isinstance(assembled, DataSet)
    document = account.objects[keys.report_key(SET, assembled.fingerprint)]
    SCHEMA.validate(json.loads(document))
    kept = read_report(document)
    assert kept
    return kept


def job_of(content: Report, attempt: int = 1) -> str:
    return keys.job_name(PREFIX, SET, content.fingerprint, attempt)


def test_a_set_is_held_against_the_content_that_was_trained_on_before(account: Account) -> None:
    names = b"cat\ndog\n"
    first = train({1: 0, 2: 1, 3: 0, 4: 1}, account, names=names)
    assert first.change is None
    second = train({2: 1, 3: 1, 4: 1, 5: 0, 6: 0}, account, names=names)
    assert second.change == SetChange(
        job=job_of(first),
        added=2,
        removed=1,
        relabelled=1,
        relabellings=(Relabelling(before="cat (0)", after="dog (1)", images=1),),
    )
    page = account.objects[keys.page_key(SET, second.fingerprint)].decode()
    assert "<p>Against the set of job" in page
    assert "2 training images added, 1 removed, 1 relabelled.</p>" in page
    assert "<li>cat (0) -&gt; dog (1): 1</li>" in page
    assert "last training" not in account.objects[keys.page_key(SET, first.fingerprint)].decode()


def test_a_class_that_comes_before_the_others_relabels_none_of_their_images(account: Account) -> None:
    train({1: 0, 2: 1}, account, names=b"cat\ndog\n")
    change = train({1: 1, 2: 2, 3: 0}, account, names=b"ant\ncat\ndog\n").change
    assert change
    assert (change.added, change.removed, change.relabelled) == (1, 0, 0)


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_content_of_which_no_model_came_is_not_held_against(status: str, account: Account) -> None:
    first = train({1: 0, 2: 1}, account)
    account.modified += HOUR
    assert train({1: 0, 2: 1, 3: 0}, account, status=status).change
    change = train({1: 0, 2: 1, 4: 0, 5: 1}, account).change
    assert change == SetChange(job=job_of(first), added=2)


PRICED = replace(SETTINGS, hourly_price_usd="ml.g4dn.xlarge=0.72,ml.g5.xlarge=1,ml.p3.2xlarge=3.6")


def test_what_the_last_run_cost_is_told_before_the_next_without_a_call_more(account: Account) -> None:
    first = train({1: 0, 2: 1}, account, settings=PRICED)
    assert first.last_run is None
    billed = replace(account.jobs[job_of(first)], billed_seconds=500)
    account.jobs[billed.name] = billed
    account.calls.clear()
    unpriced = deepcopy(account)
    second = train({1: 0, 2: 1, 4: 0}, account, settings=PRICED)
    assert second.last_run == LastRun(job=billed.name, cost=Decimal("0.1"))
    assert train({1: 0, 2: 1, 4: 0}, unpriced).last_run is None
    assert sorted(account.operations) == sorted(unpriced.operations)
    said = "at most $86.40 (time limit), about $0.10 by the last run of this set"
    assert f"<p>Cost: {said}.</p>" in account.objects[keys.page_key(SET, second.fingerprint)].decode()


@pytest.mark.parametrize(("settings", "looks"), [(SETTINGS, False), (PRICED, True)], ids=["no prices", "prices"])
def test_without_prices_nobody_looks_for_what_a_refused_set_cost(
    settings: StartSettings, account: Account, *, looks: bool
) -> None:
    first = train({1: 0, 2: 1}, account)
    account.objects |= {f"{FOLDER}{name}": body for name, body in FILES.items()}
    account.objects[f"{FOLDER}training.json"] = b'{"epochs": 0}'
    account.calls.clear()
    assert start(uploaded(), replace(invoked(account), settings=settings)).decision == "refused"
    assert (job_of(first) in account.about("describe")) is looks


def test_a_last_run_without_a_price_is_not_told_of(account: Account) -> None:
    first = train({1: 0, 2: 1}, account, settings=PRICED)
    other = replace(account.jobs[job_of(first)], billed_seconds=500, instance_type="ml.p2.xlarge")
    account.jobs[other.name] = other
    assert train({1: 0, 2: 1, 3: 0}, account, settings=PRICED).last_run is None


def test_a_set_that_may_cost_too_much_is_refused_with_the_sum(account: Account) -> None:
    account.objects |= {f"{FOLDER}{name}": body for name, body in FILES.items()}
    settings = replace(PRICED, max_job_cost_usd=Decimal("86.39"))
    assert start(uploaded(), replace(invoked(account), settings=settings)).decision == "refused"
    assert "create job" not in account.operations
    (finding,) = (each for each in kept_report(account).findings if each.severity is Severity.ERROR)
    assert "up to $86.40, for 24 hours of 1 instance of ml.p3.2xlarge" in finding.message
    settings = replace(PRICED, max_job_cost_usd=Decimal("86.40"))
    account.modified += HOUR
    later = uploaded(time=NOON + HOUR)
    assert start(later, replace(invoked(account, NOON + HOUR), settings=settings)).decision == "started"


def test_a_content_that_is_read_in_samples_is_not_compared(account: Account) -> None:
    train({1: 0, 2: 1}, account)
    change = train({1: 0, 2: 1, 3: 0}, account, settings=replace(SETTINGS, largest_whole_in_megabytes=0)).change
    assert change
    assert change.not_compared == "only a sample of its images was looked at"


def test_nothing_is_said_of_a_content_whose_images_were_not_kept(account: Account) -> None:
    first = train({1: 0, 2: 1}, account)
    images = account.objects.pop(keys.images_key(SET, first.fingerprint))
    assert train({1: 0, 2: 1, 3: 0}, account, status="Failed").change is None
    account.objects[keys.images_key(SET, first.fingerprint)] = images
    assert train({1: 0, 2: 1, 4: 0}, account).change


@pytest.mark.parametrize(
    "left",
    [b"nothing", b"[]", b"[" * 100_000, b'{"version": 1}'],
    ids=["no JSON", "list", "deep", "little"],
)
def test_nothing_is_said_where_something_else_lies(left: bytes, account: Account) -> None:
    first = train({1: 0, 2: 1}, account)
    key = keys.images_key(SET, first.fingerprint)
    account.objects[key] = left
    assert train({1: 0, 2: 1, 3: 0}, account).change is None


def test_more_than_was_ever_kept_is_not_read(account: Account) -> None:
    first = train({1: 0, 2: 1}, account)
    key = keys.images_key(SET, first.fingerprint)
    account.objects[key] += b" " * LARGEST_IMAGES_IN_BYTES
    assert train({1: 0, 2: 1, 3: 0}, account).change is None
    assert key not in account.about("read")


def test_images_of_another_content_of_the_same_name_are_not_taken(account: Account) -> None:
    first = train({1: 0, 2: 1}, account)
    key = keys.images_key(SET, first.fingerprint)
    account.objects[key] = json.dumps(account.document(key) | {"digest": "f" * 64}).encode()
    assert train({1: 0, 2: 1, 3: 0}, account).change is None


def test_of_a_set_that_is_new_nothing_more_is_asked(account: Account) -> None:
    kept = train({1: 0, 2: 1}, account)
    assert keys.images_key(SET, kept.fingerprint) not in account.about("list")
    assert set(account.about("describe")) == {job_of(kept)}


def find(known_reports: Mapping[str, tuple[Verdict, int]], *jobs: tuple[str, int, str]) -> str:
    """Name the job that is found among reports of an age in hours, by their contents."""
    reports: dict[StoredObject, Report | None] = {}
    for content, (verdict, age) in known_reports.items():
        reports |= report(verdict, NOON - age * HOUR, content)
    described = [job(name=keys.job_name(PREFIX, SET, content, at), status=status) for content, at, status in jobs]
    own = next(iter(report(content="a" * 12).values()))
    assert own
    found = changes.find_trained(own, known(reports=reports, jobs=described))
    return found[1].name if found else ""


READY, REFUSED = Verdict.READY, Verdict.REFUSED


def test_the_newest_content_that_was_trained_on_is_found() -> None:
    def name(content: str, attempt: int = 1) -> str:
        return keys.job_name(PREFIX, SET, content, attempt)

    b, c = "b" * 12, "c" * 12
    two = {b: (READY, 2), c: (READY, 1)}
    assert find(two, (b, 1, "Completed"), (c, 1, "Completed")) == name(c)
    assert find(two, (b, 1, "Completed"), (c, 1, "InProgress")) == name(b)
    assert find(two, (b, 1, "Completed"), (c, 1, "Failed"), (c, 2, "Completed")) == name(c, 2)
    assert find(two) == ""
    assert find({c: (REFUSED, 1)}, (c, 1, "Completed")) == ""
    assert find({"a" * 12: (READY, 1)}, ("a" * 12, 1, "Completed")) == ""  # its own


def test_no_more_than_ten_reports_are_looked_at() -> None:
    others: dict[str, tuple[Verdict, int]] = {f"{number:012x}": (READY, number) for number in range(1, 12)}
    assert find(others, (f"{EARLIER_LOOKED_AT:012x}", 1, "Completed"))
    assert not find(others, (f"{EARLIER_LOOKED_AT + 1:012x}", 1, "Completed"))
