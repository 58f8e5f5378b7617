"""The committed list of the changes that no test notices, each with the reason why that is right."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("survivors.toml")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """A change of a module, by the text of its lines, so that other lines may move."""

    module: str
    function: str
    was: str
    becomes: str

    def __str__(self) -> str:
        """Show the change as an entry of the list, its reason still to be given."""
        fields = {name: getattr(self, name) for name in ("module", "function", "was", "becomes")}
        lines = [f"{name} = {_quote(value)}" for name, value in fields.items()]
        return "\n".join(["[[survivor]]", *lines, 'reason = ""'])


def read_survivors(path: Path = LIST) -> dict[Change, str]:
    """Read the list: each change and its reason."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    listed: dict[Change, str] = {}
    for entry in entries:
        reason = entry.pop("reason").strip()
        change = Change(**entry)
        if not reason:
            raise ValueError(f"{path.name}: give a reason for the survivor in {change.module}: {change.becomes}")
        if change in listed:
            raise ValueError(f"{path.name}: leave out the second of two entries in {change.module}: {change.becomes}")
        listed[change] = reason
    return listed


def find_unlisted(survived: Iterable[Change], listed: Iterable[Change]) -> list[Change]:
    """List the survivors that have no reason yet."""
    return sorted(set(survived) - set(listed))


def find_outdated(survived: Iterable[Change], listed: Iterable[Change], modules: Iterable[str]) -> list[Change]:
    """List the entries about modules that were tried whole which no longer survive, or are no longer there."""
    tried = set(modules)
    return sorted({change for change in listed if change.module in tried} - set(survived))


def _quote(text: str) -> str:
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)
