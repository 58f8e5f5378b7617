"""The `sagescene` command as a person uses it: what it prints, and its exit status."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copytree
from socket import create_server
from typing import Self
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image

from tests.e2e.conftest import DATA
from tests.e2e.listening import list_listening
from tests.stack_template import ROOT
from tests.unit.test_foreign_text import raw

SAGESCENE = Path(sys.executable).with_name("sagescene")
PATIENCE_IN_SECONDS = 120.0
LONG_TRAINING = ("--parameter", "Epochs=9999", "--parameter", "MaxEpochs=0")  # longer than anybody waits

tells_who_listens = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the system has no /proc/net/tcp")


def sagescene(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # the limit is a test's patience, far above what it takes
        [SAGESCENE, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )


def test_a_sound_data_set_ends_with_a_model_and_status_0(tmp_path: Path) -> None:
    done = sagescene("run", DATA / "two_class", "--json", "--parameter", "Epochs=2", "--save", tmp_path / "kept")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"] == "model"
    assert result["job"]["status"] == "Completed"
    assert result["model"]["artifact"].endswith(f"/models/{result['job']['name']}/output/model.tar.gz")
    assert result["alarms"] == []
    assert result["evaluation"]["summary"].startswith("Right on ")
    page = tmp_path / f"kept/reports/{result['job']['name']}.evaluation.html"
    assert result["evaluation"]["page"] == page.resolve().as_uri()
    assert page.read_text().startswith("<!doctype html>")
    assert len(result["predictions"]) == 3
    for predicted in result["predictions"]:
        (given,) = predicted["given"]
        assert predicted["image"].startswith(f"{given['name']}/")
    assert done.stderr.splitlines()[-1].endswith(page.resolve().as_uri())
    for stage in (
        "datasets/two_class/train/train.rec",
        "counted the images",
        "accuracy on train",
        result["model"]["arn"],
    ):
        assert stage in done.stderr
    # The log says it, and the notice; a person need not read it a third time.
    assert done.stderr.count(result["model"]["arn"]) == done.stderr.count(result["model"]["artifact"]) == 2
    fingerprint = result["job"]["name"].rpartition("--")[2]
    reports = {f"reports/{fingerprint}.json", f"reports/{fingerprint}.html"}
    kept = {path.relative_to(tmp_path / "kept").as_posix() for path in (tmp_path / "kept").rglob("*.*")}
    assert {"model.tar.gz", "outcome.json", "training.log", "notices.txt", *reports} <= kept
    assert (tmp_path / "kept/notices.txt").read_text().startswith("Data set two_class has a model\n\n")
    Image.new("RGB", (224, 224)).save(tmp_path / "black.png")
    asked = sagescene("predict", tmp_path / "kept", tmp_path / "black.png", "--json")
    assert asked.returncode == 0, asked.stderr
    assert {one["name"] for one in json.loads(asked.stdout)["predictions"]} == {"circle", "square"}


def test_a_failed_job_ends_with_its_reason_the_alarm_and_status_1() -> None:
    reason = "AlgorithmError: ExitCode 137"
    done = sagescene("run", DATA / "two_class", "--json", "--fail-with", reason)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert (result["verdict"], result["model"]) == ("failed", None)
    assert (result["job"]["status"], result["job"]["failure_reason"]) == ("Failed", reason)
    assert any("TrainingFailedAlarm" in alarm for alarm in result["alarms"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--quota", "ml.g4dn.xlarge=0"], "'ml.g4dn.xlarge for training job usage' is 0 Instances"),
        (["--not-offered", "ml.g4dn.xlarge"], "training-job/ml.g4dn.xlarge is not available in this region"),
    ],
)
def test_a_job_that_cannot_be_started_ends_at_once_with_the_reason_and_status_1(options: list[str], says: str) -> None:
    done = sagescene("run", DATA / "two_class", "--json", *options)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert (result["verdict"], result["job"], result["model"]) == ("given up", None, None)
    assert says in result["reason"]


def test_an_interruption_is_told_in_words_on_the_way_to_the_model() -> None:
    spot = ("--parameter", "ManagedSpotTraining=yes", "--spot-interruptions", "1")
    done = sagescene("run", DATA / "two_class", "--json", *spot)
    assert done.returncode == 0, done.stderr
    assert "interrupted: its Spot instances were taken away, and it waits for capacity to go on" in done.stderr
    assert json.loads(done.stdout)["verdict"] == "model"


def test_an_incomplete_set_ends_with_what_it_lacks_and_status_1(tmp_path: Path) -> None:
    copytree(DATA / "multi/train", tmp_path / "multi/train")
    done = sagescene("run", tmp_path / "multi", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "waiting"


def test_a_refused_set_ends_with_every_fault_and_status_1(tmp_path: Path) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "two_class")
    (folder / "train/train.rec.md5").write_text("0")
    (folder / "train/._train.rec").write_bytes(b"macOS")
    (folder / "more.rec").write_bytes(b"")
    done = sagescene("run", folder, "--json")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["verdict"] == "refused"
    for named in ("datasets/two_class/train/train.rec.md5", "datasets/two_class/more.rec"):
        assert named in result["reason"]
    assert "._train.rec" not in done.stderr


def test_an_error_of_the_function_is_no_verdict_on_the_set(tmp_path: Path) -> None:
    build = copytree(ROOT / ".aws-sam/build", tmp_path / "build", symlinks=True)
    (build / "StartTrainingFunction/app.py").write_text(
        'def handler(event, context):\n    raise ValueError("no judgment today")\n'
    )
    done = sagescene("run", DATA / "two_class", "--json", "--build", build)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert (result["verdict"], result["reason"]) == ("error", "ValueError: no judgment today")


def test_a_folder_of_images_is_told_to_be_packed_first(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (32, 32), (number * 40, 0, 0)).save(tmp_path / "pets" / name / f"{number}.png")
    done = sagescene("run", tmp_path / "pets")
    assert done.returncode == 1
    assert "sagescene pack" in done.stderr
    assert "Traceback" not in done.stderr
    packed = sagescene("pack", tmp_path / "pets", tmp_path / "packed/pets")
    assert packed.returncode == 0
    assert "8 images to train on and 2 to validate with, of 2 classes" in packed.stdout
    assert (tmp_path / "packed/classes.txt").read_text() == "cat\ndog\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "--parameter", "InstanceTypes=ml.m5.large"], "GPU instance types that the algorithm documents"),
        (["run", "--parameter", "Epochs"], "is not NAME=VALUE"),
        (["run", "--build", "nowhere"], "run `sam build` first"),
        (["pack", ".", "out/x", "--validation-share", "2"], "not between 0 and 1"),
    ],
)
def test_a_mistake_is_answered_with_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "two_class")
    done = sagescene(*(arguments if arguments[0] == "pack" else [arguments[0], folder, *arguments[1:]]))
    assert done.returncode not in (0, -signal.SIGSEGV)
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", [["--parameter", "Foo=1"], ["--build", "nowhere"]], ids=" ".join)
def test_a_wrong_option_is_said_before_anything_is_packed_or_stands(option: list[str]) -> None:
    done = sagescene("run", *option)
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert "is being prepared" in line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_stands_until_it_is_interrupted(tmp_path: Path, number: int) -> None:
    with Begun(tmp_path, "up", "--port", "0") as up:
        endpoint = up.await_line("AWS_ENDPOINT_URL=").split("AWS_ENDPOINT_URL=")[1].split()[0]
        with urlopen(f"{endpoint}/moto-api/") as answer:
            assert answer.status == 200
        assert "has ended" in up.must_end(lambda: up.signal(number), status=0, children=2)


def test_up_ends_when_its_reader_does_though_it_has_nothing_to_say(tmp_path: Path) -> None:
    with Begun(tmp_path, "up", "--port", "0") as up:
        up.await_line("start_training/put.json")
        up.must_end(up.output.close, status=141, children=2)


def test_run_ends_when_its_reader_does(tmp_path: Path) -> None:
    with Begun(
        tmp_path,
        "run",
        DATA / "two_class",
        *LONG_TRAINING,
    ) as run:
        run.await_line("accuracy on train")
        run.must_end(run.output.close, status=141, children=3)


def test_run_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    with Begun(
        tmp_path,
        "run",
        DATA / "two_class",
        *LONG_TRAINING,
    ) as run:
        run.await_line("accuracy on train")
        rest = run.must_end(lambda: run.signal(signal.SIGINT, signal.SIGINT), status=130, children=3)  # impatiently
        *before, last = rest.splitlines()
        assert all("accuracy on train" in line for line in before)
        assert "has ended, and with it sagescene--two-class--" in last


def test_a_port_that_is_taken_is_said_before_anything_stands() -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = sagescene("up", "--port", port)
    sentence = f"Error: Port {port} is in use: end what listens there, or choose another with --port.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "::2", ""])  # for documents (RFC 5737), or none
def test_an_address_of_another_machine_is_said_before_anything_stands(host: str) -> None:
    done = sagescene("up", "--port", "0", "--host", host)
    assert (done.returncode, done.stdout) == (1, "")
    sentence = "is no address of this machine: give one that it has with --host, such as 127.0.0.1."
    assert done.stderr == f"Error: {host or 'An empty text'} {sentence}\n"


@tells_who_listens
def test_nothing_listens_beyond_the_loopback(tmp_path: Path) -> None:
    with Begun(tmp_path, "run", DATA / "two_class", *LONG_TRAINING) as run:
        run.await_line("accuracy on train")
        assert len(run.processes()) >= 4  # the command, two functions, a training job
        listening = list_listening(run.processes())
        run.must_end(lambda: run.signal(signal.SIGINT), status=130, children=3)
    assert len(listening) >= 3  # the endpoint, and what feeds each function
    assert [place for place in listening if not place[0].is_loopback] == []


@tells_who_listens
def test_host_moves_the_endpoint_and_nothing_else(tmp_path: Path) -> None:
    with Begun(tmp_path, "up", "--port", "0", "--host", "127.0.0.2") as up:
        endpoint = urlsplit(up.await_line("AWS_ENDPOINT_URL=").split("AWS_ENDPOINT_URL=")[1].split()[0])
        listening = list_listening(up.processes())
        up.must_end(lambda: up.signal(signal.SIGINT), status=0, children=2)
    moved = [(str(address), port) for address, port in listening if str(address) != "127.0.0.1"]
    assert moved == [("127.0.0.2", endpoint.port)]
    assert len(listening) >= 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["check", "DATA"],
        ["check", "DATA", "--json"],
        ["pack", "IMAGES", "packed/pets"],
        ["run"],
        ["up", "--port", "0"],
    ],
    ids=" ".join,
)
def test_an_answer_that_nobody_reads_is_no_mistake(tmp_path: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert answer_into(writer, tmp_path, arguments) == (141, "")


@pytest.mark.parametrize(
    ("arguments", "status"), [(["--help"], 1), (["check", "DATA"], 3), (["check", "DATA", "--json"], 3), (["run"], 1)]
)
def test_an_answer_that_cannot_be_written_is_a_failure(tmp_path: Path, arguments: list[str], status: int) -> None:
    (tmp_path / "full").touch()
    unwritable = os.open(tmp_path / "full", os.O_RDONLY)
    sentence = "Error: Standard output cannot be written: Bad file descriptor. Send it elsewhere.\n"
    assert answer_into(unwritable, tmp_path, arguments) == (status, sentence)


def test_a_closed_output_is_a_failure(tmp_path: Path) -> None:
    closing_it = ["/bin/sh", "-c", 'exec "$@" >&-', "sh"]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    sentence = "Error: Standard output is closed: send it somewhere, such as to /dev/null.\n"
    assert answer_into(nowhere, tmp_path, ["up"], by=closing_it) == (1, sentence)


def answer_into(output: int, folder: Path, arguments: list[str], by: Sequence[str] = ()) -> tuple[int, str]:
    """Run the command with this output, which is closed then; gives its status and what it says on standard error."""
    for name, shade in (("cat", 0), ("cat", 1), ("dog", 2), ("dog", 3)):
        (folder / "images" / name).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (shade * 40, 0, 0)).save(folder / f"images/{name}/{shade}.png")
    places = {"DATA": str(DATA / "multi"), "IMAGES": str(folder / "images")}
    command = [*by, str(SAGESCENE), *(places.get(argument, argument) for argument in arguments)]
    with os.fdopen(output) as stdout:
        done = subprocess.run(
            command, cwd=folder, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=300, check=False
        )
    return done.returncode, done.stderr


class Begun:
    """The command at work, in a process group and with a folder for temporary files of its own."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        """Begin it as a shell does in the foreground."""
        self._folder = folder
        before = signal.signal(
            signal.SIGINT, signal.default_int_handler
        )  # the command would inherit that it is ignored
        self._process = subprocess.Popen(
            [SAGESCENE, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "200", "TMPDIR": str(folder)},
            process_group=0,
        )
        signal.signal(signal.SIGINT, before)
        assert self._process.stdout
        self.output = self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    def processes(self) -> set[int]:
        """Name the command's process and all that it has begun."""
        return {self._process.pid} | list_descendants(self._process.pid)

    def await_line(self, part: str) -> str:
        """Read on to the first line that holds this."""
        return next(line for line in self.output if part in line)

    def signal(self, *numbers: int) -> None:
        """Send signals to the group, as a terminal does."""
        for number in numbers:
            os.killpg(self._process.pid, number)

    def must_end(self, cause: Callable[[], None], *, status: int, children: int) -> str:
        """Assert that it ends promptly and quietly, leaving neither process nor file behind; gives the rest it says."""
        begun = list_descendants(self._process.pid)
        assert len(begun) >= children
        cause()
        rest, complaints = self._process.communicate(timeout=PATIENCE_IN_SECONDS)
        assert (self._process.returncode, complaints) == (status, "")
        assert begun & list_processes().keys() == set()
        assert list(self._folder.iterdir()) == []
        return rest


