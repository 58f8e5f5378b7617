"""What is known of data sets, in words: clock times are those of the local zone, sizes in MB and GB."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sagescene import keys
from sagescene.findings import Finding
from sagescene.grammar import agree, count
from sagescene_command.following.sights import Sight, State
from sagescene_command.narration import describe_size

if TYPE_CHECKING:
    from sagescene_command.following.doctor import Diagnosis
    from sagescene_command.following.uploading import UploadPlan


def tell_time(moment: datetime, now: datetime | None = None) -> str:
    """Give a clock time of the local zone, with its day unless that is today, when `now` says what today is."""
    local = moment.astimezone()
    is_today = now is None or local.date() == now.astimezone().date()
    return local.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S")


def tell_state(state: State, now: datetime) -> str:
    """Say in one line why a data set is where it is, and until when."""
    accuracies = [
        f"accuracy on {name.partition(':')[0]} {value:.4f}"
        for name, value in sorted(state.metrics.items())
        if name.endswith(":accuracy")
    ]
    if state.verdict == "model":
        return ", ".join([state.job, *accuracies])
    if errors := state.errors:
        first = errors[0].fault
        return first if len(errors) == 1 else f"{_count(errors, 'error')}, first: {first}"
    return tell_waiting(", ".join(filter(None, (state.job, state.reason))), state.until, state.ends, now)


def tell_verdict(state: State, now: datetime) -> str:
    """Say as `tell_state` does why a data set is where it is, but count errors that are told below."""
    return _count(state.errors, "error") if state.errors else tell_state(state, now)


def tell_waiting(reason: str, until: datetime | None, ends: datetime | None, now: datetime) -> str:
    """Say why something waits, and until when."""
    whens = [
        *([f"next look at {tell_time(until, now)}"] if until else []),
        *([f"given up at {tell_time(ends, now)}"] if ends else []),
    ]
    return "; ".join([reason.removesuffix(".") if whens else reason, *whens])


def tell_table(rows: Iterable[tuple[Sight, State]], now: datetime) -> Iterator[str]:
    """Give a line a data set: its name, its verdict, and why."""
    cells = [(sight.data_set, state.verdict, _tell_why(sight, state, now)) for sight, state in rows]
    widths = [max((len(row[column]) for row in cells), default=0) for column in (0, 1)]
    for name, verdict, reason in cells:
        yield f"{name:<{widths[0]}}  {verdict:<{widths[1]}}  {reason}".rstrip()


def _tell_why(sight: Sight, state: State, now: datetime) -> str:
    why = tell_state(state, now)
    if not sight.earlier_model:
        return why
    return f"{why.removesuffix('.')}; newest model: {sight.earlier_model['ModelName']}"


def tell_details(sight: Sight, state: State, bucket: str, now: datetime) -> Iterator[str]:
    """Give all that is known of one data set, a line a thing; findings are told below it."""
    rows: list[tuple[str, str]] = [("verdict", f"{state.verdict}: {tell_verdict(state, now)}")]
    if state.remedy and not state.findings:
        rows.append(("to do", state.remedy))
    if sight.uploaded:
        files = f"{count(sight.files, 'file')}, {describe_size(sight.size_in_bytes)}"
        rows.append(("files", f"{files}, the last one of {tell_time(sight.uploaded, now)}"))
    if report := sight.report:
        page = f"s3://{bucket}/{keys.page_key(sight.data_set, report['fingerprint'])}"
        rows.append(("report", f"{report['verdict']}, {_count_all(report['findings'])}, {page}"))
    rows.extend(("job", _tell_job(job, now)) for job in sight.jobs)
    if sight.model:
        rows.append(("model", sight.model))
        if seen := sight.evaluation:
            first, *others = seen
            rows.extend([("tested", first), *(("", said) for said in others)])
    elif earlier := sight.earlier_model:
        created = tell_time(earlier["CreationTime"], now)
        rows.append(("model", f"{earlier['ModelArn']}, created {created} of earlier files"))
    return (f"{name:<8}  {text}" for name, text in rows)


def tell_plan(planned: "UploadPlan", bucket: str, name: str) -> Iterator[str]:
    """Say what is uploaded, and what becomes of an upload that was broken off."""
    for upload in planned.broken_off:
        yield f"{upload.key}: an upload that was begun at {tell_time(upload.began)} and has not ended is begun anew"
    for key in planned.present:
        yield f"{key} is there already"
    files = sum(map(len, planned.groups))
    if files:
        size = describe_size(planned.size_in_bytes)
        yield f"{count(files, 'file')}, {size}, {agree(files, 'goes', 'go')} to s3://{bucket}/datasets/{name}/"


def tell_diagnoses(found: Iterable["Diagnosis"]) -> Iterator[str]:
    """Give a line a diagnosis, and one for its fix."""
    for one in found:
        yield f"{one.health:<7}  {one.subject:<11}  {one.says}"
        if one.fix:
            yield f"{'':<22}{one.fix}"


def _tell_job(job: Mapping[str, Any], now: datetime) -> str:
    parts = [job["TrainingJobName"], job["TrainingJobStatus"], f"created {tell_time(job['CreationTime'], now)}"]
    if "BillableTimeInSeconds" in job:
        parts.append(f"{job['BillableTimeInSeconds']:,} s billed")
    if job.get("FailureReason"):
        parts.append(job["FailureReason"])
    return ", ".join(map(str, parts))


def _count_all(findings: Sequence[Mapping[str, Any]]) -> str:
    return _count(map(Finding.from_json, findings), "finding") if findings else "no findings"


def _count(findings: Iterable[Finding], noun: str) -> str:
    return count(sum(finding.places for finding in findings), noun)
