"""Small pieces of text: choices in an error message, shortening, columns."""

from __future__ import annotations

import difflib
import re
import shutil
import textwrap
from collections.abc import Iterable, Sequence

NEAREST = 3  # names that are suggested
FEW = 12  # names that are all told
LEAST_ROOM = 24  # columns for the last cell of a row


def one_of(names: Iterable[str], found: str) -> str:
    """The names to choose from, the nearest one first if one is near; of many, the three nearest alone."""
    choices = list(names)
    near = nearest(found, choices)
    if not choices:
        return "nothing, since there is none"
    if len(choices) <= FEW:
        return (f"{near[0]}, perhaps; " if near else "") + f"one of {', '.join(choices)}"
    return f"{listed(near)}, perhaps; one of {len(choices)}" if near else f"one of {len(choices)}, and none is near"


def nearest(found: str, names: Iterable[str], number: int = NEAREST) -> list[str]:
    """The names that are most like the one found, best first; none if none is.

    Of names that end in versions those of the same kind are nearest, by version: tf-2.21 to tf-2.22, and not tf-2.2.
    """
    choices = list(dict.fromkeys(names))
    kind, version = kind_and_version(found)
    same_kind = [name for name in choices if version and kind_and_version(name)[0] == kind]
    same_kind.sort(key=lambda name: distance(kind_and_version(name)[1], version))
    inside = [name for name in choices if len(found) > 2 and (found in name or name in found)]
    like = difflib.get_close_matches(found, choices, number)
    return list(dict.fromkeys([*same_kind, *like[:1], *inside, *like]))[:number]


def kind_and_version(name: str) -> tuple[str, tuple[int, ...]]:
    """``tf-2.9`` is ("tf-", (2, 9)); what ends in no version has ()."""
    match = re.search(r"\d{1,9}(?:\.\d{1,9}){0,9}$", name)
    return (name[: match.start()], tuple(map(int, match[0].split(".")))) if match else (name, ())


def distance(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """How far two versions are apart: first by the first number, and so on."""
    length = max(len(a), len(b))
    pairs = zip(a + (0,) * (length - len(a)), b + (0,) * (length - len(b)), strict=True)
    return tuple(abs(one - other) for one, other in pairs)


def listed(names: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


def columns(rows: Sequence[Sequence[str]], wrap: bool = True) -> str:
    """Rows of cells as aligned columns. To fit the terminal, the last cell is wrapped, below the others if need be."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]) - 1)]
    whole = shutil.get_terminal_size().columns
    indent = sum(widths) + 2 * len(widths)
    below = wrap and whole - indent < LEAST_ROOM  # there is no room beside the other cells
    indent = 4 if below else indent
    lines = []
    for *cells, last in rows:
        start = "".join(cell.ljust(width + 2) for cell, width in zip(cells, widths, strict=True))
        told = (textwrap.wrap(last, max(whole - indent, LEAST_ROOM)) if wrap else [last]) or [""]
        if below:
            lines.append(start.rstrip())
        else:
            lines.append(f"{start}{told.pop(0)}".rstrip())
        lines += [f"{' ' * indent}{line}".rstrip() for line in told]
    return "\n".join(lines)
