"""The keys of a bucket in their order: whatever moto does to them, a listing gives those below its prefix."""

import pytest

from sagescene_standin.storage.sorted_keys import SortedKeys


class Version:
    """A version of an object, which moto disposes of."""

    def dispose(self) -> None:
        """Leave nothing behind."""


@pytest.fixture
def keys() -> SortedKeys:
    keys = SortedKeys()
    for key in ("b/2", "a", "b/1", "c", "b", "b/\U0010ffff", "b0"):
        keys[key] = Version()
    return keys


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("b/", ["b/1", "b/2", "b/\U0010ffff"]),
        ("b", ["b", "b/1", "b/2", "b/\U0010ffff", "b0"]),
        ("", ["a", "b", "b/1", "b/2", "b/\U0010ffff", "b0", "c"]),
        ("d", []),
        ("b/3", []),
    ],
)
def test_a_listing_gives_the_keys_under_its_prefix_in_their_order(
    keys: SortedKeys, prefix: str, found: list[str]
) -> None:
    assert keys.starting_with(prefix) == found


def test_a_further_version_is_no_further_key(keys: SortedKeys) -> None:
    keys["b/1"] = Version()
    keys.setlist("b/2", [Version(), Version()])
    keys.setlist("b/3", [Version()])
    assert keys.starting_with("b/") == ["b/1", "b/2", "b/3", "b/\U0010ffff"]


def test_what_is_taken_out_is_listed_no_more(keys: SortedKeys) -> None:
    keys.pop("b/1")
    assert keys.starting_with("b/") == ["b/2", "b/\U0010ffff"]
    with pytest.raises(KeyError):
        keys.pop("b/1")
    assert keys.starting_with("b/") == ["b/2", "b/\U0010ffff"]
    keys.clear()
    assert keys.starting_with("") == []
