"""From the last upload of a set to CreateTrainingJob, on the local stack: the work of S3's event, queue and function.

Run as a program, by the environment that `make run` has, it is that stack: it prints the seconds, cold and warm.
"""

import json
import subprocess  # nosec B404
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagescene_standin.occurrence import Occurrence

_ROOT = Path(__file__).parents[1]
_SETS = 6  # the first finds no function running
_IMAGES = {"train": 40, "validation": 10}
_PATIENCE_IN_SECONDS = 60.0


def time_job_starts() -> tuple[float, float]:
    """Return the seconds of the first set, whose function has yet to start, and the median of those after it.

    The quiet period, which is waited for on purpose, is taken off.
    """
    command = [str(_ROOT / ".venv/bin/python"), "-m", "benchmarks.job_starts"]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)  # nosec B603 # noqa: S603
    cold, *warm = json.loads(done.stdout.splitlines()[-1])
    return cold, median(warm)


def _make_files() -> Iterator[tuple[str, bytes]]:
    """Make small pictures of two classes, no two alike, as record files with their lists; by their names."""
    from io import BytesIO

    from PIL import Image

    from sagescene.files.recordio import Record, pack

    for channel, images in _IMAGES.items():
        records, rows = [], []
        for number in range(images):
            content = BytesIO()
            Image.effect_noise((32, 32), 64).convert("RGB").save(content, "JPEG")
            label = float(number % 2)
            records.append(pack(Record(identifier=number, labels=(label,), image=content.getvalue())))
            rows.append(f"{number}\t{label:f}\t{channel}/{number}.jpg\n")
        yield f"{channel}.lst", "".join(rows).encode()
        yield f"{channel}.rec", b"".join(records)


def _time_sets() -> list[float]:
    """Stand the stack up, drop a set after another, and give the seconds that each waited for its job."""
    from sagescene_command.local_stack import PARAMETERS, prepare

    jobs: SimpleQueue[tuple[float, Occurrence]] = SimpleQueue()

    def listen(occurrence: "Occurrence") -> None:
        if occurrence.kind == "job":
            jobs.put((time.monotonic(), occurrence))

    seconds = []
    with prepare({"MaxJobsPerDay": "100"}, listen=listen, start_processes=False) as stack:
        stack.stand_up()
        s3, sagemaker, bucket = stack.client("s3"), stack.client("sagemaker"), stack.outputs["Bucket"]
        for number in range(_SETS):
            for name, content in _make_files():
                s3.put_object(Bucket=bucket, Key=f"datasets/set{number}/{name}", Body=content)
            uploaded = time.monotonic()
            created, occurrence = jobs.get(timeout=_PATIENCE_IN_SECONDS)
            seconds.append(created - uploaded - float(PARAMETERS["QuietPeriodInSeconds"]))
            # What it would train, and what follows, has the processor to itself else.
            sagemaker.stop_training_job(TrainingJobName=occurrence.subject)
            while occurrence.detail["status"] != "Stopped":
                _, occurrence = jobs.get(timeout=_PATIENCE_IN_SECONDS)
    return seconds


if __name__ == "__main__":
    print(json.dumps(_time_sets()))
