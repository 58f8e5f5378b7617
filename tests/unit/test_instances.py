"""Which instance type a try takes after others found no capacity."""

import pytest

from sagescene.instances import choose_type


@pytest.mark.parametrize(
    ("types", "most", "chosen"),
    [
        ("a", 3, "aaaa"),
        ("ab", 3, "abaa"),
        ("abc", 3, "abca"),
        ("abc", 2, "aba"),
        ("ab", 1, "aa"),
    ],
)
def test_each_try_of_a_round_takes_the_next_type_and_a_new_round_the_first(types: str, most: int, chosen: str) -> None:
    assert "".join(choose_type(types, tries, most) for tries in range(most + 1)) == chosen
