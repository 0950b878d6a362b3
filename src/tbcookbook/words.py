"""Words for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def one_of(names: Iterable[str], found: str) -> str:
    """The names to choose from, the nearest one first if one is near."""
    choices = list(names)
    near = difflib.get_close_matches(found, choices, n=1)
    return (f"{near[0]}, perhaps; " if near else "") + f"one of {', '.join(choices)}"
