"""What hinders the reading or writing of a file, as a sentence."""


def explain(fault: Exception) -> str:
    """Name the file and the system's reason for an OSError; other faults speak for themselves."""
    if isinstance(fault, OSError) and fault.filename and fault.strerror:
        return f"{fault.filename} cannot be read or written: {fault.strerror}."
    return str(fault)
