"""A stack that is closed: nothing of it lives on, not even after an interrupt in the middle."""

import os
import threading
from pathlib import Path

import pytest

from sagescene_standin.functions.function import Function
from sagescene_standin.options import Options
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import RUNTIME


def test_an_interrupt_breaks_off_no_more_than_one_step(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())
    stack = Stack.deploy(built, {}, Options(runtime_directory=RUNTIME))
    processes = {name: set(function._all) for name, function in stack.functions.items()}
    close = Function.close

    def close_interrupted(function: Function) -> None:
        close(function)
        monkeypatch.setattr(Function, "close", close)
        raise KeyboardInterrupt

    monkeypatch.setattr(Function, "close", close_interrupted)
    with pytest.raises(KeyboardInterrupt):
        stack.close()
    assert all(processes.values())
    assert {name for name, each in processes.items() for process in each if process.alive} == set()
    assert set(threading.enumerate()) <= before


def test_what_a_terminal_sends_reaches_no_function(built: Path) -> None:
    with Stack.deploy(built, {}, Options(runtime_directory=RUNTIME)) as stack:
        groups = {
            os.getpgid(process._process.pid) for function in stack.functions.values() for process in function._all
        }
    assert groups
    assert os.getpgid(0) not in groups
