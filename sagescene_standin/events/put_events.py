"""EventBridge's PutEvents, answered by the local event bus."""

import json
from collections.abc import Mapping
from typing import Any

from sagescene_standin.events.bus import EventBus


def put_events(bus: EventBus, request: Mapping[str, Any]) -> dict[str, Any]:
    """Publish each entry that EventBridge would take and answer for each in turn."""
    responses = [_put_event(bus, entry) for entry in request["Entries"]]
    return {"FailedEntryCount": sum("ErrorCode" in response for response in responses), "Entries": responses}


def _put_event(bus: EventBus, entry: Mapping[str, Any]) -> dict[str, str]:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return _refusal("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if entry["Source"].startswith("aws."):
        return _refusal("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return _refusal("MalformedDetail", "Detail is malformed.")
    if not isinstance(detail, dict):
        return _refusal("MalformedDetail", "Detail is malformed.")
    identifier = bus.publish(
        source=entry["Source"],
        detail_type=entry["DetailType"],
        detail=detail,
        resources=entry.get("Resources", ()),
    )
    return {"EventId": identifier}


def _refusal(code: str, message: str) -> dict[str, str]:
    return {"ErrorCode": code, "ErrorMessage": message}
