"""What to do about a name in `training.json` that is none of the algorithm's."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from sagescene.preflight.hyperparameter_table import TABLE

# The longest name has 25 letters; what is much longer resembles none, and comparing it is slow.
_LONGEST_COMPARED = 40
# Below it names are found alike that have no more in common than an ending.
_LEAST_ALIKE = 0.7

# What the field, MXNet's own examples and other frameworks call them; letters and digits alone count.
_OTHERWISE: Mapping[str, str] = {
    "batch": "mini_batch_size",
    "bs": "mini_batch_size",
    "decay": "weight_decay",
    "depth": "num_layers",
    "dtype": "precision_dtype",
    "epsilon": "eps",
    "imgsize": "image_shape",
    "inputshape": "image_shape",
    "inputsize": "image_shape",
    "lr": "learning_rate",
    "lrfactor": "lr_scheduler_factor",
    "lrstep": "lr_scheduler_step",
    "lrstepepochs": "lr_scheduler_step",
    "mom": "momentum",
    "numepoch": "epochs",
    "numexamples": "num_training_samples",
    "opt": "optimizer",
    "patience": "early_stopping_patience",
    "pretrained": "use_pretrained_model",
    "samples": "num_training_samples",
    "shape": "image_shape",
    "steps": "lr_scheduler_step",
    "wd": "weight_decay",
}
# What CreateTrainingJob and the SageMaker SDK call what the stack decides, the SDK's older "train_" left out; the
# parameters' own names are those of template.yaml.
OF_THE_STACK: Mapping[str, str] = {
    "enablemanagedspottraining": "ManagedSpotTraining",
    "enablenetworkisolation": "NetworkIsolation",
    "instancecount": "InstanceCount",
    "instancetype": "InstanceTypes",
    "instancetypes": "InstanceTypes",
    "kmskey": "KmsKeyArn",
    "managedspottraining": "ManagedSpotTraining",
    "maxrun": "MaxRuntimeInSeconds",
    "maxruntime": "MaxRuntimeInSeconds",
    "maxruntimeinseconds": "MaxRuntimeInSeconds",
    "maxwait": "MaxSpotWaitInSeconds",
    "maxwaittimeinseconds": "MaxSpotWaitInSeconds",
    "networkisolation": "NetworkIsolation",
    "outputkmskey": "KmsKeyArn",
    "securitygroupids": "SecurityGroupIds",
    "spot": "ManagedSpotTraining",
    "subnets": "SubnetIds",
    "usespot": "ManagedSpotTraining",
    "usespotinstances": "ManagedSpotTraining",
    "volumekmskey": "KmsKeyArn",
    "volumesize": "VolumeSizeInGB",
    "volumesizeingb": "VolumeSizeInGB",
    "vpcconfig": "SubnetIds",
}


def advise(name: str, held: Collection[str], others: Collection[str]) -> str:
    """Say what to do about a name as one sentence.

    `held` are the names in the object that it stands for, empty for another value; `others` are names that
    `training.json` takes beside hyperparameters.
    """
    # A name of thousands of letters is compared with nothing.
    named = name.strip().lower() if len(name) <= _LONGEST_COMPARED else ""
    letters = re.sub(r"[^a-z0-9]", "", named).removeprefix("train")
    if any(inner in TABLE or letters == "hyperparameters" for inner in held):
        return "Write what it holds at the top level of the file, without this name around it."
    if parameter := OF_THE_STACK.get(letters):
        return f"Remove it: that is decided for the whole stack, by its parameter {parameter}."
    alike = named.replace("-", "_").replace(" ", "_")
    near = [_OTHERWISE[letters]] if letters in _OTHERWISE else []
    near = near or get_close_matches(alike, [*TABLE, *others], n=1, cutoff=_LEAST_ALIKE)
    return f"Did you mean {near[0]}?" if near else f"Remove it; the algorithm knows {', '.join(sorted(TABLE))}."
