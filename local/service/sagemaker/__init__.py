"""A faithful SageMaker for one machine: training jobs that really train, and models, by AWS's rules and words."""

from local.service.sagemaker.collaborators import BotoObjectStore, ObjectStore, check_trust_with
from local.service.sagemaker.process_launcher import ProcessLauncher
from local.service.sagemaker.runner import Runner
from local.service.sagemaker.settings import Settings
from local.service.sagemaker.training_service import LOG_GROUP, TrainingService
from local.service.sagemaker.web import TARGET_PREFIX, make_application

__all__ = [
    "LOG_GROUP",
    "TARGET_PREFIX",
    "BotoObjectStore",
    "ObjectStore",
    "ProcessLauncher",
    "Runner",
    "Settings",
    "TrainingService",
    "check_trust_with",
    "make_application",
]
