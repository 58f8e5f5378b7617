"""`python -m sagescene_trainer.mxnet --root DIR`: train a ResNet on the `/opt/ml` at DIR."""

import sys

from sagescene_trainer.entry_point import run_training
from sagescene_trainer.mxnet.training import train

if __name__ == "__main__":
    sys.exit(run_training(train, __doc__))
