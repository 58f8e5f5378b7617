"""A look at a data set before it is dropped: the examination of the stack, on a folder or on a prefix in S3."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sagescene.dataset import DataSet, StoredObject, assemble
from sagescene.errors import SagesceneError
from sagescene.findings import Finding
from sagescene.foreign_text import printable
from sagescene.jobs.requests import request_training
from sagescene.keys import job_name
from sagescene.parts import DATASETS, Part, part_of
from sagescene.preflight import examination
from sagescene.preflight.reading import Examination, Reader
from sagescene.preflight.report import Verdict
from sagescene.settings import StartSettings
from sagescene_command.images_only import explain_images
from sagescene_command.pair_options import suggest_names
from sagescene_command.parallel import read_ahead
from sagescene_command.testfile_check import as_warning, find_tests, look_at_tests
from sagescene_standin.cloudformation.intrinsics import resolve
from sagescene_standin.cloudformation.parameters import check_rules, settle_parameters, split_lists
from sagescene_standin.cloudformation.short_forms import read_yaml
from sagescene_standin.errors import TemplateRejectedError

TEMPLATE = Path(__file__).with_name("template.yaml")  # a link to the stack's in a checkout, a copy where installed
CHUNK = 4 << 20  # bytes; a thread is told to read them, and with 1 MB at a time that takes a third longer
DEFAULT_REGION = "us-east-1"

type Progress = Callable[[int, int], None]
type ShowProgress = Callable[[str], AbstractContextManager[Progress]]


class UncheckableError(SagesceneError):
    """A path that cannot be looked into; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a data set lies: its files under the keys that the stack would know them by, and how they are read.

    `prefix` stands for `datasets/<set>/` in what people are shown. `bucket` is empty for a folder.
    """

    name: str
    objects: tuple[StoredObject, ...]
    reader: Reader
    prefix: str
    bucket: str = ""

    @property
    def is_watched(self) -> bool:
        """Tell whether it lies where a stack would find it."""
        return bool(self.bucket) and self.prefix == f"{DATASETS}{self.name}/"


def check(
    path: str,
    parameters: Mapping[str, str],
    *,
    show_progress: ShowProgress,
    decodes: bool = True,
    jobs: int | None = None,
    place: Place | None = None,
) -> tuple[Examination, dict[str, Any] | None]:
    """Examine a folder or `s3://bucket/prefix`; gives the request as well when the data set is ready.

    `parameters` are those of template.yaml. `show_progress` is told what is done, and gives what is called with the
    bytes done and those of all files. The images of a folder are decoded, by `jobs` threads, unless it `decodes` none.
    Test files are read as well; what is wrong with them is a warning, for no job reads them.
    `place` is what is to be examined where more counts than what lies there.

    Raises:
        UncheckableError: the path or a parameter is not what it should be, or S3 cannot be asked.
    """
    settings = read_settings(parameters)
    with _uncheckable(path):
        if not place:
            place = find_in_s3(path, settings.aws_region) if path.startswith("s3://") else find_folder(path)
        assembled = assemble(place.name, place.objects, place.bucket if place.is_watched else "")
        tests = find_tests(place.objects) if isinstance(assembled, DataSet) else ()
        with show_progress("reading") as progress:
            reader = _watch(place, progress)
            examined = examination.examine(
                assembled,
                reader,
                examination.conditions_of(assembled, settings),
                written=datetime.now(UTC),
                largest_whole_in_bytes=settings.largest_whole_in_megabytes * 10**6,
                is_compared_later=False,
            )
            tested = look_at_tests(tests, reader.whole)
        report = examined.report.with_findings(tested.findings)
        examined = replace(examined, report=report, test_images=tested.images)
        if isinstance(assembled, DataSet) and decodes and not place.bucket:
            from sagescene_command.decoding.decode import decode  # with Pillow, for whoever asks for it

            with show_progress("decoding") as progress:
                records = assembled.train_records, assembled.validation_records, *tests
                found = decode(records, place.reader.whole, jobs=jobs, progress=progress)
                told = (as_warning(each) if part_of(each.file) is Part.TEST else each for each in found)
                examined = replace(examined, report=examined.report.with_findings(told))
        if place.is_watched and settings.prices:
            from sagescene.aws import Cloud
            from sagescene_command.last_run import find_last_run

            cloud, prefix = Cloud(settings.aws_region), settings.job_prefix
            last_run = find_last_run(cloud, place.bucket, place.name, prefix, settings.prices)
            examined = replace(examined, report=replace(examined.report, last_run=last_run))
        request = None
        if isinstance(assembled, DataSet) and examined.report.verdict is Verdict.READY:
            known = examined.report
            report = known if place.is_watched else replace(known, fingerprint="<fingerprint>", digest="<digest>")
            settings = replace(settings, data_bucket=place.bucket if place.is_watched else "<bucket>")
            request = request_training(
                assembled,
                report,
                name=job_name(settings.job_prefix, assembled.name, report.fingerprint),
                instance_type=settings.instance_types[0],
                settings=settings,
            )
    return _rename(examined, place), request


@contextmanager
def _uncheckable(path: str) -> Iterator[None]:
    """Raise UncheckableError where the path cannot be read."""
    with _aws_errors(path) if path.startswith("s3://") else nullcontext():
        try:
            yield
        except OSError as error:
            raise UncheckableError(f"{path} cannot be read: {error}") from error


@contextmanager
def _aws_errors(path: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    from sagescene_command.aws_answers import explain_aws_error

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise UncheckableError(explain_aws_error(path, error)) from error


def read_settings(parameters: Mapping[str, str]) -> StartSettings:
    """Give the settings that a stack with these parameters would have.

    Raises:
        UncheckableError: the template would refuse a parameter.
    """
    template = read_yaml(TEMPLATE.read_text("utf-8"))
    region = _find_region()
    try:
        values = settle_parameters(template["Parameters"], parameters)
        lists = split_lists(template["Parameters"], values)
        check_rules(template.get("Rules", {}), {"AWS::Region": region, **lists})
    except TemplateRejectedError as error:
        raise UncheckableError(f"{error}{suggest_names(parameters, template['Parameters'])}") from error
    variables = template["Resources"]["StartTrainingFunction"]["Properties"]["Environment"]["Variables"]
    variables = {**template["Globals"]["Function"]["Environment"]["Variables"], **variables}
    environment = {name: str(resolve(value, _Names(values))) for name, value in variables.items()}
    return StartSettings.from_env({**environment, "AWS_REGION": region})


def _find_region() -> str:
    """Find the Region as the AWS CLI does."""
    region = os.environ.get("AWS_DEFAULT_REGION")
    settings = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
    if region or not any(Path(os.environ.get(name, usual)).expanduser().exists() for name, usual in settings.items()):
        return region or DEFAULT_REGION
    from botocore.session import Session  # a fifth of a second, for whoever has settings that only it reads

    return Session().get_config_variable("region") or DEFAULT_REGION


class _Names(dict[str, str]):
    """The parameters by name; what is made when the stack is deployed is called by its logical id."""

    def get(self, name: str, _default: object = None, /) -> str:
        return self[name] if name in self else f"<{name.partition('.')[0]}>"


def find_folder(path: str, name: str = "") -> Place:
    """Find the files of a data set in a folder, after which the set is called unless it has a name.

    Raises:
        UncheckableError: it is no folder, or holds images that are not packed.
    """
    folder = Path(path).resolve()
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UncheckableError(f"{path} {what}: give the folder that holds the .rec and .lst files of one data set.")
    name = name or folder.name or "data-set"
    files = {
        f"{DATASETS}{name}/{file.relative_to(folder).as_posix()}": file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }
    if answer := explain_images(path, files):
        raise UncheckableError(answer)

    def read_whole(stored: StoredObject) -> Iterable[bytes]:
        with files[stored.key].open("rb", buffering=0) as file:
            yield from read_ahead(file.read, CHUNK)

    def read_span(stored: StoredObject, offset: int, length: int) -> bytes:
        with files[stored.key].open("rb") as file:
            file.seek(offset)
            return file.read(length)

    return Place(
        name=name,
        objects=tuple(_describe(key, file) for key, file in files.items()),
        reader=Reader(whole=read_whole, span=read_span),
        prefix="",
    )


def _describe(key: str, file: Path) -> StoredObject:
    status = file.stat()
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    return StoredObject(key=key, etag="", size=status.st_size, last_modified=modified)


def find_in_s3(uri: str, region: str) -> Place:
    """Find the files of a data set under a prefix.

    Raises:
        UncheckableError: the address names no data set, or nothing is there.
    """
    bucket, _, path = uri.removeprefix("s3://").partition("/")
    path = path.strip("/")
    if not bucket or not path:
        raise UncheckableError(f"{uri} names no data set: give s3://BUCKET/{DATASETS}SET/.")
    from sagescene.aws import Cloud  # with boto3, half of the time that a folder's check takes to begin

    cloud, prefix, name = Cloud(region), f"{path}/", path.rpartition("/")[2]
    listed = {
        f"{DATASETS}{name}/{stored.key.removeprefix(prefix)}": stored for stored in cloud.list_objects(bucket, prefix)
    }
    if not listed:
        raise UncheckableError(f"s3://{bucket}/{prefix} holds nothing: upload the files of a data set, or correct it.")
    read, read_span = partial(cloud.read, bucket), partial(cloud.read_span, bucket)
    return Place(
        name=name,
        objects=tuple(replace(stored, key=key) for key, stored in listed.items()),
        reader=Reader(
            whole=lambda stored: read(listed[stored.key]),
            span=lambda stored, offset, length: read_span(listed[stored.key], offset, length),
        ),
        prefix=prefix,
        bucket=bucket,
    )


def _watch(place: Place, progress: Progress) -> Reader:
    """Report how many bytes were read, of all files together; a second reading of one counts no further."""
    total = sum(stored.size for stored in place.objects)
    read: dict[str, int] = {}

    def watch(stored: StoredObject) -> Iterable[bytes]:
        position = 0
        for chunk in place.reader.whole(stored):
            yield chunk
            position += len(chunk)
            read[stored.key] = max(position, read.get(stored.key, 0))
            progress(sum(read.values()), total)

    return Reader(whole=watch, span=place.reader.span)


def _rename(examined: Examination, place: Place) -> Examination:
    """Name the files as the person who asked knows them; only what lies in a bucket has a fingerprint."""
    keys = printable(f"{DATASETS}{place.name}/")  # as findings have it

    def rename(finding: Finding) -> Finding:
        texts = {name: getattr(finding, name).replace(keys, place.prefix) for name in ("file", "message", "remedy")}
        return replace(finding, **texts)

    report = examined.report
    return replace(
        examined,
        report=replace(
            report,
            fingerprint=report.fingerprint if place.is_watched else "",
            digest=report.digest if place.is_watched else "",
            findings=tuple(map(rename, report.findings)),
        ),
    )
