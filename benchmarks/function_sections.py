"""What the functions are compared in: their start, the start of a job, and the answers of a model."""

from benchmarks import goals, model_answers, packers, starts
from benchmarks.benchmark import Benchmark
from benchmarks.job_starts import time_job_starts
from benchmarks.measuring import candidate


def measure_models(benchmark: Benchmark) -> None:
    """Compare a model's answers to photographs with those of ONNX Runtime alone, and take the first one's time."""
    model, photos = benchmark.data / "resnet18.tar.gz", packers.make_photos(benchmark.data)
    names = tuple(model_answers.CANDIDATES)
    results = benchmark.measure(
        {name: candidate("model_answers", name, model, photos, python=str(model_answers.PYTHON)) for name in names}
    )
    ratio = results.ratio(model_answers.ALONE, model_answers.WHOLE, "answer")
    seconds = {name: results.median(name, "answer") for name in (model_answers.ALONE, model_answers.WHOLE)}
    rows = [[name, f"{taken * 1e3:.1f}", f"{1 / taken:.1f}"] for name, taken in seconds.items()]
    title = "ResNet-18 at 224 pixels: photographs answered under both fits, on one processor"
    benchmark.add(title, ["", "processor ms an image", "images/s"], rows)
    benchmark.goals += goals.judge_models(ratio, results.median(model_answers.FIRST, "whole"))


def measure_function_starts(benchmark: Benchmark) -> None:
    """Compare what a function takes from its start to S3's first answer."""
    commands = starts.prepare(benchmark.data / "starts")
    with starts.serve_listings():
        results = benchmark.measure(commands, 9)
    ratio = results.ratio(starts.SAGESCENE, starts.PLAIN, "whole")
    memory = {name: results.median(name, "answer") / 1e6 for name in commands}
    rows = [[name, f"{results.median(name, 'whole') * 1e3:.0f}", f"{memory[name]:.1f}"] for name in commands]
    title = "A function from its start to S3's first answer, with the clients of four services"
    benchmark.add(title, ["", "processor ms", "memory MB, with the interpreter"], rows)
    size = starts.measure_size(benchmark.data / "starts") / 1e6
    benchmark.goals += goals.judge_starts(ratio, memory[starts.SAGESCENE], size)


def measure_job_starts(benchmark: Benchmark) -> None:
    """Take the time from the last upload of a set to its job."""
    print("Measuring the local stack", flush=True)
    cold, warm = time_job_starts()
    rows = [["has yet to start", f"{cold:.2f}"], ["runs", f"{warm:.2f}"]]
    title = "From the last upload of a set of four small files to CreateTrainingJob, on the local stack"
    benchmark.add(title, ["the function", "s, without the quiet period"], rows)
    benchmark.goals += goals.judge_job_starts(cold, warm)
