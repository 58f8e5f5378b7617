"""The settings that a stack with given parameters would have, read from its template."""

from collections.abc import Mapping
from pathlib import Path

from sagescene.settings import StartSettings
from sagescene_command.pair_options import suggest_names
from sagescene_command.places import UncheckableError
from sagescene_command.region import find_region
from sagescene_standin.cloudformation.intrinsics import resolve
from sagescene_standin.cloudformation.parameters import check_rules, settle_parameters, split_lists
from sagescene_standin.cloudformation.short_forms import read_yaml
from sagescene_standin.errors import TemplateRejectedError

TEMPLATE = Path(__file__).with_name("template.yaml")  # a link to the stack's in a checkout, a copy where installed


def read_settings(parameters: Mapping[str, str]) -> StartSettings:
    """Give the settings that a stack with these parameters would have.

    Raises:
        UncheckableError: the template would refuse a parameter.
    """
    template = read_yaml(TEMPLATE.read_text("utf-8"))
    region = find_region()
    try:
        values = settle_parameters(template["Parameters"], parameters)
        lists = split_lists(template["Parameters"], values)
        check_rules(template.get("Rules", {}), {"AWS::Region": region, **lists})
    except TemplateRejectedError as error:
        raise UncheckableError(f"{error}{suggest_names(parameters, template['Parameters'])}") from error
    variables = template["Resources"]["StartTrainingFunction"]["Properties"]["Environment"]["Variables"]
    variables = {**template["Globals"]["Function"]["Environment"]["Variables"], **variables}
    environment = {name: str(resolve(value, _Names(values))) for name, value in variables.items()}
    return StartSettings.from_env({**environment, "AWS_REGION": region})


class _Names(dict[str, str]):
    """The parameters by name; what is made when the stack is deployed is called by its logical id."""

    def get(self, name: str, _default: object = None, /) -> str:
        return self[name] if name in self else f"<{name.partition('.')[0]}>"
