"""What AWS, or whoever measured it, publishes of prices and limits, with its page, and what is assumed instead."""

from dataclasses import dataclass

PRICES_OF = "US East (N. Virginia), x86, above the free tier"
READ_ON = "2026-11-26"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure, what it is of, and where it stands."""

    value: float
    what: str
    source: str


def _pricing(service: str) -> str:
    return f"https://aws.amazon.com/{service}/pricing/"


# Dollars.
GB_SECOND = Figure(value=0.0000166667, what="$ a GB-second of Lambda", source=_pricing("lambda"))
MILLION_INVOCATIONS = Figure(value=0.20, what="$ a million requests of Lambda", source=_pricing("lambda"))
THOUSAND_WRITES = Figure(value=0.005, what="$ 1,000 PUT, POST and LIST requests of S3 Standard", source=_pricing("s3"))
THOUSAND_READS = Figure(value=0.0004, what="$ 1,000 GET requests of S3 Standard", source=_pricing("s3"))
MILLION_MESSAGES = Figure(value=0.40, what="$ a million requests of a standard SQS queue", source=_pricing("sqs"))
THOUSAND_TRANSITIONS = Figure(
    value=0.025, what="$ 1,000 state transitions of Step Functions", source=_pricing("step-functions")
)

# Sizes, rates and limits.
MB_A_SECOND = Figure(
    value=85,
    what="MB a second that one request to S3 brings (AWS: one request for each 85 to 90)",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html",
)
MEMORY_OF_A_CPU = Figure(
    value=1769,
    what="MB of memory with which a function has one vCPU; less has a share of it",
    source="https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
)
LONGEST_INVOCATION = Figure(
    value=900,
    what="seconds that an invocation may last",
    source="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
)
CONCURRENT_INVOCATIONS = Figure(
    value=1000,
    what="invocations at once in an account and Region, by default",
    source="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
)
POLLERS = Figure(
    value=5,
    what="long polls, of 20 s each, that Lambda keeps open for a mapped queue that is idle",
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
)
SERVICE_JOBS_A_SECOND = Figure(
    value=5,
    what="SubmitServiceJob calls a second in an account",
    source="https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html",
)
CHILD_EXECUTIONS = Figure(
    value=10_000,
    what="child workflows of a distributed map at once",
    source="https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html",
)
SLOW_NETWORK_MB_A_SECOND = Figure(
    value=78.6,
    what="MB a second that a function's network carried after its first 300 MiB, as others measured in 2024 (75 MiB)",
    source="https://arxiv.org/abs/2501.07771",
)
PUBLISHED = (
    GB_SECOND,
    MILLION_INVOCATIONS,
    THOUSAND_WRITES,
    THOUSAND_READS,
    MILLION_MESSAGES,
    THOUSAND_TRANSITIONS,
    MB_A_SECOND,
    SLOW_NETWORK_MB_A_SECOND,
    MEMORY_OF_A_CPU,
    LONGEST_INVOCATION,
    CONCURRENT_INVOCATIONS,
    POLLERS,
    SERVICE_JOBS_A_SECOND,
    CHILD_EXECUTIONS,
)

# Nobody publishes these.
JOBS_A_SECOND = 1.0  # CreateTrainingJob: what the proofs' SageMaker takes, too
SLOWER = 2.5  # a vCPU of Lambda against a core of the benchmark's machine, a recent EPYC: shared, and clocked lower
SECONDS_A_REQUEST = 0.07  # of an API: the middle of what tests/proof/faults.py draws
IMAGE_KB = 110.0  # on average: ImageNet's 1.28 million have 140 GB
ROW_BYTES = 50.0  # of a list: index, label and path
INDEX_ROW_BYTES = 20.0  # of an .idx: number and offset
