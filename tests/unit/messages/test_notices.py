"""Notices tell people what is in the way and what they can do about it, in their own account's terms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagescene.bounds import LONGEST_NOTICE_IN_BYTES
from sagescene.costs import Prices
from sagescene.files.classnames import ClassNames
from sagescene.files.setchange import SetChange
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.jobs.failures import Cause, Failure
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages import console_links, end_notices, evaluation_notices, start_notices
from sagescene.messages.notices import Notice
from sagescene.preflight.report import Channel, Report, Verdict
from sagescene.triggers import WaitCause
from sagescene_standin.sagemaker.faults import quota_exceeded

URL = "https://eu-west-1.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas"


NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def explain(quota: str, limit: int, used: int, asked: int) -> str:
    """Give the notice's last paragraph on AWS's own message."""
    message = quota_exceeded(quota, "Instances", limit, used, asked).message
    text = start_notices.waiting_for_quota("pets", message, "eu-west-1", None, DAY).text
    assert message in text
    return text.rpartition("\n\n")[2]


@pytest.mark.parametrize("asked", [1, 2])
def test_a_quota_in_use_waits_for_jobs_that_end(asked: int) -> None:
    told = explain("ml.g5.xlarge for training job usage", limit=2, used=2, asked=asked)
    room = 'Jobs that end make room under the quota "ml.g5.xlarge for training job usage"; it can be raised at '
    assert told.startswith(f"{room}{URL}")


def test_a_message_of_another_form_still_tells_where_quotas_are_raised() -> None:
    text = start_notices.waiting_for_quota(
        "pets", message="Limit exceeded.", region="eu-west-1", estimate=None, limit=DAY
    ).text
    assert URL in text


@pytest.mark.parametrize(
    ("region", "console"),
    [
        ("us-east-1", "https://us-east-1.console.aws.amazon.com"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_links_lead_to_the_console_of_the_regions_partition(region: str, console: str) -> None:
    text = start_notices.waiting_for_quota(
        "pets", message="Limit exceeded.", region=region, estimate=None, limit=DAY
    ).text
    assert f"{console}/servicequotas/" in text
    assert console_links.job_logs_url(region, "job").startswith(f"{console}/cloudwatch/home?region={region}#")


def test_a_quota_notice_ends_with_how_long_it_is_tried() -> None:
    told = explain("ml.g5.xlarge for training job usage", limit=1, used=1, asked=1)
    assert told.endswith("Sagescene keeps trying for a day; after that, drop the data set again.")


def test_a_misplaced_file_is_told_where_it_belongs() -> None:
    notice = start_notices.misplaced("bucket", "pets/train.rec")
    assert notice.subject == "pets/train.rec is not in a data set"
    assert notice.text == (
        "s3://bucket/pets/train.rec starts no training, because it is in no data set.\n"
        "Upload it as s3://bucket/datasets/pets/train.rec, beside the other files of its set."
    )


def test_a_data_set_of_too_long_a_name_is_told_the_limit() -> None:
    notice = start_notices.misplaced("bucket", f"datasets/{'x' * 256}/train.rec")
    assert notice.subject == "The name of a data set is too long"
    assert "starts no training, because the name of its data set has more than 255 bytes.\n" in notice.text
    assert f"Upload it as s3://bucket/datasets/{'x' * 255}/train.rec, beside" in notice.text


def test_a_key_that_cannot_be_printed_is_shown_escaped() -> None:
    notice = start_notices.misplaced("bucket", "datasets/pets/\x1b[31m\ntr\x9bain.rec")
    assert notice.subject == r"datasets/pets/\x1b[31m\ntr\x9bain.rec is not in a data set"
    assert notice.text == (
        r"s3://bucket/datasets/pets/\x1b[31m\ntr\x9bain.rec starts no training, because its key holds control "
        "characters (escaped here).\n"
        "Upload it as s3://bucket/datasets/pets/[31mtrain.rec, beside the other files of its set."
    )


SURPLUS = Finding(
    code="surplus-file",
    severity=Severity.ERROR,
    file="datasets/pets/b.rec",
    where="",
    message="There are two.",
    remedy="Delete all but one.",
)


JOB = TrainingJob(
    name="sagescene--pets--0123456789ab",
    status="Completed",
    secondary_status="Completed",
    failure_reason="",
    image="image",
    instance_type="ml.g5.xlarge",
    train_uri="s3://b/datasets/pets/train.rec",
    artifact="s3://b/models/m.tar.gz",
    created=NOON,
    ended=NOON,
    metrics={"validation:accuracy": 0.75},
)


def report(**more: Any) -> Report:  # noqa: ANN401
    return Report(data_set="pets", fingerprint="0123456789ab", written=NOON, verdict=Verdict.READY, **more)


def test_a_model_is_told_with_what_changed_since_the_last_training() -> None:
    change = SetChange(job="sagescene--pets--ba9876543210", added=120, removed=3, relabelled=5)
    said = "Against the set of job sagescene--pets--ba9876543210: 120 training images added, 3 removed, 5 relabelled."
    assert said in text_of(report(change=change)).split("\n")
    assert "Against the set" not in text_of(report())


def text_of(kept: Report | None, job: TrainingJob = JOB, prices: Prices | None = None) -> str:
    return end_notices.model_created("pets", job, "arn:model", kept, "https://page", bill=job.bill(prices or {})).text


@pytest.mark.parametrize(
    ("classes", "width", "said"),
    [
        (
            {0: 50, 1: 50},
            1,
            "75 % in its last epoch; naming the most frequent class each time would give 50 %.\n",
        ),
        ({0: 74, 1: 26}, 1, "would give 74 %, and of 100 images that is no sure difference. Unless an epoch before"),
        ({0: 7400, 1: 2600}, 1, "would give 74 %.\n"),
        ({0: 75, 1: 25}, 1, "would give 75 %. Unless an epoch before was better, whose weights the model then has"),
        ({0: 90, 1: 10}, 1, "would give 90 %. Unless an epoch before was better"),
        ({0: 50, 1: 50}, 2, "images was 75 % in its last epoch.\nModel: arn:model"),
        ({}, 1, "images was 75 % in its last epoch.\nModel: arn:model"),
    ],
)
def test_accuracy_is_told_beside_what_a_guess_would_give(classes: dict[int, int], width: int, said: str) -> None:
    assert said in text_of(report(validation=Channel(classes=classes, label_width=width)))


def test_figures_that_follow_say_which_epoch_was_kept_and_whether_it_learnt_anything() -> None:
    unsure = report(validation=Channel(classes={0: 90, 1: 10}, label_width=1))
    figures = evaluation_notices.figures("Right on 9 of 10.", [], "https://evaluation")
    late = evaluation_notices.still_evaluated("https://evaluation")
    none = evaluation_notices.without_figures("its file is called 'The whole evaluation: of pets.rec'")
    told = [
        end_notices.model_created("pets", JOB, "arn:model", unsure, "https://page", said, bill=None).text
        for said in (figures, late, none, None)
    ]
    advice = "Unless an epoch before was better, whose weights the model then has"
    assert ["each time would give 90 %.\n" in text for text in told] == [True, False, False, False]
    assert [advice in text for text in told] == [False, True, True, True]
    assert [f"{advice} (its evaluation or the job's log says)" in text for text in told] == [False, True, True, False]


@pytest.mark.parametrize(
    ("count", "billed", "said"),
    [
        (1, 1234, "SageMaker bills 1,234 seconds of 1 instance of ml.g5.xlarge.\n"),
        (1, 1, "SageMaker bills 1 second of 1 instance of ml.g5.xlarge.\n"),
        (2, 60, "SageMaker bills 60 seconds of 2 instances of ml.g5.xlarge.\n"),
        (1, 0, ""),
    ],
)
def test_what_a_job_is_paid_for_is_told(count: int, billed: int, said: str) -> None:
    text = text_of(None, replace(JOB, instance_count=count, billed_seconds=billed))
    assert ("SageMaker bills" in text) == bool(said)
    assert said in text
    assert "bills" not in text_of(None, replace(JOB, billed_seconds=billed, instance_type=""))


@pytest.mark.parametrize(
    ("billed", "trained", "said"),
    [
        (900, 900, "bills 900 seconds of 2 instances of ml.g5.xlarge: $0.50.\n"),
        (900, 3000, "bills 900 seconds of 2 instances of ml.g5.xlarge: $0.50. Spot instances saved 70 %.\n"),
        (9, 9, "bills 9 seconds of 2 instances of ml.g5.xlarge: less than $0.01.\n"),
    ],
)
def test_what_a_job_cost_is_told_however_it_ended(billed: int, trained: int, said: str) -> None:
    job = replace(JOB, instance_count=2, billed_seconds=billed, training_seconds=trained)
    prices, failure = {"ml.g5.xlarge": Decimal("1.00")}, Failure(cause=Cause.DATA, remedy="Mend it.")
    assert said in text_of(None, job, prices)
    bill = job.bill(prices)
    assert said in end_notices.training_failed("pets", job, "why", failure, "https://logs", "stack", bill).text
    assert said in end_notices.training_stopped("pets", job.name, failure, None, bill).text


def test_a_failed_job_is_told_with_its_instances_and_the_way_on() -> None:
    failure = Failure(cause=Cause.OUT_OF_MEMORY, remedy="Deploy with InstanceTypes that have more memory.")
    text = end_notices.training_failed(
        "my pets", replace(JOB, instance_count=2), "AlgorithmError: ExitCode 137", failure, "https://logs", "dev", None
    ).text
    assert text == (
        "Training job sagescene--pets--0123456789ab failed on 2 ml.g5.xlarge (out of memory):\n"
        "AlgorithmError: ExitCode 137\n\n"
        "Deploy with InstanceTypes that have more memory.\n"
        "It is not tried again by itself; to train on the same files again: "
        "sagescene start --stack-name dev 'my pets'\n\n"
        "Its logs: https://logs\n"
        "The same on a terminal: sagescene logs sagescene--pets--0123456789ab --stack-name dev"
    )
    of_several = replace(JOB, instance_type="")
    assert "0123456789ab failed (data):" in end_notices.training_failed(
        "pets", of_several, "why", Failure(cause=Cause.DATA, remedy="Mend it."), "https://logs", "dev", None
    ).text  # fmt: skip


def test_a_model_does_not_hide_the_warnings_before_it() -> None:
    warning = Code.CLASSES_UNEVEN.found(file="train.lst", message="Class 3 is rare.", remedy="Add images.")
    text = text_of(report(findings=(warning,)))
    assert "Before training there were warnings:\n- train.lst: Class 3 is rare. Add images.\n\n" in text
    assert text.endswith("as long as the bucket keeps it: https://page")


def test_a_model_is_told_with_the_names_of_its_classes() -> None:
    names = ClassNames.of({0: "ant", 1: "bee"}, "folders of train.lst")
    assert "Its classes, named by folders of train.lst: ant (0), bee (1).\nModel:" in text_of(report(class_names=names))
    many = ClassNames.of({label: f"c{label}" for label in range(1_007)}, "classes.txt").shorten()
    assert "c18 (18), c19 (19) and 987 more.\n" in text_of(report(class_names=many))


def test_a_model_whose_report_is_gone_is_told_all_the_same() -> None:
    assert text_of(None, replace(JOB, metrics={})) == (
        "Training job sagescene--pets--0123456789ab completed, 1 second after it was created.\n"
        "Model: arn:model\nArtifact: s3://b/models/m.tar.gz"
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 second"),
        (59.4, "59 seconds"),
        (59.5, "1 minute"),
        (150, "2 minutes"),
        (3600, "1 hour"),
        (7500, "2 hours 5 minutes"),
        (90_061, "25 hours 1 minute"),
    ],
)
def test_a_model_is_told_with_how_long_it_took(seconds: float, said: str) -> None:
    job = replace(JOB, ended=NOON + timedelta(seconds=seconds))
    assert f"completed, {said} after it was created.\n" in text_of(None, job)


def test_a_model_is_told_with_its_evaluation_before_the_warnings() -> None:
    said = evaluation_notices.figures("It is right for 9 of 10.", ["The fits differ."], "https://evaluation")
    warning = Code.CLASSES_UNEVEN.found(file="train.lst", message="Class 3 is rare.", remedy="Add images.")
    text = end_notices.model_created(
        "pets", JOB, "arn:model", report(findings=(warning,)), "https://page", said, bill=None
    ).text
    assert (
        "s3://b/models/m.tar.gz\n\nIt is right for 9 of 10.\n- The fits differ.\n"
        "The whole evaluation: https://evaluation\n\nBefore training there were warnings:\n"
    ) in text


def test_an_object_opens_in_the_console() -> None:
    assert console_links.object_url("eu-west-1", "b", "reports/a b/x.html") == (
        "https://eu-west-1.console.aws.amazon.com/s3/object/b?region=eu-west-1&prefix=reports/a%20b/x.html"
    )


def test_a_refusal_ends_with_what_has_the_set_judged_again() -> None:
    told = start_notices.refused("bucket", "pets", "reports/pets/x.html", [SURPLUS], "image-training").text.rpartition(
        "\n\n"
    )[2]
    assert told.startswith("Upload the corrected files; the data set is then judged again.")
    assert "upload one of the others again, or run: sagescene start --stack-name image-training pets\n" in told
    assert told.endswith("The whole report: s3://bucket/reports/pets/x.html")


def test_a_refusal_tells_what_stops_the_set_before_what_does_not() -> None:
    uneven = Code.CLASSES_UNEVEN.found(file="datasets/pets/a.lst", message="Uneven.", remedy="Add.")
    text = start_notices.refused("bucket", "pets", "reports/pets/x.html", [uneven, SURPLUS], "image-training").text
    first, second = text.splitlines()[1:3]
    assert first.startswith("- datasets/pets/b.rec: ")
    assert second == "- Warning: datasets/pets/a.lst: Uneven. Add."


def test_a_command_can_be_typed_as_it_is_told() -> None:
    told = start_notices.waited_too_long("my pets", WaitCause.QUOTA, "The limit is 0.", "image-training", DAY).text
    assert told.endswith("or run: sagescene start --stack-name image-training 'my pets'")
    refused = start_notices.refused("bucket", "-my pets", "key", [SURPLUS], "image-training").text
    assert "run: sagescene start --stack-name image-training -- '-my pets'\n" in refused


def test_a_notice_of_very_many_findings_still_says_what_to_do_and_where_the_report_lies() -> None:
    findings = [
        Code.PATH_REPEATED.found(file=f"{number}.lst", message="\N{CAT FACE} " * 900, remedy="r")
        for number in range(90)
    ]
    text = start_notices.refused("bucket", "pets", "reports/pets/page.html", findings, "image-training").text
    assert len(text.encode()) < LONGEST_NOTICE_IN_BYTES
    assert text.endswith("s3://bucket/reports/pets/page.html")
    shown = text.count(".lst: ")
    assert 0 < shown < len(findings)
    assert f"- There are {len(findings) - shown} more; the whole report has them." in text


TORN = "ClientError: Unable to read\r\n\n  the data.\nCheck it."
FAILED = Failure(cause=Cause.CONFIGURATION, remedy="Mend it.")


@pytest.mark.parametrize(
    "notice",
    [
        end_notices.model_not_created("pets", "job", TORN, FAILED, "stack"),
        end_notices.training_failed("pets", JOB, TORN, FAILED, "https://logs", "stack", None),
        end_notices.capacity_lacking("pets", "job", TORN, "ml.g5.xlarge", 1, 3, None),
        end_notices.tried_since("pets", "job", TORN, "job--r2"),
        start_notices.not_started("pets", [TORN], ["Mend it."], "stack"),
        start_notices.waiting_for_quota("pets", TORN, "us-east-1", None, DAY),
        start_notices.waiting_for_limit("pets", WaitCause.JOBS_A_DAY, TORN, None, DAY),
        start_notices.waited_too_long("pets", WaitCause.RATE, TORN, "stack", DAY),
        start_notices.waited_too_often("pets", 3, NOON, TORN, "stack"),
    ],
    ids=lambda notice: f"{notice.subject}-{notice.text[:5]}",
)
def test_a_reason_of_several_lines_is_told_on_one(notice: Notice) -> None:
    assert "\nClientError: Unable to read the data. Check it.\n" in notice.text.replace("\n- ", "\n")
