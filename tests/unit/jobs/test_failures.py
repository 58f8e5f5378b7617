"""A job's end without a model is explained by its cause, with a remedy a person can follow."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sagescene.jobs import failures
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages import console_links

ROOT = Path(__file__).parents[3]  # also run by its path, where libraries have packages named tests, too


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("CapacityError: Unable to provision requested ML compute capacity. Please retry.", "capacity"),
        (
            "ClientError: There is not enough capacity for instance type ml.g5.xlarge. Please try again later.",
            "capacity",
        ),
        ("Insufficient instance capacity in the requested Availability Zone.", "capacity"),
        ("ResourceLimitExceeded: The account-level service limit 'x' is 0 Instances", "quota"),
        ("InternalServerError: We encountered an internal error. Please try again.", "platform"),
        ("ClientError: Data download failed:AccessDenied (403)", "permission"),
        ("ClientError: Data download failed: 403 Forbidden", "permission"),
        ("ClientError: Data download failed: ListObjectsV2 failed for s3://b/datasets/pets/train.rec", "permission"),
        ("ClientError: Data download failed: Please ensure that the subnet's route table has a route", "permission"),
        ("ClientError: Data download failed: KMS key is disabled", "permission"),
        ("ClientError: Artifact upload failed:AccessDenied (403)", "permission"),
        (
            "ClientError: Artifact upload failed:ClientError: Out of Memory. Please use a larger instance",
            "out of memory",
        ),
        (
            "ClientError: Data download failed:Failed to download data. S3 key: s3://b/p//t.rec has an illegal char "
            "sub-sequence '//' in it",
            "data",
        ),
        ("ClientError: Data download failed: No space left on device", "configuration"),
        ("ClientError: Data download failed: disk full", "configuration"),
        ("ClientError: Data download failed: connection reset by peer", "unknown"),
        (
            "ClientError: Please use an instance type with more memory, or reduce the size of job data processed.",
            "out of memory",
        ),
        (
            "ClientError: The number of input images must be bigger or equal to the mini_batch_size.",
            "configuration",
        ),
        ("ClientError: Additional hyperparameters are not allowed ('x' was unexpected)", "configuration"),
        (
            "Customer Error: The value 'x' is not valid for the 'num_classes' hyperparameter which expects one of ...",
            "configuration",
        ),
        (
            "ClientError: Mismatch between number of labels in the multi-label data (5) and the num_classes parameter",
            "data",
        ),
        (
            "Algorithm Error: Unable to parse record: The Record IO header does not start with the magic number.",
            "data",
        ),
        ("ClientError: SageMaker was unable to assume the role 'arn:aws:iam::111122223333:role/x'", "permission"),
        ("ClientError: SageMaker is unable to perform: sts:AssumeRole on the role.", "permission"),
        (
            "AlgorithmError: MXNetError: OpenCV(3.4.2) resize.cpp:4044: error: (-215:Assertion failed) "
            "!ssize.empty() in function 'resize'",
            "data",
        ),
        (
            "AlgorithmError: loadsave.cpp:737: error: (-215:Assertion failed) !buf.empty() && buf.isContinuous() in "
            "function 'imdecode_'",
            "data",
        ),
        (
            "AlgorithmError: recordio.cc:65: Check failed: header[0] == RecordIOWriter::kMagic: Invalid RecordIO File",
            "data",
        ),
        (
            "AlgorithmError: Check failed: param_.label_width == rec.num_label (1 vs. 9) : rec file provide "
            "9-dimensional label but label_width is set to 1",
            "data",
        ),
        # aws-samples/amazon-sagemaker-pipelines-mxnet-image-classification#1
        ("ClientError: Unable to start training. Empty .rec file in train channel., exit code: 2", "data"),
        # what MXNet 1.9.1 says of a file that is cut in a record and behind one, of a flag and of a length that are not
        # a record's, of no byte at all, and of fewer images than a batch
        (
            "AlgorithmError: terminate called after throwing an instance of 'dmlc::Error'\n  what():  [13:41:32] "
            "../3rdparty/dmlc-core/src/recordio.cc:125: Check failed: pbegin_ <= pend_: Invalid RecordIO Format\n",
            "data",
        ),
        (
            "AlgorithmError: MXNetError: Traceback (most recent call last):\n  File "
            '"../3rdparty/dmlc-core/src/io/input_split_base.cc", line 24\nMXNetError: Check failed: files_[i].size % '
            "align_bytes == 0: file do not align by 4 bytes",
            "data",
        ),
        (
            "AlgorithmError: what():  [13:41:44] ../3rdparty/dmlc-core/src/recordio.cc:131: Check failed: cflag == 1U: "
            "Invalid RecordIO Format\n",
            "data",
        ),
        (
            'AlgorithmError: MXNetError: Traceback (most recent call last):\n  File "../include/dmlc/threadediter.h", '
            "line 500\nMXNetError: [13:42:03] ../src/io/./image_recordio.h:84: Check failed: size >= sizeof(header): ",
            "data",
        ),
        (
            'AlgorithmError: MXNetError: Traceback (most recent call last):\n  File "../3rdparty/dmlc-core/src/io/'
            'input_split_base.cc", line 173\nMXNetError: Check failed: files_.size() != 0U (0 vs. 0) : Cannot find any '
            "files that matches the URI pattern /opt/ml/input/data/train/train.rec",
            "data",
        ),
        (
            'AlgorithmError: MXNetError: Traceback (most recent call last):\n  File "../include/dmlc/threadediter.h", '
            "line 500\nMXNetError: [13:41:40] ../src/io/iter_image_recordio_2.cc:330: Check failed: !overflow: number "
            "of input images must be bigger than the batch size\n",
            "configuration",
        ),
        # aws/amazon-sagemaker-examples#681, #343, #530
        ("Customer Error: Invalid lst file in the train channel.", "data"),
        ("AlgorithmError: Not enough label packed in img_list or rec file.", "data"),
        ("Algorithm Error: pos_cls_weights (caused by KeyError)", "configuration"),
        # boto/boto3#1397
        ("ClientError: no file found in path /opt/ml/input/data/train", "data"),
        # aws/amazon-sagemaker-examples#1316
        ("InternalServerError: We encountered an internal error - Platform Error: channel timed out", "platform"),
        # apple/turicreate#267 and autogluon/autogluon#368: MXNet without host memory, and without that of the GPU
        ("AlgorithmError: terminate called after throwing an instance of 'std::bad_alloc'", "out of memory"),
        ("AlgorithmError: Check failed: e == cudaSuccess: CUDA: out of memory", "out of memory"),
        (
            "AlgorithmError: Check failed: e == CUDNN_STATUS_SUCCESS (4 vs. 0): CUDNN_STATUS_ALLOC_FAILED",
            "out of memory",
        ),
        # aws/amazon-sagemaker-examples#4056; apache/mxnet#4347
        ("ClientError: Unable to parse record. Please make sure input data is in correct recordio format.", "data"),
        (
            "AlgorithmError: Check failed: (param_.label_width) == (1) label_width must be 1 unless an imglist is "
            "provided or the rec file is packed with multi dimensional label",
            "data",
        ),
        # aws/amazon-sagemaker-examples#562, as it begins and whole
        ("Algorithm Error: Internal Server Error", "platform"),
        (
            "Algorithm Error: Internal Server Error\n[08:23:30] channel.cpp:130: (Input Error) Unable to parse record: "
            "The Record IO header does not start with the magic number.",
            "data",
        ),
        # what S3 says of a bucket in another Region; aws/amazon-sagemaker-examples#3881
        (
            "ClientError: Data download failed:PermanentRedirect (301): The bucket is in this region: us-east-2. "
            "Please use this region to retry the request",
            "configuration",
        ),
        (
            "ClientError: Artifact upload failed:Unable to upload file (BucketRegionError: bucket must be in the same "
            "region as the job)",
            "configuration",
        ),
        # aws/sagemaker-python-sdk#1968
        (
            "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are "
            "incorrect.",
            "platform",
        ),
        # apache/mxnet#5591; diux-dev/cluster#17 and catboost/catboost#2217 saw it of GPU instances now and then
        ("AlgorithmError: Check failed: e == cudaSuccess CUDA: no CUDA-capable device is detected", "platform"),
        # aws/sagemaker-python-sdk#132, and what else names num_classes without being about several labels
        (
            "ClientError: No value(s) were specified for 'mini_batch_size' which are required hyperparameter(s) "
            "(caused by ValidationError)",
            "configuration",
        ),
        (
            "ClientError: Unable to initialize the algorithm. Failed to validate hyperparameters. (caused by "
            "ValidationError) Caused by: u'num_classes' is a required property",
            "configuration",
        ),
        (
            "ClientError: Hyperparameters are not valid. (caused by ValidationError) Caused by: u'num_classes' is a "
            "required property",
            "configuration",
        ),
        ("ClientError: num_classes should be larger than 1", "configuration"),
        # aws/sagemaker-python-sdk#134: a crash, of which the text says no more
        ("AlgorithmError: Exit Code: 139", "unknown"),
        ("ClientError: input image size smaller than input shape", "data"),
        ("AlgorithmError: ValueError: kth(=-1) out of bounds (2)", "configuration"),
        ("AlgorithmError: ValueError: kth out of bounds", "configuration"),
        ("AlgorithmError: ExitCode 137", "out of memory"),
        ("AlgorithmError: , exit code: 137", "out of memory"),
        ("cudaMalloc failed: out of memory", "out of memory"),
        ("AlgorithmError: something never seen", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_failure_reason_is_explained(reason: str, cause: str) -> None:
    assert failures.explain_failure(reason).cause == cause


@pytest.mark.parametrize(
    "reason",
    [
        "CapacityError: Unable to provision requested ML compute capacity.",
        "There is not enough capacity for instance type ml.g5.xlarge. Please try again later.",
        "Insufficient instance capacity in the requested Availability Zone.",
    ],
)
def test_lack_of_capacity_retry(reason: str) -> None:
    assert failures.explain_failure(reason).retry


FULL, FAULT = "CapacityError: Please retry.", "AlgorithmError: ExitCode 1"


def job(
    *, status: str = "Failed", secondary_status: str = "Failed", failure_reason: str = "", had_instances: bool = True
) -> TrainingJob:
    moment = datetime(2026, 11, 12, tzinfo=UTC)
    return TrainingJob(
        name="sagescene--pets--0f1e2d3c4b5a",
        status=status,
        secondary_status=secondary_status,
        failure_reason=failure_reason,
        instance_type="ml.g5.xlarge",
        image="image",
        train_uri="s3://bucket/datasets/pets/train.rec",
        artifact="",
        created=moment,
        ended=moment,
        metrics={},
        had_instances=had_instances,
    )


@pytest.mark.parametrize(
    ("latest_first", "tries"),
    [
        ([], 0),
        ([FAULT, FULL], 0),
        ([None, FULL], 0),
        ([FULL], 1),
        ([FULL, FAULT, FULL], 1),
        ([FULL, None, FULL], 1),
        ([FULL] * 2, 2),
        ([FULL] * 3, 3),
        ([FULL] * 4, 1),
        ([FULL] * 6, 3),
        ([FULL] * 7, 1),
        ([FULL] * 5 + [FAULT] + [FULL], 2),
    ],
)
def test_a_round_of_three_tries_without_capacity_is_counted_from_its_first(
    latest_first: list[str | None], tries: int
) -> None:
    attempts = [None if reason is None else job(failure_reason=reason) for reason in latest_first]
    assert failures.count_tries_without_capacity(attempts, 3) == tries


@pytest.mark.parametrize(
    ("secondary_status", "had_instances", "tries"),
    [("MaxWaitTimeExceeded", False, 2), ("MaxWaitTimeExceeded", True, 0), ("Stopped", False, 0)],
)
def test_spot_instances_that_never_came_are_a_try_without_capacity(
    secondary_status: str, *, had_instances: bool, tries: int
) -> None:
    stopped = job(status="Stopped", secondary_status=secondary_status, had_instances=had_instances)
    assert failures.count_tries_without_capacity([stopped, job(failure_reason=FULL), None], 3) == tries


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("AlgorithmError: image 137 of s3://bucket/datasets/pets/train.rec cannot be decoded", "unknown"),
        ("AlgorithmError: ExitCode 1370", "unknown"),
        ("AlgorithmError: hyperparameter-study ended: out of memory", "out of memory"),
        ("AlgorithmError: cannot open hyperparameter-study/train.rec", "unknown"),
        ("ClientError: Data download failed: s3://bucket/datasets/subnet-403/train.rec: timed out", "unknown"),
        ("ClientError: Data download failed: s3://bucket/datasets/subnet/train.rec:AccessDenied", "permission"),
    ],
)
def test_what_people_call_their_files_explains_nothing(reason: str, cause: str) -> None:
    assert failures.explain_failure(reason).cause == cause


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("ClientError: Data download failed: No space left on device", "VolumeSizeInGB"),
        ("ClientError: Data download failed:AccessDenied", "read the data set's objects"),
        ("ClientError: Artifact upload failed:AccessDenied", "write below models/"),
        ("ClientError: num_classes should be larger than 1", "Correct that hyperparameter"),
        ("AlgorithmError: Exit Code: 139", "segmentation fault"),
    ],
)
def test_a_remedy_names_what_is_to_be_changed(reason: str, remedy: str) -> None:
    assert remedy in failures.explain_failure(reason).remedy


@pytest.mark.parametrize("words", ["No space left on device", "Insufficient disk space"])
@pytest.mark.parametrize(
    ("instance_type", "remedy"),
    [
        ("ml.p3.2xlarge", "deploy with a larger VolumeSizeInGB"),
        ("", "deploy with a larger VolumeSizeInGB"),
        ("ml.g4dn.xlarge", "deploy with InstanceTypes that have larger ones"),
    ],
)
def test_disks_that_a_type_brings_are_not_mended_by_a_larger_volume(
    instance_type: str, remedy: str, words: str
) -> None:
    failure = failures.explain_failure(f"ClientError: Data download failed:{words}", instance_type)
    assert failure.cause == "configuration"
    assert remedy in failure.remedy


@pytest.mark.parametrize(
    ("secondary_status", "cause"),
    [("MaxRuntimeExceeded", "time limit"), ("MaxWaitTimeExceeded", "time limit"), ("Stopped", "stopped by a person")],
)
def test_a_stop_is_explained(secondary_status: str, cause: str) -> None:
    assert failures.explain_stop(secondary_status).cause == cause
    assert not failures.explain_stop(secondary_status).retry


def test_a_wait_limit_reached_without_instances_is_a_lack_of_capacity() -> None:
    failure = failures.explain_stop("MaxWaitTimeExceeded", had_instances=False)
    assert (failure.cause, failure.retry) == ("capacity", True)
    assert "ManagedSpotTraining no" in failure.remedy


@pytest.mark.parametrize("path", sorted((ROOT / "events/finish_training").glob("failed*.json")), ids=lambda p: p.stem)
def test_the_sample_failures_are_known(path: Path) -> None:
    detail = json.loads(path.read_text())["detail"]
    assert failures.explain_failure(detail["FailureReason"]).cause != "unknown"


def test_the_link_leads_to_the_logs_of_the_job() -> None:
    url = console_links.job_logs_url("eu-west-1", "sagescene--pets--0f1e2d3c4b5a")
    assert url == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"
        "$252Faws$252Fsagemaker$252FTrainingJobs$3FlogStreamNameFilter$3Dsagescene--pets--0f1e2d3c4b5a"
    )
