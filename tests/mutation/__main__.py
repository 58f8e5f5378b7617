"""Changes the modules of a room one piece at a time and asks its tests to notice: `python -m tests.mutation ROOM`.

A run that was ended goes on where it was, as long as neither the layer nor the tests changed.
"""

import argparse
import ast
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray import plugins
from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

from tests.checkout import ROOT, list_files
from tests.mutation.operators import FROM_COSMIC_RAY, OwnOperators
from tests.mutation.source import compare_lines, find_noise, is_within, name_function
from tests.mutation.survivors import Change, find_outdated, find_unlisted, read_survivors
from tests.mutation.warm_tests import Outcome, WarmTests

PYTHON = ROOT / ".venv/bin/python"
SESSIONS = Path(sys.prefix) / "sessions"  # an environment of its own: what was found is kept there
LAYERS = Path("layers")
REPORT_EVERY = 30  # seconds
# A run of tests that takes so many times as long as it does without a change will not end.
PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Room:
    """Where a room is, its unit tables, which notice a change there, and for what those leave alive, short proofs."""

    folder: Path
    tables: tuple[str, ...]
    proofs: tuple[str, ...] = ()


# The others train models, and take minutes.
_TABLES_OF_EVALUATION = (
    "answers", "challenge", "document", "evaluate", "fetching", "measures", "page", "picking", "seen",
)  # fmt: skip
ROOMS = {
    "preflight": Room(LAYERS / "core/sagescene/preflight", ("tests/unit/preflight",)),
    "workflow": Room(
        LAYERS / "core/sagescene/workflow",
        ("tests/unit/workflow",),
        ("tests/proof/test_traps.py", "tests/proof/test_races.py"),
    ),
    "evaluation": Room(
        LAYERS / "evaluation/sagescene_evaluation",
        tuple(f"tests/unit/evaluation/test_{table}.py" for table in _TABLES_OF_EVALUATION),
    ),
}


class Module:
    """One module of a room, and the session that keeps which of its changes were noticed."""

    def __init__(self, room: str, path: Path, session: WorkDB, tree: Path) -> None:
        self.path = str(path)
        self.name = f"{room}/{path.name}"
        self.source = (tree / path).read_text(encoding="utf-8")
        self.session = session
        if not session.num_work_items:
            with chdir(tree):
                init([path], session, {})
        skipped = [item.job_id for item in session.pending_work_items if self._is_pointless(item)]
        session.set_multiple_results(skipped, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))

    def _is_pointless(self, item: WorkItem) -> bool:
        (mutation,) = item.mutations
        if mutation.operator_name not in FROM_COSMIC_RAY and not mutation.operator_name.startswith("own/"):
            return True
        if is_within(mutation.start_pos, mutation.end_pos, find_noise(self.source)):
            return True
        try:
            return ast.dump(ast.parse(self.change(item))) == ast.dump(ast.parse(self.source))
        except SyntaxError:
            return True

    def change(self, item: WorkItem) -> str:
        """Give the changed source."""
        (mutation,) = item.mutations
        operator = plugins.get_operator(mutation.operator_name)()
        return str(mutate_code(self.source, operator, mutation.occurrence))

    def describe(self, item: WorkItem) -> Change:
        """Say what is changed in a way that finds it again."""
        (mutation,) = item.mutations
        was, becomes = compare_lines(self.source, self.change(item))
        function = name_function(self.source, mutation.start_pos[0])
        return Change(module=self.name, function=function, was=was, becomes=becomes)

    def keep(self, item: WorkItem, outcome: Outcome) -> None:
        """Keep whether a change was noticed."""
        ended = TestOutcome.KILLED if outcome.failed else TestOutcome.SURVIVED
        result = WorkResult(worker_outcome=WorkerOutcome.NORMAL, test_outcome=ended, output=outcome.by)
        self.session.set_result(item.job_id, result)

    @property
    def results(self) -> list[tuple[WorkItem, WorkResult]]:
        """The changes that were tried, and what came of each."""
        kept: list[tuple[WorkItem, WorkResult]] = list(self.session.completed_work_items)
        return [(item, result) for item, result in kept if result.worker_outcome is not WorkerOutcome.SKIPPED]


class Judges:
    """Processes that run a room's tests, several at a time."""

    def __init__(self, room: Room, tree: Path, number: int, stack: ExitStack) -> None:
        self._room = room
        self._idle: SimpleQueue[WarmTests] = SimpleQueue()
        for _ in range(number):
            self._idle.put(stack.enter_context(WarmTests(tree, PYTHON)))
        self._limits = {tests: self._measure(tests) for tests in (room.tables, room.proofs) if tests}

    def _measure(self, tests: tuple[str, ...]) -> float:
        judge = self._idle.get()
        outcome = judge.run(tests, 600)
        self._idle.put(judge)
        if outcome.failed:
            sys.exit(f"The tests fail without any change, so they would say nothing of one: {outcome.by}")
        return max(10, PATIENCE * outcome.seconds)

    def notice(self, path: str, changed: str) -> Outcome:
        """Tell whether the room's tests notice a change; the proofs are asked when the tables do not."""
        judge = self._idle.get()
        try:
            outcome = judge.run(self._room.tables, self._limits[self._room.tables], {path: changed})
            if not outcome.failed and self._room.proofs:
                outcome = judge.run(self._room.proofs, self._limits[self._room.proofs], {path: changed})
            return outcome
        finally:
            self._idle.put(judge)


