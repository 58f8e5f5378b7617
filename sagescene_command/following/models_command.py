"""The command that lists the versions of a data set's model."""

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json, print_lines
from sagescene_command.following.verdicts import open_sources
from sagescene_command.terminal import Console


@click.command(
    "models",
    epilog=for_example("sagescene models pets", "sagescene models pets --json"),
    short_help="List the versions of a data set's model.",
)
@click.argument("data_set", metavar="SET")
@STACK_NAME
@JSON
def models_command(*, data_set: str, stack_name: str | None, as_json: bool) -> None:
    """List the versions of a data set's model in the model registry, newest first.

    Each with its approval, its accuracy, and how it compares with the version that was approved when it came.

    The exit status is 0 when it could be found out, and 3 when not.
    """
    from sagescene import keys
    from sagescene_command.following import stacks, versions
    from sagescene_command.following.deployed_stack import name_set
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        stack = stacks.find(stack_name)
        name = name_set(stack, data_set)
        sources = open_sources(stack)
        group = keys.model_group(sources.prefix, name)
        found = versions.read_versions(group)
        if not found:
            sources.require_set(name)
    if as_json:
        echo_json({"data_set": name, "group": group, "versions": [each.as_json() for each in found]})
    elif found:
        print_lines(Console(), versions.tell_versions(found))
    else:
        none = f"The model registry has no version of {name} yet: deploy with ModelRegistry=yes, and drop the set."
        print_lines(Console(), [none])
