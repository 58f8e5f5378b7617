"""How complex the wildcards of an event pattern are: EventBridge refuses a rule that may be in too many places at once.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html says that there is a limit. It
is measured as https://github.com/aws/event-ruler does: of all beginnings of all patterns of a field, how many one text
can match at most. Nobody published the limit itself. Rules of 9 were deployed, and one of 12 was refused, both in
https://github.com/vals-ai/Valkyrie/pull/278: here more than 9 is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

MOST = 9
TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard "
    "character"
)

ANY = "any text"  # a token, in the place of `*`

type _Place = tuple[int, int]  # a pattern by its number, and how many of its tokens were read


def is_too_complex(pattern: Mapping[str, Any]) -> bool:
    """Tell whether EventBridge might refuse a rule with this event pattern for its wildcards."""
    return any(measure_complexity(tuple(wildcards)) > MOST for wildcards in _find_wildcards(pattern))


def _find_wildcards(pattern: Mapping[str, Any]) -> Iterator[list[str]]:
    """Give the wildcards of each field."""
    for value in pattern.values():
        if isinstance(value, Mapping):
            yield from _find_wildcards(value)
        elif isinstance(value, list):
            yield from (part for each in value if isinstance(each, Mapping) for part in _find_wildcards(each))
            yield [each["wildcard"] for each in value if isinstance(each, Mapping) and "wildcard" in each]


@cache
def measure_complexity(wildcards: Sequence[str]) -> int:
    """Give how many beginnings of these patterns of one field a text can match at the same time, at most."""
    patterns = [['"', *read_tokens(wildcard), '"'] for wildcard in wildcards]
    letters = {token for tokens in patterns for token in tokens if token is not ANY} | {""}
    start = frozenset((number, 0) for number in range(len(patterns)))
    seen, pending, most = {start}, [start], 0
    while pending:
        places = pending.pop()
        for letter in letters:  # "" stands for all that no pattern names
            reached = frozenset(_read_letter(patterns, places, letter))
            if reached and reached not in seen:
                seen.add(reached)
                pending.append(reached)
                most = max(most, len(reached))
    return most


def read_tokens(wildcard: str) -> Iterator[str]:
    """Give a wildcard's characters and `ANY`; a backslash takes its meaning from `*`, or from a backslash."""
    for token in re.finditer(r"\\([*\\])|(\*)|(.)", wildcard, re.DOTALL):
        yield ANY if token[2] else token[1] or token[3]


def _read_letter(patterns: Sequence[Sequence[str]], places: Iterable[_Place], letter: str) -> Iterator[_Place]:
    for number, read in places:
        tokens = patterns[number]
        if read and tokens[read - 1] is ANY:
            yield number, read
        if read < len(tokens) and tokens[read] == letter:
            yield number, read + 1
            if read + 1 < len(tokens) and tokens[read + 1] is ANY:  # which no text at all is enough for
                yield number, read + 2
