"""The base of the exceptions that a retry will not mend."""


class SagesceneError(Exception):
    """A cause that trying again will not mend; the message says what will."""
