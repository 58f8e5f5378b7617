"""Writes `docs/scale.md`, what one data set takes and what many take, by arithmetic on kept and published figures."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sagescene.bounds import (
    LARGEST_IN_ONE_REQUEST,
    LARGEST_LIST_IN_BYTES,
    MOST_LABELS_IN_ALL,
    MOST_OBJECTS,
    SAMPLES,
    SECONDS_TO_REPORT,
    SHARE_TO_SAMPLE,
)
from sagescene.triggers import WaitCause
from sagescene.workflow.waits import POLICIES
from sagescene_standin.cloudformation.short_forms import read_yaml
from scripts.scale import many, published, reading
from scripts.scale.many import Daily, Simulated
from scripts.scale.reading import Function, Measured

ROOT = Path(__file__).parents[1]
TEXT = ROOT / "scripts/scale/page.md"
MEASURED, SIMULATED = ROOT / "benchmarks/figures.json", ROOT / "benchmarks/scale.json"
PAGE = ROOT / "docs/scale.md"
SIZES_GB = (1, 40, 140, 1000)
MEMORIES_MB = (128, 256, 512, 1024, 1769, 3008)
SETS_A_DAY = (1, 1000, 100_000)
BURST = 100_000
TRANSITIONS_A_RANGE = 2  # a child workflow begins, and its one step ends


def render_page() -> str:
    """Return the page's text, from the figures that are kept and from the template."""
    template = read_yaml((ROOT / "template.yaml").read_text(encoding="utf-8"))
    start, finish = (template["Resources"][f"{name}TrainingFunction"]["Properties"] for name in ("Start", "Finish"))
    function = Function(
        memory_mb=start["MemorySize"],
        timeout=start["Timeout"],
        largest_whole_gb=int(start["Environment"]["Variables"]["LARGEST_WHOLE_IN_MEGABYTES"]) / 1000,
        at_once=start["Events"]["Uploads"]["Properties"]["ScalingConfig"]["MaximumConcurrency"],
        jobs_at_once=template["Parameters"]["MaxJobsAtOnce"]["Default"],
        jobs_a_day=template["Parameters"]["MaxJobsPerDay"]["Default"],
    )
    return render(
        Measured(**json.loads(MEASURED.read_text(encoding="utf-8"))),
        Simulated(**json.loads(SIMULATED.read_text(encoding="utf-8"))),
        function,
        {"StartTraining": start["MemorySize"], "FinishTraining": finish["MemorySize"]},
    )


def render(measured: Measured, simulated: Simulated, function: Function, memory_mb: Mapping[str, float]) -> str:
    """Return the page's text; `memory_mb` is that of each function."""
    return TEXT.read_text(encoding="utf-8").format(
        **_figures(measured),
        **_one_set(measured, function),
        **_memory(measured, function),
        **_burst(simulated, memory_mb),
        **_days(measured, simulated, function, memory_mb),
        **_next_steps(measured, function),
    )


def _one_set(measured: Measured, function: Function) -> dict[str, Any]:
    memory = function.memory_mb
    whole_seconds = (function.timeout - SECONDS_TO_REPORT) * (1 - SHARE_TO_SAMPLE)
    rows = []
    for size in SIZES_GB:
        one = reading.read(size, measured, function)
        rows.append(
            [
                f"{size:,} GB",
                "whole" if size <= function.largest_whole_gb else "in samples",
                f"{one.megabytes:,.0f}",
                f"{one.requests:,.0f}",
                f"{one.network_seconds:,.1f}",
                f"{one.cpu_seconds_with(memory):,.1f}",
                f"{one.seconds(memory):,.1f}",
                f"{one.gb_seconds(memory):,.1f}",
                _dollars(one.dollars(memory)),
            ]
        )
    head = ["records", "looked at", "MB read", "requests", "S3 s", "processor s", "takes s", "GB-s", "$"]
    return {
        "one_set": _table(head, rows),
        "largest": function.largest_whole_gb,
        "timeout": function.timeout,
        "report_seconds": SECONDS_TO_REPORT,
        "share_whole": 1 - SHARE_TO_SAMPLE,
        "whole_seconds": whole_seconds,
        "slow_network": published.SLOW_NETWORK_MB_A_SECOND.value,
        "slow_largest": published.SLOW_NETWORK_MB_A_SECOND.value * whole_seconds / 1000,
        "streams": reading.STREAMS,
        "one_request": LARGEST_IN_ONE_REQUEST / 1e6,
    }


