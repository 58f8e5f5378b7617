"""Telling people: through the topic, and only once where several uploads ask for the same notice."""

from datetime import datetime
from typing import Any

from sagescene import dataset
from sagescene.aws import ObjectReplacedError
from sagescene.events import Upload
from sagescene.messages.notices import Notice
from sagescene.workflow.invocation import Invocation


def tell(notice: Notice, invocation: Invocation) -> None:
    """Publish a notice."""
    invocation.cloud.notify(invocation.settings.topic_arn, notice.subject, notice.text)


def tell_once(upload: Upload, key: str, notice: Notice, invocation: Invocation) -> None:
    """Publish a notice unless people were told for this upload or a later one; the object of this key says so."""
    if falls_to(upload, key, invocation):
        tell(notice, invocation)
        note_told(upload, key, invocation)


def falls_to(upload: Upload, key: str, invocation: Invocation) -> bool:
    """Tell whether this one of several uploads handled at once tells people; after a crash it still does.

    A later upload takes the claim over, for the earlier one stands down from then on.
    """
    bucket, cloud = invocation.settings.data_bucket, invocation.cloud
    claim = _claim(upload)
    if cloud.write_json_once(bucket, key, claim):
        return True
    try:
        standing = cloud.read_json(bucket, key)
    except ObjectReplacedError:
        return False  # by a later upload's claim, or because people were told at this moment
    if standing is None or standing == claim:
        return True
    if upload.time <= datetime.fromisoformat(standing["time"]) + dataset.LISTING_DOUBT:
        return False
    cloud.write_json(bucket, key, claim)
    return True


def note_told(upload: Upload, key: str, invocation: Invocation) -> None:
    """Note that people were told for an upload: whoever handles it again need not."""
    invocation.cloud.write_json(invocation.settings.data_bucket, key, {**_claim(upload), "told": True})


def _claim(upload: Upload) -> dict[str, Any]:
    return {"upload": upload.key, "time": upload.time.isoformat()}
