"""A look at a data set before it is dropped: the examination of the stack, on a folder or on a prefix in S3."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sagescene.dataset import DataSet, assemble, find_test_records
from sagescene.jobs.requests import request_training
from sagescene.keys import job_name
from sagescene.parts import Part, part_of
from sagescene.preflight import examination
from sagescene.preflight.reading import Examination
from sagescene.preflight.report import Verdict
from sagescene_command.places import Place, UncheckableError, find_folder, find_in_s3, rename, watch
from sagescene_command.progress import ShowProgress
from sagescene_command.stack_settings import read_settings
from sagescene_command.testfile_check import as_warning, look_at_tests


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
        tests = find_test_records(place.objects) if isinstance(assembled, DataSet) else ()
        with show_progress("reading") as progress:
            reader = watch(place, progress)
            examined = examination.examine(
                assembled,
                reader,
                examination.conditions_of(assembled, settings),
                written=datetime.now(UTC),
                largest_whole_in_bytes=settings.largest_whole_in_megabytes * 10**6,
                is_compared_later=bool(tests),
            )
            if isinstance(assembled, DataSet):
                tested = look_at_tests(assembled, tests, place.objects, reader, examined)
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
    return rename(examined, place), request


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
