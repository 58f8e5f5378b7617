"""What an editor says of a training.json, by docs/training.schema.json, is what the stack says of it."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sagescene.finding_codes import Code
from sagescene.preflight.hyperparameter_table import TABLE
from sagescene.preflight.training_json import parse, parse_accepted
from tests.stack_template import ROOT

SCHEMA = json.loads((ROOT / "docs/training.schema.json").read_text())
VALUES: list[Any] = [
    *(-1, 0, 1, 2, 5, 18, 20, 152, 2**31 - 1, 2**31, 0.5, 1.5, 1e-8, True, False, None, {}, [], {"a": 1}),
    *("", "0", "1", "5", " 5 ", "05", "-1", "0.5", ".5", "1e-8", "x", "sgd", "adam", "crop", "dist_sync", "float32"),
    *("True", "true", "18", "3,224,224", "3, 28, 28", "1,28,28", "3,28", "10,20", "10,,20"),
    *([3, 28, 28], [1, 28, 28], [3, 28], [10, 20], [10], [0, 1, 1], [3, "28", 28], [0.5, 1, 1]),
]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", [*TABLE, "epoch", "Epochs"])
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_valid_where_the_stack_takes_it(name: str, value: object) -> None:
    _, findings = parse(json.dumps({name: value}).encode())
    is_valid = Draft202012Validator(SCHEMA).is_valid({name: value})
    if findings and name in TABLE and isinstance(value, str):
        return  # of a number written as text a pattern cannot tell the bounds
    assert is_valid == (not findings)


@pytest.mark.parametrize("accept", [[], *([code] for code in Code), list(Code)[:2], "images-shared", "x", 1, None, {}])
def test_what_is_accepted_is_valid_where_the_stack_takes_it(accept: object) -> None:
    _, findings = parse_accepted(json.dumps({"accept": accept}).encode())
    assert Draft202012Validator(SCHEMA).is_valid({"accept": accept}) == (not findings)


def test_the_address_of_the_schema_is_no_hyperparameter() -> None:
    content = {"$schema": "docs/training.schema.json", "epochs": 5}
    assert parse(json.dumps(content).encode()) == ({"epochs": "5"}, ())
    Draft202012Validator(SCHEMA).validate(content)
