"""The trace header of a message: SQS keeps that of the request which sent it as the system attribute AWSTraceHeader.

An attribute that the sender gives itself goes before the header of the request:
https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html
"""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from moto.sqs.models import Message

from sagescene_standin.functions import lineage

TRACE_ATTRIBUTE = "AWSTraceHeader"


def trace_header_of(message: Message) -> str:
    """Give the trace header that a message was sent with; empty without one."""
    return str(message.system_attributes.get(TRACE_ATTRIBUTE, {}).get("StringValue", ""))


def traced_messages() -> Iterator[Any]:
    """Give the replacement by which messages keep the trace header, to be entered."""
    plain_init = Message.__init__

    # moto keeps an attribute that the sender gives, but knows nothing of the request's header.
    def keep_header(
        message: Message, message_id: str, body: str, system_attributes: dict[str, Any] | None = None
    ) -> None:
        header = lineage.carried()
        of_request = {TRACE_ATTRIBUTE: {"DataType": "String", "StringValue": header}} if header else {}
        plain_init(message, message_id, body, {**of_request, **(system_attributes or {})})

    yield patch.object(Message, "__init__", keep_header)
