"""What holds for every test: no network, no AWS account, and no skip that is not expected."""

import gc
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

UNIT_TESTS = Path(__file__).parent / "unit"

gc.disable()  # until the tests are collected, with all that they import

# An example that takes long on a busy machine is no fault.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

# Powertools would otherwise hide log lines from pytest, and botocore would look for a person's credentials.
os.environ["POWERTOOLS_LOG_DEDUPLICATION_DISABLED"] = "true"
os.environ["AWS_ACCESS_KEY_ID"] = os.environ["AWS_SECRET_ACCESS_KEY"] = "testing"
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# Each worker has a processor; the matrices are small, and idle threads of a library wait for more by spinning.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
    os.environ.pop(name, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which `make test` compares the skips."""
    parser.addoption("--expected-skips", type=Path, help="fail unless exactly the tests listed here skip")


def pytest_configure(config: pytest.Config) -> None:
    """Watch the skips when a list of them is given."""
    if expected := config.getoption("--expected-skips"):
        config.pluginmanager.register(SkipWatch(expected), "skip-watch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave a unit test no network, and every other test the loopback."""
    for item in items:
        unit = item.path.is_relative_to(UNIT_TESTS)
        item.add_marker(pytest.mark.disable_socket if unit else pytest.mark.allow_hosts(["127.0.0.1", "::1"]))


def pytest_collection_finish() -> None:
    """Let the garbage collector look no more at thousands of tests and at what they import: it is there to the end."""
    gc.collect()
    gc.freeze()
    gc.enable()


class SkipWatch:
    """Fails the run when the set of skipped tests is not the expected one."""

    def __init__(self, expected: Path) -> None:
        lines = (line.partition("#")[0].strip() for line in expected.read_text().splitlines())
        tests = (line.partition(" unless ")[::2] for line in lines if line)
        self._expected = {test for test, need in tests if not (need and (shutil.which(need) or Path(need).exists()))}
        self._skipped: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a skipped file."""
        if report.skipped:
            self._skipped.add(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Turn success into failure when the sets differ."""
        if self._skipped != self._expected and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which skips were not expected, and which expected ones did not happen."""
        for test in sorted(self._skipped - self._expected):
            terminalreporter.write_line(f"not in tests/skips.txt, yet skipped: {test}", red=True)
        for test in sorted(self._expected - self._skipped):
            terminalreporter.write_line(f"in tests/skips.txt, yet not skipped: {test}", red=True)
