"""A model that was trained and evaluated in the local stack: its figures are its job's own, and told once."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from sagescene_command.cli import commands
from tests.e2e.conftest import DATA, LocalStack


def test_the_evaluation_finds_what_the_job_reported_to_the_image_and_the_notice_goes_out_once(
    stand: Callable[..., LocalStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    local = stand({"EvaluateModel": "yes", "Epochs": "6"})
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    local.drop(DATA / "two_class", "two_class")
    followed = CliRunner().invoke(commands, ["watch", "two_class"])
    assert followed.exit_code == 0
    (job,) = local.jobs()
    found = local.read_json(f"reports/two_class/{job}.evaluation.json")
    assert [each["epoch"] for each in found["epochs"]] == [1, 2, 3, 4, 5, 6]
    best = max(found["epochs"], key=lambda each: each["validation"])
    assert found["epoch"] == best["epoch"]
    assert found["job_accuracy"] == pytest.approx(found["epochs"][-1]["validation"], abs=1e-6)
    # Both see the images' centres, and the log has six digits.
    crop = found["fits"]["crop"]["accuracy"]
    assert found["kept_accuracy"] == pytest.approx(crop["right"] / crop["of"], abs=1e-6)
    assert (crop["of"], found["sample"]) == (found["images"], None)
    notice = local.await_notice("Data set two_class has a model")
    assert found["verdict"] in notice
    assert f"for epoch {best['epoch']}, which it kept" in notice
    status = CliRunner().invoke(commands, ["status", "two_class"])
    for said in (found["verdict"], *(caveat["message"] for caveat in found["caveats"]), f"{job}.evaluation.html\n"):
        assert said in followed.output
        assert said in status.output

    again = {"version": 1, "evaluate": {"job": job, "hop": 0}}
    queue = local.stack.resources["EvaluationsQueue"]
    local.stack.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(again))
    local.await_decision("known")
    assert local.messages() == ["Data set two_class has a model"]


def test_a_model_is_evaluated_though_its_jobs_log_may_not_be_read(stand: Callable[..., LocalStack]) -> None:
    local = stand({"EvaluateModel": "yes", "Epochs": "2"})
    local.take_from("EvaluateModelRole", "logs:FilterLogEvents")
    local.drop(DATA / "two_class", "two_class")
    local.await_decision("evaluated")
    (job,) = local.jobs()
    found = local.read_json(f"reports/two_class/{job}.evaluation.json")
    assert (found["epochs"], found["kept_accuracy"]) == ([], None)
    assert "no figure is known here" in local.await_notice("Data set two_class has a model")
