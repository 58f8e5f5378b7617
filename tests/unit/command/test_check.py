"""`sagescene check`: what it prints, its exit statuses, and what it says when it cannot look."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from jsonschema import Draft202012Validator
from PIL import Image

from sagescene.aws import Cloud
from sagescene.dataset import StoredObject
from sagescene.files import recordio
from sagescene.jobs.training_job import TrainingJob
from sagescene_command import check
from sagescene_command.cli import commands
from sagescene_command.packing.pack import pack
from tests.unit.workflow.known import job

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests/data"
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/report.schema.json").read_text()))


@dataclass(frozen=True)
class Answer:
    """What the command left: its exit status and what it printed."""

    status: int | str | None
    stdout: str
    stderr: str


type Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> Answer:
        with pytest.raises(SystemExit) as ended:
            commands(["check", *map(str, arguments)])
        printed = capsys.readouterr()
        return Answer(status=ended.value.code, stdout=printed.out, stderr=printed.err)

    return run


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = copytree(DATA / "multi", tmp_path / "pets")
    rows = (folder / "train/train.lst").read_text().splitlines()
    (folder / "train/train.lst").write_text("\n".join(["no row at all", *rows[1:]]))
    (folder / "training.json").write_text('{"epoch": 1}')
    return folder


def test_a_sound_folder_is_ready(run: Run) -> None:
    result = run(DATA / "multi")
    assert result.status == 0
    assert result.stdout.startswith("multi is ready to train on\n80 images of 3 classes to train on, 20 to validate")
    assert "num_training_samples  80         measured" in result.stdout


@pytest.mark.parametrize(
    ("options", "imported"),
    [(["--no-decode"], []), (["--no-decode", "--html", "page.html"], ["sagescene.messages.page"]), ([], ["PIL.Image"])],
)
def test_a_folder_is_looked_at_with_no_module_that_nothing_asks_for(
    options: list[str], imported: list[str], tmp_path: Path
) -> None:
    script = (
        "import sys\nfrom sagescene_command.cli import commands\n"
        f"try: commands(['check', {str(DATA / 'multi')!r}, '--json', *{options!r}])\n"
        "except SystemExit: print()\n"
        "told = ('botocore.exceptions', 'PIL.Image', 'sagescene.messages.page')\n"
        "print([name for name in told if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == str(imported)


def test_images_to_test_with_are_counted_beside_the_others(tmp_path: Path, run: Run) -> None:
    folder = copytree(DATA / "multi", tmp_path / "multi")
    copytree(folder / "validation", folder / "test")
    result = run(folder)
    assert result.status == 0
    assert "\n80 images of 3 classes to train on, 20 to validate with, 20 to test with\n" in result.stdout
    assert "\ntest/" not in result.stdout


def test_test_images_that_are_trained_on_are_told(tmp_path: Path, run: Run) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "two")
    trained = list(recordio.read([(folder / "train/train.rec").read_bytes()]))
    others = list(recordio.read([(folder / "validation/validation.rec").read_bytes()]))
    (folder / "two_test.rec").write_bytes(b"".join(recordio.write([*trained[:2], *others])))
    report = json.loads(run(folder, "--json").stdout)
    (finding,) = (each for each in report["findings"] if each["file"] == "two_test.rec")
    assert (report["verdict"], finding["severity"], finding["code"]) == ("ready", "warning", "images-shared")
    assert finding["message"] == f"2 of the {len(others) + 2} images are in train/train.rec as well."


def test_test_images_of_a_class_that_training_lacks_are_told(tmp_path: Path, run: Run) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "two")
    others = recordio.read([(folder / "validation/validation.rec").read_bytes()])
    (folder / "two_test.rec").write_bytes(
        b"".join(recordio.write(replace(each, labels=(each.labels[0] + 1,)) for each in others))
    )
    report = json.loads(run(folder, "--json").stdout)
    (finding,) = (each for each in report["findings"] if each["file"] == "two_test.rec")
    assert (report["verdict"], finding["severity"], finding["code"]) == ("ready", "warning", "class-not-in-train")
    assert "of which train/train.rec has none." in finding["message"]


def cut(records: bytes) -> bytes:
    return records[:-100]


def scramble(records: bytes) -> bytes:
    return bytes(255 - byte for byte in records)


def drop_a_table(records: bytes) -> bytes:
    """Make a comment of the first image's quantization table, which only a decoder misses."""
    return records.replace(b"\xff\xdb", b"\xff\xfe", 1)


