"""How a run through the local stack ends: with its model, what that says of three images, and its evaluation's page."""

from pathlib import Path

from sagescene.errors import SagesceneError
from sagescene_command import saving
from sagescene_command.local_run import Result
from sagescene_command.narration import Narrator

_STYLE = "bold green"


def tell(result: Result, narrator: Narrator, *, data: Path, kept: Path, for_good: bool) -> None:
    """Say which model there is, how good it is and where that can be read, or why there is none.

    The model's answers for three images of `data`, the folder that was dropped, are added to the result, and so is the
    page's address where `kept`, the folder in which the run was saved, is there `for_good`.
    """
    if not result.model:
        narrator.conclude(result.verdict, result.reason)
        # The stack's notices are written for one that goes on standing.
        narrator.say("to do", "mend it and run again; the stack has ended: what a notice says to type finds nothing")
        if result.job and not for_good:
            narrator.say("saved", "nothing; --save FOLDER keeps reports, notices and what the job logged")
        return
    narrator.say("model", result.model["name"], _STYLE)
    if result.evaluation:
        narrator.say("summary", str(result.evaluation["summary"]), _STYLE)
    _tell_predictions(result, narrator, kept, data)
    if not for_good:
        narrator.say("saved", "nothing; --save FOLDER keeps the model and the page of its evaluation")
    elif result.evaluation and (page := saving.find_page(kept, data.name, result.model["name"])):
        result.evaluation["page"] = page
        narrator.say("page", page, _STYLE)


def _tell_predictions(result: Result, narrator: Narrator, kept: Path, data: Path) -> None:
    from sagescene_command.evaluating.trying import try_model  # a second, with ONNX Runtime

    try:
        predictions = try_model(kept, data)
    except (SagesceneError, OSError) as fault:  # the run has its model all the same
        narrator.say("predicts", f"nothing here: {fault}", "yellow")
        return
    result.predictions = [prediction.as_json() for prediction in predictions]
    for prediction in predictions:
        narrator.say("predicts", prediction.as_words())
