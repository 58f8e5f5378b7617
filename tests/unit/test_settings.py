"""Settings come from the environment that the template gives, and say at once all that it lacks."""

import pytest

from sagescene.settings import FinishSettings, InvalidEnvironmentError, StartSettings
from tests.stack_template import environment_of


def test_the_template_gives_each_function_what_it_reads() -> None:
    start = StartSettings.from_env(environment_of("StartTrainingFunction", Epochs="5", InstanceCount="2"))
    assert (start.instance_types, start.instance_count, start.max_runtime_in_seconds) == (
        ("ml.g4dn.xlarge",),
        2,
        86400,
    )
    assert start.hyperparameters == {
        "num_layers": "",
        "image_shape": "",
        "mini_batch_size": "",
        "epochs": "5",
        "learning_rate": "",
    }
    finish = FinishSettings.from_env(environment_of("FinishTrainingFunction"))
    assert (finish.job_prefix, finish.hosting_role_arn) == (
        "sagescene",
        "arn:aws:iam::123456789012:role/sagescene-HostingRole",
    )


def test_each_function_knows_only_the_role_that_it_passes() -> None:
    assert "HOSTING_ROLE_ARN" not in environment_of("StartTrainingFunction")
    assert "TRAINING_ROLE_ARN" not in environment_of("FinishTrainingFunction")


def test_every_missing_and_ill_typed_variable_is_named_at_once() -> None:
    environment = environment_of("StartTrainingFunction")
    del environment["TOPIC_ARN"], environment["EPOCHS"]
    environment |= {"VOLUME_SIZE_IN_GB": "fifty", "MAX_JOB_COST_USD": "7,50", "NETWORK_ISOLATION": "True"}
    with pytest.raises(InvalidEnvironmentError) as caught:
        StartSettings.from_env(environment)
    assert str(caught.value) == (
        "Set the environment as template.yaml does: "
        "TOPIC_ARN is missing, EPOCHS is missing, NETWORK_ISOLATION is neither yes nor no, "
        "VOLUME_SIZE_IN_GB is no whole number, MAX_JOB_COST_USD is no number."
    )
