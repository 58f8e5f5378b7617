"""What the training program imports of scikit-learn, and of what scikit-learn imports."""

import subprocess
import sys

from tests.stack_template import ROOT

PROGRAM = """
import gc, sys
import sagescene_trainer.training
assert gc.isenabled() and gc.get_freeze_count()
assert not {"pandas", "scipy.stats"} & sys.modules.keys()

from sklearn.preprocessing import _data
assert list(_data.stats.rankdata([30, 10, 20])) == [3, 1, 2]
import scipy.stats
assert scipy.stats.rankdata is sys.modules["scipy.stats"].rankdata
"""


def test_statistics_are_imported_when_they_are_called_and_not_before() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, check=True)
