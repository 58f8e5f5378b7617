"""Decide what policy documents allow, as IAM reads Effect, Principal, Action, Resource and Condition.

For one account: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import enum
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

type Document = Mapping[str, Any]


class ReadDocument(dict[str, Any]):
    """A document that nobody changes: what it says to a request is worked out once."""

    # Its own identity; to compare the contents of two takes longer than to read them.
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


class PolicyDecision(enum.Enum):
    """What the statements say together; only ALLOWED lets a request through."""

    ALLOWED = "allowed"
    NOT_MENTIONED = "not mentioned"
    DENIED = "denied"


class UnsupportedConditionError(ValueError):
    """A policy uses a condition operator that this evaluator does not know."""

    def __init__(self, operator: str) -> None:
        super().__init__(
            f"The local stack cannot evaluate the policy condition operator {operator!r}; "
            f"it knows {', '.join(sorted(_OPERATORS))} and their ...IfExists forms."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks to do what with which resource; the context holds condition keys such as aws:SourceArn.

    Who asks is a service of AWS, by its principal, or a role, by its ARN.
    """

    action: str
    resource: str
    service: str | None = None
    role: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Take the context as what it holds: a mapping has no hash."""
        return hash((self.action, self.resource, self.service, self.role, frozenset(self.context.items())))


def decide(documents: Iterable[Document], request: Request) -> PolicyDecision:
    """Weigh all statements: an explicit Deny beats any Allow, and silence allows nothing.

    A statement with a Principal speaks of the service or the role that it names; one without it is a role's own.

    Raises:
        UnsupportedConditionError: a statement that would apply uses an unknown condition operator.
    """
    effects: set[str] = set()
    for document in documents:
        effects |= (_known_effects if isinstance(document, ReadDocument) else _effects)(document, request)
    if "Deny" in effects:
        return PolicyDecision.DENIED
    return PolicyDecision.ALLOWED if "Allow" in effects else PolicyDecision.NOT_MENTIONED


def _effects(document: Document, request: Request) -> frozenset[str]:
    statements = _listed(document.get("Statement"))
    return frozenset(statement["Effect"] for statement in statements if _applies(statement, request))


_known_effects = functools.lru_cache(maxsize=4096)(_effects)


def matches(pattern: str, text: str) -> bool:
    """Compare with IAM's wildcards: `*` stands for any text, `?` for any one character."""
    return _compiled(pattern).fullmatch(text) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL)


def _applies(statement: Document, request: Request) -> bool:
    return (
        _names_principal(statement, request)
        and _names(statement, "Action", request.action, ignore_case=True)
        and (_is_trust(statement) or _names(statement, "Resource", request.resource))
        and _are_conditions_met(statement.get("Condition") or {}, request.context)
    )


def _names_principal(statement: Document, request: Request) -> bool:
    if "Principal" not in statement:
        return request.service is None
    principal = statement["Principal"]
    if principal == "*":
        return True
    accounts, services = _listed(principal.get("AWS")), _listed(principal.get("Service"))
    if request.service is None:
        return "*" in accounts or (request.role is not None and request.role in accounts)
    return "*" in accounts or request.service in services


def _is_trust(statement: Document) -> bool:
    # A trust policy names no resource: it is its role's.
    return "Principal" in statement and not {"Resource", "NotResource"} & statement.keys()


def _names(statement: Document, element: str, value: str, *, ignore_case: bool = False) -> bool:
    def is_named(patterns: object) -> bool:
        return any(
            matches(pattern.lower(), value.lower()) if ignore_case else matches(pattern, value)
            for pattern in _listed(patterns)
        )

    if f"Not{element}" in statement:
        return not is_named(statement[f"Not{element}"])
    return is_named(statement.get(element))


def _are_conditions_met(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    # Names of condition keys ignore case: a Lambda permission says AWS:SourceArn, people write aws:SourceArn.
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _is_condition_met(operator, known.get(key.lower()), [str(value) for value in _listed(values)])
        for operator, expectations in conditions.items()
        for key, values in expectations.items()
    )


def _is_condition_met(operator: str, actual: str | None, expected: list[str]) -> bool:
    plain = operator.removesuffix("IfExists")
    if plain not in _OPERATORS:
        raise UnsupportedConditionError(operator)
    if plain == "Null":
        return (actual is None) == (expected[0].lower() == "true")
    negated, compare = _OPERATORS[plain]
    if actual is None:
        return negated or operator != plain
    found = any(compare(value, actual) for value in expected)
    return found != negated


def _equals(expected: str, actual: str) -> bool:
    return expected == actual


def _equals_ignoring_case(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


_OPERATORS = {
    "StringEquals": (False, _equals),
    "StringNotEquals": (True, _equals),
    "StringEqualsIgnoreCase": (False, _equals_ignoring_case),
    "StringLike": (False, matches),
    "StringNotLike": (True, matches),
    "ArnEquals": (False, matches),
    "ArnLike": (False, matches),
    "ArnNotEquals": (True, matches),
    "ArnNotLike": (True, matches),
    "Bool": (False, _equals_ignoring_case),
    "Null": (False, _equals),
}


def _listed(value: object) -> list[Any]:
    """Give a list of what policies write bare when it is one thing."""
    if value is None:
        return []
    return [item for item in value if item is not None] if isinstance(value, list | tuple) else [value]
