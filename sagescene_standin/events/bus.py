"""The default event bus: events meet the deployed rules' patterns and go to the rules' targets.

What cannot be delivered: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.events.models import EventPattern, Rule, events_backends

from sagescene_standin.account import Account
from sagescene_standin.events.targets import Targets, UndeliverableError
from sagescene_standin.functions import lineage
from sagescene_standin.occurrence import Listener, Occurrence

_SERVICE = "events.amazonaws.com"


class EventBus:
    """Take events and deliver each to every target of every enabled rule that matches it."""

    def __init__(
        self,
        account: Account,
        targets: Targets,
        listen: Listener,
        now: Callable[[], float] = time.time,
        count: Callable[[str, bool], None] = lambda *_: None,
    ) -> None:
        """Take what counts each invocation of a rule's target, by the rule's name and whether it was delivered."""
        self._account = account
        self._targets = targets
        self._listen = listen
        self._now = now
        self._count = count

    def rules(self) -> list[Rule]:
        """List the enabled rules as they are now."""
        bus = events_backends[self._account.id][self._account.region].event_buses["default"]
        return [rule for rule in list(bus.rules.values()) if rule.state == "ENABLED"]

    def publish(
        self, *, source: str, detail_type: str, detail: Mapping[str, Any], resources: Iterable[str] = ()
    ) -> str:
        """Write an event, send it through the bus and return its id."""
        event = self._envelope(source, detail_type, detail, resources)
        self.take(event)
        return str(event["id"])

    def take(self, event: Mapping[str, Any]) -> None:
        """Send a whole event through the bus."""
        # As moto does before it looks at a pattern, but once for all rules.
        flat = EventPattern._flatten_dict(json.loads(json.dumps(event)))
        for rule in self.rules():
            pattern = rule.event_pattern.get_pattern()
            if pattern and rule.event_pattern._does_event_match(flat, pattern):
                self._send_to_targets(rule, event)

    def fire(self, rule: Rule) -> None:
        """Send the Scheduled Event of one rule to its targets, unless it was disabled since it was planned."""
        if rule.state == "ENABLED":
            self._send_to_targets(rule, self._envelope("aws.events", "Scheduled Event", {}, [rule.arn]))

    def _envelope(
        self, source: str, detail_type: str, detail: Mapping[str, Any], resources: Iterable[str]
    ) -> dict[str, Any]:
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": self._account.id,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._now())),
            "region": self._account.region,
            "resources": list(resources),
            "detail": dict(detail),
        }

    def _send_to_targets(self, rule: Rule, event: Mapping[str, Any]) -> None:
        # Lambda follows no chain through EventBridge: what a rule sends begins one.
        with lineage.carrying(""):
            for target in list(rule.targets):
                error = None
                try:
                    payload = target_input(target, event)
                    self._targets.deliver(target["Arn"], payload, service=_SERVICE, source_arn=rule.arn)
                except UndeliverableError as failure:
                    error = failure
                self._count(rule.name, error is None)
                self._report(rule, target, error)
                if error:
                    self._bury(rule, target, json.dumps(event), error)

    def _bury(self, rule: Rule, target: Mapping[str, Any], payload: str, error: UndeliverableError) -> None:
        letters = target.get("DeadLetterConfig", {}).get("Arn")
        if letters is None:
            return
        attributes = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": str(target["Arn"]),
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": str(error),
        }
        try:
            self._targets.send(letters, payload, service=_SERVICE, source_arn=rule.arn, attributes=attributes)
        except UndeliverableError as loss:
            self._report(rule, {"Arn": letters}, loss)

    def _report(self, rule: Rule, target: Mapping[str, Any], error: UndeliverableError | None) -> None:
        detail = {"target": target["Arn"], "error": str(error) if error else None}
        self._listen(Occurrence(kind="event", subject=rule.name, detail=detail))


def target_input(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Work out what a target receives: its constant Input or the event itself.

    Raises:
        UndeliverableError: the target transforms its input, which the local stack cannot do.
    """
    if target.get("InputPath") or target.get("InputTransformer"):
        raise UndeliverableError(
            "UNSUPPORTED_INPUT", f"The local stack knows no InputPath or InputTransformer: {target['Arn']}"
        )
    return str(target["Input"]) if "Input" in target else json.dumps(event)
