"""`operations.yaml`: each part is made when its parameters are given, and a chat may only read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sagescene_standin.cloudformation.intrinsics import resolve
from sagescene_standin.cloudformation.short_forms import read_yaml
from sagescene_standin.cloudformation.template import read_template
from sagescene_standin.errors import TemplateRejectedError
from tests.stack_template import PSEUDO_PARAMETERS, ROOT

SOURCE = ROOT / "operations.yaml"
TOPIC = {"ChatNoticesTopicArn": "arn:aws:sns:us-east-1:123456789012:sagescene-ChatNoticesTopic"}
BUDGET = {"CostAllocationTag": "cost center=a/b 7", "BudgetEmail": "ada@example.com", "MonthlyBudgetInUSD": "250"}
SLACK = {**TOPIC, "SlackWorkspaceId": "T0123ABCD", "SlackChannelId": "C0123ABCD"}
TEAMS = {
    **TOPIC,
    "TeamsTenantId": "01234567-89ab-cdef-0123-456789abcdef",
    "TeamsTeamId": "11234567-89ab-cdef-0123-456789abcdef",
    "TeamsChannelId": "19%3Aab-1cd%40thread.tacv2",
}


def resources(folder: Path, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Give what a stack of these parameters is made of, its references followed."""
    (folder / "template.yaml").write_bytes(SOURCE.read_bytes())
    template = read_template(folder, parameters, PSEUDO_PARAMETERS)
    known = {**PSEUDO_PARAMETERS, **template.parameters, "ChannelRole.Arn": "arn:role"}
    return {name: resolve(one, known) for name, one in template.resources.items()}


@pytest.mark.parametrize(
    ("parameters", "made"),
    [
        (BUDGET, {"Budget"}),
        (SLACK, {"SlackChannel", "ChannelRole"}),
        (TEAMS, {"TeamsChannel", "ChannelRole"}),
        ({**BUDGET, **SLACK, **TEAMS}, {"Budget", "SlackChannel", "TeamsChannel", "ChannelRole"}),
    ],
)
def test_each_part_is_made_when_its_parameters_are_given(
    tmp_path: Path, parameters: dict[str, str], made: set[str]
) -> None:
    assert resources(tmp_path, parameters).keys() == made


def test_a_stack_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateRejectedError, match="there is nothing to make"):
        resources(tmp_path, {"CostAllocationTag": "team=vision"})


@pytest.mark.parametrize("part", [BUDGET, SLACK, TEAMS])
def test_half_of_a_part_is_refused(tmp_path: Path, part: dict[str, str]) -> None:
    for name in part.keys() - {"MonthlyBudgetInUSD", "BudgetEmail"}:
        half = {each: value for each, value in part.items() if each != name}
        with pytest.raises(TemplateRejectedError, match=r"Needs|there is nothing to make"):
            resources(tmp_path, half)


def test_the_budget_counts_what_has_the_tag_and_tells_its_reader(tmp_path: Path) -> None:
    budget = resources(tmp_path, BUDGET)["Budget"]["Properties"]
    assert budget["Budget"]["CostFilters"] == {"TagKeyValue": ["user:cost center$a/b 7"]}
    assert budget["Budget"]["BudgetLimit"] == {"Amount": "250", "Unit": "USD"}
    told = budget["NotificationsWithSubscribers"]
    kinds = [(each["Notification"]["NotificationType"], each["Notification"]["Threshold"]) for each in told]
    assert kinds == [("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
    assert {each["Subscribers"][0]["Address"] for each in told} == {"ada@example.com"}


def test_a_chat_hears_the_notices_and_may_do_nothing(tmp_path: Path) -> None:
    made = resources(tmp_path, {**SLACK, **TEAMS})
    for name in ("SlackChannel", "TeamsChannel"):
        properties = made[name]["Properties"]
        assert properties["SnsTopicArns"] == list(TOPIC.values())
        assert properties["GuardrailPolicies"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
        assert properties["IamRoleArn"] == "arn:role"
    assert made["ChannelRole"]["Properties"].keys() == {"AssumeRolePolicyDocument"}


def test_a_boundary_bounds_the_role_of_the_chats(tmp_path: Path) -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    made = resources(tmp_path, {**SLACK, "PermissionsBoundaryArn": boundary})
    assert made["ChannelRole"]["Properties"]["PermissionsBoundary"] == boundary


def test_both_templates_take_the_same_tags_and_boundary_and_the_page_names_every_parameter() -> None:
    beside, stack = (read_yaml((ROOT / name).read_text()) for name in ("operations.yaml", "template.yaml"))
    for shared in ("CostAllocationTag", "PermissionsBoundaryArn"):
        assert beside["Parameters"][shared]["AllowedPattern"] == stack["Parameters"][shared]["AllowedPattern"]
    assert "ChatNoticesTopicArn" in stack["Outputs"]
    groups = beside["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert {name for group in groups for name in group["Parameters"]} == beside["Parameters"].keys()
    page = (ROOT / "docs/deploying.md").read_text()
    assert {name for name in beside["Parameters"] if name not in page} == set()
