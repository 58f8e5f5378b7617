"""Words that agree with their number, and shares in percent."""

import pytest

from sagescene.grammar import agree, count, percent


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    assert [count(number, "image") for number in (0, 1, 2, 4_000)] == [
        "0 images",
        "1 image",
        "2 images",
        "4,000 images",
    ]
    assert [agree(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]


@pytest.mark.parametrize(
    ("share", "told"), [(0, "0 %"), (0.1, "10 %"), (0.9996, "99.9 %"), (1, "100 %"), (0.12345, "12.3 %")]
)
def test_shares_are_told_in_percent(share: float, told: str) -> None:
    assert percent(share) == told
