"""The reports on data sets that are kept in the bucket, read while others may be replacing them."""

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