def list_descendants(pid: int) -> set[int]:
    """List the processes that a process has begun, and those that they have."""
    children = {child for child, parent in list_processes().items() if parent == pid}
    return children.union(*map(list_descendants, children))


def list_processes() -> dict[int, int]:
    """Give the parent of every process that runs."""
    ps = shutil.which("ps")
    assert ps, "ps is missing"
    listed = subprocess.run([ps, "-A", "-o", "pid=", "-o", "ppid="], capture_output=True, text=True, check=True).stdout
    return {int(pid): int(parent) for pid, parent in map(str.split, listed.splitlines())}


HOSTILE = "\x1b]0;owned\x07\x1b[2J\n\x9b31m\u202e"


def with_a_surplus_file(folder: Path) -> None:
    (folder / "train/\u202e\u2066_train.rec").touch()  # with a control character it would be no part of the set


def with_a_row_of_that_index(folder: Path) -> None:
    with (folder / "train/train.lst").open("a") as rows:
        rows.write(HOSTILE.replace("\n", "") + "\t0\tq.jpg\n")


def with_a_hyperparameter_of_that_name(folder: Path) -> None:
    (folder / "training.json").write_text(json.dumps({HOSTILE: 1}))


def with_a_name_that_is_no_text(folder: Path) -> None:
    (folder / os.fsdecode(b"train/\xff_train.rec")).touch()


@pytest.mark.parametrize(
    ("spoil", "options"),
    [
        (with_a_surplus_file, []),
        (with_a_surplus_file, ["--json"]),
        (with_a_row_of_that_index, []),
        (with_a_hyperparameter_of_that_name, []),
        (with_a_name_that_is_no_text, []),
    ],
)
def test_a_look_shows_nothing_that_a_terminal_obeys(
    tmp_path: Path, spoil: Callable[[Path], None], options: list[str]
) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "set\u202e\u2066")
    spoil(folder)
    page = tmp_path / "page.html"
    done = sagescene("check", folder, "--html", page, *options)
    assert done.returncode == 1, done.stderr
    for shown in (done.stdout, done.stderr, page.read_text("utf-8")):
        assert not raw(shown, "\n")
    assert (done.stderr, "datasets" in done.stdout) == ("", False)


def test_a_mistake_shows_nothing_that_a_terminal_obeys() -> None:
    for arguments in (("check", f"/nowhere/{HOSTILE}"), ("check", "x", f"--{HOSTILE}"), (f"x{HOSTILE}",)):
        done = sagescene(*arguments)
        assert done.returncode > 1
        assert done.stderr
        assert not raw(done.stderr, "\n")
