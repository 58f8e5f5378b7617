"""Notices on their way to people: held back where they come too often, and sent once where a claim asks for that."""

from sagescene.messages import chat
from sagescene.messages.notices import Notice
from sagescene.observability import logger
from sagescene.workflow import claims, rate_limit
from sagescene.workflow.context import Context
from sagescene.workflow.rate_limit import Admitted
from sagescene.workflow.steps import Claim


def notify(notice: Notice, context: Context) -> None:
    """Send a notice, unless people were told of its topic too often.

    Raises:
        TopicBusyError: whether another of its topic is sent is not known yet.
    """
    _send_if_admitted(rate_limit.admit_first(notice, context), notice, context)


def notify_as_claimed(notice: Notice, context: Context) -> None:
    """Send a notice that a claim lets one trigger send, unless people were told of its topic too often."""
    _send_if_admitted(rate_limit.admit(notice, context), notice, context)


def _send_if_admitted(admitted: Admitted | None, notice: Notice, context: Context) -> None:
    if admitted is None:
        logger.warning("notice held back", topic=notice.topic, subject=notice.subject, text=notice.text)
        return
    send(admitted.notice, context)
    # Only now: who dies before may never come back, and would hold back what came later.
    rate_limit.begin_hour(admitted, context)


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
        notify_as_claimed(notice, context)
        claims.mark_as_notified(claim, bucket, cloud)
