"""Words that agree with their number."""

from sagescene.grammar import agree, count


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    assert [count(number, "image") for number in (0, 1, 2, 4_000)] == [
        "0 images",
        "1 image",
        "2 images",
        "4,000 images",
    ]
    assert [agree(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]
