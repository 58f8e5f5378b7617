"""Fuzzes the parsers, guided by the code that an input reaches: `python -m tests.fuzz SECONDS`."""

import io
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from pathlib import Path

try:
    import atheris
except ModuleNotFoundError:
    sys.exit("Fuzzing needs Atheris, which is installed on Linux only; elsewhere `make test` runs the short version.")

# It names each module as it goes.
with redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["sagescene"]):
    from tests.fuzz.parsers import CHECKS

WORK = Path(sys.prefix)  # an environment of its own: what was found is kept there
LONGEST_INPUT = 8192
LONGEST_RUN = 5  # seconds; a longer run of one input is a hang


def fuzz(name: str, seconds: int) -> None:
    """Run one check on ever new inputs; ends the process."""
    check, seeds = CHECKS[name]
    corpus = WORK / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "max_len": LONGEST_INPUT,
        "timeout": LONGEST_RUN,
        "rss_limit_mb": 1024,
        "artifact_prefix": WORK / f"{name}-",
        "print_final_stats": 1,
    }
    arguments = [name, *(f"-{option}={value}" for option, value in options.items()), str(corpus)]
    atheris.Setup(arguments, check)
    atheris.Fuzz()


def fuzz_apart(name: str, share: int) -> subprocess.CompletedProcess[bytes]:
    """Run one check in a process of its own, for that many seconds."""
    command = [sys.executable, "-m", "tests.fuzz", str(share), name]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def main(seconds: int) -> int:
    """Give each check its share of the time, as many at once as there are processors; returns 1 if one failed."""
    failed = []
    share = max(1, seconds // len(CHECKS))
    with ThreadPoolExecutor(os.process_cpu_count()) as pool:
        for name, done in zip(CHECKS, pool.map(lambda name: fuzz_apart(name, share), CHECKS), strict=True):
            output = done.stdout.decode(errors="backslashreplace")
            runs = re.search(r"number_of_executed_units: (\d+)", output)
            print(f"{name}: {int(runs[1]) if runs else 0:,} inputs in {share} s", flush=True)
            if done.returncode:
                failed.append(name)
                print(output)
    if failed:
        print(f"Failed: {', '.join(failed)}. The inputs that failed are named above, after `Test unit written to`.")
        return 1
    print("Nothing was found.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 3:
        fuzz(sys.argv[2], int(sys.argv[1]))
    sys.exit(main(int(sys.argv[1])))
