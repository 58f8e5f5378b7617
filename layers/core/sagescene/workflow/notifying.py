"""Notices on their way to people: held back where they come too often, and sent once where a claim asks for that."""

from collections.abc import Mapping

from sagescene.messages.notices import Notice
from sagescene.observability import logger
from sagescene.workflow import claims, rate_limit
from sagescene.workflow.context import Context
from sagescene.workflow.steps import Claim


def notify(notice: Notice, context: Context, asked_by: Mapping[str, str] | None = None) -> None:
    """Send a notice, unless people were told of its topic too often; `asked_by` is what had it sent."""
    admitted = rate_limit.admit(notice, asked_by or {}, context) if notice.topic else notice
    if admitted:
        context.cloud.notify(context.settings.topic_arn, admitted.subject, admitted.text)
    else:
        logger.warning("notice held back", topic=notice.topic, subject=notice.subject, text=notice.text)


def notify_once(claim: Claim, notice: Notice, context: Context) -> None:
    """Send a notice whose claim nobody has taken yet."""
    bucket, cloud = context.settings.data_bucket, context.cloud
    if claims.acquire(claim, bucket, cloud):
        notify(notice, context, claim.as_json())
        claims.mark_as_notified(claim, bucket, cloud)
