"""The reports on data sets that are kept in the bucket, read and written while others may be replacing them."""

import json
from collections.abc import Callable

from sagescene import keys
from sagescene.aws import ObjectReplacedError
from sagescene.bounds import LARGEST_IMAGES_IN_BYTES
from sagescene.dataset import StoredObject
from sagescene.files.setimages import ImagesOfSet
from sagescene.observability import logger
from sagescene.preflight.report import Report, read_report
from sagescene.workflow.context import Context


def read(stored: StoredObject, context: Context) -> Report | None:
    """Read a report as it was listed; None for anything else, and for one that another try is replacing."""
    try:
        return read_report(b"".join(context.cloud.read(context.settings.data_bucket, stored)))
    except ObjectReplacedError:
        logger.debug("the report is being replaced by another try")
        return None


def read_newest(key: str, context: Context, is_listed: Callable[[], bool] | None = None) -> Report | None:
    """Read the report under a key where one most likely is; None where none is, or something else.

    `is_listed` tells whether one is there, if whoever asks has a listing already.
    """
    document = context.cloud.read_newest(context.settings.data_bucket, key, is_listed)
    return read_report(document) if document else None


def write(report: Report, context: Context) -> bool:
    """Write a report, over an earlier one on the same content; False when the one that lies there is on another."""
    bucket, cloud = context.settings.data_bucket, context.cloud
    key = keys.report_key(report.data_set, report.fingerprint)
    if cloud.write_json_once(bucket, key, report.as_json()):
        return True
    earlier = read_newest(key, context)
    if earlier and not earlier.is_of(report.digest):
        return False
    cloud.write_json(bucket, key, report.as_json())
    return True


def write_images(images: ImagesOfSet, report: Report, context: Context) -> None:
    """Write what tells the training images of a content, beside its report."""
    key = keys.images_key(report.data_set, report.fingerprint)
    context.cloud.write_json(context.settings.data_bucket, key, {"digest": report.digest, **images.as_json()})


def read_images(report: Report, context: Context) -> ImagesOfSet | None:
    """Read what tells the training images of a report's content; None where nothing does, as before this was kept."""
    bucket, cloud = context.settings.data_bucket, context.cloud
    stored = cloud.find_object(bucket, keys.images_key(report.data_set, report.fingerprint))
    if stored is None or stored.size > LARGEST_IMAGES_IN_BYTES:
        return None
    try:
        document = json.loads(b"".join(cloud.read(bucket, stored)))
    except (ObjectReplacedError, ValueError, RecursionError):
        return None
    is_of_it = isinstance(document, dict) and document.get("digest") == report.digest
    return ImagesOfSet.from_json(document) if is_of_it else None
