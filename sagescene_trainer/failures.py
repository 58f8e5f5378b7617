"""The ways in which the algorithm refuses to go on; the text is what `/opt/ml/output/failure` will hold."""


class TrainingRefused(Exception):
    """Training cannot go on; subclasses say whose fault it is by the prefix of their text."""

    prefix = "AlgorithmError"

    def __str__(self) -> str:
        """Render the text as SageMaker shows it in FailureReason."""
        return f"{self.prefix}: {super().__str__()}"


class CustomerFault(TrainingRefused):
    """A hyperparameter or an input file is not what the algorithm takes ("ClientError: ...")."""

    prefix = "ClientError"


class AlgorithmFault(TrainingRefused):
    """The algorithm broke on its input ("AlgorithmError: ...")."""
