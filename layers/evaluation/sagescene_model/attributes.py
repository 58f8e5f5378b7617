"""The settings of an operator in MXNet's symbol files: text, which stands where it differs from the default."""

import re
from collections.abc import Mapping

from sagescene_model.refusals import OperatorRefused

_NUMBER = re.compile(r"-?\d{1,9}(?=L?$)")
_TRUE, _FALSE = ("True", "true", "1"), ("False", "false", "0")


class Attributes:
    """The settings of one node, read as what they are meant to be.

    Each reader raises OperatorRefused if the text is not of that kind.
    """

    def __init__(self, texts: Mapping[str, str], file: str, where: str) -> None:
        """Take the texts; `file` and `where` are for the error."""
        self._texts, self.file, self.where = texts, file, where

    def text(self, name: str, default: str = "") -> str:
        """Return a word."""
        text = self._texts.get(name, default).strip()
        return default if text == "None" else text

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes or no."""
        text = self.text(name, str(default))
        if text not in (*_TRUE, *_FALSE):
            raise self.refuse(name, "a truth value")
        return text in _TRUE

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        try:
            return float(self.text(name, str(default)))
        except ValueError:
            raise self.refuse(name, "a number") from None

    def whole(self, name: str, default: int) -> int:
        """Return a whole number."""
        match = _NUMBER.match(self.text(name, str(default)))
        if not match:
            raise self.refuse(name, "a whole number")
        return int(match[0])

    def pair(self, name: str, default: int) -> tuple[int, int]:
        """Return two whole numbers, for height and width, of at least 0: `(3, 3)`, `(3,3)`, `[3, 3]`, `(3L, 3L)`."""
        text = self.text(name)
        if text in ("", "()", "[]"):
            return default, default
        inner = text[1:-1] if text[0] + text[-1] in ("()", "[]") else text
        found = [_NUMBER.match(part.strip()) for part in inner.split(",")]
        numbers = [int(match[0]) for match in found if match]
        if len(found) != 2 or len(numbers) != 2 or min(numbers) < 0:
            raise self.refuse(name, "a height and a width")
        return numbers[0], numbers[1]

    def refuse(self, name: str, wanted: str) -> OperatorRefused:
        """Make the refusal of one setting."""
        given = self._texts.get(name, "")[:60]
        message = f"{name}={given!r} is not {wanted}." if given else f"{name} is missing, and must be {wanted}."
        return OperatorRefused(self.file, self.where, message)
