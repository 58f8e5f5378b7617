"""A queue that is subscribed to every topic, so that what is published can be shown."""

import json
from collections.abc import Iterable

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sagescene_standin.account import Account
from sagescene_standin.occurrence import Listener, Occurrence

MAILBOX = "local-mailbox"


class Mailbox:
    """Receive what SNS delivers and report it to the listener."""

    def __init__(self, account: Account, listen: Listener) -> None:
        self.arn = account.arn("sqs", MAILBOX)
        self._account = account
        self._listen = listen

    def subscribe_to(self, topics: Iterable[str]) -> None:
        """Create the queue and subscribe it to each topic, given by ARN."""
        sqs_backends[self._account.id][self._account.region].create_queue(MAILBOX, region=self._account.region)
        for topic in topics:
            sns_backends[self._account.id][self._account.region].subscribe(topic, self.arn, "sqs")

    def open(self, body: str) -> None:
        """Report one notification in the form in which SNS sends it to queues."""
        notification = json.loads(body)
        self._listen(
            Occurrence(
                kind="message",
                subject=notification["TopicArn"].rsplit(":", 1)[-1],
                detail={"subject": notification.get("Subject", ""), "text": notification["Message"]},
            )
        )
