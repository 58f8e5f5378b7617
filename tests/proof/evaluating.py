"""What measures models in virtual time: it reads the files through the product's own reader, and counts their bytes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagescene.errors import SagesceneError
from sagescene.files.setimages import ImagesOfSet
from sagescene.preflight.reading import Reader
from sagescene.workflow.evaluator import Assignment, ChallengeVerdict, Conclusion, EvaluationProgress, Opponent


class DivergedError(SagesceneError):
    """The model answers with what is no number."""


@dataclass(slots=True)
class CountingEvaluator:
    """Takes `seconds_each` for an image, one of `images` that every file is said to hold; `fails` refuses the model.

    `pause` lets time pass, and `read` counts how often each image was measured. `trained_on` is what was known, each
    time, of the images of training. `skill` is how good the model is; one with more is better on the same files.
    """

    images: int = 10
    seconds_each: float = 1.0
    fails: bool = False
    skill: int = 5
    pause: Callable[[float], None] = lambda _: None
    read: list[str] = field(default_factory=list)
    trained_on: list[ImagesOfSet | None] = field(default_factory=list)

    def measure(
        self,
        assignment: Assignment,
        tally: Mapping[str, Any] | None,
        reader: Reader,
        remaining: Callable[[], float],
    ) -> EvaluationProgress:
        """Go on from a tally."""
        b"".join(reader.whole(assignment.artifact))
        self.trained_on.append(assignment.trained_on)
        if self.fails:
            raise DivergedError("the model answers with what is no number.")
        counted = tally["images"] if tally else 0
        total = self.images * len(assignment.files)
        for records in assignment.files:
            reader.span(records, 0, 1)
        while counted < total and remaining() > self.seconds_each:
            self.pause(self.seconds_each)
            self.read.append(f"{assignment.identity} {counted}")
            counted += 1
        return EvaluationProgress(tally={"images": counted}, images=counted, is_whole=counted == total)

    def conclude(
        self,
        assignment: Assignment,
        tally: Mapping[str, Any],
        reader: Reader,
        written: datetime,
        opponent: Opponent | None,
        training_log: Callable[[str], Iterable[str]],  # noqa: ARG002 - there is no log in virtual time
        remaining: Callable[[], float],  # noqa: ARG002 - and no list
    ) -> Conclusion:
        """Say how many images were read."""
        for records in assignment.files:
            reader.span(records, 0, 1)
        images, total = tally["images"], self.images * len(assignment.files)
        sample = f"a sample of {images} of {total}" if images < total else f"{images}"
        return Conclusion(
            document={
                "artifact": {"key": assignment.artifact.key, "etag": assignment.artifact.etag},
                "files": [{"key": records.key, "etag": records.etag} for records in assignment.files],
                "images": images,
                "role": assignment.role,
                "written": written.isoformat(),
                "skill": self.skill,
            },
            page=f"<p>{images} {assignment.role} images</p>",
            summary=f"On {sample} {assignment.role} images its accuracy is 0.5.",
            warnings=("both fits differ",),
            figures={"accuracy": str(self.skill / 10)},
            challenge=self._challenge(assignment, opponent) if opponent else None,
        )

    def _challenge(self, assignment: Assignment, opponent: Opponent) -> ChallengeVerdict:
        content = [records.etag for records in assignment.files]
        skills = [each["skill"] for each in opponent.documents if [file["etag"] for file in each["files"]] == content]
        outcome = "not comparable"
        if skills:
            outcome = "better" if self.skill > skills[0] else "worse" if self.skill < skills[0] else "within noise"
        return ChallengeVerdict(
            outcome=outcome,
            said=f"{outcome} beside version {opponent.version}.",
            hindrances=() if outcome == "better" and assignment.role == "test" else (f"it is {outcome}",),
        )
