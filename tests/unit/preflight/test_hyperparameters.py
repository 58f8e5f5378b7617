"""The algorithm's table, training.json, and how the values of a job are derived and checked."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.findings import Severity
from sagescene.instances import INSTANCE_TYPES, gpus_of
from sagescene.preflight.hyperparameter_table import DEFAULTS, TABLE
from sagescene.preflight.hyperparameters import Measured, Origin, Value, derive
from sagescene.preflight.rules import validate
from sagescene.preflight.training_json import parse
from sagescene.preflight.unknown_hyperparameters import OF_THE_STACK
from tests.stack_template import transform

LARGE = Measured(training_images=1358, validation_images=300, num_classes=2, shorter_side=1000)
MULTI = Measured(training_images=1358, validation_images=300, num_classes=3, label_width=3, shorter_side=1000)


def sent(
    measured: Measured = LARGE,
    training_json: Mapping[str, str] | None = None,
    stack: Mapping[str, str] | None = None,
    gpus: int = 1,
) -> dict[str, Value]:
    return derive(measured=measured, training_json=training_json or {}, stack=stack or {}, gpus=gpus)


def codes(
    training_json: Mapping[str, str],
    measured: Measured = LARGE,
    instance_type: str = "ml.g4dn.xlarge",
    instance_count: int = 1,
    stack: Mapping[str, str] | None = None,
) -> list[str]:
    values = sent(measured, training_json, stack, gpus_of(instance_type))
    findings = validate(values, measured, instance_type=instance_type, instance_count=instance_count)
    return [f"{finding.severity} {finding.code}" for finding in findings]


@pytest.mark.parametrize(("most", "found"), [(0, 0), (29, 1), (30, 0), (31, 0)])
@pytest.mark.parametrize("chosen", [{"epochs": "30"}, {}])
def test_a_job_trains_no_more_epochs_than_the_stack_pays_for(chosen: dict[str, str], most: int, found: int) -> None:
    values = sent(training_json=chosen)
    findings = validate(values, LARGE, instance_type="ml.g5.xlarge", instance_count=1, max_epochs=most)
    assert [finding.code for finding in findings] == ["epochs-above-limit"] * found
    assert all(f"{most} or less" in finding.remedy and finding.severity == "error" for finding in findings)


# ---------------------------------------------------------------------------------------------------- the table


def test_the_table_holds_every_documented_hyperparameter() -> None:
    assert len(TABLE) == 29
    assert set(TABLE) - set(DEFAULTS) == {
        "num_classes", "num_training_samples", "augmentation_type", "checkpoint_frequency", "kv_store",
        "lr_scheduler_step", "resize", "top_k",
    }  # fmt: skip


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_of_its_own_type(name: str) -> None:
    assert TABLE[name].type.accepts(DEFAULTS[name])


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("epochs", ["1", "2147483647"], ["0", "-1", "1.0", "2147483648", "007", "", "1e2", "x", "٣", "9" * 5000]),
        ("top_k", ["2"], ["1", "0"]),
        ("learning_rate", ["1", "0.01", "1e-8", ".5", "1."], ["-0.1", "1.01", "nan", "inf", "1_0", "", "0,1"]),
        ("learning_rate", [], ["0", "0.0", "1e-999"]),
        ("momentum", ["0", "1"], ["1.01"]),
        ("resize", ["1", "4096"], ["0", "4097", "100000"]),
        ("image_shape", ["3,4096,4096"], ["3,4097,4096", "3,224,4097"]),
        ("num_layers", ["18", "152", "20", "110"], ["19", "18.0", ""]),
        ("image_shape", ["3,224,224", "3, 28, 28", "1,8,8"], ["224,224", "3,0,8", "3,8,8,8", "3x8x8", "7,8,8", ""]),
        ("lr_scheduler_step", ["10", "10,20", "10, 20"], ["", "10,", "0", "a"]),
        ("lr_scheduler_step", [",".join(["1"] * 1250), ",".join(["10"] + ["1"] * 1249)], [",".join(["1"] * 1251)]),
        ("learning_rate", ["0." + "1" * 2498], ["0." + "1" * 2499]),
        ("early_stopping", ["True", "False"], ["true", "1"]),
        ("use_pretrained_model", ["0", "1"], ["True", "2"]),
        ("optimizer", ["sgd", "nag", "adam", "rmsprop"], ["SGD", "adagrad"]),
    ],
)  # fmt: skip
def test_a_type_takes_what_the_algorithm_takes(name: str, taken: list[str], refused: list[str]) -> None:
    accepts = TABLE[name].type.accepts
    assert [text for text in taken if not accepts(text)] == []
    assert [text for text in refused if accepts(text)] == []


def test_a_long_number_is_judged_at_once() -> None:
    assert not TABLE["learning_rate"].type.accepts("1" * 2_000_000 + "x")


# -------------------------------------------------------------------------------------------------- training.json


def test_values_are_sent_as_they_are_written() -> None:
    content = b'\xef\xbb\xbf{"epochs": 5, "mini_batch_size": "32", "learning_rate": 1e-3, "image_shape": "3, 28,28"}'
    assert parse(content) == (
        {"epochs": "5", "mini_batch_size": "32", "learning_rate": "1e-3", "image_shape": "3,28,28"},
        (),
    )


@pytest.mark.parametrize(
    ("given_value", "name", "text"),
    [
        (True, "early_stopping", "True"),
        (False, "early_stopping", "False"),
        (True, "use_pretrained_model", "1"),
        (0, "use_pretrained_model", "0"),
        ([3, 28, 28], "image_shape", "3,28,28"),
        ([10, 20], "lr_scheduler_step", "10,20"),
        ("3, 28 ,28", "image_shape", "3,28,28"),
        (" adam ", "optimizer", "adam"),
    ],
)
def test_json_values_become_the_text_that_the_algorithm_wants(given_value: object, name: str, text: str) -> None:
    assert parse(json.dumps({name: given_value}).encode()) == ({name: text}, ())


@pytest.mark.parametrize(
    ("content", "code", "where", "sentence"),
    [
        (
            b'{"epochs": 5,\n "top_k" 2}',
            "not-json",
            "line 2, column 10",
            "The file is not JSON: expecting ':' delimiter.",
        ),
        (b"", "not-json", "line 1, column 1", "The file is not JSON: expecting value."),
        (b'{"epochs": "\xff"}', "not-json", "byte 12", "The file is not UTF-8 text."),
        (b"[" * 60_000, "not-json", "", "The file nests its lists too deeply."),
        (b"[1]", "not-an-object", "", "The file is JSON, but no object of names and values."),
        (
            b" " * 65_537,
            "training-json-too-large",
            "",
            "The file has 65,537 bytes, more than the 65,536 that are read.",
        ),
        (b'{"epochs": 5, "epochs": 6}', "hyperparameter-repeated", "epochs", "epochs is given 2 times."),
        (
            b'{"batch_size": 5}',
            "hyperparameter-unknown",
            "batch_size",
            "The algorithm has no hyperparameter batch_size.",
        ),
        (
            b'{"epochs": 0}',
            "hyperparameter-invalid",
            "epochs",
            "epochs must be a whole number from 1 to 2147483647, but it is 0.",
        ),
        (
            b'{"optimizer": "sdg"}',
            "hyperparameter-invalid",
            "optimizer",
            'optimizer must be sgd, adam, rmsprop or nag, but it is "sdg".',
        ),
        (
            b'{"optimizer": "s gd"}',
            "hyperparameter-invalid",
            "optimizer",
            'optimizer must be sgd, adam, rmsprop or nag, but it is "s gd".',
        ),
        (
            b'{"optimizer": "s\\u0007gd"}',
            "hyperparameter-invalid",
            "optimizer",
            'optimizer must be sgd, adam, rmsprop or nag, but it is "s?gd".',
        ),
        (
            b'{"epochs": true}',
            "hyperparameter-invalid",
            "epochs",
            "epochs must be a whole number from 1 to 2147483647, but it is true.",
        ),
        (
            b'{"epochs": [5]}',
            "hyperparameter-invalid",
            "epochs",
            "epochs must be a whole number from 1 to 2147483647, but it is a list.",
        ),
        (
            b'{"learning_rate": NaN}',
            "hyperparameter-invalid",
            "learning_rate",
            "learning_rate must be a number above 0, up to 1, but it is NaN.",
        ),
        (
            b'{"resize": null}',
            "hyperparameter-invalid",
            "resize",
            "resize must be a whole number from 1 to 4096, but it is null.",
        ),
        (
            b'{"image_shape": {"height": 28}}',
            "hyperparameter-invalid",
            "image_shape",
            'image_shape must be 3 channels (or 1), height and width such as "3,224,224", no side above 4096, '
            'but it is an object.',
        ),
        (
            b'{"image_shape": {}}',
            "hyperparameter-invalid",
            "image_shape",
            'image_shape must be 3 channels (or 1), height and width such as "3,224,224", no side above 4096, '
            'but it is an object.',
        ),
        (
            b'{"image_shape": [3, "28", true]}',
            "hyperparameter-invalid",
            "image_shape",
            'image_shape must be 3 channels (or 1), height and width such as "3,224,224", no side above 4096, '
            'but it is a list.',
        ),
    ],
)  # fmt: skip
def test_a_wrong_file_gets_a_place_and_a_sentence(content: bytes, code: str, where: str, sentence: str) -> None:
    values, (finding,) = parse(content, file="datasets/pets/training.json")
    assert values == {}
    assert (finding.code, finding.where, finding.message) == (code, where, sentence)
    assert finding.severity is Severity.ERROR
    assert finding.file == "datasets/pets/training.json"


def test_a_file_of_64_kib_is_still_read() -> None:
    assert parse(b'{"epochs": 5}'.ljust(65_536)) == ({"epochs": "5"}, ())


@pytest.mark.parametrize(
    ("name", "shown"), [("x" * 40, "x" * 40), ("x" * 41, "x" * 37 + "..."), ("x" * 5000, "x" * 37 + "...")]
)
def test_up_to_forty_letters_of_a_name_are_shown(name: str, shown: str) -> None:
    _, (finding,) = parse(json.dumps({name: 1}).encode())
    assert (finding.where, finding.message) == (shown, f"The algorithm has no hyperparameter {shown}.")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("batch_size", "mini_batch_size"),
        ("augmentation type", "augmentation_type"),
        ("Learning-Rate", "learning_rate"),
        ("epoch", "epochs"),
        ("num_training_sample", "num_training_samples"),
        ("early_stopping_min_epochs".rjust(40), "early_stopping_min_epochs"),
        ("accepts", "accept"),
        # as the field, MXNet's examples and other frameworks call them
        ("lr", "learning_rate"),
        ("WD", "weight_decay"),
        ("bs", "mini_batch_size"),
        ("batch", "mini_batch_size"),
        ("num_epoch", "epochs"),
        ("num_epochs", "epochs"),
        ("input-shape", "image_shape"),
        ("lr_step", "lr_scheduler_step"),
        ("pretrained", "use_pretrained_model"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest_right_one(wrong: str, right: str) -> None:
    _, (finding,) = parse(json.dumps({wrong: 1}).encode())
    assert finding.remedy == f"Did you mean {right}?"


@pytest.mark.parametrize("wrong", ["instance_type", "InstanceType", "instance-types", "train_instance_type"])
def test_what_the_stack_decides_is_answered_with_its_parameter(wrong: str) -> None:
    _, (finding,) = parse(json.dumps({wrong: "ml.p3.2xlarge"}).encode())
    assert finding.remedy == "Remove it: that is decided for the whole stack, by its parameter InstanceTypes."


def test_parameters_of_the_stack_are_called_what_the_template_calls_them() -> None:
    assert set(OF_THE_STACK.values()) <= transform().parameters.keys()


@pytest.mark.parametrize(
    ("name", "held"), [("params", "epochs"), ("instance_type", "epochs"), ("HyperParameters", "batch_size")]
)
def test_hyperparameters_in_an_object_of_their_own_belong_at_the_top(name: str, held: str) -> None:
    values, (finding,) = parse(json.dumps({name: {held: "5"}}).encode())
    assert values == {}
    assert finding.remedy == "Write what it holds at the top level of the file, without this name around it."


@pytest.mark.parametrize("content", ['{"notes": {"author": "x"}}', '{"hyperparameters": {}}'])
def test_an_object_without_hyperparameters_is_not_written_at_the_top(content: str) -> None:
    _, (finding,) = parse(content.encode())
    assert finding.remedy.startswith("Remove it; ")


@pytest.mark.parametrize(
    "name",
    [
        *("colour", "", "early_stopping_min_epochs".rjust(41), "x" * 5000),
        *("_comment", "freeze_layers", "class_weights", "num_workers"),
    ],
)
def test_a_name_like_no_other_is_answered_with_all_names(name: str) -> None:
    _, (finding,) = parse(json.dumps({name: 1}).encode())
    assert finding.remedy.startswith("Remove it; the algorithm knows augmentation_type, beta_1,")
    assert len(finding.message) < 100


def test_every_fault_is_found_at_once_and_the_rest_is_kept() -> None:
    values, findings = parse(b'{"epochs": -1, "epoch": 3, "top_k": 5, "gamma": 2}')
    assert values == {"top_k": "5"}
    assert [finding.where for finding in findings] == ["epochs", "epoch", "gamma"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(max_examples=200)
@given(
    st.binary()
    | st.dictionaries(st.sampled_from(list(TABLE)) | st.text(), json_values).map(lambda d: json.dumps(d).encode())
)
def test_any_bytes_are_answered_with_right_values_or_findings(content: bytes) -> None:
    values, findings = parse(content)
    assert all(TABLE[name].type.accepts(value) for name, value in values.items())
    assert values or findings or json.loads(content.decode("utf-8-sig")) == {}


# ------------------------------------------------------------------------------------------------------- derived


def test_the_values_of_the_hand_procedure_come_out_as_they_are() -> None:
    stack = {
        "num_layers": "18",
        "image_shape": "3,1000,1000",
        "mini_batch_size": "64",
        "epochs": "2",
        "learning_rate": "0.01",
    }
    assert sent(LARGE, stack=stack) == {
        "num_layers": Value(value="18", origin=Origin.STACK, detail="NumLayers"),
        "image_shape": Value(value="3,1000,1000", origin=Origin.STACK, detail="ImageShape"),
        "num_training_samples": Value(value="1358", origin=Origin.MEASURED, detail="the training images, counted"),
        "num_classes": Value(value="2", origin=Origin.MEASURED, detail="as many as the labels need"),
        "mini_batch_size": Value(value="64", origin=Origin.STACK, detail="MiniBatchSize"),
        "epochs": Value(value="2", origin=Origin.STACK, detail="Epochs"),
        "learning_rate": Value(value="0.01", origin=Origin.STACK, detail="LearningRate"),
        "momentum": Value(value="0.9", origin=Origin.ALGORITHM, detail="as AWS documents it"),
    }
    assert codes({}, stack=stack, instance_type="ml.p3.16xlarge") == []


def test_training_json_goes_before_the_stack_and_an_empty_choice_is_none() -> None:
    values = sent(LARGE, {"epochs": "7"}, {"epochs": "5", "learning_rate": "", "mini_batch_size": "8"})
    assert values["epochs"] == Value(value="7", origin=Origin.TRAINING_JSON)
    assert values["mini_batch_size"] == Value(value="8", origin=Origin.STACK, detail="MiniBatchSize")
    assert "learning_rate" not in values


def test_what_is_counted_goes_before_what_anybody_says() -> None:
    values = sent(MULTI, {"num_training_samples": "1", "num_classes": "1", "multi_label": "0"})
    assert [(value.value, value.origin) for name, value in values.items() if name != "momentum"] == [
        ("1358", Origin.MEASURED),
        ("3", Origin.MEASURED),
        ("1", Origin.MEASURED),
    ]
    assert values["multi_label"].detail == "images have several labels"


def test_two_labels_an_image_are_several() -> None:
    measured = Measured(training_images=99, validation_images=99, num_classes=2, label_width=2)
    assert _text(sent(measured), "multi_label") == "1"


@pytest.mark.parametrize("label_width", [0, 1])
def test_images_of_one_label_need_no_multi_label(label_width: int) -> None:
    assert "multi_label" not in sent(replace(LARGE, label_width=label_width))


@pytest.mark.parametrize(
    ("optimizer", "momentum"), [(None, "0.9"), ("sgd", "0.9"), ("nag", "0.9"), ("adam", None), ("rmsprop", None)]
)
def test_momentum_is_spelt_out_for_the_optimizers_that_use_it(optimizer: str | None, momentum: str | None) -> None:
    values = sent(training_json={"optimizer": optimizer} if optimizer else {})
    sent_of = {name: (value.value, value.origin) for name, value in values.items()}
    assert sent_of.get("momentum") == ((momentum, Origin.ALGORITHM) if momentum else None)


def test_a_chosen_momentum_stays() -> None:
    assert sent(training_json={"momentum": "0.5"})["momentum"].value == "0.5"


@pytest.mark.parametrize(
    ("train", "validation", "gpus", "chosen", "fitted"),
    [
        (300, 300, 1, {}, None),
        (32, 32, 1, {}, None),
        (31, 300, 1, {}, "31"),
        (300, 20, 1, {}, "20"),
        (300, 30, 8, {}, "24"),
        (300, 5, 8, {}, "5"),
        (300, 1, 1, {}, "1"),
        (300, 20, 1, {"mini_batch_size": "64"}, "64"),
        (0, 20, 1, {}, None),
    ],
)
def test_the_batch_shrinks_to_a_small_data_set_unless_it_is_chosen(
    train: int, validation: int, gpus: int, chosen: dict[str, str], fitted: str | None
) -> None:
    measured = Measured(training_images=train, validation_images=validation, num_classes=2)
    assert _text(sent(measured, chosen, gpus=gpus), "mini_batch_size") == fitted


@pytest.mark.parametrize(
    ("shorter_side", "chosen", "shape", "depth"),
    [
        (224, {}, None, None),
        (223, {}, "3,223,223", "18"),
        (100, {}, "3,100,100", "18"),
        (29, {}, "3,29,29", "18"),
        (28, {}, "3,28,28", "20"),
        (8, {}, "3,8,8", "20"),
        (1, {}, "3,1,1", "20"),
        (None, {}, None, None),
        (32, {"num_layers": "50"}, "3,32,32", "50"),
        (32, {"image_shape": "3,28,28"}, "3,28,28", "20"),
        (32, {"image_shape": "3,30,30"}, "3,30,30", None),
        (32, {"image_shape": "3,28,30"}, "3,28,30", "20"),
        (32, {"resize": "256"}, None, None),
        (400, {"resize": "100"}, "3,100,100", "18"),
        (32, {"use_pretrained_model": "1"}, None, None),
        (32, {"use_pretrained_model": "0"}, "3,32,32", "18"),
    ],
)
def test_image_shape_and_depth_fit_small_images_unless_they_are_chosen(
    shorter_side: int | None, chosen: dict[str, str], shape: str | None, depth: str | None
) -> None:
    measured = Measured(training_images=99, validation_images=99, num_classes=2, shorter_side=shorter_side)
    values = sent(measured, chosen)
    assert (_text(values, "image_shape"), _text(values, "num_layers")) == (shape, depth)


def _text(values: Mapping[str, Value], name: str) -> str | None:
    return values[name].value if name in values else None


sides = st.integers(min_value=1, max_value=2000)


@settings(max_examples=200)
@given(
    train=st.integers(min_value=16, max_value=10**6),
    validation=st.integers(min_value=16, max_value=10**6),
    classes=st.integers(min_value=1, max_value=10**4),
    label_width=st.integers(min_value=1, max_value=5),
    shorter_side=sides,
    instance_type=st.sampled_from(list(INSTANCE_TYPES)),
)
def test_what_is_derived_from_sound_data_has_no_fault(
    train: int, validation: int, classes: int, label_width: int, shorter_side: int, instance_type: str
) -> None:
    measured = Measured(
        training_images=train,
        validation_images=validation,
        num_classes=classes,
        label_width=label_width,
        shorter_side=shorter_side,
    )
    assert codes({}, measured, instance_type) == []


# ----------------------------------------------------------------------------------------------------- the rules


@pytest.mark.parametrize(
    ("sound", "faulty", "code"),
    [
        (
            {"image_shape": "3,28,28", "num_layers": "20"},
            {"image_shape": "3,28,28", "num_layers": "18"},
            "error depth-not-for-height",
        ),
        (
            {"image_shape": "3,29,29", "num_layers": "18"},
            {"image_shape": "3,29,29", "num_layers": "20"},
            "error depth-not-for-height",
        ),
        (
            {"image_shape": "3,20,40", "num_layers": "20"},
            {"image_shape": "3,40,20", "num_layers": "20"},
            "error depth-not-for-height",
        ),
        (
            {"use_pretrained_model": "1", "num_layers": "50"},
            {"use_pretrained_model": "1", "image_shape": "3,225,224", "num_layers": "50"},
            "error pretrained-image-shape",
        ),
        (
            {"epochs": "5", "checkpoint_frequency": "5"},
            {"epochs": "5", "checkpoint_frequency": "6"},
            "error checkpoint-after-end",
        ),
        (
            {"epochs": "5", "checkpoint_frequency": "1"},
            {"epochs": "5", "checkpoint_frequency": "9"},
            "error checkpoint-after-end",
        ),
        ({"top_k": "2"}, {"top_k": "3"}, "error top-k-above-classes"),
        ({"image_shape": "3,64,64"}, {"image_shape": "1,64,64"}, "warning one-channel"),
        ({"mini_batch_size": "300"}, {"mini_batch_size": "301"}, "error batch-above-images"),
        ({"lr_scheduler_step": "1,2"}, {"lr_scheduler_step": "2,2"}, "error steps-not-rising"),
        ({"lr_scheduler_step": "1,2,3"}, {"lr_scheduler_step": "1,3,2"}, "error steps-not-rising"),
        ({"lr_scheduler_step": "29"}, {"lr_scheduler_step": "30"}, "warning step-after-end"),
        ({"lr_scheduler_step": "1,29"}, {"lr_scheduler_step": "1,31"}, "warning step-after-end"),
        (
            {"lr_scheduler_step": "9", "lr_scheduler_factor": "0.5"},
            {"lr_scheduler_factor": "0.5"},
            "warning without-effect",
        ),
        (
            {"early_stopping": "True", "epochs": "10"},
            {"early_stopping": "True", "epochs": "9"},
            "warning early-stopping-never",
        ),
        (
            {"early_stopping": "True", "early_stopping_patience": "1"},
            {"early_stopping_patience": "1"},
            "warning without-effect",
        ),
        ({"resize": "224"}, {"resize": "223", "image_shape": "3,224,224"}, "error resize-below-image-shape"),
        (
            {"resize": "500", "image_shape": "3,40,30", "num_layers": "18"},
            {"resize": "39", "image_shape": "3,40,30", "num_layers": "18"},
            "error resize-below-image-shape",
        ),
        (
            {"resize": "2", "image_shape": "3,1,2", "num_layers": "20"},
            {"resize": "1", "image_shape": "3,1,2", "num_layers": "20"},
            "error resize-below-image-shape",
        ),
        ({"optimizer": "adam", "beta_1": "0.5"}, {"beta_1": "0.5"}, "warning without-effect"),
        ({"optimizer": "rmsprop", "eps": "0.5"}, {"optimizer": "nag", "eps": "0.5"}, "warning without-effect"),
        ({"momentum": "0.5"}, {"optimizer": "adam", "momentum": "0.5"}, "warning without-effect"),
    ],
)  # fmt: skip
def test_a_rule_holds_on_both_sides_of_its_bound(sound: dict[str, str], faulty: dict[str, str], code: str) -> None:
    assert codes(sound) == []
    assert codes(faulty) == [code]


def test_a_pretrained_model_has_a_large_depth() -> None:
    assert "error pretrained-depth" in codes({"use_pretrained_model": "1", "num_layers": "20"})


def test_as_many_best_classes_as_there_are_may_be_asked_for() -> None:
    assert codes({"top_k": "2"}, MULTI) == codes({"top_k": "3"}, MULTI) == []


def test_what_nobody_chose_is_not_warned_of() -> None:
    values = sent(training_json={"optimizer": "adam"}) | {"momentum": Value(value="0.9", origin=Origin.ALGORITHM)}
    assert validate(values, LARGE, instance_type="ml.g5.xlarge", instance_count=1) == ()


def test_weighted_loss_is_for_several_labels() -> None:
    assert codes({"use_weighted_loss": "1"}, MULTI) == []
    assert codes({"use_weighted_loss": "1"}) == ["error weighted-loss-needs-multi-label"]


def test_the_batch_is_held_against_either_channel() -> None:
    few = Measured(training_images=20, validation_images=10, num_classes=2)
    assert codes({"mini_batch_size": "10"}, few) == []
    assert codes({"mini_batch_size": "11"}, few) == ["error batch-above-images"]
    assert codes({"mini_batch_size": "21"}, few) == ["error batch-above-images"] * 2


@pytest.mark.parametrize(
    ("train", "validation", "instance_type", "told"),
    [
        (
            2000,
            3,
            "ml.g4dn.xlarge",
            "only 3 images, because there are only 3 to validate with; the 2,000 training images "
            "would make batches of 32.",
        ),
        (20, 1, "ml.g4dn.xlarge", "only 1 image, because there is only 1 to validate with; the 20 training images "),
        (
            30,
            7,
            "ml.p3.8xlarge",
            "only 4 images, because there are only 7 to validate with; the 30 training images "
            "would make batches of 28.",
        ),
        (2000, 7, "ml.g4dn.xlarge", "only 7 images"),
        (2000, 8, "ml.g4dn.xlarge", ""),
        (7, 7, "ml.g4dn.xlarge", ""),
        (7, 300, "ml.g4dn.xlarge", ""),
        (7, 6, "ml.g4dn.12xlarge", ""),
    ],
)
def test_a_batch_that_few_validation_images_make_small_is_warned_of(
    train: int, validation: int, instance_type: str, told: str
) -> None:
    measured = Measured(training_images=train, validation_images=validation, num_classes=2)
    values = sent(measured, gpus=gpus_of(instance_type))
    found = validate(values, measured, instance_type=instance_type, instance_count=1)
    assert [each.code for each in found] == ["batch-of-few-validation-images"] * bool(told)
    assert all(f"A batch has {told}" in each.message for each in found)


def test_a_small_batch_is_told_once() -> None:
    few = Measured(training_images=300, validation_images=3, num_classes=2)
    assert codes({}, few, "ml.p3.8xlarge") == ["error batch-below-gpus"]
    assert codes({"mini_batch_size": "3"}, few) == []


def test_of_a_file_without_images_its_own_finding_is_enough() -> None:
    assert codes({"mini_batch_size": "10"}, Measured(training_images=0, validation_images=0, num_classes=0)) == []
    assert codes({"mini_batch_size": "10"}, Measured(training_images=0, validation_images=10, num_classes=0)) == []


@pytest.mark.parametrize(
    ("batch", "found"),
    [("7", ["error batch-below-gpus"]), ("8", []), ("12", ["warning batch-uneven"]), ("16", [])],
)
@pytest.mark.parametrize("instances", [1, 2])
def test_every_gpu_of_an_instance_gets_its_share_of_the_batch(batch: str, found: list[str], instances: int) -> None:
    assert codes({"mini_batch_size": batch}, LARGE, "ml.p3.16xlarge", instances) == found


def test_kv_store_is_for_several_instances() -> None:
    assert codes({"kv_store": "dist_sync"}, instance_count=2) == []
    assert codes({"kv_store": "dist_sync"}, instance_count=1) == ["warning without-effect"]


def test_an_undocumented_instance_type_is_warned_of() -> None:
    assert codes({}, instance_type="ml.p5.48xlarge") == ["warning instance-type-undocumented"]


def test_a_wrong_value_of_the_stack_is_reported_once_and_breaks_no_rule() -> None:
    measured = Measured(training_images=20, validation_images=10, num_classes=2)
    for name in ("num_layers", "image_shape", "mini_batch_size", "epochs", "learning_rate"):
        assert codes({}, measured, stack={name: "no"}) == ["error hyperparameter-invalid"], name


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize(
    "others",
    [
        {},
        {"use_pretrained_model": "1", "num_layers": "50"},
        {"use_weighted_loss": "1", "multi_label": "1"},
        {"early_stopping": "True", "lr_scheduler_step": "10,20", "checkpoint_frequency": "5", "resize": "300"},
        {"optimizer": "rmsprop", "eps": "0.5", "gamma": "0.5"},
    ],
)
def test_a_value_out_of_range_takes_part_in_no_further_rule(name: str, others: dict[str, str]) -> None:
    values = {key: Value(value=value, origin=Origin.TRAINING_JSON) for key, value in others.items()}
    values[name] = Value(value="no", origin=Origin.STACK)
    findings = validate(values, MULTI, instance_type="ml.g5.xlarge", instance_count=2)
    found = [(finding.code, finding.where) for finding in findings]
    place = f"{name} of the stack"  # whatever its value, it may be of no use to the others
    assert [each for each in found if each != ("without-effect", place)] == [("hyperparameter-invalid", place)]


@pytest.mark.parametrize(
    ("measured", "stack", "training_json", "sentence"),
    [
        (
            LARGE,
            {"epochs": "0"},
            {},
            "epochs of the stack: epochs must be a whole number from 1 to 2147483647, but it is '0'. "
            "Set epochs to a whole number from 1 to 2147483647.",
        ),
        (
            LARGE,
            {},
            {"mini_batch_size": "500"},
            "training.json, mini_batch_size: A batch of 500 needs as many validation images, but there are only 300. "
            "Set mini_batch_size to 300 or less, or add validation images.",
        ),
        (
            replace(LARGE, training_images=1),
            {},
            {"mini_batch_size": "2"},
            "training.json, mini_batch_size: A batch of 2 needs as many training images, but there is only 1. "
            "Set mini_batch_size to 1 or less, or add training images.",
        ),
        (
            replace(LARGE, training_images=0, validation_images=10),
            {},
            {"mini_batch_size": "11"},
            "training.json, mini_batch_size: A batch of 11 needs as many validation images, but there are only 10. "
            "Set mini_batch_size to 10 or less, or add validation images.",
        ),
        (
            LARGE,
            {"image_shape": "3,28,30"},
            {"num_layers": "18"},
            "training.json, num_layers: A network of 18 layers takes image heights above 28, but image_shape has 28. "
            "Set num_layers to 20, 32, 44, 56 or 110, or change the height in image_shape.",
        ),
        (
            LARGE,
            {},
            {"image_shape": "3,30,28", "num_layers": "20"},
            "training.json, num_layers: A network of 20 layers takes image heights up to 28, but image_shape has 30. "
            "Set num_layers to 18, 34, 50, 101, 152 or 200, or change the height in image_shape.",
        ),
        (
            LARGE,
            {},
            {"top_k": "3"},
            "training.json, top_k: There are no 3 best of 2 classes: training would end in an error. Remove top_k.",
        ),
        (
            MULTI,
            {},
            {"top_k": "4"},
            "training.json, top_k: There are no 4 best of 3 classes: training would end in an error. "
            "Set top_k below 3, or remove it.",
        ),
        (
            replace(LARGE, num_classes=1),
            {},
            {"top_k": "2"},
            "training.json, top_k: There are no 2 best of 1 classes: training would end in an error. Remove top_k.",
        ),
        (
            LARGE,
            {"epochs": "1"},
            {"checkpoint_frequency": "2"},
            "training.json, checkpoint_frequency: A checkpoint every 2 epochs is never due, because training has only "
            "1 epoch. Set checkpoint_frequency to 1 or less, or remove it.",
        ),
        (
            LARGE,
            {"epochs": "2"},
            {"lr_scheduler_step": "1,3"},
            "training.json, lr_scheduler_step: The learning rate would change after 3 epochs, but training has only "
            "2 epochs. Keep the epochs in lr_scheduler_step below 2, or remove it.",
        ),
        (
            LARGE,
            {},
            {"resize": "1", "image_shape": "3,2,1", "num_layers": "20"},
            "training.json, resize: resize makes the shorter side of every image 1 pixels, too small for image_shape "
            "3,2,1. Set resize to 2 or more, or remove it.",
        ),
        (
            LARGE,
            {"num_layers": "20"},
            {"use_pretrained_model": "1"},
            "num_layers of the stack: A network of 20 layers takes image heights up to 28, but image_shape has 224. "
            "Set num_layers to 18, 34, 50, 101, 152 or 200, or change the height in image_shape.\n"
            "training.json, use_pretrained_model: There is no pretrained model of 20 layers. "
            "Set num_layers to 18, 34, 50, 101, 152 or 200, or use_pretrained_model to 0.",
        ),
    ],
)
def test_a_finding_reads_as_a_sentence(
    measured: Measured, stack: dict[str, str], training_json: dict[str, str], sentence: str
) -> None:
    findings = validate(sent(measured, training_json, stack), measured, instance_type="ml.g5.xlarge", instance_count=1)
    assert "\n".join(map(str, findings)) == sentence


@pytest.mark.parametrize(
    ("origin", "place"),
    [
        (Origin.TRAINING_JSON, "training.json, mini_batch_size"),
        (Origin.STACK, "mini_batch_size of the stack"),
        (Origin.MEASURED, "mini_batch_size as measured"),
        (None, "mini_batch_size by default"),
    ],
)
def test_a_finding_says_who_chose_the_value(origin: Origin | None, place: str) -> None:
    values = {"mini_batch_size": Value(value="32", origin=origin)} if origin else {}
    few = replace(LARGE, validation_images=31)
    (finding,) = validate(values, few, instance_type="ml.g5.xlarge", instance_count=1)
    assert str(finding).startswith(f"{place}: A batch of 32 needs")
