"""What hostile files cost: memory above that of the interpreter, and the size of what is written about them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sagescene.bounds import LARGEST_PAGE_IN_BYTES, LARGEST_REPORT_IN_BYTES

ROOT = Path(__file__).parents[2]
MOST_MEMORY_IN_MB = 200  # above the start, whatever the bytes

HOSTILE_SETS = Path(__file__).with_name("hostile_sets.py")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("wide_list_and_a_foreign_record", "record-not-in-list"),
        ("long_paths", "paths-shared"),
        ("line_without_end", "line-too-long"),
        ("distinct_labels", "too-many-labels"),
        ("many_classes", "class-not-in-train"),
        ("faults_of_every_kind", "label-not-a-number"),
    ],
)
def test_no_set_takes_more_memory_or_a_larger_report_than_is_stated(name: str, code: str) -> None:
    done = subprocess.run(
        [sys.executable, HOSTILE_SETS, name],  # the peak of a process never falls again
        env={"PYTHONPATH": str(ROOT / "layers/core")},
        capture_output=True,
        text=True,
        check=True,
    )
    measured = json.loads(done.stdout)
    assert code in measured["codes"]
    assert measured["memory"] <= MOST_MEMORY_IN_MB
    assert measured["report"] <= LARGEST_REPORT_IN_BYTES
    assert measured["page"] <= LARGEST_PAGE_IN_BYTES
