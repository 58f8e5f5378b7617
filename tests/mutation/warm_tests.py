"""Runs tests against changed modules, over and over, in forks of one process that has imported what is slow to import.

A changed module exists in the fork's memory alone: no file is written, so nothing that is killed leaves one changed.
`WarmTests` starts that process and asks it; this file, run as a script, is the process.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import IO, Any, Self

# What may be changed, and what imports it: each fork imports these anew.
OWN_PACKAGES = {"sagescene", "sagescene_command", "sagescene_evaluation", "sagescene_model", "functions", "tests"}
# What a fork answers beside pytest's own codes.
NEVER_IMPORTED = 100
LARGEST_MEMORY = 4 * 2**30  # a loop that never ends fills the machine otherwise
PYTEST = (
    "-q", "-x", "--no-header", "--tb=no", "-rfE",
    "-p", "no:cacheprovider", "-p", "no:xdist",
    "--hypothesis-profile=ci",  # always the same examples, and no deadline that a busy machine could miss
    "-W", "ignore::pytest.PytestAssertRewriteWarning",  # the plugins are among what is imported before
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What tests made of a changed module: `failed` when one noticed, `by` names it, or says what ended the run."""

    failed: bool
    by: str
    seconds: float


class WarmTests:
    """A process that runs tests; use as a context."""

    def __init__(self, tree: Path, python: Path | str) -> None:
        command = [str(python), "-P", str(tree / "tests/mutation/warm_tests.py")]
        # Without bytecode each fork would compile all tests anew; a changed module has none.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._process = subprocess.Popen(
            command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, tests: Sequence[str], seconds: float, changed: Mapping[str, str] | None = None) -> Outcome:
        """Run tests with these sources, by path, in place of those on disk."""
        assert self._process.stdin
        assert self._process.stdout
        request = {"tests": list(tests), "seconds": seconds, "changed": dict(changed or {})}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "the process that runs the tests died"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return Outcome(**answer)


# ------------------------------------------------------------------------------------------------ in the warm process


class ChangedModules:
    """Finds modules whose source is not the one on disk, before anything else does."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.missing = {_module_name(path): (path, source) for path, source in sources.items()}

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Give a changed module; None leaves the name to the other finders."""
        if name not in self.missing:
            return None
        path, source = self.missing.pop(name)
        return spec_from_file_location(name, path, loader=_ChangedLoader(name, str(Path(path).resolve()), source))


class _ChangedLoader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, _fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


class QuickFirst:
    """A plugin of pytest that leaves the tests of many drawn examples for the end: a table mostly notices before."""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the order otherwise."""
        from hypothesis import is_hypothesis_test

        items.sort(key=lambda item: is_hypothesis_test(item.obj))


def _module_name(path: str) -> str:
    parts = Path(path).with_suffix("").parts
    return ".".join(parts[2:] if parts[0] == "layers" else parts)


def answer(request: Mapping[str, Any], imported: IO[str] | None = None) -> dict[str, Any]:
    """Run the tests of a request in a fork, and tell how they ended; `imported` takes the names of its modules."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        status = _in_fork(request, output.fileno(), imported)
        output.seek(0)
        text = output.read()
    seconds = round(time.monotonic() - began, 2)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGALRM:
        return {"failed": True, "by": "took too long", "seconds": seconds}
    if code < 0:
        return {"failed": True, "by": signal.Signals(-code).name, "seconds": seconds}
    if code in (0, 1, 2):
        marks = ("FAILED ", "ERROR ")
        by = next((line for line in text.splitlines() if line.startswith(marks)), "collection" if code else "")
        return {"failed": code != 0, "by": by, "seconds": seconds}
    if code == NEVER_IMPORTED:
        return {"error": f"{' '.join(request['tests'])} imports none of {', '.join(request['changed'])}."}
    return {"error": f"pytest ended with {code}:\n{text}"}


def _in_fork(request: Mapping[str, Any], output: int, imported: IO[str] | None) -> int:
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    code = 3
    try:
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
        with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
            resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
        for stream in (1, 2):
            os.dup2(output, stream)
        code = _run_tests(request)
        if imported:
            imported.write("\n".join(sys.modules))
            imported.flush()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run_tests(request: Mapping[str, Any]) -> int:
    import pytest

    changed = ChangedModules(request["changed"])
    sys.meta_path.insert(0, changed)
    code = int(pytest.main([*PYTEST, *request["tests"]], plugins=[QuickFirst()]))
    if code == 0 and changed.missing:
        return NEVER_IMPORTED
    return code


def answer_first(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the tests without any change, and import for the next what they imported from outside this project."""
    with tempfile.TemporaryFile("w+") as imported:
        told = answer({**request, "changed": {}}, imported)
        imported.seek(0)
        names = imported.read().split("\n")
    _import_all(name for name in names if name.partition(".")[0] not in {*OWN_PACKAGES, "__main__", ""})
    gc.collect()
    gc.freeze()  # a fork would otherwise copy all of it by looking at it
    return told


def _import_all(names: Iterable[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def main() -> None:
    """Answer requests, one JSON line each, until there are no more."""
    warm: set[str] = set()
    for line in sys.stdin:
        request = json.loads(line)
        told = None
        if not warm >= set(request["tests"]):
            told = answer_first(request)
            warm |= set(request["tests"])
        assert OWN_PACKAGES.isdisjoint(name.partition(".")[0] for name in sys.modules)
        if told is None or request["changed"]:
            told = answer(request)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
