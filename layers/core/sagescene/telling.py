"""Telling people: through the topic, and only once where several uploads ask for the same notice."""

from datetime import datetime

from sagescene import dataset, notices
from sagescene.events import Upload
from sagescene.invocation import Invocation
from sagescene.notices import Notice


def tell(notice: Notice, invocation: Invocation) -> None:
    """Publish a notice."""
    invocation.cloud.notify(invocation.settings.topic_arn, notice.subject, notice.text)


def tell_once(key: str, notice: Notice, invocation: Invocation) -> None:
    """Publish a notice unless the object of this key says that people were told, and say so there."""
    bucket, cloud = invocation.settings.data_bucket, invocation.cloud
    if cloud.exists(bucket, key):
        return
    tell(notice, invocation)
    cloud.write_json(bucket, key, notices.as_json(notice))


def falls_to(upload: Upload, key: str, invocation: Invocation) -> bool:
    """Tell whether this one of several uploads handled at once tells people; after a crash it still does.

    A later upload takes the claim over, for the earlier one stands down from then on.
    """
    bucket, cloud = invocation.settings.data_bucket, invocation.cloud
    claim = {"upload": upload.key, "time": upload.time.isoformat()}
    if cloud.write_json_once(bucket, key, claim):
        return True
    standing = cloud.read_json(bucket, key)
    if standing is None or standing == claim:
        return True
    if upload.time <= datetime.fromisoformat(standing["time"]) + dataset.LISTING_DOUBT:
        return False
    cloud.write_json(bucket, key, claim)
    return True
