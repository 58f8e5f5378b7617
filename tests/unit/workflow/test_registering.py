"""With which request a model is entered in the registry, and what keeps it from being approved by itself."""

from dataclasses import replace

import pytest

from sagescene.finding_codes import Code
from sagescene.jobs.model_version import ModelVersion, find_approved
from sagescene.preflight.report import Report
from sagescene.workflow.evaluator import Assignment, ChallengeVerdict, Conclusion, Opponent
from sagescene.workflow.registering import plan
from tests.unit.workflow.known import EVALUATE_SETTINGS, fault, job, report, stored

(REPORT,) = report().values()
GIVEN = Assignment(
    job=job(status="Completed"),
    data_set="pets",
    artifact=stored("model.tar.gz"),
    files=(stored("a_test.rec"),),
    beside=(),
    role="test",
    identity="0f1e2d3c",
    report=REPORT,
)
APPROVING = replace(EVALUATE_SETTINGS, registers_models=True, approves_when_better=True)


def planned(*hindrances: str, given: Assignment = GIVEN, approves: bool = True) -> tuple[str, list[str]]:
    """Give the approval that is asked for, and what hinders it."""
    verdict = ChallengeVerdict(outcome="better", said="Better.", hindrances=hindrances)
    concluded = Conclusion(document={}, page="", summary="", challenge=verdict)
    settings = replace(APPROVING, approves_when_better=approves)
    kept = plan(given, concluded, Opponent(version=3), "reports/pets/x.evaluation.json", settings)
    assert kept["request"]["CustomerMetadataProperties"]["compared-with"] == "3"
    return kept["request"]["ModelApprovalStatus"], kept["hindrances"]


def test_what_nothing_hinders_is_approved_where_that_is_asked_for() -> None:
    assert planned() == ("Approved", [])
    assert planned(approves=False) == ("PendingManualApproval", [])


def test_what_the_evaluation_has_against_it_hinders() -> None:
    assert planned("it is worse") == ("PendingManualApproval", ["it is worse"])


@pytest.mark.parametrize("code", [Code.IMAGES_SHARED, Code.SHARED_SAMPLED, Code.PATHS_SHARED])
def test_shared_images_hinder(code: Code) -> None:
    assert REPORT is not None
    shared: Report = REPORT.with_findings([fault(code, code.severity)])
    approval, (hindrance,) = planned(given=replace(GIVEN, report=shared))
    assert (approval, "share images" in hindrance) == ("PendingManualApproval", True)


def test_without_a_report_nothing_is_known_of_shared_images() -> None:
    assert planned(given=replace(GIVEN, report=None))[0] == "PendingManualApproval"


def test_without_an_opponent_nothing_is_approved() -> None:
    concluded = Conclusion(document={}, page="", summary="")
    kept = plan(GIVEN, concluded, Opponent(), "reports/pets/x.evaluation.json", APPROVING)
    assert kept["request"]["ModelApprovalStatus"] == "PendingManualApproval"


def test_one_evaluation_has_one_token_and_another_has_its_own() -> None:
    concluded = Conclusion(document={}, page="", summary="")
    first, again, other = (
        plan(given, concluded, Opponent(), "x.evaluation.json", APPROVING)["request"]["ClientToken"]
        for given in (GIVEN, GIVEN, replace(GIVEN, identity="ffff"))
    )
    assert first == again != other
    assert len(first) <= 36


def test_the_newest_approved_version_of_another_job_is_the_one_in_use() -> None:
    kinds = {1: ("a", "Approved"), 2: ("b", "Approved"), 3: ("c", "Rejected"), 4: ("d", "Approved")}
    versions = [ModelVersion(version=n, job=made, approval=state, arn="") for n, (made, state) in kinds.items()]
    found = [find_approved(versions, besides=made) for made in ("d", "a")]
    assert [each and each.version for each in found] == [2, 4]
    assert find_approved(versions[2:3], besides="a") is None
