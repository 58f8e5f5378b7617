"""A faithful SageMaker for one machine: training jobs that really train, and models, by AWS's rules and words."""

from sagescene_standin.sagemaker.collaborators import BotoObjectStore, ObjectStore, check_trust_with
from sagescene_standin.sagemaker.options import SageMakerOptions
from sagescene_standin.sagemaker.process_launcher import ProcessLauncher
from sagescene_standin.sagemaker.runner import Runner
from sagescene_standin.sagemaker.training_service import LOG_GROUP, TrainingService
from sagescene_standin.sagemaker.web import TARGET_PREFIX, make_application

__all__ = [
    "LOG_GROUP",
    "TARGET_PREFIX",
    "BotoObjectStore",
    "ObjectStore",
    "ProcessLauncher",
    "Runner",
    "SageMakerOptions",
    "TrainingService",
    "check_trust_with",
    "make_application",
]
