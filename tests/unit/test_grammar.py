"""Words that agree with their number, durations, and shares in percent."""

from datetime import timedelta

import pytest

from sagescene.grammar import agree, count, either, name_some, percent, share, tell_limit


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


@pytest.mark.parametrize(
    ("part", "told"),
    [(0, "0 %"), (1, "under 1 %"), (10, "1 %"), (994, "99 %"), (995, "over 99 %"), (999, "over 99 %"), (1000, "100 %")],
)
def test_a_share_of_a_whole_is_nothing_or_all_only_where_it_is(part: int, told: str) -> None:
    assert share(part, 1000) == told


def test_some_are_named_and_the_others_counted() -> None:
    told = [name_some(["a", "b"], number) for number in (2, 3, 2000)]
    assert told == ["a, b", "a, b and 1 more", "a, b and 1,998 more"]


@pytest.mark.parametrize(
    ("hours", "told"), [(1, "an hour"), (2, "2 hours"), (24, "a day"), (36, "36 hours"), (96, "4 days")]
)
def test_a_limit_is_told_in_hours_or_days(hours: int, told: str) -> None:
    assert tell_limit(timedelta(hours=hours)) == told


@pytest.mark.parametrize(
    ("choices", "told"), [(["18"], "18"), (["0", "1"], "0 or 1"), (["18", "34", "50"], "18, 34 or 50")]
)
def test_choices_are_read_out(choices: list[str], told: str) -> None:
    assert either(choices) == told
