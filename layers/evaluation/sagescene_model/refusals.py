"""Why an artifact cannot be read, converted or run."""

from sagescene.errors import SagesceneError


class ModelRefused(SagesceneError):
    """A model that cannot be used: `file` and `where` name the place, `remedy` what to do; all of it is the text."""

    remedy = "Take the model.tar.gz that the training job wrote, unchanged."

    def __init__(self, file: str, where: str, message: str, remedy: str = "") -> None:
        """Join place, sentence and remedy; without a remedy, take the class's."""
        self.file = file
        self.where = where
        self.message = message
        self.remedy = remedy or self.remedy
        place = ", ".join(part for part in (file, where) if part)
        super().__init__(f"{place}: {message} {self.remedy}")


class ArtifactRefused(ModelRefused):
    """Files that are missing, surplus, too large, or no archive."""


class WeightsRefused(ModelRefused):
    """A `.params` file that is damaged, or of a kind that the algorithm does not write."""


class SymbolRefused(ModelRefused):
    """A `-symbol.json` that is no graph, or one whose operators or weights do not fit."""


class DivergedRefused(ModelRefused):
    """A model whose weights or answers are no numbers: its training has diverged."""

    remedy = "Train again with a smaller learning_rate."

    def __init__(self, file: str, subject: str, verb: str) -> None:
        """Say of what, and whether it holds or answers with what is no number."""
        super().__init__(
            file, "", f"{subject} {verb} what is no number (NaN or infinite), so its training has diverged."
        )


class OperatorRefused(SymbolRefused):
    """An operator, or a setting of one, that is not known here."""

    remedy = "Train with the built-in Image Classification algorithm; another network's model cannot be evaluated here."
