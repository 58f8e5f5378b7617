"""What a decision is made from: plain values, of which those that AWS knows are asked for when they are needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sagescene.dataset import StoredObject, UnfinishedUpload
from sagescene.evaluation_messages import EvaluationTrigger
from sagescene.files.classnames import ListedNames
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.report import Report
from sagescene.settings import EvaluateSettings, FinishSettings, StartSettings
from sagescene.triggers import Trigger
from sagescene.workflow.evaluation_state import EvaluationState
from sagescene.workflow.unfinished import Unfinished


class OnDemand[Key, Value](dict[Key, Value]):
    """A mapping that asks for each of its values once, when it is first needed."""

    def __init__(self, ask: Callable[[Key], Value]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, key: Key) -> Value:
        """Ask for a value."""
        value = self[key] = self._ask(key)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFacts:
    """What is known when a data set is to be judged.

    `objects` and `unfinished_uploads` are by data set, `jobs` by name, None for one that there is not, `models` tells
    by name which there are. `reports` are the objects, by data set, that hold the verdicts on all contents it has had,
    `documents` what they say, None where one cannot be read; `report_under` gives the report under a key unlisted,
    None where there is none. `class_names` is what each `classes.txt` says, None for one that was replaced since.
    """

    trigger: Trigger
    now: datetime
    jitter: float
    settings: StartSettings
    objects: Mapping[str, Sequence[StoredObject]]
    unfinished_uploads: Mapping[str, Sequence[UnfinishedUpload]]
    jobs: Mapping[str, TrainingJob | None]
    models: Mapping[str, bool]
    reports: Mapping[str, Sequence[StoredObject]]
    documents: Mapping[StoredObject, Report | None]
    report_under: Mapping[str, Report | None]
    class_names: Mapping[StoredObject, ListedNames | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFacts:
    """What is known when a training job is said to have ended.

    `exists` tells by s3:// address, `models` by name; `documents` are reports on data sets by their keys, None where
    there is none. `unfinished` is the mark that the clock goes by, None where it goes by the lack of an outcome.
    """

    job_name: str
    now: datetime
    jitter: float
    settings: FinishSettings
    jobs: Mapping[str, TrainingJob | None]
    exists: Mapping[str, bool]
    documents: Mapping[str, Report | None]
    models: Mapping[str, bool]
    unfinished: Unfinished | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationFacts:
    """What is known when a model is to be evaluated.

    `jobs` are by name, `objects` by data set, `stored` by s3:// address, `documents` are reports on data sets by their
    keys, `states` by theirs; each is None where there is none. `seconds_left` are those of this invocation.
    """

    trigger: EvaluationTrigger
    now: datetime
    seconds_left: float
    settings: EvaluateSettings
    jobs: Mapping[str, TrainingJob | None]
    objects: Mapping[str, Sequence[StoredObject]]
    stored: Mapping[str, StoredObject | None]
    documents: Mapping[str, Report | None]
    states: Mapping[str, EvaluationState | None]
