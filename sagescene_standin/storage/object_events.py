"""Object Created events: what S3 tells EventBridge of every object that comes to be.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import itertools
import time
import uuid
from typing import Any

from sagescene_standin.account import Account
from sagescene_standin.events.bus import EventBus
from sagescene_standin.occurrence import Listener, Occurrence

_REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}


class ObjectEvents:
    """Publish an event for each object that is created in a bucket with EventBridge on."""

    def __init__(self, account: Account, bus: EventBus, listen: Listener) -> None:
        self._account = account
        self._bus = bus
        self._listen = listen
        # Later events compare greater, as text of one length.
        self._sequencers = (f"{number:018X}" for number in itertools.count(time.time_ns()))

    def publish(self, event_name: str, bucket: Any, key: Any) -> None:  # noqa: ANN401
        """Take S3's own event name, moto's bucket and moto's key; anything but a creation is passed over."""
        if event_name not in _REASONS:
            return
        size, reason = key.size, _REASONS[event_name]
        detail = {"bucket": bucket.name, "size": size, "reason": reason}
        self._listen(Occurrence("upload", key.name, detail))
        version = {"version-id": key.version_id} if bucket.is_versioned else {}
        self._bus.publish(
            source="aws.s3",
            detail_type="Object Created",
            resources=[f"arn:aws:s3:::{bucket.name}"],
            detail={
                "version": "0",
                "bucket": {"name": bucket.name},
                "object": {
                    "key": key.name,  # as it is, not URL-encoded
                    "size": size,
                    "etag": key.etag.strip('"'),
                    **version,
                    "sequencer": next(self._sequencers),
                },
                "request-id": uuid.uuid4().hex[:16].upper(),
                "requester": self._account.id,
                "source-ip-address": "127.0.0.1",
                "reason": reason,
            },
        )
