"""Targets and versions as a reader would say them, and the steps from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from packaging.version import Version

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.recordings.store import Recording
from tbcookbook.scenarios.scenario import ROLES
from tbcookbook.targets.registry import RegisteredTarget, by_family

# Environments of scenarios by name, as in "on the broken environment".
OWN = {f"{role}-environment": f"the {role} environment" for role in ROLES}


def in_words(names: Iterable[str], targets: Sequence[RegisteredTarget]) -> str:
    """Targets as a reader would say them: "TensorFlow 2.0 to 2.5 and 2.8, Keras 3.0 to 3.15".

    An environment that a scenario brings is no target: `OWN` has its name in words.
    """
    chosen = set(names)
    parts = []
    for family, members in by_family(targets).items():
        runs: list[list[str]] = []
        gap = True
        for member in members:
            if member.name in chosen and gap:
                runs.append([])
            if member.name in chosen:
                runs[-1].append(member.version)
            gap = member.name not in chosen
        if runs:
            texts = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
            parts.append(family.words.format(" and ".join(texts)))
    return ", ".join([*parts, *(told for name, told in OWN.items() if name in chosen)])


def in_brief(names: Iterable[str], targets: Sequence[RegisteredTarget]) -> str:
    """The same without the less common combinations, if there are any others: "TensorFlow 2.0 to 2.5, Keras 3.0"."""
    chosen = list(names)
    common = [target.name for target in targets if target.family.minors and target.name in chosen]
    return in_words(common or chosen, targets)


def minors(cookbook: Cookbook, package: str) -> list[str]:
    """The minor versions of a package among all targets that were run, newest first."""
    return minors_of(cookbook, cookbook.recordings, package)[::-1]


def minors_of(cookbook: Cookbook, names: Iterable[str], package: str) -> list[str]:
    """The minor versions of a package on some targets, oldest first: ["2.9", "2.10"]."""
    found = {
        Version(cookbook.recordings[name].versions[package]).release[:2]
        for name in names
        if name in cookbook.recordings
    }
    return [".".join(map(str, release)) for release in sorted(found)]


def steps(cookbook: Cookbook) -> dict[str, list[tuple[RegisteredTarget, RegisteredTarget]]]:
    """Each minor version and the one after it, for TensorFlow and for Keras, newest first."""
    rows = by_family(cookbook.targets)
    return {family.title: list(pairwise(rows[family]))[::-1] for family in rows if family.minors}


def other_versions(before: Recording, after: Recording) -> list[tuple[str, str, str]]:
    """The packages that differ between two recordings: (name, before, after)."""
    names = sorted(before.versions.keys() | after.versions.keys())
    pairs = [(name, before.versions.get(name, "–"), after.versions.get(name, "–")) for name in names]
    return [row for row in pairs if row[1] != row[2] and "[" not in row[0]]
