"""A short fuzzing of the parsers: seeds, and seeds with bytes changed, left out and put in. `make fuzz` goes on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.files.framing import MAGIC
from tests.fuzz.parsers import CHECKS

PIECES = st.sampled_from([b"\t", b"\n", b"\r", b"\0", b" ", b"0", b"9" * 20, b"nan", b"\xff\xd8", MAGIC])


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A seed, or one followed by another, with up to four places overwritten."""
    content = draw(st.sampled_from(seeds)) + draw(st.just(b"") | st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        content = content[:start] + draw(PIECES | st.binary(max_size=8)) + content[start + draw(st.integers(0, 8)) :]
    return content


@pytest.mark.parametrize("name", CHECKS)
def test_seeds_pass(name: str) -> None:
    check, seeds = CHECKS[name]
    for seed in seeds:
        check(seed)


@pytest.mark.parametrize("name", CHECKS)
@settings(max_examples=200)
@given(st.data())
def test_damaged_seeds_pass(name: str, data: st.DataObject) -> None:
    check, seeds = CHECKS[name]
    check(data.draw(damaged(seeds)))
