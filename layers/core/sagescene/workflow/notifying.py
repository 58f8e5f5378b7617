"""Notices on their way to people: held back where they come too often, and sent once where a claim asks for that."""

from collections.abc import Mapping

from sagescene.messages import chat
from sagescene.messages.notices import Notice
from sagescene.observability import logger
from sagescene.workflow import claims, rate_limit
from sagescene.workflow.context import Context
from sagescene.workflow.steps import Claim


def notify(notice: Notice, context: Context, asked_by: Mapping[str, str] | None = None) -> None:
    """Send a notice, unless people were told of its topic too often; `asked_by` is what had it sent."""
    admitted = rate_limit.admit(notice, asked_by or {}, context) if notice.topic else notice
    if admitted:
        send(admitted, context)
    else:
        logger.warning("notice held back", topic=notice.topic, subject=notice.subject, text=notice.text)


def send(notice: Notice, context: Context) -> None:
    """Send a notice by mail and, where the stack notifies chats, to them.

    Mail first: what is wrong with a chat keeps no mail back. Whoever dies between the two does both again, for what
    notes that people were told is written after both.
    """
    settings = context.settings
    context.cloud.notify(settings.topic_arn, notice.subject, notice.text)
    if settings.chat_topic_arn:
        context.cloud.notify_chat(settings.chat_topic_arn, chat.as_message(notice, settings.stack_name))


def notify_once(claim: Claim, notice: Notice, context: Context) -> None:
    """Send a notice whose claim nobody has taken yet."""
    bucket, cloud = context.settings.data_bucket, context.cloud
    if claims.acquire(claim, bucket, cloud):
        notify(notice, context, claim.as_json())
        claims.mark_as_notified(claim, bucket, cloud)
