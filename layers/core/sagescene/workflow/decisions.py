"""What the pipeline answers: a decision about an upload or about a training job."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about an upload or an ended job, in a word, and why, in a sentence."""

    decision: str
    subject: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """Give the decision as the function's answer."""
        return {"decision": self.decision, "subject": self.subject, "reason": self.reason}
