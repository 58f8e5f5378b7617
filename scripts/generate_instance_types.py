"""Writes the template's lists of instance types and Regions from the tables in `sagescene`."""

import re
import textwrap
from pathlib import Path

from sagescene.instances import INSTANCE_TYPES
from sagescene.jobs.registry import REGIONS

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
# A batch of less than this many images leaves GPUs of the larger types without one.
SMALLEST_BATCH_FOR_ALL = 8

_WIDTH = 120
_LEGACY = " # legacy"
_REGIONS = re.compile(r"(?m)^(?P<indent> +)- \[[a-z]+-[a-z]+-[^\]]+\]\n")
_LIST = re.compile(r"(?m)^(?P<indent> +)(?P<nested>- )?- ml\.[^\n]+\n(?: +- ml\.[^\n]+\n)*")


def render(template: str) -> str:
    """Give the template with its lists as the tables say.

    They are the types of the parameter, those with few GPUs, and the Regions that have the algorithm's image.
    """
    few = [name for name, kind in INSTANCE_TYPES.items() if kind.gpus < SMALLEST_BATCH_FOR_ALL]
    lists = iter((list(INSTANCE_TYPES), few))

    def write(old: re.Match[str]) -> str:
        first = f"{old['indent']}{old['nested'] or ''}"
        lines = (f"- {name}{_LEGACY if INSTANCE_TYPES[name].is_legacy else ''}\n" for name in next(lists))
        return "".join(f"{first if number == 0 else ' ' * len(first)}{line}" for number, line in enumerate(lines))

    return _REGIONS.sub(_write_regions, _LIST.sub(write, template))


def _write_regions(old: re.Match[str]) -> str:
    indent = f"{old['indent']}  "
    names = textwrap.fill(
        f"{', '.join(REGIONS)}]",
        _WIDTH,
        initial_indent=f"{old['indent']}- [",
        subsequent_indent=f"{indent} ",
        break_on_hyphens=False,
    )
    return f"{names}\n"


if __name__ == "__main__":
    TEMPLATE.write_text(render(TEMPLATE.read_text(encoding="utf-8")), encoding="utf-8")
