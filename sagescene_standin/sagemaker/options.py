"""What a person or a test may set about the stand-in for SageMaker."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingProgram:
    """What runs in a training container: a module of this checkout, and the interpreter for it."""

    python: str = sys.executable
    module: str = "sagescene_trainer"


@dataclass(frozen=True, slots=True, kw_only=True)
class SageMakerOptions:
    """The account's limits, and how long a job lingers in each stage; all times in seconds."""

    # Instances of a type that training jobs may use at once; a type that is not named has no limit. AWS gives new
    # accounts 0 of many GPU types.
    quota: Mapping[str, int] = field(default_factory=dict)
    used_elsewhere: Mapping[str, int] = field(default_factory=dict)  # instances that other work of the account uses
    not_offered: Collection[str] = ()  # types that the Region does not have for training
    unsupported: Collection[str] = ()  # types that the API knows and refuses in this Region
    denied: Collection[str] = ()  # types with which an organization's policy lets nobody train
    largest_volume_in_gb: int = 1024  # the quota 'Size of EBS volume for a training job instance'
    no_spot_capacity: Collection[str] = ()  # types of which there are never Spot instances
    # How often the instances of each Spot job are taken away; each time the job has gone through two epochs on them.
    spot_interruptions: int = 0
    unreadable: Collection[str] = ()  # beginnings of the s3:// addresses of artifacts that no role may read
    throttle: bool = False  # one CreateTrainingJob a second, as on AWS
    starting: float = 0.5  # finding an instance takes AWS minutes
    downloading: float = 0.3  # the least time that a job shows Downloading
    uploading: float = 0.3
    interrupted: float = 0.5  # between the end of the instances and the search for others
    stop_grace: float = 120.0  # between SIGTERM and SIGKILL
    program: TrainingProgram = field(default_factory=TrainingProgram)
