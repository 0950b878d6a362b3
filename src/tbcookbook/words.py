"""Small pieces of text: choices in an error message, shortening, columns."""

from __future__ import annotations

import difflib
import shutil
import textwrap
from collections.abc import Iterable, Sequence


def one_of(names: Iterable[str], found: str) -> str:
    """The names to choose from, the nearest one first if one is near."""
    choices = list(names)
    near = difflib.get_close_matches(found, choices, n=1)
    return (f"{near[0]}, perhaps; " if near else "") + f"one of {', '.join(choices)}"


def shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as aligned columns; the last one is wrapped at the terminal's width."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]) - 1)]
    indent = sum(widths) + 2 * len(widths)
    room = max(shutil.get_terminal_size().columns - indent, 30)
    lines = []
    for *cells, last in rows:
        start = "".join(cell.ljust(width + 2) for cell, width in zip(cells, widths, strict=True))
        first, *rest = textwrap.wrap(last, room) or [""]
        lines += [f"{start}{first}".rstrip(), *(" " * indent + line for line in rest)]
    return "\n".join(lines)
