"""EventBridge's TestEventPattern, which moto lacks, by the same matching that the local event bus uses.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.models import EventPattern

_REQUIRED = ("id", "account", "source", "time", "region", "resources", "detail-type")


def judge_event_pattern(request: Mapping[str, Any]) -> dict[str, bool]:
    """Say whether a pattern matches an event.

    Raises:
        JsonRESTError: the answer of a refusal: InvalidEventPatternException, or ValidationException for the event.
    """
    try:
        event = json.loads(request["Event"])
    except ValueError:
        raise _invalid_event("it is not JSON") from None
    if not isinstance(event, dict):
        raise _invalid_event("it is not an object")
    if missing := [name for name in _REQUIRED if name not in event]:
        raise _invalid_event(f"it lacks {', '.join(missing)}")
    return {"Result": EventPattern.load(request["EventPattern"]).matches_event(event)}  # type: ignore[arg-type]


def _invalid_event(reason: str) -> JsonRESTError:
    # AWS's documents name the fields and not the answer to an event without them; the wording is ours.
    return JsonRESTError("ValidationException", f"Parameter Event is not valid. Reason: {reason}.")
