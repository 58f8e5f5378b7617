"""Names of files and folders that nobody made: those of systems and of programs, and hidden ones."""

# macOS beside the folders that it zips, a NAS for its thumbnails and its bin, Windows and Linux on every disk.
_FOLDERS_OF_SYSTEMS = {"__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"}


def is_hidden(name: str) -> bool:
    """Tell whether a file or a folder is hidden by its name, as .ipynb_checkpoints is, or one of a system."""
    return (name.startswith(".") and name not in {".", ".."}) or name.lower() in _FOLDERS_OF_SYSTEMS
