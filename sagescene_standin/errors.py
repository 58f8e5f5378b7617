"""The base of everything that can keep a stack from standing up."""


class DeploymentError(Exception):
    """The stack cannot stand as it was asked for; the message says why."""
