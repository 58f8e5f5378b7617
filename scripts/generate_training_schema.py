"""Writes `docs/training.schema.json`, by which editors complete `training.json`, from the table of hyperparameters."""

import json
from pathlib import Path
from typing import Any

from sagescene.finding_codes import Code
from sagescene.preflight.hyperparameter_table import TABLE, Hyperparameter, Type
from sagescene.preflight.training_json import ACCEPT, SCHEMA

PAGE = Path(__file__).parents[1] / "docs/training.schema.json"
WHOLE_NUMBER = "0|[1-9][0-9]{0,9}"
NUMBER = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"


def render_page() -> str:
    """Return the schema's text: a property for each hyperparameter, `accept` and `$schema`."""
    judgements = {"enum": [str(code) for code in Code if code.is_judgement]}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hyperparameters of a data set",
        "description": "training.json, beside the .rec files of a set. Written by `make docs`.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            SCHEMA: {"type": "string", "description": "Where this schema is; read by editors alone."},
            ACCEPT: {
                "description": "Codes of findings that are meant so, and then are warnings.",
                "anyOf": [judgements, {"type": "array", "items": judgements}],
            },
            **{name: _describe(row) for name, row in TABLE.items()},
        },
    }
    return json.dumps(schema, indent=2) + "\n"


def _describe(row: Hyperparameter) -> dict[str, Any]:
    default = f" The algorithm's default is {row.default}." if row.default is not None else ""
    return {"description": f"Must be {row.type.expects}.{default}", **_constrain(row.type)}


def _constrain(expected: Type) -> dict[str, Any]:
    """Give what a type takes: a value of JSON, or the text that stands for it."""
    if expected.choices:
        return {"enum": [*expected.choices, *_read(expected.choices)]}
    lower = "exclusiveMinimum" if expected.excludes_least else "minimum"
    bounds = {lower: expected.least, "maximum": expected.most}
    if expected.is_list:
        each = f" *({WHOLE_NUMBER}) *"
        array = {"type": ["array", "string"], "items": {"type": "integer", **bounds}, "minItems": 1}
        if expected.count is None:  # one number will do
            return {**array, "type": ["array", "integer", "string"], **bounds, "pattern": f"^{each}(,{each})*$"}
        length = {"minItems": expected.count, "maxItems": expected.count}
        return {**array, **length, "pattern": f"^{each}(,{each}){{{expected.count - 1}}}$"}
    is_whole = not expected.accepts("0.5")
    kind, pattern = ("integer", WHOLE_NUMBER) if is_whole else ("number", NUMBER)
    return {"type": [kind, "string"], **bounds, "pattern": f"^\\s*({pattern})\\s*$"}


def _read(choices: tuple[str, ...]) -> list[object]:
    """Give the values of JSON that stand for texts: numbers, and true and false for flags."""
    if set(choices) == {"True", "False"}:
        return [True, False]
    flags = [True, False] if set(choices) == {"0", "1"} else []
    return [*(int(choice) for choice in choices if choice.isdecimal()), *flags]


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
