"""How often people are notified: of one topic once an hour; the next notice counts those that were held back."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sagescene import keys
from sagescene.aws import ObjectReplacedError
from sagescene.dataset import StoredObject
from sagescene.errors import PassingError
from sagescene.messages.notices import Notice
from sagescene.workflow.context import LONGEST_INVOCATION, Context

_INTERVAL = timedelta(hours=1)
_TRIES = 20  # against the other invocations that count at the same moment: at most four, each time anew


class TopicBusyError(PassingError):
    """Another invocation is sending a notice of the same topic, or failed when it began to: a few minutes will tell."""

    def __init__(self, topic: str) -> None:
        """Name the topic."""
        super().__init__(f"Another notice of {topic} is being sent.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """The last notice of a topic: when it was sent, and how many were held back since.

    `next_begun` is when somebody began to send the next one, or the first, and has not ended.
    """

    time: datetime
    held_back: int = 0
    next_begun: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        begun = {"next_begun": self.next_begun.isoformat()} if self.next_begun else {}
        return {"sent": self.time.isoformat(), "held_back": self.held_back, **begun}


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A notice as it is to be sent now; what was kept of its topic, and the ETag of that, None where nothing was."""

    notice: Notice
    last: _Sent | None = None
    etag: str | None = None


def admit(notice: Notice, context: Context) -> Admitted | None:
    """Admit a notice, unless one of its topic was sent within the hour: then it is counted, and None.

    None as well, and not counted, for whoever is overtaken by others that count again and again.

    Raises:
        TopicBusyError: whether another is sent is not known yet.
    """
    bucket, cloud = context.settings.data_bucket, context.cloud
    for _ in range(_TRIES):
        stored = cloud.find_object(bucket, keys.topic_key(notice.topic)) if notice.topic else None
        if stored is None:
            return Admitted(notice=notice)
        try:
            last = _read(stored, context)
        except ObjectReplacedError:
            continue
        if last and last.next_begun and context.now - last.next_begun < LONGEST_INVOCATION:
            raise TopicBusyError(notice.topic)
        if last is None or last.next_begun or context.now - last.time >= _INTERVAL:
            return Admitted(notice=_count(notice, last) if last else notice, last=last, etag=stored.etag)
        more = replace(last, held_back=last.held_back + 1)
        if cloud.replace_json(bucket, stored.key, stored.etag, more.as_json()):
            return None
    return None


def admit_first(notice: Notice, context: Context) -> Admitted | None:
    """Admit a notice as `admit` does, and of many that ask at once one: the others see that it is being sent."""
    for _ in range(_TRIES):
        admitted = admit(notice, context)
        if admitted is None or not notice.topic:
            return admitted
        begun = replace(admitted.last or _Sent(time=context.now), next_begun=context.now)
        etag = _write(begun, admitted, context)
        if etag:
            return replace(admitted, etag=etag)
    return None


def begin_hour(admitted: Admitted, context: Context) -> bool:
    """Hold the topic's other notices back from now on; False when another began the hour meanwhile."""
    return not admitted.notice.topic or _write(_Sent(time=context.now), admitted, context) is not None


def _write(sent: _Sent, admitted: Admitted, context: Context) -> str | None:
    bucket, cloud, key = context.settings.data_bucket, context.cloud, keys.topic_key(admitted.notice.topic)
    if admitted.etag is None:
        return cloud.write_json_once(bucket, key, sent.as_json())
    return cloud.replace_json(bucket, key, admitted.etag, sent.as_json())


def _read(stored: StoredObject, context: Context) -> _Sent | None:
    """Read what was sent last; None when somebody else wrote it."""
    body = b"".join(context.cloud.read(context.settings.data_bucket, stored))
    try:
        kept = json.loads(body)
        sent, begun = datetime.fromisoformat(kept["sent"]), kept.get("next_begun")
        next_begun = datetime.fromisoformat(begun) if begun else None
        return _Sent(time=sent, held_back=int(kept["held_back"]), next_begun=next_begun)
    except (ValueError, TypeError, KeyError):
        return None


def _count(notice: Notice, last: _Sent) -> Notice:
    if not last.held_back:
        return notice
    them = "1 more of these notices was" if last.held_back == 1 else f"{last.held_back:,} more of these notices were"
    said = f"Since {last.time:%Y-%m-%d %H:%M} UTC {them} held back: one an hour is sent."
    return replace(notice, text=f"{notice.text}\n\n{said}")
