"""A faithful SageMaker for one machine: training jobs that really train, and models, by AWS's rules and words."""

from sagescene_standin.sagemaker.collaborators import BotoObjectStore, UncheckedRole
from sagescene_standin.sagemaker.options import SageMakerOptions, TrainingProgram
from sagescene_standin.sagemaker.process_launcher import ProcessLauncher
from sagescene_standin.sagemaker.runner import Runner
from sagescene_standin.sagemaker.training_service import TrainingService
from sagescene_standin.sagemaker.web import make_application

__all__ = [
    "BotoObjectStore",
    "ProcessLauncher",
    "Runner",
    "SageMakerOptions",
    "TrainingProgram",
    "TrainingService",
    "UncheckedRole",
    "make_application",
]
