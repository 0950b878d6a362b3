"""One way in which an observation is not as expected, and small words for saying it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mismatch:
    """One difference. `what` names it; `hint` says what it means where that is not plain."""

    what: str
    expected: str
    actual: str
    hint: str = ""


def listed(found: Iterable[object], nothing: str = "none") -> str:
    """Things in a row, or the word for no things."""
    return ", ".join(map(str, found)) or nothing


def numbers(found: object) -> str:
    """What a script computed, or logged: its numbers, or why there are none."""
    if isinstance(found, dict):
        return str(found.get("missing"))
    if not isinstance(found, (list, tuple)):
        return repr(found)
    return ", ".join(f"{value:.6g}" if isinstance(value, float) else repr(value) for value in found) or "no numbers"
