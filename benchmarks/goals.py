"""The goals that the readers are held against; every one is a ratio or a size within one run on one machine."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import waits
from benchmarks.measuring import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal of those of a `name`, with what was measured; `unit` is `x` for a ratio."""

    name: str
    condition: str
    measured: float
    limit: float
    unit: str = "x"
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Tell whether the figure is on the right side of the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def judge_lists(clean: Results, *, long: bool) -> list[Goal]:
    """Judge the summary of the clean list: of 1.28 million lines, or of 14 million."""
    counted = "14 M lines" if long else "1.28 M lines"
    against = (("polars", 2), ("pandas", 0.8)) if long else (("polars", 1), ("pandas", 0.6))
    goals = [
        Goal(
            name="lists",
            condition=f"summary against {other}, {counted}, cold processes with their imports",
            measured=clean.ratio("sagescene", other, "whole"),
            limit=limit,
        )
        for other, limit in against
    ]
    if long:
        memory = clean.memory("sagescene")
        return [*goals, Goal(name="lists", condition=f"memory, {counted}", measured=memory, limit=16, unit=" MB")]
    loop = Goal(
        name="lists",
        condition=f"the plain validated line loop against the summary, {counted}",
        measured=clean.ratio("line loop", "sagescene"),
        limit=2,
        at_least=True,
    )
    return [*goals, loop]


def judge_memory(memory: Results, names: list[str]) -> list[Goal]:
    """Judge what our process needs above the bare interpreter's memory, by the names of the lists."""
    worst = max(names, key=memory.memory)
    condition = f"memory, worst of all lists of 1.28 M lines: {worst}"
    return [Goal(name="lists", condition=condition, measured=memory.memory(worst), limit=16, unit=" MB")]


def judge_faults(variants: Results) -> list[Goal]:
    """Judge the lists with faults, whose runs are named `reader, list`."""
    return [
        Goal(
            name="lists",
            condition=condition,
            measured=variants.ratio(f"sagescene, {variant}", "sagescene, LF"),
            limit=limit,
        )
        for condition, variant, limit in (
            ("CRLF against LF", "CRLF", 1.4),
            ("1 % of the lines bad, against none", "1 % bad", 1.6),
            ("every second line bad, against none", "every second line bad", 3),
        )
    ]


def judge_records(results: Results, *, mxnet: Results | None) -> list[Goal]:
    """Judge the scan of a record file, and the part of it that goes from header to header."""
    goals = [
        Goal(name="records", condition=condition, measured=results.ratio(ours, "read only"), limit=limit)
        for condition, ours, limit in (
            ("framing, label and id alone, against reading the bytes", "framing, label, id", 1.25),
            ("whole scan with list and leaks, against reading the bytes", "sagescene with list, leaks", 2),
        )
    ]
    if mxnet:
        goals.append(
            Goal(
                name="records",
                condition="MXRecordIO against the whole scan with list and leaks",
                measured=mxnet.ratio("MXRecordIO", "sagescene with list, leaks"),
                limit=4,
                at_least=True,
            )
        )
    return goals


def judge_s3(ratio: float) -> list[Goal]:
    """Judge the processor time for a body from S3."""
    return [Goal(name="S3", condition="S3 body (TLS), against raw `recv_into`", measured=ratio, limit=1.2)]


def judge_verdicts(ratio: float, megabytes: int) -> list[Goal]:
    """Judge the processor time for a whole set, from S3 to its verdict."""
    condition = f"a set of {megabytes:,} MB from S3 to its verdict, against a CRT transfer to nowhere"
    return [Goal(name="S3", condition=condition, measured=ratio, limit=1.2)]


def judge_checks(ratio: float, busy: float, *, megabytes: int) -> list[Goal]:
    """Judge the check of a folder by the clock, and how busy it keeps all cores while images are decoded."""
    return [
        Goal(
            name="checks",
            condition=f"{megabytes:,} MB checked without decoding, against `cat`, cold processes",
            measured=ratio,
            limit=3,
        ),
        Goal(
            name="checks",
            condition="cores busy while every image is decoded",
            measured=busy * 100,
            limit=80,
            unit=" %",
            at_least=True,
        ),
    ]


def judge_packing(ratio: float, photos: int) -> list[Goal]:
    """Judge how fast photographs are packed."""
    condition = f"images a second packed, of {photos:,}, against im2rec.py"
    return [Goal(name="packing", condition=condition, measured=ratio, limit=1.5, at_least=True)]


def judge_largest_sets(seconds: Mapping[str, float]) -> list[Goal]:
    """Judge how long files of the largest sizes take here, by their names; Lambda's vCPU may take twice as long."""
    return [
        Goal(name="largest sets", condition=name, measured=taken, limit=100, unit=" s")
        for name, taken in seconds.items()
    ]


def judge_models(ratio: float, first: float) -> list[Goal]:
    """Judge how fast a model answers, and how soon."""
    return [
        Goal(
            name="models",
            condition="images a second evaluated, against ONNX Runtime on decoded tensors",
            measured=ratio,
            limit=0.85,
            at_least=True,
        ),
        Goal(name="models", condition="first answer of a cold process", measured=first, limit=3, unit=" s"),
    ]


def judge_starts(ratio: float, memory: float, size: float) -> list[Goal]:
    """Judge a function's start: its processor time, its memory in MB, and the MB of the layer and the function."""
    return [
        Goal(
            name="starts",
            condition="start to S3's first answer, against boto3 and Powertools",
            measured=ratio,
            limit=0.35,
        ),
        Goal(name="starts", condition="memory of a start, all clients made", measured=memory, limit=40, unit=" MB"),
        Goal(name="starts", condition="layer and function, unzipped", measured=size, limit=8, unit=" MB"),
    ]


def judge_job_starts(cold: float, warm: float) -> list[Goal]:
    """Judge the seconds from the last upload of a set to its job, on the local stack, without the quiet period."""
    last = "last upload to CreateTrainingJob, function"
    return [
        Goal(name="uploads", condition=f"{last} cold", measured=cold, limit=1.5, unit=" s"),
        Goal(name="uploads", condition=f"{last} warm", measured=warm, limit=0.3, unit=" s"),
    ]


def judge_waits(seconds: Mapping[str, float]) -> list[Goal]:
    """Judge what a person waits for, by the names of `waits`."""
    limits = {waits.HELP: 0.15, waits.CHECK: 0.5, waits.STACK: 3, waits.SET_UP: 45, waits.RUN: 15}
    return [
        Goal(name="waits", condition=name, measured=seconds[name], limit=limit, unit=" s")
        for name, limit in limits.items()
    ]


def render(goals: list[Goal]) -> str:
    """Return the goals as a Markdown table."""
    lines = ["| | goal | asked | measured | |", "|---|---|--:|--:|---|"]
    for goal in goals:
        sign = ">=" if goal.at_least else "<="
        verdict = "met" if goal.is_met else "**not met**"
        asked = f"{sign} {goal.limit:g}{goal.unit}"
        lines.append(f"| {goal.name} | {goal.condition} | {asked} | {goal.measured:.2f}{goal.unit} | {verdict} |")
    return "\n".join(lines)
