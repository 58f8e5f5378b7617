"""What MiniStack cannot deploy: alarms on a metric that is computed from others, and saved queries."""

from pathlib import Path
from typing import Any

import yaml


def leave_out_unknown(template: dict[str, Any]) -> list[str]:
    """Take saved queries, and the alarms that compute their metric (`Metrics`), out of a template, and name them.

    MiniStack 1.5.33 knows alarms on one metric alone and rolls a stack with others back; with queries it refuses it.
    """
    names = [
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Logs::QueryDefinition"
        or (resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"])
    ]
    for name in names:
        del template["Resources"][name]
    return names


def write_deployable(built: Path, target: Path) -> list[str]:
    """Write what MiniStack deploys of a built template beside it, where its relative paths hold; name what is left out.

    Raises:
        OSError: the stack was not built.
    """
    template = yaml.safe_load(built.read_text(encoding="utf-8"))
    names = leave_out_unknown(template)
    target.write_text(yaml.safe_dump(template, sort_keys=False), encoding="utf-8")
    return names
