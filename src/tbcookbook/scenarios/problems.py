"""What is wrong with a scenario: every problem says where, what was found there, and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tbcookbook.errors import CookbookError
from tbcookbook.words import shorten

LONGEST_FOUND = 200  # characters of what was found, in a message


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a scenario's folder. `key` is a path such as ``broken[0].on``."""

    file: Path
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: found {shorten(self.found, LONGEST_FOUND)}; expected {self.expected}"


class ScenarioError(CookbookError):
    """Scenarios that cannot be used, with all the problems found in them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*map(str, problems))
        self.problems = tuple(problems)


class UnexpectedError(ValueError):
    """A value that is not what may stand there."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found = found
        self.expected = expected


def shown(value: object) -> str:
    """A value as it is told in a problem. Whatever it is, this does not fail."""
    try:
        return repr(value)
    except (ValueError, RecursionError):  # an integer of more digits than Python prints; lists in lists in lists
        return f"a {type(value).__name__} that is too large to show"
