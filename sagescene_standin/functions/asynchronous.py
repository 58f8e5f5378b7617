"""Asynchronous invocations: retried after errors, and at last reported to the function's failure destination.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.awslambda.models import lambda_backends

from sagescene_standin.account import Account
from sagescene_standin.agenda import Work
from sagescene_standin.events.targets import UndeliverableError, send_message
from sagescene_standin.functions import lineage
from sagescene_standin.functions.function import FunctionSettings, Invocable, Invocation, TooManyRequestsError
from sagescene_standin.functions.lineage import RecursiveInvocationError

AWS_RETRY_DELAYS = (60.0, 120.0)  # seconds before the first and the second retry


class AsynchronousInvocations:
    """Invoke functions that nobody waits for."""

    def __init__(
        self,
        account: Account,
        functions: Mapping[str, Invocable],
        *,
        after: Callable[[float, Work], object],
        now: Callable[[], float] = time.time,
        retry_delays: Sequence[float] = AWS_RETRY_DELAYS,
        may: Callable[[str, str, str], bool] = lambda *_: True,
        on_dropped: Callable[[FunctionSettings], None] = lambda _: None,
    ) -> None:
        """Take the functions by ARN.

        `after` does work so many seconds later; `may` says whether a role may do an action on a resource;
        `on_dropped` hears of each event that is given up.
        """
        self._account = account
        self._functions = functions
        self._after = after
        self._now = now
        self._retry_delays = retry_delays
        self._may = may
        self._on_dropped = on_dropped

    def invoke_later(self, arn: str, payload: bytes) -> None:
        """Queue one event for a function, in the chain of the request that is handled at present.

        Raises:
            KeyError: there is no such function.
        """
        function = self._functions[arn]
        header = lineage.carried()
        self._after(0, lambda: self._attempt(function, payload, header, 0))

    def _attempt(self, function: Invocable, payload: bytes, header: str, retries: int) -> None:
        config = self._config(function)
        try:
            invocation = function.invoke(payload, header)
        except TooManyRequestsError:
            # Throttling is no attempt: Lambda keeps the event and comes back.
            self._after(self._retry_delays[0], lambda: self._attempt(function, payload, header, retries))
            return
        except RecursiveInvocationError as error:
            self._report_failure(function, _stopped(error), payload, retries, config)
            return
        if invocation.error is None:
            return
        if retries < config.get("MaximumRetryAttempts", 2):
            delay = self._retry_delays[min(retries, len(self._retry_delays) - 1)]
            self._after(delay, lambda: self._attempt(function, payload, header, retries + 1))
            return
        self._report_failure(function, invocation, payload, retries + 1, config)

    def _config(self, function: Invocable) -> Mapping[str, Any]:
        backend = lambda_backends[self._account.id][self._account.region]
        configs = backend.get_function(function.settings.name).event_invoke_config
        return configs[0].config if configs else {}

    def _report_failure(
        self,
        function: Invocable,
        invocation: Invocation,
        payload: bytes,
        attempts: int,
        config: Mapping[str, Any],
    ) -> None:
        self._on_dropped(function.settings)
        destination = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if destination is None:
            return
        if not self._may(function.settings.role, "sqs:SendMessage", destination):
            raise UndeliverableError(
                "NO_PERMISSIONS",
                f"{function.settings.role} may not send to the failure destination {destination}.",
            )
        record = failure_record(function.settings.arn, invocation, payload, attempts, self._now())
        with lineage.carrying(invocation.trace_header):
            send_message(self._account, destination, json.dumps(record))


def _stopped(error: RecursiveInvocationError) -> Invocation:
    # What the record says of an event that was stopped is not documented.
    return Invocation(
        request_id=str(uuid.uuid4()),
        payload=json.dumps({"errorType": "RecursiveInvocationException", "errorMessage": str(error)}).encode(),
        error="Unhandled",
        duration_ms=0.0,
        log_tail="",
        trace_header=error.header,
    )


def failure_record(arn: str, invocation: Invocation, payload: bytes, attempts: int, timestamp: float) -> dict[str, Any]:
    """Write the invocation record that an OnFailure destination receives."""
    return {
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(timestamp)) + f".{int(timestamp % 1 * 1000):03}Z",
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": f"{arn}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(payload or b"null"),
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": invocation.error,
        },
        "responsePayload": invocation.result,
    }
