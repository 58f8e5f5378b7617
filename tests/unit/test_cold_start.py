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
    "docs/utils.py": "KINDS = ()\n",
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
    assert run(tmp_path, f"from sagescene import cold_start\n{imported}\nprint({used})") == printed


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        # What was left out, and the module beside it that was not.
        (
            "from sagescene import cold_start\n"
            "from botocore.docs.docstring import ClientMethodDocstring\n"
            "from botocore.docs.utils import KINDS\n"
            "cold_start.end()\n"
            "import botocore.docs.utils\n"
            "print(botocore.docs.utils.KINDS is KINDS, botocore.docs.docstring.ClientMethodDocstring('text'))",
            ["docs", "docstring", "True text"],
        ),
        # What was there before, as with a layer that watches each call of botocore.
        (
            "import botocore.docs.docstring\n"
            "before = botocore.docs\n"
            "from sagescene import cold_start\n"
            "cold_start.end()\n"
            "import botocore.docs\n"
            "print(botocore.docs is before)",
            ["docs", "docstring", "True"],
        ),
    ],
)
def test_once_a_function_has_started_the_documentation_is_whole(
    tmp_path: Path, program: str, printed: list[str]
) -> None:
    assert run(tmp_path, program) == printed


def run(folder: Path, program: str) -> list[str]:
    """Run a program beside a botocore of these files, and give the lines that it printed."""
    for name, content in FILES.items():
        path = folder / "botocore" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT / "layers/core")))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
