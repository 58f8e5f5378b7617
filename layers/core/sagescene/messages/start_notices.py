"""What people are told of a data set until its training job is started: why it is not, and what it waits for."""

import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sagescene import parts
from sagescene.findings import Finding, Severity
from sagescene.foreign_text import printable
from sagescene.grammar import tell_limit
from sagescene.messages.bills import tell_estimate
from sagescene.messages.console_links import quotas_url
from sagescene.messages.notices import Notice, list_findings, on_one_line, start_command
from sagescene.preflight.estimate import Estimate
from sagescene.triggers import WaitCause

# AWS's message when a quota is in the way, seen in public reports.
_QUOTA = re.compile(r"service limit '(?P<name>[^']+)' is \d+\b")


def misplaced(bucket: str, key: str) -> Notice:
    """Say where a file belongs that lies outside `datasets/<set>/`, or whose key is too long or cannot be printed."""
    right_key = parts.suggest_key(key)
    shown = printable(key)
    if parts.is_named_too_long(key):
        subject = "The name of a data set is too long"
        reason = f"the name of its data set has more than {parts.LONGEST_NAME_IN_BYTES} bytes"
    elif parts.is_unprintable(key):
        subject, reason = f"{shown} is not in a data set", "its key holds control characters (escaped here)"
    else:
        subject, reason = f"{shown} is not in a data set", "it is in no data set"
    return Notice(
        subject=subject,
        text=f"s3://{bucket}/{shown} starts no training, because {reason}.\n"
        f"Upload it as s3://{bucket}/{right_key}, beside the other files of its set.",
        topic=f"{parts.set_of(right_key) or 'no-set'}/misplaced",
        data_set=parts.set_of(right_key) or "",
    )


def refused(bucket: str, data_set: str, page_key: str, findings: Collection[Finding], stack: str) -> Notice:
    """Say why a data set is not trained on: every finding, how it is judged again, and where the report lies."""
    errors_first = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    lines = "\n".join(list_findings(errors_first, warning="Warning: "))
    return Notice(
        subject=f"Data set {data_set} is refused",
        text=f"No training job was started for data set {data_set}:\n{lines}\n\n"
        "Upload the corrected files; the data set is then judged again. Deleting files asks for nothing by itself: "
        f"after it, upload one of the others again, or run: {start_command(data_set, stack)}\n"
        f"The whole report: s3://{bucket}/{page_key}",
        topic=f"{data_set}/refused-{_digest(finding.code for finding in findings)}",
        data_set=data_set,
    )


def _digest(codes: Iterable[str]) -> str:
    """Tell one complaint from another: whoever mends a set and fails hears of it at once."""
    return sha256(" ".join(sorted(set(codes))).encode()).hexdigest()[:8]


def long_upload(data_set: str, bucket: str, key: str, upload_id: str, began: datetime) -> Notice:
    """Say which upload a data set waits for, and how to end it if nobody is uploading any more."""
    command = f"aws s3api abort-multipart-upload --bucket {bucket} --key {shlex.quote(key)} --upload-id {upload_id}"
    return Notice(
        subject=f"Data set {data_set} waits for an upload",
        text=f"Since {began:%Y-%m-%d %H:%M} UTC s3://{bucket}/{key} has been uploading. Training starts by itself when "
        f"the upload is complete.\nIf nobody is uploading it any more, end it: {command}",
        topic=f"{data_set}/upload",
        data_set=data_set,
    )


def still_incomplete(data_set: str, awaited: str, waited: timedelta, likely: Sequence[str] = ()) -> Notice:
    """Remind people of a data set that has lacked files for so long; `likely` says which may be meant for them."""
    return Notice(
        subject=f"Data set {data_set} is incomplete",
        text=f"For {tell_limit(waited)} data set {data_set} has been waiting for its {awaited}.\n"
        + "\n".join(["Upload what is missing; training starts by itself.", *likely]),
        topic=f"{data_set}/incomplete",
        data_set=data_set,
    )


def waiting_for_quota(data_set: str, message: str, region: str, estimate: Estimate | None, limit: timedelta) -> Notice:
    """Say which quota is in the way by AWS's own message, what makes room under it, and where it is raised.

    `limit` is how long the wait may last.
    """
    url = quotas_url(region)
    return Notice(
        subject=f"Data set {data_set} waits for an instance quota",
        text=f"No training job could be started for data set {data_set}:\n{on_one_line(message)}\n\n"
        f"{_explain_quota(message, url)}\n{tell_estimate(estimate)}"
        f"Sagescene keeps trying for {tell_limit(limit)}; after that, drop the data set again.",
        topic=f"{data_set}/quota",
        data_set=data_set,
    )


