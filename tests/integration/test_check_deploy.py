"""The programs that `make check-deploy` begins: what listens beyond the loopback is found, and all of them end."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from scripts.check_deploy.__main__ import make_environment
from scripts.check_deploy.alarms import write_deployable
from scripts.check_deploy.programs import CheckFailedError, Programs

LISTEN = """
import socket, time
listener = socket.create_server(("{}", 0))
print("listens", flush=True)
time.sleep(99)
"""
# It begins a child that leaves its session and one that outlives it, and none of them minds SIGTERM.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleep = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(99)"]
children = [subprocess.Popen(sleep, start_new_session=True)]
parent = [sys.executable, "-c", f"import subprocess; print(subprocess.Popen({sleep!r}, stdout=subprocess.DEVNULL).pid)"]
orphan = subprocess.check_output(parent, text=True).strip()
print(os.getpid(), children[0].pid, orphan, flush=True)
time.sleep(99)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    with Programs(tmp_path, {"PATH": os.defpath}) as programs:
        yield programs


def await_words(programs: Programs, said: Callable[[list[str]], bool] = bool) -> list[str]:
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        words = programs.tails().split("\n", 1)[1:]
        if words and said(words[0].split()):
            return words[0].split()
        time.sleep(0.02)
    raise AssertionError("it said nothing")


def test_what_listens_on_the_loopback_may(programs: Programs) -> None:
    programs.begin("one", python(LISTEN.format("127.0.0.1")))
    await_words(programs)
    assert programs.addresses() == {"127.0.0.1"}
    programs.require_loopback()


def test_what_listens_on_all_addresses_is_found_even_in_a_child(programs: Programs) -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {LISTEN.format('0.0.0.0')!r}])"
    programs.begin("one", python(child))
    await_words(programs)
    with pytest.raises(CheckFailedError, match=r"beyond the loopback, on 0\.0\.0\.0"):
        programs.require_loopback()


def test_everything_ends_whoever_began_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.check_deploy.programs._PATIENCE", 1.0)
    with Programs(tmp_path, {"PATH": os.defpath}) as programs:
        programs.begin("one", python(STUBBORN))
        numbers = [int(word) for word in await_words(programs, lambda words: len(words) == 3)]
        assert all(map(psutil.pid_exists, numbers))
    limit = time.monotonic() + 30  # killed is not yet buried: an orphan is waited for by the machine's first process
    while time.monotonic() < limit and any(map(is_running, numbers)):
        time.sleep(0.02)
    assert not any(map(is_running, numbers))


def is_running(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_program_that_fails_is_named_and_its_last_words_are_kept(programs: Programs) -> None:
    assert programs.run("well", python("print('said')"), limit=30) == "said\n"
    with pytest.raises(CheckFailedError, match="one ended with exit status 3"):
        programs.run("one", python("print('why'); raise SystemExit(3)"), limit=30)
    assert programs.tails() == "--- one\nwhy"


def test_a_program_that_does_not_end_is_named(programs: Programs) -> None:
    with pytest.raises(CheckFailedError, match="one did not end within 0 seconds"):
        programs.run("one", python("import time; time.sleep(99)"), limit=0.1)


def test_a_program_that_should_have_stayed_is_named(programs: Programs) -> None:
    programs.begin("one", python("print('gone')"))
    (begun,) = programs._begun.values()
    begun.wait(30)
    with pytest.raises(CheckFailedError, match="one ended by itself with exit status 0"):
        programs.require_alive()


def test_functions_inherit_nothing_of_a_person_s_credentials(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "HOME"):
        monkeypatch.setenv(name, "a person's own")
    assert "a person's own" not in make_environment(tmp_path, 1, 2).values()
    programs.begin("one", python("import os; print(*sorted(os.environ))"), PORT="1")
    found = await_words(programs)
    assert {"PATH", "PORT"} <= set(found)
    assert "AWS_SECRET_ACCESS_KEY" not in found


def test_only_saved_queries_and_alarms_that_compute_their_metric_are_left_out(tmp_path: Path) -> None:
    alarm, queue = "AWS::CloudWatch::Alarm", {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}
    kept = {"Plain": {"Type": alarm, "Properties": {"MetricName": "Failed"}}, "Queue": queue}
    computed = {"Type": alarm, "Properties": {"Metrics": [{"Id": "increase", "Expression": "DIFF(letters)"}]}}
    built, target = tmp_path / "built.yaml", tmp_path / "target.yaml"
    saved = {"Type": "AWS::Logs::QueryDefinition", "Properties": {"Name": "errors"}}
    built.write_text(yaml.safe_dump({"Resources": {"Computed": computed, "Saved": saved, **kept}}))
    assert write_deployable(built, target) == ["Computed", "Saved"]
    assert yaml.safe_load(target.read_text()) == {"Resources": kept}
