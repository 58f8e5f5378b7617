"""What says nothing about a set changes no verdict: the order of its records, its folders' names, its line ends."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.alike_names import fold
from sagescene.files import recordio
from tests.unit.preflight.test_examination import judge
from tests.unit.preflight.test_wrong_models import LEGITIMATE, TOLD_BY_NAMES, WRONG

SETS = {name: files for name, (files, _) in {**WRONG, **LEGITIMATE}.items()}
FOLDER_NAMES = st.text("abcxyzÄß-_ .0123456789", min_size=1, max_size=12).filter(
    # A hidden folder says something of a set, and a list's paths begin and end with no blank.
    lambda name: not name.startswith(".") and name == name.strip()
)

type Change = Callable[[str, bytes], bytes]


def changed(files: Mapping[str, bytes], ending: str, change: Change) -> dict[str, bytes]:
    return {name: change(name, content) if name.endswith(ending) else content for name, content in files.items()}


def said_of(files: Mapping[str, bytes]) -> tuple[str, list[tuple[str, str]]]:
    """Judge a set as a user would read it: the verdict, and each finding's code and weight."""
    report = judge(files).report
    return report.verdict, sorted((finding.code, finding.severity) for finding in report.findings)


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=8)
@given(data=st.data())
def test_the_order_of_records_changes_nothing(name: str, data: st.DataObject) -> None:
    def reorder(_: str, content: bytes) -> bytes:
        records = list(recordio.read([content]))
        return b"".join(recordio.write(data.draw(st.permutations(records), label="records")))

    files = {part: content for part, content in SETS[name].items() if not part.endswith(".idx")}
    assert said_of(changed(files, ".rec", reorder)) == said_of(files)


@pytest.mark.parametrize("name", [name for name in SETS if name not in TOLD_BY_NAMES])
@settings(max_examples=8)
@given(data=st.data())
def test_folders_renamed_alike_in_both_lists_change_nothing(name: str, data: st.DataObject) -> None:
    lists = "".join(content.decode() for part, content in SETS[name].items() if part.endswith(".lst"))
    folders = sorted(
        {folder for path in re.findall(r"[^\t\n]+$", lists, re.M) for folder in re.split(r"[/\\]", path)[:-1]}
    )
    others = data.draw(
        st.lists(FOLDER_NAMES, min_size=len(folders), max_size=len(folders), unique_by=fold), label="names"
    )
    renamed = dict(zip(folders, others, strict=True))

    def rename(_: str, content: bytes) -> bytes:
        return re.sub(r"([^\t\n/\\]+)(?=[/\\])", lambda found: renamed[found[1]], content.decode()).encode()

    assert said_of(changed(SETS[name], ".lst", rename)) == said_of(SETS[name])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    "end",
    [lambda lines: lines.replace(b"\n", b"\r\n"), lambda lines: lines.rstrip(b"\n"), lambda lines: lines + b"\n\n"],
    ids=["of Windows", "none at the end", "blank lines at the end"],
)
def test_line_ends_change_nothing(name: str, end: Callable[[bytes], bytes]) -> None:
    assert said_of(changed(SETS[name], ".lst", lambda _, content: end(content))) == said_of(SETS[name])
