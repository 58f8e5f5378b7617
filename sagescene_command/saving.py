"""What came of a run through the local stack, kept in a folder: the stack's own memory ends with the command."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagescene import keys
from sagescene.errors import SagesceneError
from sagescene.foreign_text import printable_json, printable_lines
from sagescene_command.local_run import Result
from sagescene_standin.occurrence import Listener, Occurrence

if TYPE_CHECKING:
    from sagescene_standin.stack import Stack

MODEL, REPORTS, OUTCOME = "model.tar.gz", "reports", "outcome.json"
NOTICES, LOG = "notices.txt", "training.log"


class UnsavableError(SagesceneError):
    """A folder that cannot take what came of a run; the message says why and what to do."""


class Keeper:
    """Keeps notices that people would be sent, and logs, beside whoever tells of them; called from several threads."""

    def __init__(self, narrate: Listener) -> None:
        """Tell occurrences by `narrate`."""
        self._narrate = narrate
        self.notices: list[str] = []
        self._logs: defaultdict[str, list[str]] = defaultdict(list)

    def __call__(self, occurrence: Occurrence) -> None:
        """Take what happened."""
        text = str(occurrence.detail.get("text", ""))
        if occurrence.kind == "message" and not text.startswith("{"):  # alarms send JSON
            self.notices.append(f"{occurrence.detail['subject']}\n\n{text}\n")
        if occurrence.kind == "log":
            self._logs[occurrence.subject].append(_write_line(occurrence.detail))
        self._narrate(occurrence)

    def log_of(self, job: str) -> list[str]:
        """Give what a training job logged, line by line."""
        return self._logs.get(job, [])


def require_room(folder: Path) -> None:
    """See that a folder can be made, or is empty; nothing new stays, for a run may have nothing to keep.

    Raises:
        UnsavableError: if it holds something, or cannot be made.
    """
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UnsavableError(f"{folder} holds files already: give a new folder.")
    except OSError as error:
        raise UnsavableError(f"{folder} cannot be made ({error.strerror}): give another folder.") from error
    finally:
        for each in new:
            with suppress(OSError):
                each.rmdir()


def find_page(folder: Path, data_set: str, job: str) -> str | None:
    """Give the address, for a browser, of the page on a model's evaluation that was kept; None where none was."""
    page = folder / REPORTS / keys.evaluation_page_key(data_set, job).removeprefix(f"{keys.REPORTS}{data_set}/")
    return page.resolve().as_uri() if page.is_file() else None


def save(stack: "Stack", data_set: str, result: Result, keeper: Keeper, folder: Path) -> list[str]:
    """Keep the model, the set's reports with their pages, the job's outcome and log, and the notices; names the files.

    They lie as `sagescene predict` finds them.

    Raises:
        UnsavableError: if they cannot be written.
    """
    s3, bucket = stack.client("s3"), stack.outputs["Bucket"]
    saved: list[str] = []

    def keep(name: str, write: Callable[[Path], object]) -> None:
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path)
        except OSError as error:
            raise UnsavableError(
                f"{path} cannot be written ({error.strerror}): give room, or another --save."
            ) from error
        saved.append(name)

    def download(key: str, name: str) -> None:
        keep(name, lambda path: s3.download_file(bucket, key, str(path)))

    def list_keys(prefix: str) -> list[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    if result.model:
        download(result.model["artifact"].removeprefix(f"s3://{bucket}/"), MODEL)
    prefix = f"{keys.REPORTS}{data_set}/"
    for key in list_keys(prefix):
        download(key, f"{REPORTS}/{key.removeprefix(prefix)}")
    if result.job:
        for key in list_keys(keys.OUTCOMES):
            if key.endswith(f"/{result.job['name']}.json"):
                download(key, OUTCOME)
        if log := "".join(f"{line}\n" for line in keeper.log_of(str(result.job["name"]))):
            keep(LOG, lambda path: path.write_text(printable_lines(log), encoding="utf-8"))
    if keeper.notices:
        keep(NOTICES, lambda path: path.write_text("\n".join(map(printable_lines, keeper.notices)), encoding="utf-8"))
    return saved


def _write_line(logged: Mapping[str, Any]) -> str:
    return str(logged["message"]) if logged.keys() == {"message"} else printable_json(logged)
