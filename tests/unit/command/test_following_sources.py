"""What is read of a stack's files, earlier jobs and evaluations."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sagescene.dataset import StoredObject
from sagescene_command.following.deployed_stack import DeployedStack
from sagescene_command.following.sights import SeenEvaluation
from sagescene_command.following.sources import Sources

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
NAMED = "sagescene--pets--"


def summary(name: str, created: datetime, ended: datetime | None) -> dict[str, Any]:
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}"
    end = {"TrainingEndTime": ended} if ended else {}
    return {
        "TrainingJobName": name,
        "TrainingJobArn": arn,
        "CreationTime": created,
        "TrainingJobStatus": "Completed",
        **end,
    }


def open_sources(monkeypatch: pytest.MonkeyPatch) -> tuple[Sources, Any]:
    for name, value in {"DEFAULT_REGION": "us-east-1", "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    sources = Sources(DeployedStack(region="us-east-1", bucket="bucket", resources={}, found=NOON), "sagescene")
    sources._sagemaker = boto3.client("sagemaker")
    return sources, sources._sagemaker


@pytest.mark.parametrize(
    ("listed", "took"),
    [
        ([], None),
        ([summary(f"{NAMED}a", NOON - timedelta(hours=1), NOON - timedelta(minutes=56))], timedelta(minutes=4)),
        ([summary(f"other-{NAMED}a", NOON - timedelta(hours=1), NOON)], None),
        ([summary(f"{NAMED}a", NOON, NOON + timedelta(minutes=1))], None),
        ([summary(f"{NAMED}a", NOON - timedelta(hours=1), None)], None),
    ],
    ids=["none", "one", "another set", "the job itself", "without an end"],
)
def test_the_last_job_of_the_set_that_completed_before_says_how_long_it_took(
    listed: list[dict[str, Any]], took: timedelta | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, client = open_sources(monkeypatch)
    asked = {
        "NameContains": NAMED,
        "StatusEquals": "Completed",
        "CreationTimeBefore": NOON,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 100,
    }
    with Stubber(client) as stubber:
        stubber.add_response("list_training_jobs", {"TrainingJobSummaries": listed}, asked)
        assert sources.find_last_duration("pets", NOON) == took


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        ([f"{NAMED}b", f"{NAMED}a"], f"{NAMED}b"),
        ([f"other-{NAMED}b", f"{NAMED}a"], f"{NAMED}a"),
        ([f"{NAMED}of-another-set", f"{NAMED}a"], f"{NAMED}a"),
        ([], None),
    ],
    ids=["two", "of another stack", "of a set whose name is cut alike", "none"],
)
def test_the_newest_model_of_a_set_is_found_whichever_of_its_files_it_was_made_of(
    names: list[str], newest: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, client = open_sources(monkeypatch)
    asked = {"NameContains": NAMED, "SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": 100}
    listed = [{"ModelName": name, "ModelArn": f"arn:{'x' * 20}/{name}", "CreationTime": NOON} for name in names]
    monkeypatch.setattr(sources, "find_set_of_job", lambda name: "pets.2" if "another" in name else "pets")
    with Stubber(client) as stubber:
        stubber.add_response("list_models", {"Models": listed}, asked)
        found = sources.find_newest_model("pets")
    assert (found["ModelName"] if found else None) == newest


def test_the_newest_evaluation_of_a_model_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(verdict: str) -> bytes:
        caveats = [
            {"code": "c", "message": "It is odd.", "remedy": ""},
            {"code": "c", "message": "So.", "remedy": "Go."},
        ]
        return json.dumps({"verdict": verdict, "caveats": caveats}).encode()

    documents = {
        "reports/pets/job.evaluation.json": (NOON, write("first")),
        "reports/pets/job.0123.evaluation.json": (NOON + timedelta(hours=1), write("newest")),
        "reports/pets/job.evaluation.html": (NOON + timedelta(hours=2), b"page"),
    }
    objects = [StoredObject(key=key, etag="", size=1, last_modified=time) for key, (time, _) in documents.items()]
    sources, _ = open_sources(monkeypatch)
    monkeypatch.setattr(
        sources.cloud, "list_objects", lambda _, prefix: [o for o in objects if o.key.startswith(prefix)]
    )
    monkeypatch.setattr(sources.cloud, "read", lambda _, stored: [documents[stored.key][1]])
    assert sources.find_evaluation("pets", "job") == SeenEvaluation(
        verdict="newest",
        caveats=("It is odd.", "So. Go."),
        page="s3://bucket/reports/pets/job.0123.evaluation.html",
    )
    assert sources.find_evaluation("pets", "other") is None


@pytest.mark.parametrize(
    ("written", "awaits"),
    [((), False), (("job.notice.json",), True), (("job.notice.json", "job.told.json"), False), (("job.json",), False)],
)
def test_an_evaluation_is_awaited_from_its_mark_until_people_are_told(
    written: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, *, awaits: bool
) -> None:
    sources, client = open_sources(monkeypatch)
    objects = [
        StoredObject(key=f"outcomes/2026-11-12/{name.replace('job', f'{NAMED}a')}", etag="", size=1, last_modified=NOON)
        for name in written
    ]
    monkeypatch.setattr(sources.cloud, "list_objects", lambda *_, **__: objects)
    monkeypatch.setattr(sources.cloud, "read_json", lambda *_: {})
    monkeypatch.setattr(sources, "list_attempts", lambda _: (summary(f"{NAMED}a", NOON, NOON),))
    monkeypatch.setattr(sources, "find_model", lambda _: "")
    with Stubber(client):
        assert sources.look_at_job(f"{NAMED}a", "pets").awaits_evaluation is awaits


def test_images_that_are_not_packed_are_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    sources, client = open_sources(monkeypatch)
    monkeypatch.setattr(sources, "_find_report", lambda *_: None)
    images = [
        StoredObject(key=f"datasets/pets/cat/{number}.jpg", etag="e", size=1, last_modified=NOON) for number in range(3)
    ]
    with Stubber(client) as stubber:
        stubber.add_response("list_training_jobs", {"TrainingJobSummaries": []})
        (found,) = sources.look("pets", images, [], NOON).foreign
    assert "3 images (cat 3) not packed" in found.message
    assert "sagescene pack" in found.remedy
