"""Which wildcards EventBridge is known to take, and which to refuse."""

import json
from typing import Any

import pytest

from sagescene_standin.events.pattern_complexity import is_too_complex, measure_complexity


@pytest.mark.parametrize(
    ("wildcards", "complexity"),
    [
        ((), 0),
        (("plain",), 1),
        (("*.svs",), 2),
        # Deployed: the thumbnails of a public Terraform module, four in a rule.
        (("*.bif", "*.tiff", "*.tif", "*.svs"), 8),
        # That module's others, two in a rule, for four were refused.
        (("*/datasync/*.bif", "*/datasync/*.tif"), 8),
        (("*/datasync/*.bif", "*/datasync/*.tif", "*/datasync/*.tiff", "*/datasync/*.svs"), 16),
        # Deployed with three, refused with four: github.com/vals-ai/Valkyrie/pull/278.
        (tuple(f"*:stack/{name}/*" for name in ("ApiStack", "DataStack", "SharedStack")), 9),
        (tuple(f"*:stack/{name}/*" for name in ("ApiStack", "DataStack", "SharedStack", "MonitoringStack")), 12),
        # What is written before the first wildcard counts in each pattern, though no text can be in two places there.
        (tuple(f"datasets/*.{letter}" for letter in "abcdefgh"), 16),
        ((r"a\*b", r"a\*c"), 2),
    ],
)
def test_the_complexity_of_a_field_is_in_how_many_places_a_text_can_be(
    wildcards: tuple[str, ...], complexity: int
) -> None:
    assert measure_complexity(wildcards) == complexity


FOUR = [{"wildcard": f"*.{ending}"} for ending in ("a", "b", "c", "d")]
FIVE = [*FOUR, {"wildcard": "*.e"}]


@pytest.mark.parametrize(
    ("pattern", "is_refused"),
    [
        ({"detail": {"object": {"key": FOUR}}}, False),
        ({"detail": {"object": {"key": FIVE}}}, True),
        ({"detail": {"object": {"key": FOUR, "etag": FOUR}}}, False),
        ({"detail": {"object": {"key": [*FOUR, {"suffix": ".e"}, {"prefix": "f"}, "g"]}}}, False),
        ({"$or": [{"detail": FOUR}, {"key": FIVE}]}, True),
    ],
)
def test_wildcards_of_one_field_count_together(pattern: dict[str, Any], *, is_refused: bool) -> None:
    assert is_too_complex(json.loads(json.dumps(pattern))) is is_refused
