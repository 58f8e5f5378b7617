"""The model that a person names: a folder, a model.tar.gz, an address in S3, or a data set of a stack."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from sagescene import keys, parts
from sagescene.aws import Cloud
from sagescene.bounds import LARGEST_REPORT_IN_BYTES
from sagescene.errors import SagesceneError
from sagescene.files import classnames
from sagescene.files.classnames import ClassNames
from sagescene.shell_words import quote_path
from sagescene_command.aws_answers import explain_aws_error
from sagescene_command.following import stacks
from sagescene_command.following.deployed_stack import name_set
from sagescene_command.places import CHUNK
from sagescene_command.predicting import remote
from sagescene_command.predicting.provenance import (
    JsonObject,
    NamesRefusedError,
    Provenance,
    read_names,
    read_provenance,
)
from sagescene_command.predicting.remote import ARTIFACT, NoModelError, RemoteModel
from sagescene_command.progress import Progress, ShowProgress
from sagescene_command.region import DEFAULT_REGION
from sagescene_model import artifact
from sagescene_model.artifact import SYMBOL_FILE, Artifact

_DATA_SET = re.compile(rf"s3://([^/]+)/{parts.DATASETS}([^/]+)/?")
OUTCOME_FILE, REPORTS_FOLDER = "outcome.json", "reports"  # as `sagescene run --save` writes them beside a model


class ModelUnreachableError(SagesceneError):
    """AWS does not give what is asked of it; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedModel:
    """A model as it was named: its artifact, and where it is from.

    `has_file_of_names` tells whether the names are those of a file, which must name all classes.
    """

    artifact: Artifact
    provenance: Provenance
    has_file_of_names: bool


def load_model(model: str, *, classes: Path | None, stack_name: str | None, show_progress: ShowProgress) -> NamedModel:
    """Find and read a model; `classes` is a file of its classes' names, which goes before all other names.

    `stack_name` is that of the stack of a data set, which without it is the only one there is.

    Raises:
        ModelRefused: if its artifact is not as the algorithm writes it.
        SagesceneError: if there is none, it cannot be reached, or a file of names is faulty.
    """
    given = _read_local_names(classes) if classes else None
    try:
        path = None if model.startswith("s3://") else find_local(model)
        if path:
            read, provenance, beside = artifact.read(path), *_describe_local(path if path.is_dir() else path.parent)
        else:
            read, provenance, beside = _load_remote(model, stack_name, show_progress)
    except (BotoCoreError, ClientError) as error:
        raise ModelUnreachableError(explain_aws_error(model, error)) from error
    names = given or beside
    return NamedModel(
        artifact=read,
        provenance=replace(provenance, class_names=names) if names else provenance,
        has_file_of_names=names is not None,
    )


def find_local(model: str) -> Path | None:
    """Find the folder or file that a model's name means; None where it is the name of a data set.

    A folder is meant by its name alone only if it holds a model: that of a packed data set lies about as well, and is
    typed with a slash where a shell completes it.

    Raises:
        NoModelError: if it is a path, and nothing is there.
    """
    path = Path(model)
    if path.is_dir():
        for held in (path / ARTIFACT, path / "output" / ARTIFACT):
            if held.is_file():
                return held
        if (path / SYMBOL_FILE).exists():
            return path
        is_name = not _is_path(model) or (not _is_path(model.rstrip("/")) and any(path.rglob("*.rec")))
        return None if is_name else path
    if path.exists():
        return path
    if _is_path(model):
        raise NoModelError(
            f"There is no model at {model}: give a folder, a {ARTIFACT}, an s3:// address or a data set's name."
        )
    return None


def _is_path(model: str) -> bool:
    return "/" in model or model.startswith(".") or model.endswith((".gz", ".tgz", ".tar"))


def _describe_local(folder: Path) -> tuple[Provenance, ClassNames | None]:
    file = folder / classnames.FILE_NAME
    names = _read_local_names(file) if file.is_file() else None
    outcome = _read_document(folder / OUTCOME_FILE)
    if not outcome:
        return Provenance(), names
    report = f"{keys.fingerprint_of(str(outcome.get('job')))}.json"
    is_name = Path(report).name == report  # else whoever wrote the outcome would choose any file of this machine
    described = _read_document(folder / REPORTS_FOLDER / report) if is_name else None
    return _read_provenance(outcome, described, str(folder)), names


def _load_remote(
    model: str, stack_name: str | None, show_progress: ShowProgress
) -> tuple[Artifact, Provenance, ClassNames | None]:
    if model.startswith("s3://"):
        cloud = Cloud(boto3.Session().region_name or DEFAULT_REGION)
        data_set = _DATA_SET.fullmatch(model)
        found = remote.find_newest(cloud, *data_set.groups()) if data_set else remote.find_at(cloud, model)
    else:
        with _telling_of_folder(model):
            stack = stacks.find(stack_name)
            cloud = Cloud(stack.region)
            found = remote.find_newest(cloud, stack.bucket, name_set(stack, model))
    names = read_names(cloud.read(found.bucket, found.names), found.names.key) if found.names else None
    provenance = _read_provenance(found.outcome, found.report, found.address)
    with show_progress("reading the model") as progress:
        return _read_remote(cloud, found, progress), provenance, names


@contextmanager
def _telling_of_folder(model: str) -> Iterator[None]:
    """Say, where no stack gives a model, that its name is a folder's too: whoever typed it may mean that one."""
    try:
        yield
    except (BotoCoreError, ClientError, SagesceneError) as error:
        if not Path(model).is_dir():
            raise
        says = str(error) if isinstance(error, SagesceneError) else explain_aws_error(model, error)
        folder = quote_path(f"{model.rstrip('/')}/")
        raise NoModelError(
            f"{says.rstrip('.')}. The folder {model} here holds no model; to train one on a data set's files on this "
            f"machine: sagescene run {folder} --save kept/, and give kept/ instead."
        ) from error


def _read_remote(cloud: Cloud, found: RemoteModel, progress: Progress) -> Artifact:
    with remote.open_stream(cloud, found, progress) as stream:
        return artifact.read_stream(stream, found.address)


def _read_provenance(outcome: JsonObject | None, report: JsonObject | None, place: str) -> Provenance:
    try:
        return read_provenance(outcome, report)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise NoModelError(
            f"What lies beside the model at {place} is not as Sagescene writes it ({error!r}): "
            "take the model.tar.gz elsewhere, and give --classes FILE."
        ) from error


def _read_local_names(file: Path) -> ClassNames:
    try:
        return read_names(_read_pieces(file), str(file))
    except OSError as error:
        raise NamesRefusedError(f"{file} cannot be read ({error.strerror}).") from error


def _read_pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(CHUNK):
            yield piece


def _read_document(file: Path) -> JsonObject | None:
    if not file.is_file():  # nor a device, which has no end
        return None
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_REPORT_IN_BYTES + 1)
        document: object = json.loads(content) if len(content) <= LARGEST_REPORT_IN_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
