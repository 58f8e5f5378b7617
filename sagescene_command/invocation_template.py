"""A template for `sam local invoke` whose functions find the standing local stack instead of AWS."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from samtranslator.yaml_helper import yaml_parse

from sagescene_standin.stack import Stack

CONTAINERS_HOST = "host.docker.internal"  # what a container calls the machine it runs on


def write_invocation_template(stack: Stack, build: Path) -> Path:
    """Write `local.json` beside the built template, each function's environment settled as it is in the stack.

    `sam local invoke` knows neither what CloudFormation named the resources nor, unless the template declares it,
    an endpoint.
    """
    template = yaml_parse((build / "template.yaml").read_text())
    endpoint = f"http://{CONTAINERS_HOST}:{urlsplit(stack.endpoint).port}"
    for logical_id, function in stack.functions.items():
        variables = {**function.settings.environment, "AWS_ENDPOINT_URL": endpoint}
        template["Resources"][logical_id]["Properties"]["Environment"] = {"Variables": variables}
    template["Globals"]["Function"].pop("Environment")
    path = build / "local.json"
    path.write_text(json.dumps(template, indent=2))
    return path
