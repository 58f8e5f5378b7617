"""The frame of a page for people: one HTML file that needs nothing beside it and runs no script."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sagescene.foreign_text import printable_lines

SMALL_IN_PIXELS = 64  # an image of fewer is enlarged in squares, as it is
_STYLE: Final = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def write_document(title: str, sections: Iterable[str]) -> str:
    """Write a page of a title and sections, all of them HTML; empty sections are left out."""
    return printable_lines(f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
{_STYLE}</style>
</head>
<body>
<main>
{"\n".join(filter(None, sections))}
</main>
</body>
</html>
""")


def table(heads: str, rows: str, *, kind: str = "") -> str:
    """Write a table that scrolls by itself where it is wider than the page; `kind` is its CSS class.

    A head of no words is a `td`. The tab key reaches the table, so that it scrolls without a mouse, too.
    """
    named = f' class="{kind}"' if kind else ""
    shown = f"<table{named}><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="group" aria-label="table">{shown}</div>'


def section(heading: str, content: str) -> str:
    """Write a section of a page; its content is HTML."""
    return f"<section>\n<h2>{heading}</h2>\n{content}\n</section>"
