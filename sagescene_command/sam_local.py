"""What `sam local invoke` needs so that the functions find the standing local stack instead of AWS."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from sagescene_standin.cloudformation.short_forms import read_yaml
from sagescene_standin.stack import Stack

CONTAINERS_HOST = "host.docker.internal"  # what a container calls the machine it runs on


def write_settings(stack: Stack, build: Path) -> list[str]:
    """Write `local.json`, a template, and `local-env.json`, the functions' variables, beside the built template.

    Return the options of `sam local invoke` that name both, relative to the working directory. sam knows neither what
    CloudFormation named the resources nor an endpoint, and sets no variable that the template does not declare.
    """
    template = read_yaml((build / "template.yaml").read_text())
    template["Globals"]["Function"].pop("Environment")
    endpoint = f"http://{CONTAINERS_HOST}:{urlsplit(stack.endpoint).port}"
    settings = {
        logical_id: {**function.settings.environment, "AWS_ENDPOINT_URL": endpoint}
        for logical_id, function in stack.functions.items()
    }
    for logical_id, variables in settings.items():
        template["Resources"][logical_id]["Properties"]["Environment"] = {"Variables": dict.fromkeys(variables, "")}
    options = []
    for option, name, content in (("--template", "local", template), ("--env-vars", "local-env", settings)):
        path = build / f"{name}.json"
        path.write_text(json.dumps(content, indent=2))
        options += [option, os.path.relpath(path)]
    return [*options, "--add-host", f"{CONTAINERS_HOST}:host-gateway"]
