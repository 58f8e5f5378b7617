"""The bases of this project's exceptions: what trying again will not mend, and what passes by itself."""


class SagesceneError(Exception):
    """A cause that trying again will not mend; the message says what will."""


class PassingError(Exception):
    """A cause that passes by itself: whoever meets it tries again in a while."""