def _memory(measured: Measured, function: Function) -> dict[str, Any]:
    one = reading.read_whole(function.largest_whole_gb, measured)
    cheapest = one.cheapest_memory_mb
    rows = [
        [
            f"{memory:,} MB",
            f"{one.cpu_seconds_with(memory):,.0f}",
            f"{one.seconds(memory):,.0f}",
            f"{one.gb_seconds(memory):,.0f}",
            _dollars(one.dollars(memory)),
            "S3" if memory > cheapest else "the processor",
        ]
        for memory in MEMORIES_MB
    ]
    return {
        "memories": _table(["memory", "processor s", "takes s", "GB-s", "$", "bound by"], rows),
        "s3_seconds": one.network_seconds,
        "cpu_seconds": one.cpu_seconds,
        "cheapest": cheapest,
        "start_memory": function.memory_mb,
        "more": _dollars(one.dollars(function.memory_mb) - one.dollars(cheapest)),
        "enough_streams": one.megabytes / one.cpu_seconds / published.MB_A_SECOND.value,
    }


def _burst(simulated: Simulated, memory_mb: Mapping[str, float]) -> dict[str, Any]:
    dollars = many.costs(simulated, memory_mb)
    total = sum(dollars.values())
    waited = " / ".join(map(_duration, simulated.waited_seconds.values()))
    calls = ", ".join(f"{name} {number / simulated.sets:.2f}" for name, number in simulated.calls.items())
    rows = [
        [f"{', '.join(simulated.waited_seconds)} job after its set's upload", waited],
        ["jobs a second", f"{simulated.jobs_a_second:.2f}"],
        ["messages", f"{simulated.messages:,}, of them {simulated.calls.get('SendMessage', 0):,} waits"],
        *(
            [f"invocations of {name}", f"{each['count']:,}, {each['seconds'] / each['count']:.2f} s each"]
            for name, each in simulated.invocations.items()
        ),
        ["AWS calls a set", calls],
        *([f"$ for {name}", f"{each:.2f}"] for name, each in dollars.items()),
        ["$ in all", f"**{total:.2f}**, {_dollars(total / simulated.sets)} a set"],
    ]
    limit = POLICIES[WaitCause.RATE].limit
    longest = limit.total_seconds() / 3600 if limit else math.inf
    at_pace = BURST / simulated.jobs_a_second / 3600
    return {
        "burst": _table(["", "simulated"], rows),
        "sets": simulated.sets,
        "jobs": simulated.jobs,
        "given_up": simulated.given_up,
        "hours": BURST / published.JOBS_A_SECOND / 3600,
        "hours_at_pace": at_pace,
        "longest_wait": longest,
        "days": math.ceil(at_pace / longest),
    }


