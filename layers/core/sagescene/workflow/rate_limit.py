"""How often people are notified: of one topic once an hour; the next notice counts those that were held back."""

import json
from collections.abc import Mapping
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
    """The last notice of a topic: when it was sent, which trigger asked for it, and how many were held back since."""

    time: datetime
    asked_by: Mapping[str, str]
    held_back: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"sent": self.time.isoformat(), "asked_by": dict(self.asked_by), "held_back": self.held_back}


def admit(notice: Notice, asked_by: Mapping[str, str], context: Context) -> Notice | None:
    """Give the notice as it is to be sent now, or None when one of its topic was sent within the hour.

    `asked_by` names a trigger that has a claim: should it die before its notice is sent, it is admitted again.
    """
    bucket, cloud = context.settings.data_bucket, context.cloud
    key, now = keys.topic_key(notice.topic), _Sent(time=context.now, asked_by=asked_by)
    for _ in range(_TRIES):
        stored = cloud.find_object(bucket, key)
        if stored is None:
            if cloud.write_json_once(bucket, key, now.as_json()):
                return notice
            continue
        try:
            last = _read(stored, context)
        except ObjectReplacedError:
            continue
        if asked_by and last and last.asked_by == asked_by:
            return notice
        if last and context.now - last.time < _INTERVAL:
            more = replace(last, held_back=last.held_back + 1)
            if cloud.replace_json(bucket, key, stored.etag, more.as_json()):
                return None
        elif cloud.replace_json(bucket, key, stored.etag, now.as_json()):
            return _count(notice, last) if last else notice
    return None


def _read(stored: StoredObject, context: Context) -> _Sent | None:
    """Read what was sent last; None when somebody else wrote it."""
    body = b"".join(context.cloud.read(context.settings.data_bucket, stored))
    try:
        kept = json.loads(body)
        sent = datetime.fromisoformat(kept["sent"])
        return _Sent(time=sent, asked_by=kept["asked_by"], held_back=int(kept["held_back"]))
    except (ValueError, TypeError, KeyError):
        return None


def _count(notice: Notice, last: _Sent) -> Notice:
    if not last.held_back:
        return notice
    them = "1 more of these notices was" if last.held_back == 1 else f"{last.held_back:,} more of these notices were"
    said = f"Since {last.time:%Y-%m-%d %H:%M} UTC {them} held back: one an hour is sent."
    return replace(notice, text=f"{notice.text}\n\n{said}")