def _explain_quota(message: str, url: str) -> str:
    quota = _QUOTA.search(message)
    if not quota:
        return f"Jobs that end may make room under the quota; it can be raised at {url}"
    return f'Jobs that end make room under the quota "{quota["name"]}"; it can be raised at {url}'


def waiting_for_limit(
    data_set: str, cause: WaitCause, reason: str, estimate: Estimate | None, limit: timedelta
) -> Notice:
    """Say which of the stack's own limits is in the way, when room comes by itself, and what lifts the limit.

    `limit` is how long the wait may last.
    """
    if cause is WaitCause.JOBS_A_DAY:
        subject, parameter = f"Data set {data_set} waits for another day", "MaxJobsPerDay"
        when = "when the day (UTC) is over"
    else:
        subject, parameter = f"Data set {data_set} waits for other jobs to end", "MaxJobsAtOnce"
        when = "when one of them has ended"
    return Notice(
        subject=subject,
        text=f"No training job could be started for data set {data_set}:\n{on_one_line(reason)}\n\n"
        f"Training starts by itself {when}. To lift the limit, deploy with a higher {parameter}.\n"
        f"{tell_estimate(estimate)}"
        f"Sagescene keeps trying for {tell_limit(limit)}; after that, drop the data set again.",
        topic=f"{data_set}/{cause}",
        data_set=data_set,
    )


# The other waits end otherwise: for files with a reminder, for an upload when it no longer counts, for capacity after a
# number of tries, for AWS's own faults among the dead letters.
_WAITED_FOR: Mapping[WaitCause, str] = {
    WaitCause.CHANGES: "files that change",
    WaitCause.RATE: "SageMaker's rate limit",
    WaitCause.QUOTA: "the instance quota",
    WaitCause.JOBS_AT_ONCE: "jobs that run to end",
    WaitCause.JOBS_A_DAY: "another day",
}


def waited_too_long(data_set: str, cause: WaitCause, reason: str, stack: str, limit: timedelta) -> Notice:
    """Say that a wait was given up that may last so long, and how to begin it anew."""
    return Notice(
        subject=f"Training on data set {data_set} was given up",
        text=f"For {tell_limit(limit)} data set {data_set} has been waiting for {_WAITED_FOR[cause]}:\n"
        f"{on_one_line(reason)}\n\n"
        f"Mend this, then drop the data set again, or run: {start_command(data_set, stack)}",
        topic=f"{data_set}/given-up",
        data_set=data_set,
    )


def waited_too_often(data_set: str, hops: int, began: datetime, reason: str, stack: str) -> Notice:
    """Say that one wait has followed another for too long, and how to begin anew."""
    return Notice(
        subject=f"Training on data set {data_set} was given up",
        text=f"Since {began:%Y-%m-%d %H:%M} UTC data set {data_set} has been put off {hops:,} times, at last because:\n"
        f"{on_one_line(reason)}\n\nMend this, then drop the data set again, or run: {start_command(data_set, stack)}",
        topic=f"{data_set}/given-up",
        data_set=data_set,
    )


def not_started(
    data_set: str, reasons: Iterable[str], remedies: Iterable[str], stack: str, region_of_quotas: str = ""
) -> Notice:
    """Say for which reasons no job of a data set can be started, what mends them, and how to begin anew.

    `region_of_quotas` is the one whose quotas are in the way, empty when none is.
    """
    quotas = f"Quotas: {quotas_url(region_of_quotas)}\n" if region_of_quotas else ""
    lines = "\n".join(f"- {on_one_line(reason)}" for reason in reasons)
    return Notice(
        subject=f"Training on data set {data_set} could not be started",
        text=f"No training job could be started for data set {data_set}:\n{lines}\n\n{' '.join(remedies)}\n{quotas}"
        f"Then drop the data set again, or run: {start_command(data_set, stack)}",
        data_set=data_set,
    )


def other_names(data_set: str, job: str, differing: str) -> Notice:
    """Say that names of classes have changed since the files were trained on, and what that asks for."""
    return Notice(
        subject=f"Data set {data_set} has other class names",
        text=f"Training job {job} has the same files, so none is started; but {differing}.\n\n"
        "A model answers with numbers and need not be trained again. If the new names are right, read its answers by "
        "them; if not, upload the former classes.txt again.",
        topic=f"{data_set}/class-names",
        data_set=data_set,
    )