def _days(
    measured: Measured, simulated: Simulated, function: Function, memory_mb: Mapping[str, float]
) -> dict[str, Any]:
    size = SIZES_GB[0]
    one = reading.read(size, measured, function)
    read_seconds = one.seconds(function.memory_mb)
    seconds = simulated.start_seconds_a_set + read_seconds
    dollars = sum(many.costs(simulated, memory_mb).values()) / simulated.sets + one.dollars(function.memory_mb)
    rows = [
        [
            f"{daily.sets:,}",
            f"{daily.messages:,}",
            f"{daily.queue_requests:,.0f}",
            f"{daily.concurrency:,.2f} of {function.at_once}",
            f"{daily.creation_hours:,.2f} of 24 h",
            f"{daily.dollars:,.2f}",
        ]
        for daily in (Daily(sets=sets, seconds_a_set=seconds, dollars_a_set=dollars) for sets in SETS_A_DAY)
    ]
    return {
        "a_day": _table(["sets", "messages", "SQS requests", "at once", "CreateTrainingJob", "$ a day"], rows),
        "size": size,
        "ringing": many.RINGING_FILES,
        "requests_a_message": many.REQUESTS_A_MESSAGE,
        "call_seconds": simulated.start_seconds_a_set,
        "read_seconds": read_seconds,
        "set_seconds": seconds,
        "at_once": function.at_once,
        "jobs_at_once": function.jobs_at_once,
        "jobs_a_day": function.jobs_a_day,
        "most": many.most_sets_a_day(function.at_once, seconds),
        "account_at_once": published.CONCURRENT_INVOCATIONS.value,
    }


def _next_steps(measured: Measured, function: Function) -> dict[str, Any]:
    size = SIZES_GB[-1]
    whole = reading.read_whole(size, measured)
    ranges = size / function.largest_whole_gb
    transitions = ranges * TRANSITIONS_A_RANGE * published.THOUSAND_TRANSITIONS.value / 1000
    return {
        "terabyte": size,
        "ranges": ranges,
        "transitions_a_range": TRANSITIONS_A_RANGE,
        "scan_seconds": whole.seconds(function.memory_mb),
        "range_seconds": whole.seconds(function.memory_mb) / ranges,
        "scan_lambda": whole.dollars(function.memory_mb),
        "scan_transitions": transitions,
        "scan_dollars": whole.dollars(function.memory_mb) + transitions,
        "samples": SAMPLES,
        "most_objects": MOST_OBJECTS,
        "largest_list": LARGEST_LIST_IN_BYTES / 1e9,
        "most_labels": MOST_LABELS_IN_ALL / 1e6,
        "longest_invocation": published.LONGEST_INVOCATION.value,
        "children": published.CHILD_EXECUTIONS.value,
        "service_jobs": published.SERVICE_JOBS_A_SECOND.value,
        "service_hours": BURST / published.SERVICE_JOBS_A_SECOND.value / 3600,
    }


def _figures(measured: Measured) -> dict[str, Any]:
    rows = [
        [f"[{each.what}]({each.source})", f"{each.value:,.10f}".rstrip("0").rstrip(".")] for each in published.PUBLISHED
    ]
    return {
        "published": _table(["of what", "figure"], rows),
        "read_on": published.READ_ON,
        "prices_of": published.PRICES_OF,
        "measured_on": measured.measured_on,
        "machine": measured.machine,
        "receive": measured.s3_seconds_per_gb,
        "look": measured.records_seconds_per_gb,
        "list_seconds": measured.list_seconds_per_million_rows,
        "records_memory": measured.records_memory_mb,
        "list_memory": measured.largest_list_memory_mb,
        "s3_rate": published.MB_A_SECOND.value,
        "cpu_memory": published.MEMORY_OF_A_CPU.value,
        "gb_second": published.GB_SECOND.value,
        "jobs_a_second": published.JOBS_A_SECOND,
        "slower": published.SLOWER,
        "request_seconds": published.SECONDS_A_REQUEST,
        "image_kb": published.IMAGE_KB,
        "row_bytes": published.ROW_BYTES,
        "index_row_bytes": published.INDEX_ROW_BYTES,
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def lines() -> Iterator[str]:
        yield f"| {' | '.join(head)} |"
        yield "|---" + "|--:" * (len(head) - 1) + "|"
        yield from (f"| {' | '.join(row)} |" for row in rows)

    return "\n".join(lines())


def _dollars(dollars: float) -> str:
    return f"${dollars:.6f}" if dollars < 0.01 else f"${dollars:.3f}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
