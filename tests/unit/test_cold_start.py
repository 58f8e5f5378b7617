"""What a function's start leaves out of botocore, and what of a later botocore it then takes in all the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack_template import ROOT

# The classes that botocore's clients import, in the two modules that a start leaves empty.
FILES = {
    "__init__.py": "",
    "docs/__init__.py": "print('docs')\nDEPRECATED = {'sms-voice': 'pinpoint-sms-voice'}\n",
    "docs/docstring.py": "print('docstring')\nLIMITS = (1, 2)\n\nclass ClientMethodDocstring(str):\n    pass\n",
}


@pytest.mark.parametrize(
    ("imported", "used", "printed"),
    [
        ("from botocore.docs.docstring import ClientMethodDocstring", "ClientMethodDocstring(operation=1)", [""]),
        ("from botocore.docs.docstring import LIMITS", "sum(LIMITS)", ["docstring", "3"]),
        ("from botocore.docs.docstring import *", "ClientMethodDocstring(2)", ["docstring", "2"]),
        ("from botocore.docs import DEPRECATED", "*DEPRECATED", ["docs", "sms-voice"]),
        ("import botocore.docs", "*botocore.docs.DEPRECATED", ["docs", "sms-voice"]),
        ("from botocore.docs import docstring", "docstring.LIMITS[0]", ["docs", "docstring", "1"]),
    ],
)
def test_whatever_a_later_botocore_needs_of_its_documentation_is_there(
    tmp_path: Path, imported: str, used: str, printed: list[str]
) -> None:
    for name, content in FILES.items():
        path = tmp_path / "botocore" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    started = subprocess.run(
        [sys.executable, "-S", "-c", f"from sagescene import cold_start\n{imported}\nprint({used})"],
        env={"PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT / "layers/core")))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.stdout.splitlines() == printed, started.stderr
