"""Arithmetic about one data set: how long StartTraining reads it, with which memory, and what that costs."""

import math
from dataclasses import dataclass
from typing import Self

from sagescene.bounds import (
    FILE_END_BYTES,
    HEAD_BYTES,
    LARGEST_IN_ONE_REQUEST,
    RANGE_IN_BYTES,
    RANGES_AT_ONCE,
    SAMPLES,
)
from scripts.scale import published

STREAMS = RANGES_AT_ONCE - 1  # that bring a large file; the last of the ranges is only asked for meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What `make benchmark` keeps in benchmarks/figures.json; seconds are those of a core of its machine."""

    measured_on: str
    machine: str
    s3_seconds_per_gb: float
    records_seconds_per_gb: float
    list_seconds_per_million_rows: float
    records_memory_mb: float
    largest_list_memory_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """How the template deploys StartTraining, where nobody sets another parameter."""

    memory_mb: float
    timeout: float
    largest_whole_gb: float
    at_once: int
    jobs_at_once: int
    jobs_a_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read: MB that come from S3, by how many requests, how long it sends, and seconds of one whole vCPU."""

    megabytes: float
    requests: float
    network_seconds: float
    cpu_seconds: float

    @classmethod
    def of_file(cls, megabytes: float, cpu_seconds: float) -> Self:
        """Give the reading of one file from its beginning to its end."""
        size, in_one = megabytes * 1e6, megabytes * 1e6 <= LARGEST_IN_ONE_REQUEST
        rate = published.MB_A_SECOND.value * (1 if in_one else STREAMS)
        return cls(
            megabytes=megabytes,
            requests=1 if in_one else math.ceil(size / RANGE_IN_BYTES),
            network_seconds=megabytes / rate + published.SECONDS_A_REQUEST,
            cpu_seconds=cpu_seconds,
        )

    def __add__(self, other: Self) -> Self:
        """Give the reading of one after the other."""
        return type(self)(
            megabytes=self.megabytes + other.megabytes,
            requests=self.requests + other.requests,
            network_seconds=self.network_seconds + other.network_seconds,
            cpu_seconds=self.cpu_seconds + other.cpu_seconds,
        )

    def cpu_seconds_with(self, memory_mb: float) -> float:
        """Give how long the processor's share takes; no more than one vCPU is used."""
        return self.cpu_seconds / min(1.0, memory_mb / published.MEMORY_OF_A_CPU.value)

    def seconds(self, memory_mb: float) -> float:
        """Give how long the reading takes: S3 sends while the processor works."""
        return max(self.network_seconds, self.cpu_seconds_with(memory_mb))

    def gb_seconds(self, memory_mb: float) -> float:
        """Give what Lambda bills."""
        return self.seconds(memory_mb) * memory_mb / 1024

    def dollars(self, memory_mb: float) -> float:
        """Give the dollars: Lambda's time, one invocation, and the requests to S3."""
        return (
            self.gb_seconds(memory_mb) * published.GB_SECOND.value
            + published.MILLION_INVOCATIONS.value / 1e6
            + self.requests * published.THOUSAND_READS.value / 1e3
        )

    @property
    def cheapest_memory_mb(self) -> float:
        """Give the memory at which the processor is as fast as S3: less is slower for the same money, more dearer."""
        share = min(1.0, self.cpu_seconds / self.network_seconds)
        return max(128.0, share * published.MEMORY_OF_A_CPU.value)


def read_whole(gigabytes: float, measured: Measured) -> Reading:
    """Give what is read of a set all of whose records are looked at; the list is read twice."""
    cpu = gigabytes * (measured.s3_seconds_per_gb + measured.records_seconds_per_gb) * published.SLOWER
    return Reading.of_file(gigabytes * 1000, cpu) + _read_lists(gigabytes, measured)


def read_samples(gigabytes: float, measured: Measured) -> Reading:
    """Give what is read of a set whose records are sampled: the list twice, the `.idx`, heads of records, both ends."""
    heads = (SAMPLES * HEAD_BYTES + 2 * FILE_END_BYTES) / 1e6
    requests = SAMPLES + 2
    samples = Reading(
        megabytes=heads,
        requests=requests,
        network_seconds=heads / published.MB_A_SECOND.value + requests * published.SECONDS_A_REQUEST,
        cpu_seconds=heads / 1000 * measured.s3_seconds_per_gb * published.SLOWER,
    )
    return samples + _read_rows(gigabytes, published.INDEX_ROW_BYTES, measured) + _read_lists(gigabytes, measured)


def read(gigabytes: float, measured: Measured, function: Function) -> Reading:
    """Give what the stack reads of a set today."""
    is_whole = gigabytes <= function.largest_whole_gb
    return read_whole(gigabytes, measured) if is_whole else read_samples(gigabytes, measured)


def _read_lists(gigabytes: float, measured: Measured) -> Reading:
    once = _read_rows(gigabytes, published.ROW_BYTES, measured)
    return once + once


def _read_rows(gigabytes: float, row_bytes: float, measured: Measured) -> Reading:
    """Give the reading of a file with a row for each image."""
    rows = gigabytes * 1e6 / published.IMAGE_KB
    megabytes = rows * row_bytes / 1e6
    cpu = megabytes / 1000 * measured.s3_seconds_per_gb + rows / 1e6 * measured.list_seconds_per_million_rows
    return Reading.of_file(megabytes, cpu * published.SLOWER)
