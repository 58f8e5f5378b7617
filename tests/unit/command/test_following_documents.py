"""What a newer stack has written is read as far as it can be, and is no traceback where it cannot."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sagescene.dataset import StoredObject
from sagescene_command.following.documents import NewerStackError, require_outcome, require_report
from sagescene_command.following.sights import Sight, judge
from sagescene_command.following.sources import Sources
from tests.unit.command.test_following_sights import LONG_AGO, NOW, outcome, report
from tests.unit.command.test_following_sources import open_sources

ADDRESS = "s3://bucket/reports/pets/0123456789ab.json"
FINDING = {"severity": "error", "file": "a.rec", "where": "", "message": "Odd.", "remedy": "Look.", "places": 1}
REPORT = {**report("refused", LONG_AGO), "fingerprint": "0123456789ab"}


def test_codes_and_fields_that_nobody_knows_yet_are_passed_over() -> None:
    newer = {**REPORT, "version": 9, "findings": [{**FINDING, "code": "of-the-next-version", "weight": {"of": 1}}]}
    require_report(newer, ADDRESS)
    state = judge(Sight(data_set="pets", report=newer), NOW)
    assert (state.verdict, state.reason, state.remedy) == ("refused", "a.rec: Odd.", "Look.")
    require_outcome({**outcome("of the next version", LONG_AGO), "version": 9}, ADDRESS)


@pytest.mark.parametrize(
    ("require", "document"),
    [
        (require_report, {**REPORT, "findings": [{**FINDING, "severity": "hint"}]}),
        (require_report, {**REPORT, "findings": [{"code": "code", "severity": "error"}]}),
        (require_report, {**REPORT, "findings": {"a.rec": []}}),
        (require_report, {**REPORT, "written": 1794700800}),
        (require_report, {name: REPORT[name] for name in REPORT if name != "verdict"}),
        (require_report, [REPORT]),
        (require_outcome, {"decision": "model created"}),
        (require_outcome, {"job": "job", "written": NOW.isoformat()}),
        (require_outcome, {"job": "job", "written": {"at": 1}, "decision": "failed", "reason": "why"}),
    ],
)
def test_what_only_a_newer_command_reads_is_told(
    require: Callable[[Mapping[str, Any], str], None], document: Mapping[str, Any]
) -> None:
    with pytest.raises(NewerStackError) as caught:
        require(document, ADDRESS)
    assert str(caught.value) == (
        f"The stack is newer than this command, which cannot read {ADDRESS}: update the command to its version."
    )


@pytest.mark.parametrize(
    ("key", "look"),
    [
        ("reports/pets/0123456789ab.json", lambda sources: sources._find_report("pets", "0123456789ab")),
        (
            "outcomes/2026-11-26/sagescene--pets--0123456789ab.json",
            lambda sources: sources.look_at_job("sagescene--pets--0123456789ab", "pets"),
        ),
        ("reports/pets/job.evaluation.json", lambda sources: sources.find_evaluation("pets", "job")),
    ],
    ids=["report", "outcome", "evaluation"],
)
def test_each_document_of_a_stack_is_held_against_what_is_read_of_it(
    monkeypatch: pytest.MonkeyPatch, key: str, look: Callable[[Sources], object]
) -> None:
    sources, _ = open_sources(monkeypatch)
    stored = StoredObject(key=key, etag="", size=1, last_modified=NOW)
    monkeypatch.setattr(sources.cloud, "list_objects", lambda *_, **__: [stored])
    monkeypatch.setattr(sources.cloud, "read", lambda *_: [b'{"of": "the next version"}'])
    monkeypatch.setattr(sources.cloud, "find_object", lambda *_: stored)
    monkeypatch.setattr(sources, "list_attempts", lambda _: ({"CreationTime": NOW},))
    with pytest.raises(NewerStackError, match=f"cannot read s3://bucket/{key}: update"):
        look(sources)
