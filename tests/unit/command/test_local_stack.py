"""Whether what the local stack runs was built of what a checkout holds now."""

import os
from pathlib import Path

import pytest

from sagescene_command.local_stack import find_newer

BUILT = ".aws-sam/build/template.yaml"
SOURCES = ("template.yaml", "functions/start_training/app.py", "layers/core/sagescene/keys.py")
NOON = 1_800_000_000


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that was built a minute after its sources were written."""
    for file in (*SOURCES, BUILT):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / file, NOON + 60 * (file == BUILT))
    return tmp_path


def write(path: Path, time: float) -> None:
    path.write_text("")
    os.utime(path, (time, time))


def test_a_build_is_of_sources_that_were_written_before_it(checkout: Path) -> None:
    write(checkout / "layers/core/sagescene/keys.cpython-313.pyc", NOON + 120)
    assert find_newer(checkout) is None


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_was_written_after_the_build_is_named(checkout: Path, source: str) -> None:
    write(checkout / source, NOON + 120)
    assert find_newer(checkout) == Path(source)


def test_without_a_build_none_is_older(checkout: Path) -> None:
    (checkout / BUILT).unlink()
    assert find_newer(checkout) is None
