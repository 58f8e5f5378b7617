"""Arithmetic about one data set: how long StartTraining reads it, with which memory, and what that costs."""

from dataclasses import dataclass

from sagescene.bounds import FILE_END_BYTES, HEAD_BYTES, SAMPLES
from scripts.scale import published

STREAMS = 1  # requests to S3 at once while one file is read: `Cloud.read` makes one GET of it


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
    """What is read of one set: MB that come from S3, by how many requests, and seconds of one whole vCPU."""

    megabytes: float
    requests: float
    cpu_seconds: float

    @property
    def network_seconds(self) -> float:
        """Give how long S3 sends; requests for samples come one after the other."""
        return self.megabytes / (published.MB_A_SECOND.value * STREAMS) + self.requests * published.SECONDS_A_REQUEST

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
    """Give what is read of a set all of whose records are looked at; the list is read twice.

    A list is read by one GET each time, and so is the file of records.
    """
    lists = _read_lists(gigabytes, measured)
    cpu = gigabytes * (measured.s3_seconds_per_gb + measured.records_seconds_per_gb) * published.SLOWER
    return Reading(
        megabytes=gigabytes * 1000 + lists.megabytes,
        requests=1 + lists.requests,
        cpu_seconds=cpu + lists.cpu_seconds,
    )


def read_samples(gigabytes: float, measured: Measured) -> Reading:
    """Give what is read of a set whose records are sampled: the list twice, the `.idx`, heads of records, both ends."""
    lists = _read_lists(gigabytes, measured)
    rows = _images(gigabytes)
    index = rows * published.INDEX_ROW_BYTES / 1e6
    heads = (SAMPLES * HEAD_BYTES + 2 * FILE_END_BYTES) / 1e6
    cpu = (index + heads) / 1000 * measured.s3_seconds_per_gb + rows / 1e6 * measured.list_seconds_per_million_rows
    return Reading(
        megabytes=lists.megabytes + index + heads,
        requests=lists.requests + 1 + SAMPLES + 2,
        cpu_seconds=lists.cpu_seconds + cpu * published.SLOWER,
    )


def read(gigabytes: float, measured: Measured, function: Function) -> Reading:
    """Give what the stack reads of a set today."""
    is_whole = gigabytes <= function.largest_whole_gb
    return read_whole(gigabytes, measured) if is_whole else read_samples(gigabytes, measured)


def _images(gigabytes: float) -> float:
    return gigabytes * 1e6 / published.IMAGE_KB


def _read_lists(gigabytes: float, measured: Measured) -> Reading:
    rows = _images(gigabytes)
    megabytes = rows * published.ROW_BYTES / 1e6
    cpu = megabytes / 1000 * measured.s3_seconds_per_gb + rows / 1e6 * measured.list_seconds_per_million_rows
    return Reading(megabytes=2 * megabytes, requests=2, cpu_seconds=2 * cpu * published.SLOWER)
