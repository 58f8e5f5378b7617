"""What a report shows of a job is what the job is asked for, whatever training.json and the stack say."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.dataset import DataSet, assemble
from sagescene.instances import INSTANCE_TYPES, local_storage_of
from sagescene.jobs.requests import request_training
from sagescene.messages import page
from sagescene.preflight.examination import conditions_of, examine
from sagescene.preflight.hyperparameter_table import DEFAULTS, TABLE
from sagescene.preflight.hyperparameters import parameter_of
from sagescene.preflight.report import Report
from sagescene.settings import StartSettings
from tests.stack_template import environment_of, transform
from tests.unit.preflight.test_examination import NOW, SOUND, Memory, channel

STACK = StartSettings.from_env(environment_of("StartTrainingFunction"))


def examined(
    asked: dict[str, object], stack: StartSettings, files: Mapping[str, bytes] = SOUND
) -> tuple[Report, dict[str, Any]]:
    memory = Memory({**files, "training.json": json.dumps(asked).encode()})
    assembled = assemble("pets", memory.objects)
    assert isinstance(assembled, DataSet)
    conditions = conditions_of(assembled, stack)
    report = examine(assembled, memory.reader(), conditions, written=NOW, largest_whole_in_bytes=10**9).report
    request = request_training(assembled, report, name="x", instance_type=stack.instance_types[0], settings=stack)
    return report, request


def values_of(name: str) -> st.SearchStrategy[object]:
    kind, default = TABLE[name].type, DEFAULTS.get(name)
    if kind.choices:
        return st.sampled_from(kind.choices)
    texts = st.sampled_from([default] if default else ["2"])
    return texts | st.integers(0, 40).map(str) | st.sampled_from(["0.5", "3,64,64", "2,3"])


asked_for = st.lists(st.sampled_from(list(TABLE)), unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: values_of(name) for name in names})
)
stacks = st.builds(
    lambda types, count, volume, runtime, epochs, layers: replace(
        STACK,
        instance_types=tuple(types),
        instance_count=count,
        volume_size_in_gb=volume,
        max_runtime_in_seconds=runtime,
        epochs=epochs,
        num_layers=layers,
    ),
    st.lists(st.sampled_from(list(INSTANCE_TYPES)), min_size=1, max_size=3, unique=True),
    st.integers(1, 4),
    st.integers(20, 2000),
    st.integers(60, 100_000),
    st.sampled_from(["", "30", "7"]),
    st.sampled_from(["", "50"]),
)


@settings(max_examples=60)
@given(asked_for, stacks)
def test_what_is_shown_is_what_is_asked_for(asked: dict[str, object], stack: StartSettings) -> None:
    report, request = examined(asked, stack)
    shown = report.as_json()
    sent = {name: value["value"] for name, value in shown["hyperparameters"].items()}
    assert sent == request["HyperParameters"]
    assert {name: value["value"] for name, value in shown["defaults"].items()} == {
        name: default for name, default in DEFAULTS.items() if name not in sent
    }
    asked_of_it = {**request["ResourceConfig"], **request["StoppingCondition"]}
    asked_of_it.pop("VolumeKmsKeyId", None)
    assert {name: value["value"] for name, value in shown["resources"].items()} == {
        name: str(value) for name, value in asked_of_it.items()
    }
    content = page.render(report, request=request)
    for name, value in {**shown["hyperparameters"], **shown["defaults"], **shown["resources"]}.items():
        assert f"<code>{name}</code></th><td><code>{value['value']}</code></td>" in content


def test_each_value_says_where_it_comes_from() -> None:
    report, _ = examined({"epochs": 5}, replace(STACK, learning_rate="0.01", num_layers="", image_shape=""))
    told = {name: (value.origin, value.detail) for name, value in {**report.hyperparameters, **report.defaults}.items()}
    assert told["epochs"] == ("training.json", "")
    assert told["learning_rate"] == ("stack", "LearningRate")
    assert told["num_classes"] == ("measured", "as many as the labels need")
    assert told["optimizer"] == ("algorithm", "as AWS documents it")


@pytest.mark.parametrize("instance_type", ["ml.g5.xlarge", "ml.p3.2xlarge"])
def test_a_volume_that_is_not_made_is_said_to_cost_nothing(instance_type: str) -> None:
    stack = replace(STACK, instance_types=(instance_type, "ml.g4dn.xlarge"))
    resources = examined({}, stack)[0].conditions.resources
    local = local_storage_of(instance_type)
    own = f", not used: {instance_type} has {local} GB of its own" if local else ""
    assert resources["VolumeSizeInGB"].detail == f"VolumeSizeInGB{own}"
    assert resources["InstanceType"].detail == "InstanceTypes, then ml.g4dn.xlarge"


@pytest.mark.parametrize(
    ("asked", "shape"),
    [
        ({}, "the size that the images reach, below the default 3,224,224"),
        ({"resize": 64}, "what resize leaves of the images, below the default 3,224,224"),
    ],
)
def test_what_is_fitted_to_the_data_says_why(asked: dict[str, object], shape: str) -> None:
    small = {**channel("train", 0, 40, height=64, width=64), **channel("validation", 1000, 20, height=64, width=64)}
    report, _ = examined(asked, STACK, small)
    assert {name: value.detail for name, value in report.hyperparameters.items() if value.origin == "measured"} == {
        "num_layers": "the shallowest network for images of 64 pixels",
        "image_shape": shape,
        "num_training_samples": "the training images, counted",
        "num_classes": "as many as the labels need",
        "mini_batch_size": "a channel has 20 images only, fewer than the default 32",
    }


def test_one_image_is_said_in_the_singular() -> None:
    report, _ = examined({}, STACK, {**channel("train", 0, 40), **channel("validation", 1000, 1)})
    assert report.hyperparameters["mini_batch_size"].detail == "a channel has 1 image only, fewer than the default 32"


def test_every_parameter_that_is_named_is_one_of_the_stack() -> None:
    parameters = transform().parameters
    named = [parameter_of(name) for name in STACK.hyperparameters]
    details = (value.detail for value in examined({}, STACK)[0].conditions.resources.values())
    named += [detail.partition(",")[0] for detail in details]
    assert set(named) <= set(parameters)
    assert len(named) == 9
