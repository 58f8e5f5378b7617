"""The goals that the readers are held against; every one is a ratio or a size within one run on one machine."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.measuring import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One condition of a goal, with what was measured; `unit` is `x` for a ratio."""

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
    counted, of_wc, of_count = ("14 M lines", 55, 12) if long else ("1.28 M lines", 35, 10)
    goals = [
        Goal(
            name="G2",
            condition=f"list summarized, {counted}, against `wc -l`",
            measured=clean.ratio("sagescene", "wc -l"),
            limit=of_wc,
        ),
        Goal(
            name="G2",
            condition=f"list summarized, {counted}, against counting line feeds",
            measured=clean.ratio("sagescene", "chunk.count"),
            limit=of_count,
        ),
        Goal(
            name="G2",
            condition=f"the plain validated line loop against ours, {counted}",
            measured=clean.ratio("line loop", "sagescene"),
            limit=2,
            at_least=True,
        ),
    ]
    against = (("polars", 2), ("pandas", 0.8)) if long else (("polars", 1), ("pandas", 0.6))
    goals += [
        Goal(
            name="G2",
            condition=f"ours against {other}, {counted}, cold processes with their imports",
            measured=clean.ratio("sagescene", other, "whole"),
            limit=limit,
        )
        for other, limit in against
    ]
    if long:
        memory = clean.memory("sagescene")
        return [*goals, Goal(name="G4", condition=f"memory, {counted}", measured=memory, limit=16, unit=" MB")]
    return [
        Goal(
            name="G1",
            condition="number of samples alone, against counting line feeds",
            measured=clean.ratio("sagescene", "chunk.count"),
            limit=1.1,
        ),
        *goals,
    ]


def judge_memory(memory: Results, names: tuple[str, str], hostile: list[str]) -> list[Goal]:
    """Judge what our process needs above the bare interpreter's memory, by the names of the lists."""
    few, many = names
    worst = max(hostile, key=memory.memory)
    return [
        Goal(name="G4", condition=f"memory, {few}", measured=memory.memory(few), limit=4, unit=" MB"),
        Goal(name="G4", condition=f"memory, {many}", measured=memory.memory(many), limit=10, unit=" MB"),
        Goal(name="G4", condition=f"memory, worst: {worst}", measured=memory.memory(worst), limit=16, unit=" MB"),
    ]


def judge_faults(variants: Results) -> list[Goal]:
    """Judge the lists with faults, whose runs are named `reader, list`."""
    return [
        Goal(name="G5", condition=condition, measured=variants.ratio(*names), limit=limit)
        for condition, names, limit in (
            ("CRLF against LF", ("sagescene, CRLF", "sagescene, LF"), 1.4),
            ("1 % of the lines bad, against none", ("sagescene, 1 % bad", "sagescene, LF"), 1.6),
            ("every second line bad, against none", ("sagescene, every second line bad", "sagescene, LF"), 3),
            (
                "every second line bad, against the line loop",
                ("sagescene, every second line bad", "line loop, every second line bad"),
                2.5,
            ),
        )
    ]


def judge_records(results: Results, records: int, *, mxnet: Results | None) -> list[Goal]:
    """Judge the scan of a record file, and the part of it that goes from header to header."""
    walk, scan, read = "framing, label, id", "sagescene with list", "read only"
    whole = "sagescene with list, leaks"
    goals = [
        Goal(
            name="G6",
            condition="framing, label and id alone, against reading the bytes",
            measured=results.ratio(walk, read),
            limit=1.25,
        ),
        Goal(
            name="G6",
            condition="the same above reading, for one record",
            measured=(results.median(walk, "worked") - results.median(read, "worked")) / records * 1e6,
            limit=1,
            unit=" us",
        ),
        Goal(
            name="G6",
            condition="whole scan (images and list too), against reading the bytes",
            measured=results.ratio(scan, read),
            limit=2,
        ),
        Goal(
            name="G6",
            condition="the same with a checksum of every image, against reading the bytes",
            measured=results.ratio(whole, read),
            limit=2,
        ),
        Goal(name="G6", condition="memory of the whole scan", measured=results.memory(scan), limit=2, unit=" MB"),
    ]
    if mxnet:
        goals += [
            Goal(
                name="G6",
                condition=condition,
                measured=mxnet.ratio("MXRecordIO", ours),
                limit=limit,
                at_least=True,
            )
            for condition, ours, limit in (
                ("MXRecordIO against framing, label and id", walk, 8),
                ("MXRecordIO against the whole scan", scan, 4),
                ("MXRecordIO against the whole scan with checksums", whole, 4),
            )
        ]
    return goals


def judge_s3(ratio: float) -> list[Goal]:
    """Judge the processor time for a body from S3."""
    return [Goal(name="G7", condition="S3 body (TLS), against raw `recv_into`", measured=ratio, limit=1.2)]


def judge_verdicts(ratio: float, megabytes: int) -> list[Goal]:
    """Judge the processor time for a whole set, from S3 to its verdict."""
    condition = f"a set of {megabytes:,} MB from S3 to its verdict, against a CRT transfer to nowhere"
    return [Goal(name="G7", condition=condition, measured=ratio, limit=1.2)]


def judge_checks(ratio: float, busy: float, *, megabytes: int) -> list[Goal]:
    """Judge the check of a folder by the clock, and how busy it keeps all cores while images are decoded."""
    return [
        Goal(
            name="G12",
            condition=f"{megabytes:,} MB checked without decoding, against `cat`, cold processes",
            measured=ratio,
            limit=3,
        ),
        Goal(
            name="G12",
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
    return [Goal(name="G8", condition=condition, measured=ratio, limit=1.5, at_least=True)]


def judge_largest_sets(seconds: Mapping[str, float]) -> list[Goal]:
    """Judge how long files of the largest sizes take here, by their names; Lambda's vCPU may take twice as long."""
    return [Goal(name="G9", condition=name, measured=taken, limit=100, unit=" s") for name, taken in seconds.items()]


def judge_models(ratio: float, first: float) -> list[Goal]:
    """Judge how fast a model answers, and how soon."""
    return [
        Goal(
            name="G10",
            condition="images a second evaluated, against ONNX Runtime on decoded tensors",
            measured=ratio,
            limit=0.85,
            at_least=True,
        ),
        Goal(name="G10", condition="first answer of a cold process", measured=first, limit=3, unit=" s"),
    ]


def judge_starts(ratio: float, memory: float) -> list[Goal]:
    """Judge a function's start: its processor time, and its memory in MB."""
    return [
        Goal(
            name="G11", condition="start to S3's first answer, against boto3 and Powertools", measured=ratio, limit=0.35
        ),
        Goal(name="G11", condition="memory of a start, all clients made", measured=memory, limit=40, unit=" MB"),
    ]


def render(goals: list[Goal]) -> str:
    """Return the goals as a Markdown table."""
    lines = ["| goal | what | asked | measured | |", "|---|---|--:|--:|---|"]
    for goal in sorted(goals, key=lambda goal: int(goal.name[1:])):
        sign = ">=" if goal.at_least else "<="
        verdict = "met" if goal.is_met else "**not met**"
        asked = f"{sign} {goal.limit:g}{goal.unit}"
        lines.append(f"| {goal.name} | {goal.condition} | {asked} | {goal.measured:.2f}{goal.unit} | {verdict} |")
    return "\n".join(lines)
