"""Reports of dropped data sets: for programs and for people, kept, used again, counted by finding."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sagescene.aws import Cloud, ObjectReplacedError
from sagescene.dataset import DataSet, assemble
from sagescene.preflight.examination import examine
from sagescene.preflight.reading import Reader
from sagescene.preflight.report import Conditions
from tests.e2e.conftest import DATA, LocalStack
from tests.stack_template import ROOT

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/report.schema.json").read_text()))
SAGESCENE = Path(sys.executable).with_name("sagescene")


def check(local: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": local.stack.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    return subprocess.run(
        [SAGESCENE, "check", *arguments], capture_output=True, text=True, check=False, env=environment, timeout=60
    )


def read_page(local: LocalStack, key: str) -> tuple[str, str]:
    stored = local.s3.get_object(Bucket=local.bucket, Key=key)
    return stored["ContentType"], stored["Body"].read().decode()


def ask_later(local: LocalStack, key: str) -> dict[str, Any]:
    """Let an upload ring that is later than all before; what a test does may all happen within one second."""
    event = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": (datetime.now(UTC) + timedelta(minutes=1)).isoformat(),
        "detail": {"bucket": {"name": local.bucket}, "object": {"key": key}},
    }
    (decided,) = local.stack.invoke("StartTrainingFunction", event).result
    assert isinstance(decided, dict)
    return decided


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = copytree(DATA / "multi", tmp_path / "multi")
    (folder / "training.json").write_text(json.dumps({"epoch": 1, "mini_batch_size": 99}))
    return folder


def test_a_refused_set_has_a_report_a_page_and_a_metric_for_each_code(local: LocalStack, broken: Path) -> None:
    local.drop(broken, "multi")
    text = local.await_notice("Data set multi is refused")
    local.await_decision("refused")
    report_key = local.await_report("multi")
    page_key = report_key.replace(".json", ".html")
    assert page_key in local.keys("reports/multi/")
    assert f"s3://{local.bucket}/{page_key}" in text

    report = local.read_json(report_key)
    SCHEMA.validate(report)
    assert report["verdict"] == "refused"
    content_type, page = read_page(local, page_key)
    assert content_type == "text/html; charset=utf-8"
    assert "multi is refused" in page
    assert "Did you mean epochs?" in page

    for dimensions in (
        {"service": "sagescene"},
        {"service": "sagescene", "code": "batch-above-images"},
        {"service": "sagescene", "code": "hyperparameter-unknown"},
    ):
        await_refusal_count(local, dimensions)


def await_refusal_count(local: LocalStack, dimensions: Mapping[str, str]) -> None:
    local.await_that(
        lambda it: it.kind == "metric" and it.subject == "DatasetRefused" and it.detail["dimensions"] == dimensions
    )


def test_a_ready_report_is_used_again_while_nothing_changed(local: LocalStack) -> None:
    local.service.fail_next("AlgorithmError: ExitCode 137")
    local.drop(DATA / "multi", "multi")
    local.await_notice("Training on data set multi failed")
    report_key = local.await_report("multi")
    report = local.read_json(report_key)
    SCHEMA.validate(report)
    _, page = read_page(local, report_key.replace(".json", ".html"))
    assert "CreateTrainingJob" in page

    assert ask_later(local, "datasets/multi/train/train.rec")["decision"] == "started"
    local.await_notice("Data set multi has a model")
    local.await_that(lambda it: it.kind == "log" and it.detail.get("message") == "data set was examined already")
    assert local.read_json(report_key)["written"] == report["written"]


def test_a_late_validation_list_is_looked_at_before_another_try(local: LocalStack, tmp_path: Path) -> None:
    folder = copytree(DATA / "multi", tmp_path / "multi")
    rows = (folder / "validation/validation.lst").read_text()
    (folder / "validation/validation.lst").unlink()
    local.service.fail_next("InternalServerError: We encountered an internal error. Please try again.")
    local.drop(folder, "multi")
    local.await_notice("Training on data set multi failed")
    key = "datasets/multi/validation/validation.lst"
    local.put(key, rows.replace("\t1", "\t0").encode())
    decided = ask_later(local, key)
    assert decided["decision"] == "refused"
    text = local.await_notice("Data set multi is refused")
    assert "validation.rec, record 1, byte 0; record " in text
    assert "have another label than their row" in text


def test_check_tells_of_a_bucket_what_the_stack_would(local: LocalStack, broken: Path) -> None:
    local.drop(broken, "multi")
    local.await_decision("refused")
    report_key = local.await_report("multi")
    kept = local.read_json(report_key)
    checked = check(local, f"s3://{local.bucket}/datasets/multi/", "--json", "--parameter", "Epochs=1")
    assert checked.returncode == 1, checked.stderr
    printed = json.loads(checked.stdout)
    assert {**printed, "written": ""} == {**kept, "written": ""}

    assert check(local, f"s3://{local.bucket}/datasets/none/").returncode == 3
    missing = check(local, "s3://no-such-bucket-of-ours/datasets/multi/")
    assert missing.returncode == 3
    assert "is in no bucket that exists" in missing.stderr
    local.put("datasets/half/train/train.rec", b"")
    assert check(local, f"s3://{local.bucket}/datasets/half/").returncode == 2
    assert "Traceback" not in missing.stderr


def test_a_large_file_in_the_bucket_is_read_by_range(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    cloud, bucket, prefix = Cloud("us-east-1"), local.bucket, "elsewhere/datasets/two_class/"
    for path in (DATA / "two_class").rglob("*.*"):
        local.put(prefix + path.relative_to(DATA / "two_class").as_posix(), path.read_bytes())
    assembled = assemble("two_class", cloud.list_objects(bucket, prefix))
    assert isinstance(assembled, DataSet)
    reader = Reader(whole=partial(cloud.read, bucket), span=partial(cloud.read_span, bucket))
    examined = examine(assembled, reader, Conditions(), written=datetime.now(UTC), largest_whole_in_bytes=0)
    assert (examined.report.train.images, examined.report.train.looked_at) == (40, 40)
    assert examined.report.train.classes == {0: 20, 1: 20}

    local.put(assembled.train_records.key, b"another file by now")
    with pytest.raises(ObjectReplacedError):
        reader.span(assembled.train_records, 0, 8)
