"""The lines on which "once, and never lost" rests, each changed: the tables of its room must notice every one.

`make mutate` tries every change there is; those of dangerous.toml are tried each time.
"""

import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.mutation.warm_tests import WarmTests
from tests.stack_template import ROOT

WORKFLOW = "layers/core/sagescene/workflow"
TABLES = ("tests/unit/workflow",)


@dataclass(frozen=True, slots=True)
class Room:
    """Where a change is, and what notices it."""

    folder: str
    tables: tuple[str, ...]


ROOMS = {
    "workflow": Room(WORKFLOW, TABLES),
    "jobs": Room(
        "layers/core/sagescene/jobs", ("tests/unit/jobs/test_failures.py", "tests/unit/jobs/test_requests.py")
    ),
    "preflight": Room("layers/core/sagescene/preflight", ("tests/unit/preflight/test_cost_limit.py",)),
    # What decides whether a model is approved; the other tables of the room train one, and take minutes.
    "evaluation": Room(
        "layers/evaluation/sagescene_evaluation",
        ("tests/unit/evaluation/test_challenge.py", "tests/unit/evaluation/test_answers.py",
         "tests/unit/evaluation/test_seen.py"),
    ),
    # What tells of an evaluation and enters a model in the registry has proofs in virtual time, of which each change
    # names the one that notices it: all of them take minutes.
    "evaluating": Room(WORKFLOW, ()),
}  # fmt: skip
LONGEST_RUN = 300  # seconds; one is usual, but a machine may be busy
CHANGES: list[dict[str, str]] = tomllib.loads(Path(__file__).with_name("dangerous.toml").read_text())["change"]


@pytest.fixture(scope="module")
def warm_tests() -> Iterator[WarmTests]:
    with WarmTests(ROOT, sys.executable) as warm_tests:
        yield warm_tests


@pytest.fixture(scope="module")
def sound(warm_tests: WarmTests) -> Callable[[tuple[str, ...]], None]:
    """Give what makes sure, once for the same tables, that they notice nothing where nothing was changed."""

    @cache
    def make_sure(tables: tuple[str, ...]) -> None:
        unchanged = warm_tests.run(tables, LONGEST_RUN)
        assert not unchanged.failed, f"without any change: {unchanged.by}"

    return make_sure


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change["name"])
def test_the_tables_of_its_room_notice(
    change: dict[str, str], warm_tests: WarmTests, sound: Callable[[tuple[str, ...]], None]
) -> None:
    room = ROOMS[change.get("room", "workflow")]
    tables = (change["proof"],) if "proof" in change else room.tables
    path = f"{room.folder}/{change['module']}.py"
    source = (ROOT / path).read_text(encoding="utf-8")
    assert source.count(change["was"]) == 1, "say anew in dangerous.toml what this line is and must never become"
    sound(tables)
    changed = {path: source.replace(change["was"], change["becomes"])}
    own = f"{tables[0]}/test_{change['module']}.py"
    if (ROOT / own).exists() and warm_tests.run([own], LONGEST_RUN, changed).by.startswith("FAILED"):
        return  # mostly it does, in half the time
    outcome = warm_tests.run(tables, LONGEST_RUN, changed)
    assert outcome.by.startswith("FAILED"), outcome.by or "no test fails"


def test_a_change_that_never_ends_is_noticed_in_time(warm_tests: WarmTests) -> None:
    endless = {f"{WORKFLOW}/decide.py": "while True:\n    pass\n"}
    assert warm_tests.run(TABLES, 3, endless).by == "took too long"


def test_tests_that_import_nothing_of_what_was_changed_say_nothing_of_it(warm_tests: WarmTests) -> None:
    with pytest.raises(RuntimeError, match=r"tests/unit/test_keys\.py imports none of layers.*decide\.py"):
        warm_tests.run(["tests/unit/test_keys.py"], LONGEST_RUN, {f"{WORKFLOW}/decide.py": ""})


def test_tests_that_are_not_there_say_nothing(warm_tests: WarmTests) -> None:
    with pytest.raises(RuntimeError, match="pytest ended with 4"):
        warm_tests.run(["tests/unit/no_such_file.py"], LONGEST_RUN)
