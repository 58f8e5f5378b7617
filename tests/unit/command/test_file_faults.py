"""What people read of a file that cannot be read or written."""

import errno

import pytest

from sagescene_command.file_faults import explain


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "out/x.rec"), "out/x.rec cannot be read or written: Perm"),
        (OSError(errno.ENOSPC, "No space left on device"), "[Errno 28] No space left on device"),
        (ValueError("as it is"), "as it is"),
    ],
)
def test_a_fault_names_its_file(fault: Exception, sentence: str) -> None:
    assert explain(fault).startswith(sentence)
