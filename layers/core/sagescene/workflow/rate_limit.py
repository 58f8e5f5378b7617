"""How often people are notified: of one topic once an hour; the next notice counts those that were held back."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sagescene import keys
from sagescene.aws import ObjectReplacedError
from sagescene.dataset import StoredObject
from sagescene.messages.notices import Notice
from sagescene.workflow.context import Context

_INTERVAL = timedelta(hours=1)
_TRIES = 5  # against other invocations that count at the same moment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """The last notice of a topic: when it was sent, and how many were held back since."""

    time: datetime
    held_back: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"sent": self.time.isoformat(), "held_back": self.held_back}


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A notice as it is to be sent now, and the ETag of what was kept of its topic, None where nothing was."""

    notice: Notice
    etag: str | None = None


def admit(notice: Notice, context: Context) -> Admitted | None:
    """Admit a notice, unless one of its topic was sent within the hour: then it is counted, and None."""
    bucket, cloud = context.settings.data_bucket, context.cloud
    for _ in range(_TRIES):
        stored = cloud.find_object(bucket, keys.topic_key(notice.topic)) if notice.topic else None
        if stored is None:
            return Admitted(notice=notice)
        try:
            last = _read(stored, context)
        except ObjectReplacedError:
            continue
        if last is None or context.now - last.time >= _INTERVAL:
            return Admitted(notice=_count(notice, last) if last else notice, etag=stored.etag)
        more = replace(last, held_back=last.held_back + 1)
        if cloud.replace_json(bucket, stored.key, stored.etag, more.as_json()):
            return None
    return None


def admit_first(notice: Notice, context: Context) -> Admitted | None:
    """Admit a notice and begin its topic's hour in one: of many that ask at once, one is admitted."""
    for _ in range(_TRIES):
        admitted = admit(notice, context)
        if admitted is None or begin_hour(admitted, context):
            return admitted
    return None


def begin_hour(admitted: Admitted, context: Context) -> bool:
    """Hold the topic's other notices back from now on; False when another began the hour meanwhile."""
    if not admitted.notice.topic:
        return True
    bucket, cloud = context.settings.data_bucket, context.cloud
    key, sent = keys.topic_key(admitted.notice.topic), _Sent(time=context.now).as_json()
    if admitted.etag is None:
        return cloud.write_json_once(bucket, key, sent) is not None
    return cloud.replace_json(bucket, key, admitted.etag, sent) is not None


def _read(stored: StoredObject, context: Context) -> _Sent | None:
    """Read what was sent last; None when somebody else wrote it."""
    body = b"".join(context.cloud.read(context.settings.data_bucket, stored))
    try:
        kept = json.loads(body)
        sent = datetime.fromisoformat(kept["sent"])
        return _Sent(time=sent, held_back=int(kept["held_back"]))
    except (ValueError, TypeError, KeyError):
        return None


def _count(notice: Notice, last: _Sent) -> Notice:
    if not last.held_back:
        return notice
    them = "1 more of these notices was" if last.held_back == 1 else f"{last.held_back:,} more of these notices were"
    said = f"Since {last.time:%Y-%m-%d %H:%M} UTC {them} held back: one an hour is sent."
    return replace(notice, text=f"{notice.text}\n\n{said}")