def drop_ends(records: bytes) -> bytes:
    return rewrite(records, lambda image: image.removesuffix(b"\xff\xd9"))


def drop_scans(records: bytes) -> bytes:
    return rewrite(records, lambda image: image.partition(b"\xff\xda")[0])


def damage_a_scan(records: bytes) -> bytes:
    """Put the marker of a segment into the first image's scan, behind which nothing is read."""
    start = records.index(b"\xff\xda") + 300
    return records[:start] + b"\xff\xc0" + records[start + 2 :]


def rewrite(records: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return b"".join(recordio.write(replace(each, image=change(each.image)) for each in recordio.read([records])))


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        (cut, "truncated", "bytes before the end of this record; no job reads this file, but its model is tested on"),
        (scramble, "not-a-record-file", "; no job reads this file, but its model is tested on it."),
        (drop_a_table, "image-undecodable", "; no job reads this file, but its model is tested on it."),
        (drop_ends, "image-cut", "20 of 20 images are JPEG files that end within their picture: record 1, "),
        (drop_scans, "image-broken", "20 of 20 images lack their pixels or their end: record 1, "),
        (damage_a_scan, "image-damaged", "images is a JPEG file whose picture breaks off at damaged bytes: record 1"),
    ],
)
def test_what_is_wrong_with_a_test_file_is_a_warning(
    fault: Callable[[bytes], bytes], code: str, says: str, tmp_path: Path, run: Run
) -> None:
    folder = copytree(DATA / "multi", tmp_path / "multi")
    (folder / "multi_test.rec").write_bytes(fault((folder / "validation/validation.rec").read_bytes()))
    result = run(folder, "--json")
    report = json.loads(result.stdout)
    SCHEMA.validate(report)
    (finding,) = (each for each in report["findings"] if each["file"] == "multi_test.rec")
    assert (result.status, finding["severity"], finding["code"]) == (0, "warning", code)
    assert says in finding["message"]
    assert "training" not in finding["message"], "no job reads the file"


def renumber(lines: list[str]) -> list[str]:
    """Give each row the id of the next, as a list has them that was shuffled otherwise."""
    ids, rests = zip(*(line.split("\t", 1) for line in lines), strict=True)
    return [f"{number}\t{rest}" for number, rest in zip([*ids[1:], ids[0]], rests, strict=True)]


@pytest.mark.parametrize(
    ("change", "file", "code", "says"),
    [
        (lambda lines: [lines[1], lines[0], *lines[2:]], "", "", ""),
        (lambda lines: lines[:-1], "multi_test.rec", "record-not-in-list", "its model is tested on it."),
        (renumber, "multi_test.rec", "label-not-as-listed", "its model is tested on it."),
        (
            lambda lines: ["x" + lines[0], *lines[1:]],
            "multi_test.lst",
            "index-not-an-integer",
            "test images are named by it.",
        ),
    ],
    ids=["in another order", "shorter", "another's", "faulty"],
)
def test_a_list_that_is_not_of_the_test_records_is_told(
    change: Callable[[list[str]], list[str]], file: str, code: str, says: str, tmp_path: Path, run: Run
) -> None:
    folder = copytree(DATA / "multi", tmp_path / "multi")
    (folder / "multi_test.rec").write_bytes((folder / "validation/validation.rec").read_bytes())
    lines = (folder / "validation/validation.lst").read_text().splitlines()
    (folder / "multi_test.lst").write_text("\n".join(change(lines)) + "\n")
    result = run(folder, "--json")
    report = json.loads(result.stdout)
    SCHEMA.validate(report)
    found = [each for each in report["findings"] if each["file"].startswith("multi_test.")]
    assert result.status == 0
    told = {(each["file"], each["code"], each["severity"]) for each in found}
    assert told == ({(file, code, "warning")} if code else set())
    assert all(f"; no job reads this file, but {says}" in each["message"] for each in found)


