"""What the policy evaluator allows, denies and does not mention."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene_standin.iam.policies import PolicyDecision, Request, UnsupportedConditionError, decide, matches

QUEUE = "arn:aws:sqs:us-east-1:123456789012:uploads"
RULE = "arn:aws:events:us-east-1:123456789012:rule/uploaded"


def decide_one(statement: Mapping[str, Any], request: Request) -> PolicyDecision:
    return decide([{"Statement": [statement]}], request)


def allow(**elements: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE, **elements}


def send(service: str | None = None, **context: str) -> Request:
    given_context = {key.replace("_", ":"): value for key, value in context.items()}
    return Request(action="sqs:SendMessage", resource=QUEUE, service=service, context=given_context)


def test_silence_allows_nothing() -> None:
    assert decide([], send()) is PolicyDecision.NOT_MENTIONED


@pytest.mark.parametrize("action", ["sqs:SendMessage", "sqs:*", "SQS:sendmessage", ["s3:GetObject", "sqs:Send*"]])
def test_actions_ignore_case_and_know_wildcards(action: object) -> None:
    assert decide_one(allow(Action=action), send()) is PolicyDecision.ALLOWED


def test_resources_mind_case() -> None:
    assert decide_one(allow(Resource=QUEUE.upper()), send()) is PolicyDecision.NOT_MENTIONED


def test_a_deny_beats_every_allow() -> None:
    documents: list[dict[str, Any]] = [{"Statement": [allow()]}, {"Statement": allow(Effect="Deny", Action="*")}]
    assert decide(documents, send()) is PolicyDecision.DENIED


def test_not_action_applies_to_all_but_the_named() -> None:
    statement = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
    assert decide_one(statement, send()) is PolicyDecision.ALLOWED


def test_a_resource_policy_speaks_only_of_the_service_it_names() -> None:
    statement = allow(Principal={"Service": "events.amazonaws.com"})
    assert decide_one(statement, send("events.amazonaws.com")) is PolicyDecision.ALLOWED
    assert decide_one(statement, send("s3.amazonaws.com")) is PolicyDecision.NOT_MENTIONED
    assert decide_one(statement, send()) is PolicyDecision.NOT_MENTIONED


@pytest.mark.parametrize("key", ["aws:SourceArn", "AWS:SourceArn"])
def test_the_source_must_be_among_those_named(key: str) -> None:
    statement = allow(Condition={"ArnEquals": {key: [RULE + "-other", RULE]}})
    assert decide_one(statement, send(aws_SourceArn=RULE)) is PolicyDecision.ALLOWED
    assert decide_one(statement, send(aws_SourceArn=RULE + "-third")) is PolicyDecision.NOT_MENTIONED
    assert decide_one(statement, send()) is PolicyDecision.NOT_MENTIONED


def test_if_exists_lets_an_absent_key_pass() -> None:
    statement = allow(Condition={"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}})
    assert decide_one(statement, send()) is PolicyDecision.ALLOWED
    assert decide_one(statement, send(aws_SourceAccount="999999999999")) is PolicyDecision.NOT_MENTIONED


def test_a_negated_operator_holds_for_an_absent_key() -> None:
    statement = allow(Condition={"StringNotEquals": {"aws:SourceAccount": "1"}})
    assert decide_one(statement, send()) is PolicyDecision.ALLOWED
    assert decide_one(statement, send(aws_SourceAccount="1")) is PolicyDecision.NOT_MENTIONED


def test_booleans_of_a_template_compare_as_text() -> None:
    statement = allow(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": False}})
    assert decide_one(statement, send(aws_SecureTransport="false")) is PolicyDecision.DENIED
    assert decide_one(statement, send(aws_SecureTransport="true")) is PolicyDecision.NOT_MENTIONED


def test_an_unknown_operator_is_an_error() -> None:
    statement = allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    with pytest.raises(UnsupportedConditionError, match="IpAddress"):
        decide_one(statement, send())


@given(st.text(), st.text(), st.text())
@settings(max_examples=100)
def test_a_star_stands_for_any_text(before: str, middle: str, after: str) -> None:
    pattern = f"{before.replace('*', '').replace('?', '')}*{after.replace('*', '').replace('?', '')}"
    text = pattern.replace("*", middle)
    assert matches(pattern, text)


def test_a_question_mark_stands_for_one_character() -> None:
    assert matches("a?c", "abc")
    assert not matches("a?c", "ac")
    assert not matches("a.c", "abc")
