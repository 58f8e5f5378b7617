"""How Lambda's recursive-loop detection counts."""

import pytest

from sagescene_standin.functions import lineage
from sagescene_standin.functions.lineage import RecursiveInvocationError

FIRST, SECOND = (f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in ("first", "second"))


def chain(*functions: str, header: str = "") -> str:
    for function in functions:
        header = lineage.enter(header, function, allows_loops=False)
    return header


def test_the_seventeenth_invocation_of_a_chain_is_stopped() -> None:
    header = chain(*[FIRST] * 16)
    with pytest.raises(RecursiveInvocationError, match="function:first is invoked in a recursive loop") as stopped:
        lineage.enter(header, FIRST, allows_loops=False)
    assert stopped.value.header == header


def test_a_function_that_allows_loops_is_never_stopped() -> None:
    header = ""
    for _ in range(100):
        header = lineage.enter(header, FIRST, allows_loops=True)
    assert lineage.enter(header, SECOND, allows_loops=False)


def test_each_function_of_a_chain_is_counted_for_itself() -> None:
    header = chain(*[FIRST, SECOND] * 16)
    for function in (FIRST, SECOND):
        with pytest.raises(RecursiveInvocationError):
            lineage.enter(header, function, allows_loops=False)
    assert chain(f"{FIRST}-other", header=header)


def test_a_chain_keeps_its_root_and_each_event_of_its_own_begins_another() -> None:
    def root(header: str) -> str:
        return header.split(";")[0]

    header = chain(FIRST)
    assert root(chain(FIRST, SECOND, header=header)) == root(header)
    assert root(chain(FIRST)) != root(header)
    assert root(chain(FIRST, header="Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")).startswith("Root=1-5759e988")


def test_a_batch_carries_the_greatest_count_of_its_messages() -> None:
    header = lineage.merge(["", chain(FIRST), chain(*[FIRST] * 16), chain(SECOND)])
    with pytest.raises(RecursiveInvocationError):
        lineage.enter(header, FIRST, allows_loops=False)
    assert lineage.enter(header, SECOND, allows_loops=False)
    assert lineage.merge(["", ""]) == ""


def test_what_is_carried_ends_with_its_request() -> None:
    with lineage.carrying("outer"):
        with lineage.carrying(""):
            assert lineage.carried() == ""
        assert lineage.carried() == "outer"
    assert lineage.carried() == ""
