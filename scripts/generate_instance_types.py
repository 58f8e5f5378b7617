"""Writes the template's two lists of instance types from the one table in `sagescene.instances`."""

import re
from pathlib import Path

from sagescene.instances import GPUS

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
# A batch of less than this many images leaves GPUs of the larger types without one.
SMALLEST_BATCH_FOR_ALL = 8

_LIST = re.compile(r"(?m)^(?P<indent> +)(?P<nested>- )?- ml\.[^\n]+\n(?: +- ml\.[^\n]+\n)*")


def render(template: str) -> str:
    """Give the template with its lists as the table says: the types of the parameter, and those with few GPUs."""
    lists = iter((list(GPUS), [name for name, gpus in GPUS.items() if gpus < SMALLEST_BATCH_FOR_ALL]))

    def write(old: re.Match[str]) -> str:
        first = f"{old['indent']}{old['nested'] or ''}"
        names = next(lists)
        return "".join(f"{first if number == 0 else ' ' * len(first)}- {name}\n" for number, name in enumerate(names))

    return _LIST.sub(write, template)


if __name__ == "__main__":
    TEMPLATE.write_text(render(TEMPLATE.read_text(encoding="utf-8")), encoding="utf-8")
