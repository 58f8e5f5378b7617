"""What must hold after every step, and what must hold when nothing is under way any more."""

from collections import Counter
from collections.abc import Container

from sagescene import dataset, keys, parts
from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, StoredObject
from tests.proof.world import World

_LIVE = ("InProgress", "Stopping")


def check_always(world: World) -> None:
    """Check what must hold at any time, whatever has gone wrong."""
    assert not world.unexplained, world.unexplained[0]
    assert not world.has_expired_messages, "a message expired in its queue"
    jobs, models = world.jobs, world.models
    live = Counter(content_of(job) for job, status in jobs.items() if status in _LIVE)
    assert all(number == 1 for number in live.values()), f"a content has two live jobs: {jobs}"
    limits = world.settings
    assert not limits.max_jobs_at_once or live.total() <= limits.max_jobs_at_once, f"too many jobs at once: {jobs}"
    assert not limits.max_jobs_per_day or max(world.days.values(), default=0) <= limits.max_jobs_per_day
    completed = Counter(content_of(job) for job, status in jobs.items() if status == "Completed")
    assert all(number == 1 for number in completed.values()), f"a content was paid for twice: {jobs}"
    assert {job for job in models if jobs.get(job) != "Completed"} == set()
    outcomes = Counter(outcome["job"] for outcome in world.outcomes.values() if outcome["status"] != "NotStarted")
    assert all(number == 1 for number in outcomes.values()), f"a job has two outcomes: {outcomes}"
    for key, outcome in world.outcomes.items():
        if outcome["status"] != "NotStarted":
            assert world.written[key] == 1, f"{key} was written again"
            assert jobs[outcome["job"]] == outcome["status"]


def check_settled(world: World, diminished: Container[str] = ()) -> None:
    """Check what must hold when nothing is under way: everything has its end, and nothing was lost.

    Of sets that were `diminished` after their last upload nothing is promised: a deletion does not ring.
    """
    check_always(world)
    assert world.is_quiet
    assert not world.dead_letters
    jobs = world.jobs
    outcomes, reports = list(world.outcomes.values()), world.reports
    ended = {outcome["job"] for outcome in outcomes if outcome["status"] != "NotStarted"}
    unfinished = {mark["job"] for mark in world.unfinished_models.values()} - ended
    assert world.models == sorted({job for job, status in jobs.items() if status == "Completed"} - unfinished)
    assert set(jobs) == ended | unfinished
    told = {word for subject, _ in world.topic.notices for word in subject.split()}
    refused = {key for key, report in reports.items() if report["verdict"] == "refused"}
    begun = set(jobs) | {content_of(outcome["job"]) for outcome in outcomes}
    stored = [key for key in world.bucket.list_keys(world.bucket.name, "datasets/") if parts.part_of(key)]
    misplaced = {key for key in stored if not parts.set_of(key)}
    assert misplaced <= told, f"nobody was told of {misplaced - told}: {world.decisions}"
    for name in sorted({key.split("/")[1] for key in stored if key not in misplaced}):
        if name in diminished:
            continue
        assert name in told, f"nobody was told of {name}: {world.decisions}"
        assembled = assembled_now(world, name)
        if not isinstance(assembled, IncompleteSet):
            job = keys.job_name(world.settings.job_prefix, name, assembled.fingerprint)
            is_refused = keys.report_key(name, assembled.fingerprint) in refused
            assert job in begun or is_refused, f"{name} was lost: {jobs}, {reports}, {world.decisions}"


def assembled_now(world: World, name: str) -> DataSet | IncompleteSet | AmbiguousSet:
    """Assemble what lies in the bucket of a data set."""
    stored = {key: world.bucket[key] for key in world.bucket.list_keys(world.bucket.name, f"datasets/{name}/")}
    return dataset.assemble(
        name,
        [
            StoredObject(key=key, etag=each.etag, size=len(each.body), last_modified=each.modified)
            for key, each in stored.items()
        ],
    )


def content_of(job: str) -> str:
    """Give a job's name without the number of its try."""
    first, _, attempt = job.rpartition("--r")
    return first if first and attempt.isdecimal() else job
