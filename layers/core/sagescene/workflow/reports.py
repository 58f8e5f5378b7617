"""The reports on data sets that are kept in the bucket, read and written while others may be replacing them."""

from sagescene import keys
from sagescene.aws import ObjectReplacedError
from sagescene.dataset import StoredObject
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


def write(report: Report, context: Context) -> bool:
    """Write a report, over an earlier one on the same content; False when the one that lies there is on another."""
    bucket, cloud = context.settings.data_bucket, context.cloud
    key = keys.report_key(report.data_set, report.fingerprint)
    if cloud.write_json_once(bucket, key, report.as_json()):
        return True
    stored = cloud.find_object(bucket, key)
    earlier = read(stored, context) if stored else None
    if earlier and not earlier.is_of(report.digest):
        return False
    cloud.write_json(bucket, key, report.as_json())
    return True
