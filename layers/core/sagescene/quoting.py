"""Foreign text as a sentence can hold it: whoever drops a file decides how long its paths and labels are."""

from sagescene.bounds import LONGEST_QUOTE


def quote(text: str, most: int = LONGEST_QUOTE) -> str:
    """Give a text in at most so many characters: of a longer one both ends, and how long it is."""
    if len(text) <= most:
        return text
    cut = f" ... ({len(text):,} characters) ... "
    at_end = (most - len(cut)) // 3
    return text[: most - len(cut) - at_end] + cut + text[len(text) - at_end :]
