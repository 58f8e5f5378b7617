"""`python -m sagescene_trainer --root DIR`: what the container's entry point does with the `/opt/ml` at DIR."""

import sys

from sagescene_trainer.entry_point import run_training
from sagescene_trainer.training import train

if __name__ == "__main__":
    sys.exit(run_training(train, __doc__))
