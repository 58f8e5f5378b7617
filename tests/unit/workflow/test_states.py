"""The machine as docs/states.md draws it, compared with the functions and steps it is made of."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from sagescene.evaluation_messages import EvaluationTrigger
from sagescene.triggers import Trigger
from sagescene.workflow.decide import after_reading, before_reading
from sagescene.workflow.decide_end import after_long_evaluation, after_refused_model, decide_end
from sagescene.workflow.decide_evaluation import (
    after_disturbance,
    after_early_disturbance,
    after_measuring,
    after_refused_evaluation,
    before_measuring,
)
from sagescene.workflow.decide_refused import after_refused_start
from sagescene.workflow.decide_wait import after_passing_fault
from sagescene.workflow.end_steps import EndStep
from sagescene.workflow.evaluation_steps import EvaluationStep
from sagescene.workflow.steps import Examine, StartStep
from tests.stack_template import ROOT

PAGE = (ROOT / "docs/states.md").read_text()
DECISIONS: tuple[Callable[..., Any], ...] = (
    before_reading,
    after_reading,
    after_refused_start,
    after_passing_fault,
    decide_end,
    after_refused_model,
    after_long_evaluation,
    before_measuring,
    after_measuring,
    after_refused_evaluation,
    after_disturbance,
    after_early_disturbance,
)
STEPS: set[type] = {
    *get_args(StartStep.__value__),
    *get_args(EndStep.__value__),
    *get_args(EvaluationStep.__value__),
    Examine,
}
FIRST_DECISIONS: dict[type, str] = {
    **dict.fromkeys(Trigger.__subclasses__(), before_reading.__name__),
    **dict.fromkeys(get_args(EvaluationTrigger.__value__), before_measuring.__name__),
}


def members(annotation: Any) -> set[Any]:  # noqa: ANN401
    """Give the types of a union, or the one that is none."""
    return {*get_args(annotation)} or {annotation}


def edges_of_the_code() -> Iterator[tuple[str, str]]:
    """Find where each trigger, decision and step leads to, by the types they take, give and carry."""
    for trigger, decision in FIRST_DECISIONS.items():
        yield trigger.__name__, decision
    for decide in DECISIONS:
        hints = get_type_hints(decide)
        yield from ((decide.__name__, step.__name__) for step in members(hints.pop("return")))
        yield from ((step.__name__, decide.__name__) for hint in hints.values() for step in members(hint) & STEPS)
    for step in STEPS:
        hints = get_type_hints(step, vars(sys.modules[step.__module__]))
        carried = {member for field in fields(step) for member in members(hints[field.name])}
        yield from ((step.__name__, trigger.__name__) for trigger in FIRST_DECISIONS if trigger in carried)
        if Trigger in carried:
            yield step.__name__, before_reading.__name__


def test_the_drawing_shows_what_the_code_can_do() -> None:
    node = r"(\w+)(?:\(\[\w+\]\)|\{\{\w+\}\})?"
    drawn = re.findall(rf"^ +{node} --> {node}$", PAGE, re.MULTILINE)
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == set(edges_of_the_code())


def test_the_table_speaks_of_every_step() -> None:
    rows = re.findall(r"^\| .+? \| ([\w, ]+) \|", PAGE, re.MULTILINE)[1:]
    named = [name for cell in rows for name in cell.split(", ")]
    assert sorted(named) == sorted(step.__name__ for step in STEPS)
