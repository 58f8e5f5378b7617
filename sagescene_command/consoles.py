"""AWS's consoles, which know nothing of a stack on this machine."""

import re
from urllib.parse import unquote

_OBJECT = re.compile(r"https://\S+?/s3/object/(?P<bucket>[^?\s]+)\?\S*?prefix=(?P<key>\S+)")
_CONSOLE = re.compile(r"https://[\w-]+\.console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)/\S*")


def localize(text: str) -> str:
    """Name the object that a link to S3's console leads to, and leave out where the links to other consoles lead."""
    text = _OBJECT.sub(lambda link: f"s3://{link['bucket']}/{unquote(link['key'])}", text)
    return _CONSOLE.sub("AWS's console shows them on AWS", text)