def test_a_broken_folder_is_refused_with_every_finding_under_its_file(broken: Path, run: Run) -> None:
    result = run(broken)
    assert result.status == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == "pets is refused"
    assert lines.index("train/train.lst") < lines.index("error  line 1  too-few-fields") < lines.index("training.json")
    assert "Did you mean epochs?" in lines
    findings, _, repair = result.stdout.partition("What of this can be mended")
    assert str(broken) not in findings
    assert f"sagescene repair {broken} {broken}-mended" in repair


def test_the_classes_of_a_folder_have_the_names_in_its_classes_txt(tmp_path: Path, run: Run) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "pets")
    (folder / "classes.txt").write_text("red\nblue\n")
    result = run(folder, "--json")
    assert (result.status, json.loads(result.stdout)["class_names"]["names"]) == (0, {"0": "red", "1": "blue"})
    (folder / "classes.txt").write_text("red\n\nblue\n")
    result = run(folder)
    assert result.status == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[lines.index("classes.txt") + 1] == "error  line 2  class-name-missing"


@pytest.mark.parametrize(
    ("paths", "classes"),
    [
        ("ant/{}.png bee/{}.png", ["ant", "bee"]),
        ("train/ant/{}.png train/bee/{}.png val/ant/{}.png val/bee/{}.png", ["ant", "bee"]),
        ("ant/{}.png ant/red/{}.png bee/old/red/{}.png", ["ant", "ant/red", "bee/old/red"]),
    ],
)
def test_what_was_packed_has_the_names_of_its_folders_and_no_fault(
    paths: str, classes: list[str], tmp_path: Path, run: Run
) -> None:
    for number in range(12):
        for place, path in enumerate(paths.split()):
            picture = tmp_path / "images" / path.format(number)
            picture.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (28, 28), f"#{1000 * place + number:06x}").save(picture)
    pack(tmp_path / "images", tmp_path / "packed/pets")
    result = run(tmp_path / "packed", "--json")
    report = json.loads(result.stdout)
    assert [each["code"] for each in report["findings"] if each["code"].startswith("class-name")] == []
    assert result.status == 0
    assert report["class_names"] == {
        "source": "classes.txt",
        "names": {str(label): name for label, name in enumerate(classes)},
        "more": 0,
    }


def test_a_folder_with_a_part_missing_is_incomplete(broken: Path, run: Run) -> None:
    (broken / "validation/validation.rec").unlink()
    result = run(broken)
    assert result.status == 2
    assert "There is no validation .rec." in result.stdout


def test_more_files_than_a_channel_takes_are_named_as_they_lie_there(broken: Path, run: Run) -> None:
    (broken / "train/more.rec").touch()
    result = run(broken)
    assert result.status == 1
    assert "train/more.rec" in result.stdout
    assert "datasets/" not in result.stdout


def test_json_is_the_report_and_nothing_else(broken: Path, run: Run) -> None:
    for folder, verdict in ((DATA / "multi", "ready"), (broken, "refused")):
        report = json.loads(run(folder, "--json").stdout)
        SCHEMA.validate(report)
        assert report["verdict"] == verdict
        assert report["fingerprint"] == ""
    assert {finding["file"] for finding in report["findings"]} >= {"train/train.lst", "training.json"}


ELSEWHERE = "give another place with --html."


def test_html_is_the_page_with_what_would_be_requested(tmp_path: Path, run: Run) -> None:
    result = run(DATA / "multi", "--html", tmp_path / "page.html")
    assert result.status == 0
    assert result.stdout.endswith(f"\n\npage: {(tmp_path / 'page.html').as_uri()}\n")
    page = (tmp_path / "page.html").read_text()
    assert "multi is ready to train on" in page
    assert "sagescene--multi--&lt;fingerprint&gt;" in page
    assert "s3://&lt;bucket&gt;/datasets/multi/train/train.rec" in page


