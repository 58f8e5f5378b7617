"""Chats are sent a notice in the one form they take, within its bounds, and nothing in it calls or misleads anybody."""

import ast
import inspect
import json
from dataclasses import replace
from html import unescape
from types import ModuleType

import pytest

from sagescene.jobs.failures import Cause, Failure
from sagescene.messages import chat, console_links, end_notices, evaluation_notices, start_notices
from sagescene.messages.notices import Notice
from tests.stack_template import ROOT
from tests.unit.messages.test_notices import JOB

GOLDEN = ROOT / "tests/golden/chat.json"
NOTICE = Notice(subject="A subject", text="A text", data_set="pets")


def described(text: str) -> str:
    """Give the description of a notice of this text."""
    return str(chat.as_message(replace(NOTICE, text=text), "stack")["content"]["description"])


def thread(data_set: str, stack: str = "stack") -> str:
    return str(chat.as_message(replace(NOTICE, data_set=data_set), stack)["metadata"]["threadId"])


def test_a_notice_has_the_form_that_is_documented() -> None:
    failure = Failure(cause=Cause.DATA, remedy="Look at the log.")
    url = console_links.job_logs_url("us-east-1", JOB.name)
    notice = end_notices.training_failed("pets", JOB, "It <diverged> & stopped", failure, url, "sagescene-dev", None)
    assert chat.as_message(notice, "sagescene-dev") == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize(
    "hostile",
    ["<!channel>", "<!here|all>", "<@U024BE7LH>", "<https://evil.example|the report>", "[the report](https://evil.example)",
     "@channel", "<at>Everyone</at>", "![x](https://evil.example/x.png)", "&lt;!channel&gt;"],
)  # fmt: skip
def test_foreign_text_calls_nobody_and_hides_no_address(hostile: str) -> None:
    message = chat.as_message(Notice(subject=hostile, text=hostile), "stack")
    for text in (message["content"]["title"], message["content"]["description"], message["metadata"]["summary"]):
        assert not set("<>[]@") & set(text)
        assert text.count("&") == sum(text.count(escape) for escape in ("&amp;", "&lt;", "&gt;"))


def test_what_is_escaped_is_shown_as_it_was_and_addresses_of_ours_still_lead_there() -> None:
    text = f"2 < 3 & 5 > 4: {console_links.object_url('us-east-1', 'bucket', 'reports/a b/1.html')}"
    assert unescape(described(text)) == text


@pytest.mark.parametrize("letter", ["x", "&", "<", "𝄞", "é"])
@pytest.mark.parametrize("shift", [0, 1])
def test_what_is_too_long_is_cut_between_characters_and_says_so(letter: str, shift: int) -> None:
    whole = described("x" * shift + letter * 8_000)
    assert len(whole.encode("utf-16-le")) // 2 <= 8_000
    if letter in "xé" and not shift:
        assert whole == letter * 8_000
        return
    kept, _, rest = whole.partition("\n\n")
    assert rest == "The rest of this message was cut, because chats take no longer one."
    assert set(unescape(kept)) <= {"x", letter}
    title = chat.as_message(Notice(subject=letter * 400, text="x"), "stack")["content"]["title"]
    assert title.endswith(" ...")
    assert 240 < len(title.encode("utf-16-le")) // 2 <= 250


def test_a_set_has_one_thread_and_no_other_set_or_stack_shares_it() -> None:
    assert thread("pets") == thread("pets")
    assert len({thread("pets"), thread("pet"), thread(""), thread("stack"), thread("pets", "other")}) == 5
    assert thread("<!channel> " * 20).removeprefix("stack-").isalnum()


@pytest.mark.parametrize("module", [start_notices, end_notices, evaluation_notices], ids=lambda module: module.__name__)
def test_every_notice_of_a_set_names_it(module: ModuleType) -> None:
    made = 0
    for function in ast.parse(inspect.getsource(module)).body:
        if isinstance(function, ast.FunctionDef):
            about = "data_set" if "data_set" in {each.arg for each in function.args.args} else "right_key"
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Notice":
                    named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
                    assert about in named.get("data_set", ""), function.name
                    made += 1
    assert made
