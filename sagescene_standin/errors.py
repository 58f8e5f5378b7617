"""What can keep a stack from standing up."""


class DeploymentError(Exception):
    """The stack cannot stand as it was asked for; the message says why."""


class TemplateRejectedError(DeploymentError):
    """CloudFormation would refuse the template or its parameter values with a ValidationError."""
