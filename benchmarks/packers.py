"""Packers of photographs, as people run them: whole commands, on all cores, by the clock."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.data_sets import with_comment
from benchmarks.measuring import ROOT, environment

PHOTOS, MANY_PHOTOS = 1200, 12_000
SIDE = 256
SAGESCENE, IM2REC = "sagescene pack", "im2rec.py"
_PYTHON = ROOT / ".venv/bin/python"


def make_photos(folder: Path) -> Path:
    """Draw the photographs once, and return their folder."""
    photos = folder / f"photos-{PHOTOS}"
    if not photos.exists():
        print(f"Drawing {PHOTOS:,} photographs", flush=True)
        partial = photos.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        _run([str(_PYTHON), "-m", "benchmarks.photos", str(partial), str(PHOTOS)])
        partial.rename(photos)
    return photos


def repeat_photos(photos: Path, count: int) -> Path:
    """Give a folder of so many photographs: the same ones again and again, each with another comment in it."""
    repeated = photos.with_name(f"photos-{count}")
    if not repeated.exists():
        print(f"Repeating {count:,} photographs", flush=True)
        partial = repeated.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        paths = sorted(photos.rglob("*.jpg"))
        for number in range(count):
            path = paths[number % len(paths)]
            target = partial / path.parent.name / f"{number}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(with_comment(path.read_bytes(), number))
        partial.rename(repeated)
    return repeated


def measure(photos: Path, mxnet_python: Path, rounds: int) -> Mapping[str, list[float]]:
    """Pack in interleaved rounds after one that is not counted; return images a second of each packer and round."""
    images = sum(1 for _ in photos.rglob("*.jpg"))
    packers = {SAGESCENE: _pack_with_sagescene} | ({IM2REC: _pack_with_im2rec} if mxnet_python.exists() else {})
    rates: dict[str, list[float]] = {name: [] for name in packers}
    for number in range(rounds + 1):
        for name, pack in packers.items():
            with tempfile.TemporaryDirectory(dir=photos.parent) as target:
                start = time.perf_counter()
                pack(photos, Path(target), mxnet_python)
                rate = images / (time.perf_counter() - start)
            if number:
                rates[name].append(rate)
    return rates


def compare(rates: Mapping[str, list[float]]) -> float:
    """Return the median of the ratios that both had in the same round."""
    return median(ours / theirs for ours, theirs in zip(rates[SAGESCENE], rates[IM2REC], strict=True))


def _pack_with_sagescene(photos: Path, target: Path, _: Path) -> None:
    _run([str(_PYTHON), "-m", "sagescene_command", "pack", str(photos), f"{target}/", "--resize", str(SIDE)])


def _pack_with_im2rec(photos: Path, target: Path, python: Path) -> None:
    tools = _run([str(python), "-W", "ignore", "-c", "import mxnet.tools; print(mxnet.tools.__path__[0])"]).strip()
    im2rec = [str(python), "-W", "ignore", f"{tools}/im2rec.py"]
    prefix = str(target / "photos")
    _run([*im2rec, "--list", "--recursive", "--train-ratio", "0.8", prefix, str(photos)])
    threads = str(os.cpu_count() or 1)
    _run([*im2rec, "--resize", str(SIDE), "--num-thread", threads, prefix, str(photos)])


def _run(command: list[str]) -> str:
    done = subprocess.run(  # nosec B603 # noqa: S603 - the commands are this module's own
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout
