"""The door for text that others wrote, on its way to a person: what terminals or readers obey is shown, not done.

Escaped is what Unicode calls a control, a format character (such as those that turn the direction of writing), a
separator of lines or paragraphs, half of a pair, or nothing at all. Keys that are used as keys do not pass here.
"""

import json
import unicodedata
from collections.abc import Callable


def printable(text: str) -> str:
    r"""Give text as one line in which every unprintable character is written out, such as `\x1b`; twice is as once."""
    return _replace(text, lambda letter: letter.encode("unicode_escape").decode())


def printable_lines(text: str) -> str:
    """Give text of several lines, each as `printable` gives it: what is foreign in it must have passed there before."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(
    document: object, indent: int | None = None, default: Callable[[object], object] | None = None
) -> str:
    """Write JSON with every unprintable character in JSON's own escapes: whoever reads it gets the text as it was.

    `default` gives the value for what JSON has none for; without it, such a value raises TypeError.
    """
    text = json.dumps(document, indent=indent, ensure_ascii=False, default=default)
    return "\n".join(_replace(line, _escape_in_json) for line in text.split("\n"))


def to_ascii(text: str) -> str:
    """Give text in printable ASCII: letters without their marks, and question marks for what is none even so."""
    plain = unicodedata.normalize("NFKD", "".join(letter if letter.isprintable() else "?" for letter in text))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).encode("ascii", "replace").decode()


def _replace(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(letter if _is_printable(letter) else escape(letter) for letter in text)


def _is_printable(letter: str) -> bool:
    return letter.isprintable() or unicodedata.category(letter) == "Zs"


def _escape_in_json(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
