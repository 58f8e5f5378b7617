"""The example workflows hold no keys, ask for no more than they use, and run what is here; zizmor looks at the rest."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.stack_template import ROOT

FOLDER = ROOT / "docs/workflows"
WORKFLOWS: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text()) for path in FOLDER.glob("*.yml")}
TOKEN = "token.actions.githubusercontent.com"


@pytest.mark.parametrize("name", ["test", "deploy"])
def test_every_action_is_pinned_by_a_commit_and_nothing_is_permitted_by_default(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}
    steps = WORKFLOWS[name]["jobs"][name]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []
    assert "secrets." not in (FOLDER / f"{name}.yml").read_text()


def test_only_the_deployment_is_given_a_token_and_it_runs_what_is_here() -> None:
    test, deploy = WORKFLOWS["test"]["jobs"]["test"], WORKFLOWS["deploy"]["jobs"]["deploy"]
    assert test["permissions"] == {"contents": "read"}
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    run = [step["run"] for step in (*test["steps"], *deploy["steps"]) if "run" in step]
    assert run == [".ci/run", "make build", ".venv/bin/sam deploy --config-env prod --no-confirm-changeset"]
    assert (ROOT / ".ci/run").is_file()
    assert "[prod.deploy.parameters]" in (ROOT / "samconfig.toml").read_text()


def test_the_trust_policy_takes_the_token_of_the_environment_that_deploys() -> None:
    page = (ROOT / "docs/deploying.md").read_text()
    policy = json.loads(re.findall(r"(?ms)^    \{$.*?^    \}$", page)[0])
    (statement,) = policy["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    environment = WORKFLOWS["deploy"]["jobs"]["deploy"]["environment"]
    assert statement["Condition"] == {
        "StringEquals": {
            f"{TOKEN}:aud": "sts.amazonaws.com",
            f"{TOKEN}:sub": f"repo:OWNER/REPOSITORY:environment:{environment}",
        }
    }