def test_a_page_in_no_folder_is_said_before_the_check(tmp_path: Path, run: Run) -> None:
    result = run(DATA / "multi", "--html", tmp_path / "no" / "page.html")
    assert (result.status, result.stdout) == (3, "")
    assert f"no folder {tmp_path / 'no'} for page.html: make it first." in result.stderr


def test_a_page_that_cannot_be_written_takes_no_verdict_away(tmp_path: Path, run: Run) -> None:
    unwritable = tmp_path / ("long" * 100 + ".html")
    result = run(DATA / "multi", "--json", "--html", unwritable)
    assert (result.status, json.loads(result.stdout)["verdict"]) == (3, "ready")
    assert result.stderr == f"Error: {unwritable} cannot be written (File name too long): {ELSEWHERE}\n"


def test_a_page_that_may_not_be_written_is_said_before_the_check(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode == os.F_OK or path != page
    )  # whoever is root may write everywhere
    page.touch()
    result = run(DATA / "multi", "--html", page)
    assert (result.status, result.stdout) == (3, "")
    assert result.stderr == f"Error: {page} may not be written: {ELSEWHERE}\n"


def test_a_folder_of_images_is_told_to_be_packed_first(tmp_path: Path, run: Run) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        (tmp_path / "pets" / name / "1.JPG").touch()
    result = run(tmp_path / "pets")
    assert (result.status, result.stdout) == (3, "")
    folder = tmp_path / "pets"
    assert result.stderr == (
        f"Error: {folder} holds 2 images (cat 1, dog 1), not packed yet. "
        f"Pack them first: sagescene pack {folder} {folder}-packed/\n"
    )
    (tmp_path / "pets/train.rec").touch()
    assert run(tmp_path / "pets").status == 2


def test_parameters_are_those_of_the_stack(run: Run) -> None:
    result = run(DATA / "multi", "--parameter", "MiniBatchSize=30", "--parameter", "Epochs=7")
    assert result.status == 1
    assert "batch-above-images" in result.stdout
    assert "epochs                7          stack: Epochs" in result.stdout


def test_defaults_are_not_listed_and_the_cost_is_said(run: Run) -> None:
    types = "InstanceTypes=ml.g5.xlarge,ml.p3.2xlarge"
    result = run(DATA / "multi", "--parameter", types, "--parameter", "Epochs=30", "--parameter", "NumLayers=50")
    listed = result.stdout.partition("hyperparameters beside the defaults\n")[2]
    assert "num_layers" in listed
    assert "epochs  " not in listed
    assert "momentum" not in listed
    assert "30 epochs on 1 ml.g5.xlarge (else ml.p3.2xlarge), 24 hours at most" in listed


def test_a_region_in_which_no_stack_can_train_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "mx-central-1")
    result = run(DATA / "multi")
    assert result.status == 3
    assert "SageMaker publishes no Image Classification image in this Region" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/no/such/folder"], "/no/such/folder does not exist: give the folder that holds"),
        ([ROOT / "pyproject.toml"], "pyproject.toml is a file, not a folder"),
        (
            [DATA / "multi", "--parameter", "Epoch=7"],
            "Parameters: [Epoch] do not exist in the template. Did you mean Epochs?",
        ),
        ([DATA / "multi", "--parameter", "NumLayers=20"], "give an ImageShape such as 3,28,28"),
        (
            [DATA / "multi", "--parameter", "InstanceTypes=ml.m5.large"],
            "GPU instance types that the algorithm documents",
        ),
        (["s3://bucket"], "s3://bucket names no data set: give s3://BUCKET/datasets/SET/"),
        (["s3:///datasets/pets"], "names no data set"),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(arguments: list[object], says: str, run: Run) -> None:
    result = run(*arguments)
    assert result.status == 3
    assert says in result.stderr.replace("\n", " ")


