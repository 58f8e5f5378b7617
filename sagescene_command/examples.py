"""How a command is typed, at the end of its help."""


def for_example(*commands: str) -> str:
    """Lay examples out as an epilog, each in a line that is not wrapped."""
    return "\n".join(["\b", "For example:", *(f"    {command}" for command in commands)])
