"""The look before the paid job: what lists, records and hyperparameters say when they are held together."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from sagescene.finding_codes import Code, Family
from sagescene.findings import Finding, Severity
from sagescene.instances import gpus_of
from sagescene.preflight.acceptance import weigh
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.channel_comparison import compare_channels, find_exchanged_lists, find_larger_validation
from sagescene.preflight.class_order import find_order_of_classes
from sagescene.preflight.class_sizes import find_small_classes
from sagescene.preflight.cost_limit import find_cost_above_limit
from sagescene.preflight.hyperparameters import Measured, count, derive
from sagescene.preflight.naming import find_alike_names, find_miscount
from sagescene.preflight.report import Conditions, Report, Verdict
from sagescene.preflight.rules import validate
from sagescene.preflight.sizes import find_faults_of_size, find_shorter_side
from sagescene.preflight.storage import find_lack_of_storage
from sagescene.preflight.training_json import parse, parse_accepted

_OF_ANOTHER_FILE = {Code.INDEX_FILE_DIFFERS, *(code for code in Code if code.family is Family.CHANNEL)}


def examine(
    *,
    data_set: str,
    fingerprint: str,
    digest: str,
    written: datetime,
    train: ChannelFiles,
    validation: ChannelFiles,
    training_json: bytes | None,
    conditions: Conditions,
    records_in_bytes: int = 0,
    found_besides: Iterable[Finding] = (),
    training_json_file: str = "training.json",
    class_names_file: str = "classes.txt",
    are_records_copied: bool = False,
) -> Report:
    """Judge a complete data set: every finding at once, and the hyperparameters its job would have.

    `training_json` is the file's content, None without one; `records_in_bytes` is the size of both `.rec` files.
    `found_besides` is what was found of images in both channels, of folders and of names of classes while the files
    were read. `are_records_copied` tells whether both `.rec` files are the same.
    """
    content = b"{}" if training_json is None else training_json
    asked, faults_of_json = parse(content, file=training_json_file)
    accepted, faults_of_acceptance = parse_accepted(content, file=training_json_file)
    measured = _measure(train, validation)
    gpus = gpus_of(conditions.instance_type)
    values = derive(measured=measured, training_json=asked, stack=conditions.hyperparameters, gpus=gpus)
    found = (
        *_find_in_channels((train, validation), accepted, are_copied=are_records_copied),
        *compare_channels(train, validation),
        *find_exchanged_lists(train, validation),
        *found_besides,
        *find_miscount(train.names, class_names_file, train, validation, measured.num_classes),
        *find_alike_names(train.names, class_names_file, train),
        *faults_of_json,
        *faults_of_acceptance,
        *find_small_classes(train),
        *find_order_of_classes(train),
        *find_larger_validation(train, validation),
        *_find_several_labels(train),
        *_find_contradictions(asked, measured, training_json_file),
        *find_lack_of_storage(records_in_bytes, conditions.storage_type, conditions.storage_in_gb),
        *find_cost_above_limit(conditions.estimate, conditions.max_job_cost_usd),
        *find_faults_of_size(train, validation, values),
        *validate(
            values,
            measured,
            instance_type=conditions.instance_type,
            instance_count=conditions.instance_count,
            max_epochs=conditions.max_epochs,
            file=training_json_file,
        ),
    )
    findings = weigh(found, accepted, file=training_json_file)
    refused = any(finding.severity is Severity.ERROR for finding in findings)
    return Report(
        data_set=data_set,
        fingerprint=fingerprint,
        digest=digest,
        written=written,
        verdict=Verdict.REFUSED if refused else Verdict.READY,
        conditions=conditions,
        train=train.channel(),
        validation=validation.channel(),
        class_names=train.names.shorten(),
        findings=findings,
        hyperparameters=values,
    )


def _find_in_channels(
    channels: Iterable[ChannelFiles], accepted: Collection[Code], *, are_copied: bool
) -> Iterator[Finding]:
    """Give what each channel has; where one has the records of the other, they fit neither its list nor its index."""
    explained = _OF_ANOTHER_FILE if are_copied and Code.IMAGES_SHARED not in accepted else frozenset()
    for channel in channels:
        yield from (finding for finding in channel.findings() if finding.code not in explained)


def _measure(train: ChannelFiles, validation: ChannelFiles) -> Measured:
    width = train.label_width
    return Measured(
        training_images=train.images,
        are_rows_counted=train.images > train.records.records,
        validation_images=validation.images,
        num_classes=width if width > 1 else max(train.classes, default=-1) + 1,
        label_width=width,
        shorter_side=find_shorter_side((train, validation)),
    )


def _find_several_labels(train: ChannelFiles) -> Iterator[Finding]:
    width = train.records.label_width
    if width > 1:
        yield Code.MULTI_LABEL_IN_RECORDS.found(
            file=train.records_file,
            message=f"The images have {width} labels each, which is no longer documented for RecordIO.",
            remedy="Hold the accuracy against images of your own; AWS documents augmented manifest files for this.",
        )


def _find_contradictions(asked: Mapping[str, str], measured: Measured, file: str) -> Iterator[Finding]:
    for name, counted in count(measured).items():
        if asked.get(name, counted) != counted:
            yield Code.CONTRADICTS_DATA.found(
                file=file,
                where=name,
                message=f"{name} is {asked[name]}, but the data says {counted}.",
                remedy=f"Remove {name}; it is measured.",
            )
