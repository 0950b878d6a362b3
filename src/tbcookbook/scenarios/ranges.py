"""Ranges of versions: on which targets an expectation holds."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tbcookbook.scenarios.problems import UnexpectedError, shown
from tbcookbook.targets.target import BACKENDS

# What the registered targets differ in. Scenarios with environments of their own may name any distribution.
AXES = ("tensorflow", "keras", "tensorboard", "numpy", "protobuf", "python", *BACKENDS)
LONGEST_RANGE = 200  # characters: what is longer may have numbers of more digits than Python reads
RANGE = 'a range such as "keras>=2.6,<3", a list of ranges that must all hold, or "*"'


class Versions:
    """A set of targets: all whose versions are in every range. `text` is what ``scenario.toml`` says.

    A range is a name with a specifier, or with None for a package that must not be installed. No dataclass, since
    msgspec would expect a table for one.
    """

    def __init__(self, text: str, ranges: tuple[tuple[str, str | None], ...]) -> None:
        self.text = text
        self.ranges = ranges

    def __contains__(self, versions: Mapping[str, str]) -> bool:
        """Whether a target with these versions (distribution name -> version) belongs to the set."""
        return all(
            name not in versions if specifier is None else name in versions and is_inside(specifier, versions[name])
            for name, specifier in self.ranges
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Versions) and self.ranges == other.ranges

    def __hash__(self) -> int:
        return hash(self.ranges)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.ranges)


@functools.cache  # ninety scenarios ask the same few questions of 47 targets
def is_inside(specifier: str, version: str) -> bool:
    return not specifier or SpecifierSet(specifier).contains(version, prereleases=True)


def parse_versions(value: object) -> Versions:
    """``"*"``, a range, or a list of ranges that must all hold. Raises UnexpectedError.

    A range is ``keras>=2.6,<3``, ``tensorboard`` (any version), or ``!tensorboard`` (not installed).
    """
    if value == "*":
        return Versions("*", ())
    texts: list[Any] = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise UnexpectedError(shown(value), RANGE)
    try:
        return Versions(" and ".join(texts), tuple(parse_range(text) for text in texts))
    except ValueError:
        raise UnexpectedError(shown(value), RANGE) from None


@functools.cache
def parse_range(text: str) -> tuple[str, str | None]:
    """One range: the name, and its specifier ("" for any version, None for "not installed"). Raises ValueError."""
    found = re.fullmatch(r"(!?)([A-Za-z][\w.-]*(?:\[\w+\])?) *([<>=!~].*)?", text)
    if found is None or (found[1] and found[3]) or len(text) > LONGEST_RANGE:
        raise ValueError(text)
    try:
        return found[2], None if found[1] else str(SpecifierSet(found[3] or ""))
    except InvalidSpecifier:
        raise ValueError(text) from None
