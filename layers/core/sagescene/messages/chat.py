"""Notices as chats are sent them: Slack and Microsoft Teams, through Amazon Q Developer in chat applications.

The form: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html. A message of another form, or one
that is too long, is dropped there without a word.
"""

from collections.abc import Mapping
from hashlib import sha256
from itertools import accumulate, takewhile
from typing import Any

from sagescene.bounds import LONGEST_CHAT_DESCRIPTION, LONGEST_CHAT_TITLE
from sagescene.messages.notices import Notice

# Whoever names a file must call nobody, and lead nobody elsewhere under another name. Slack reads mentions and links in
# angle brackets and takes these three escapes; Teams makes links of square brackets; both know @somebody.
_INERT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "\N{FULLWIDTH COMMERCIAL AT}", "[": "(", "]": ")"})
_REST_IS_CUT = "\n\nThe rest of this message was cut, because chats take no longer one."


def as_message(notice: Notice, stack: str) -> Mapping[str, Any]:
    """Give the message of a notice: a thread a data set, and one for all else."""
    title = _fit(notice.subject, LONGEST_CHAT_TITLE, " ...")
    about = sha256(notice.data_set.encode()).hexdigest()[:16] if notice.data_set else "stack"
    return {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": _fit(notice.text, LONGEST_CHAT_DESCRIPTION, _REST_IS_CUT),
        },
        "metadata": {"threadId": f"{stack}-{about}", "summary": title, "eventType": "SagesceneNotice"},
    }


def _fit(text: str, most: int, ending: str) -> str:
    """Give a text made inert in at most so many units, cut between characters and never within an escape."""
    inert = [letter.translate(_INERT) for letter in text]
    if sum(map(_units, inert)) <= most:
        return "".join(inert)
    ends = accumulate(map(_units, inert))
    kept = sum(1 for _ in takewhile(lambda end: end <= most - len(ending), ends))
    return "".join(inert[:kept]) + ending


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