def copy_tree(target: Path) -> None:
    """Copy what git keeps, or would keep, so that the checkout may change while a run goes on."""
    for path in list_files():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target / path)


def fingerprint(tree: Path, room: Room) -> str:
    """Name the state of what decides whether a change is noticed: the layers, the tests and the operators."""
    tables = {Path(tests) if (tree / tests).is_dir() else Path(tests).parent for tests in room.tables}
    folders = [LAYERS, *tables, Path("tests/proof")]
    files = sorted(path for folder in folders for path in (tree / folder).rglob("*.py"))
    files += [tree / "tests/mutation" / name for name in ("operators.py", "source.py", "warm_tests.py")]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(tree).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@contextmanager
def open_modules(room: str, wanted: Sequence[str], tree: Path) -> Iterator[list[Module]]:
    """Open the modules of a room with their sessions, new ones where something changed since."""
    folder = SESSIONS / room
    folder.mkdir(parents=True, exist_ok=True)
    state, kept = fingerprint(tree, ROOMS[room]), folder / "state"
    if not kept.exists() or kept.read_text() != state:
        shutil.rmtree(folder)
        folder.mkdir()
        kept.write_text(state)
    paths = sorted((tree / ROOMS[room].folder).glob("*.py"))
    paths = [path for path in paths if path.stem in wanted or (not wanted and path.stem != "__init__")]
    if not paths:
        sys.exit(f"There is no module {' or '.join(wanted)} in {ROOMS[room].folder}.")
    with ExitStack() as stack:
        sessions = [stack.enter_context(use_db(folder / f"{path.stem}.sqlite")) for path in paths]
        opened = zip(paths, sessions, strict=True)
        yield [Module(room, path.relative_to(tree), session, tree) for path, session in opened]


def try_changes(modules: Sequence[Module], judges: Judges, number: int) -> None:
    """Try all changes that were not tried yet, and say from time to time how far that is."""
    said = time.monotonic()
    for module in modules:
        pending: Sequence[WorkItem] = module.session.pending_work_items
        with ThreadPoolExecutor(number) as pool:
            changes = {pool.submit(judges.notice, module.path, module.change(item)): item for item in pending}
            try:
                for count, future in enumerate(as_completed(changes), start=1):
                    module.keep(changes[future], future.result())
                    if time.monotonic() - said > REPORT_EVERY:
                        said = time.monotonic()
                        print(f"  {module.name}: {count} of {len(pending)}", flush=True)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        outcomes = Counter(result.test_outcome for _, result in module.results)
        noticed, alive = outcomes[TestOutcome.KILLED], outcomes[TestOutcome.SURVIVED]
        print(f"{module.name}: {noticed + alive} changes, {noticed} noticed, {alive} not", flush=True)


def conclude(modules: Sequence[Module]) -> int:
    """Print the figures, and every survivor that has no reason or no longer is one; returns 1 if there are any."""
    results = [(module.describe(item), result) for module in modules for item, result in module.results]
    survived = {change for change, result in results if result.test_outcome is TestOutcome.SURVIVED}
    by_proofs = [change for change, result in results if "tests/proof/" in (result.output or "")]
    too_long = sum(result.output == "took too long" for _, result in results)
    print(f"{len(results)} changes: {len(results) - len(survived)} noticed, of which {len(by_proofs)} by the proofs "
          f"alone and {too_long} because the tests took too long; {len(survived)} survived")  # fmt: skip
    for change in by_proofs:
        print(f"  by the proofs alone: {change.module}, {change.function}: {change.becomes}")
    listed = read_survivors()
    unlisted = find_unlisted(survived, listed)
    outdated = find_outdated(survived, listed, [module.name for module in modules])
    for change in unlisted:
        print(f"\n{change}")
    if unlisted:
        print(f"\n{len(unlisted)} survivors are in no list: have a test notice them, or copy them into "
              "tests/mutation/survivors.toml with a reason.")  # fmt: skip
    for change in outdated:
        print(f"\nNo longer a survivor, leave it out of tests/mutation/survivors.toml:\n{change}")
    return 1 if unlisted or outdated else 0


def main(room: str, wanted: Sequence[str], number: int) -> int:
    """Try every change of a room's modules; returns 1 when the survivors are not those of the list."""
    began = time.monotonic()
    plugins.OPERATOR_PROVIDERS["own"] = OwnOperators()
    with ExitStack() as stack:
        tree = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sagescene-mutation-")))
        copy_tree(tree)
        modules = stack.enter_context(open_modules(room, wanted, tree))
        pending = sum(len(module.session.pending_work_items) for module in modules)
        print(f"{room}: {pending} changes to try, {number} at a time", flush=True)
        if pending:
            try_changes(modules, Judges(ROOMS[room], tree, number, stack), number)
        status = conclude(modules)
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("room", choices=sorted(ROOMS))
    parser.add_argument("modules", nargs="*", help="these alone, for one `decide`")
    parser.add_argument("--processes", type=int, default=os.process_cpu_count() or 1)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # no copy of the tree is left behind
    try:
        sys.exit(main(arguments.room, arguments.modules, arguments.processes))
    except KeyboardInterrupt:
        sys.exit("\nStopped; the same command goes on from here.")
