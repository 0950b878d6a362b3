"""Ranges that tell targets apart: of those that did one thing and those that did not, what ``on`` can say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from packaging.version import Version

# What each name costs: a range of Keras explains more than one of NumPy, and two tables less than one.
COSTS = {
    "keras": 0.0,
    "tensorflow": 0.1,
    "keras[jax]": 0.2,
    "keras[torch]": 0.2,
    "keras[tensorflow]": 0.3,
    "tensorboard": 0.5,
    "python": 0.7,
    "numpy": 1.6,
    "protobuf": 1.7,
}
TOGETHER = ("keras", "tensorflow", "keras[jax]", "keras[torch]", "tensorboard")  # names for a list of two ranges
COST_OF_A_SECOND = 1.2

VersionsOf = Mapping[str, Mapping[str, str]]  # target -> distribution -> version


@dataclass(frozen=True)
class Piece:
    """A range, or several that must all hold, and the targets in it."""

    ranges: tuple[str, ...]
    targets: frozenset[str]

    @property
    def on(self) -> str | list[str]:
        """As ``scenario.toml`` has it."""
        return self.ranges[0] if len(self.ranges) == 1 else list(self.ranges)


def separate(inside: Collection[str], outside: Collection[str], versions: VersionsOf) -> list[Piece]:
    """The fewest and plainest ranges that have all targets of the first kind and none of the second; [] if none do."""
    if not inside:
        return []
    if not outside:
        return [Piece(("*",), frozenset(inside))]
    found = [*by_one_name(inside, outside, versions), *by_two_names(inside, outside, versions)]
    return min(found, key=lambda pair: pair[0])[1] if found else []


def by_one_name(
    inside: Collection[str], outside: Collection[str], versions: VersionsOf
) -> Iterator[tuple[float, list[Piece]]]:
    """What a single name can do, with its cost."""
    for name, cost in COSTS.items():
        having = {target for target in (*inside, *outside) if name in versions[target]}
        if having == set(inside):
            yield cost + 1, [Piece((name,), frozenset(inside))]
        elif having == set(outside):
            yield cost + 1, [Piece((f"!{name}",), frozenset(inside))]
        elif having >= set(inside):
            pieces = intervals(name, inside, [target for target in outside if target in having], versions)
            if pieces:
                yield cost + len(pieces), pieces


def by_two_names(
    inside: Collection[str], outside: Collection[str], versions: VersionsOf
) -> Iterator[tuple[float, list[Piece]]]:
    """What a range of one name can do if it has to hold together with one of another."""
    for first in TOGETHER:
        hull = around(first, inside, outside, versions)
        rest = [target for target in outside if target not in without(first, hull, outside, versions)]
        if hull is None or len(rest) in (0, len(outside)):
            continue
        for cost, pieces in by_one_name(inside, rest, versions):
            if len(pieces) == 1:
                ranges = (hull, *pieces[0].ranges)
                yield cost + COSTS[first] + COST_OF_A_SECOND, [Piece(ranges, frozenset(inside))]


def intervals(name: str, inside: Collection[str], outside: Collection[str], versions: VersionsOf) -> list[Piece]:
    """Ranges of one name's versions; none if a version is on both sides."""
    by_version: dict[Version, list[str]] = {}
    for target in (*inside, *outside):
        by_version.setdefault(Version(versions[target][name]), []).append(target)
    pieces: list[Piece] = []
    below: Version | None = None  # the last version that is outside
    last: Version | None = None
    run: list[str] = []
    for version in [*sorted(by_version), None]:
        targets = by_version[version] if version is not None else []
        here = {target in inside for target in targets}
        if len(here) > 1:
            return []
        if here == {True}:
            run += targets
        elif run and last is not None:
            pieces.append(Piece((between(name, below, run, version, versions),), frozenset(run)))
            run = []
        if here == {False}:
            below = version
        last = version
    return pieces


def between(name: str, below: Version | None, run: list[str], above: Version | None, versions: VersionsOf) -> str:
    """The range of a run of versions, between the nearest that are not in it."""
    found = sorted(Version(versions[target][name]) for target in run)
    parts = [f">={border(below, found[0])}"] if below is not None else []
    parts += [f"<{border(found[-1], above)}"] if above is not None else []
    return f"{name}{','.join(parts)}"


def border(before: Version, after: Version) -> str:
    """The shortest version that is over the first and not over the second: 3 between 2.15.0 and 3.0.5."""
    parts = str(after).split(".")
    return next(
        text for length in range(1, len(parts) + 1) if before < Version(text := ".".join(parts[:length])) <= after
    )


def around(name: str, inside: Collection[str], outside: Collection[str], versions: VersionsOf) -> str | None:
    """The narrowest range of a name that has all targets of the first kind, and perhaps others."""
    if not all(name in versions[target] for target in inside):
        return None
    found = [Version(versions[target][name]) for target in inside]
    others = [Version(versions[target][name]) for target in outside if name in versions[target]]
    below = max((version for version in others if version < min(found)), default=None)
    above = min((version for version in others if version > max(found)), default=None)
    return between(name, below, list(inside), above, versions)


def without(name: str, hull: str | None, targets: Collection[str], versions: VersionsOf) -> set[str]:
    """The targets that a range leaves out."""
    from tbcookbook.scenarios.ranges import parse_versions

    return set() if hull is None else {target for target in targets if versions[target] not in parse_versions(hull)}