def refuse(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ListObjectsV2")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NoCredentialsError(), "There are no AWS credentials: run aws configure"),
        (NoRegionError(), "No AWS Region is chosen: set AWS_REGION"),
        (refuse("NoSuchBucket"), "is in no bucket that exists"),
        (refuse("AccessDenied"), "they need s3:ListBucket and s3:GetObject"),
        (refuse("ExpiredToken"), "AWS does not accept these credentials (ExpiredToken)"),
        (refuse("SlowDown"), "s3://bucket/datasets/pets/ cannot be read"),
        (BotoCoreError(), "s3://bucket/datasets/pets/ cannot be read"),
    ],
)
def test_what_s3_refuses_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, says: str, run: Run
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Cloud, "list_objects", fail)
    result = run("s3://bucket/datasets/pets/")
    assert result.status == 3
    assert says in result.stderr


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let S3 hold the set `multi` under a prefix."""

    def store(prefix: str) -> None:
        files = {
            prefix + path.relative_to(DATA / "multi").as_posix(): path.read_bytes()
            for path in (DATA / "multi").rglob("*")
            if path.is_file()
        }

        def list_objects(_cloud: Any, _bucket: str, wanted: str) -> list[StoredObject]:  # noqa: ANN401
            return [
                StoredObject(key=key, etag=key, size=len(content), last_modified=datetime(2026, 11, 22, tzinfo=UTC))
                for key, content in files.items()
                if key.startswith(wanted)
            ]

        monkeypatch.setattr(Cloud, "list_objects", list_objects)
        monkeypatch.setattr(Cloud, "read", lambda _cloud, _bucket, stored: iter([files[stored.key]]))

    return store


def test_a_set_in_the_bucket_has_the_fingerprint_that_the_stack_gives_it(
    stored: Callable[[str], None], run: Run
) -> None:
    stored("datasets/multi/")
    report = json.loads(run("s3://bucket/datasets/multi", "--json").stdout)
    assert (report["verdict"], len(report["digest"])) == ("ready", 64)
    assert report["fingerprint"] == report["digest"][:12]
    assert report["findings"][0]["file"] == "datasets/multi/validation/validation.lst"


PRICED = ("--price", "ml.g4dn.xlarge=0.72", "--parameter", "MaxRuntimeInSeconds=36000")


def test_what_a_job_costs_is_said_where_a_price_is_given(run: Run) -> None:
    assert "cost" not in run(DATA / "multi").stdout
    result = run(DATA / "multi", *PRICED)
    assert result.status == 0
    assert result.stdout.endswith("on 1 ml.g4dn.xlarge, 10 hours at most\ncost: at most $7.20 (time limit)\n")
    report = json.loads(run(DATA / "multi", *PRICED, "--json").stdout)
    SCHEMA.validate(report)
    assert report["cost"] == {
        "at_most_usd": 7.2,
        "instance_type": "ml.g4dn.xlarge",
        "hourly_price_usd": 0.72,
        "instance_count": 1,
        "seconds": 36000,
        "without_price": [],
    }


def test_a_job_above_the_limit_of_cost_is_refused(run: Run) -> None:
    result = run(DATA / "multi", *PRICED, "--parameter", "MaxJobCostUSD=7.19")
    assert result.status == 1
    assert "up to $7.20, for 10 hours of 1 instance of ml.g4dn.xlarge" in " ".join(result.stdout.split())
    assert run(DATA / "multi", *PRICED, "--parameter", "MaxJobCostUSD=7.20").status == 0


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        (["--price", "ml.g4dn.xlarg=1"], 2, "did you mean ml.g4dn.xlarge?"),
        (["--price", "ml.g4dn.xlarge"], 2, "is not TYPE=USD"),
        (["--price", "=1"], 2, "=1 is not TYPE=USD"),
        (["--price", "ml.g4dn.xlarge=cheap"], 2, "ml.g4dn.xlarge=cheap gives no price above 0 and below a million"),
        (["--price", "ml.g4dn.xlarge=nan"], 2, "ml.g4dn.xlarge=nan gives no price"),
        (["--price", "ml.g4dn.xlarge=-1"], 2, "ml.g4dn.xlarge=-1 gives no price"),
        (["--price", "ml.g4dn.xlarge=1000000"], 2, "ml.g4dn.xlarge=1000000 gives no price"),
        (["--price", "ml.g4dn.xlarge=1e2"], 3, "prices above 0"),
        (["--parameter", "MaxJobCostUSD=5"], 3, "give HourlyPriceUSD"),
    ],
)
def test_a_price_or_a_limit_that_says_nothing_is_refused(options: list[str], status: int, says: str, run: Run) -> None:
    result = run(DATA / "multi", *options)
    assert result.status == status
    assert says in " ".join(result.stderr.split())


def test_a_set_in_the_bucket_is_told_what_its_last_run_cost(
    stored: Callable[[str], None], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored("datasets/multi/")
    listed = Cloud.list_objects
    times = {"0" * 12: 3, "1" * 12: 2, "2" * 12: 1}
    reports = [
        StoredObject(
            key=f"reports/multi/{content}{end}", etag="", size=1, last_modified=datetime(2026, 11, day, tzinfo=UTC)
        )
        for content, day in times.items()
        for end in (".json", ".images.json")
    ]
    monkeypatch.setattr(
        Cloud,
        "list_objects",
        lambda cloud, bucket, prefix: reports if prefix == "reports/multi/" else listed(cloud, bucket, prefix),
    )
    jobs: dict[str, dict[str, Any]] = {
        f"sagescene--multi--{'0' * 12}": {"status": "Failed"},
        f"sagescene--multi--{'1' * 12}": {"status": "Failed"},
        f"sagescene--multi--{'1' * 12}--r2": {"status": "Completed", "billed_seconds": 500},
        f"sagescene--multi--{'2' * 12}": {"status": "Completed", "billed_seconds": 5000},
    }
    asked: list[str] = []

    def describe(_cloud: Cloud, name: str) -> TrainingJob | None:
        asked.append(name)
        return job(name=name, **jobs[name]) if name in jobs else None

    monkeypatch.setattr(Cloud, "describe_training_job", describe)
    assert "about $0.10 by the last run of this set" in run("s3://bucket/datasets/multi", *PRICED).stdout
    assert asked == [
        name
        for attempt in ("0" * 12, "1" * 12)
        for name in (f"sagescene--multi--{attempt}", f"sagescene--multi--{attempt}--r2")
    ]
    asked.clear()
    run("s3://bucket/datasets/multi")
    assert not asked
    monkeypatch.setattr(Cloud, "describe_training_job", lambda *_: (_ for _ in ()).throw(refuse("AccessDenied")))
    assert run("s3://bucket/datasets/multi", *PRICED).stdout.endswith("cost: at most $7.20 (time limit)\n")


def test_any_prefix_can_be_checked_before_it_is_moved(stored: Callable[[str], None], run: Run) -> None:
    stored("our/images/multi/")
    report = json.loads(run("s3://bucket/our/images/multi/", "--json").stdout)
    assert (report["verdict"], report["fingerprint"], report["digest"]) == ("ready", "", "")
    assert report["findings"][0]["file"] == "our/images/multi/validation/validation.lst"
    assert run("s3://bucket/our/image").status == 3


def test_progress_goes_up_to_all_bytes() -> None:
    steps: dict[str, list[tuple[int, int]]] = {"reading": [], "decoding": []}
    check.check(
        str(DATA / "multi"),
        {},
        show_progress=lambda what: nullcontext(lambda done, total: steps[what].append((done, total))),
    )
    for what, kinds in (("reading", "*"), ("decoding", "*.rec")):
        files = sum(path.stat().st_size for path in (DATA / "multi").rglob(kinds) if path.is_file())
        assert steps[what] == sorted(steps[what])
        assert steps[what][-1] == (files, files)
