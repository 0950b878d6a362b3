"""The registry: the targets that the cookbook speaks about, with the exact versions that work together.

The data is in ``targets.toml`` beside this file, and nowhere else.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.target import shown_versions

REGISTRY = Path(__file__).with_name("targets.toml")

Status = Literal["current", "old", "preview"]


@dataclass(frozen=True)
class Family:
    """Targets that differ in one version. `words` say it in a sentence, with a place for the version.

    `minors`: whether it has every minor version of something. `plain_install_of` is the family whose targets have
    exact versions of what these get from a plain installation.
    """

    name: str
    words: str
    minors: bool = False
    plain_install_of: str | None = None

    @property
    def title(self) -> str:
        """The words without a version."""
        return self.words.replace(" {}", "")


@dataclass(frozen=True)
class Needed:
    """A distribution that scripts need: `words` name it, `install` is the command that brings it."""

    name: str
    words: str
    install: str


@dataclass(frozen=True, kw_only=True)
class RegisteredTarget(Recipe):
    """A row of the registry.

    `status` is "current" for what is newest of its kind, "preview" for what is not released, and "old". `version` is
    what tells it from the others of its family: "2.9". `reasons` explain pins by the error that is seen without them.
    """

    status: Status
    family: Family
    version: str
    reasons: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "status": self.status,
            "family": self.family.name,
            "version": self.version,
            "words": self.words,
            "python": self.python,
            "requirements": list(self.requirements),
            "env": dict(self.env),
            "versions": self.versions,
        }

    @property
    def title(self) -> str:
        return f"{self.name} ({shown_versions(self.versions, ('tensorflow', 'keras'))})"

    @property
    def words(self) -> str:
        """The target in a sentence: "TensorFlow 2.9"."""
        return self.family.words.format(self.version)


@functools.cache
def registered_targets() -> tuple[RegisteredTarget, ...]:
    """Every row, in the registry's order."""
    data = registry_file()
    families = {name: Family(name, **row) for name, row in data["families"].items()}
    return tuple(registered_target(row, families, data.get("reasons", {})) for row in data["target"])


@functools.cache
def registry_file() -> dict[str, Any]:
    return tomllib.loads(REGISTRY.read_text(encoding="utf-8"))


def registered_target(
    row: Mapping[str, Any], families: Mapping[str, Family], reasons: Mapping[str, str]
) -> RegisteredTarget:
    lists = {key: tuple(row[key]) for key in ("requirements", "preload") if key in row}
    pins = {pin: reasons[pin] for pin in row["requirements"] if pin in reasons}
    return RegisteredTarget(**{**row, **lists, "family": families[row["family"]], "reasons": pins})


def lacking(versions: Mapping[str, str]) -> Needed | None:
    """What scripts need that is not among these versions; None if everything is there."""
    return next((needed for needed in needed_packages() if needed.name not in versions), None)


def needed_packages() -> tuple[Needed, ...]:
    """What every target has."""
    return tuple(Needed(name, **row) for name, row in registry_file().get("needed", {}).items())


def current_target() -> RegisteredTarget:
    """The newest TensorFlow, with the Keras that it brings: the first row that is current."""
    return next(target for target in registered_targets() if target.status == "current")


def plain_install(target: RegisteredTarget) -> RegisteredTarget | None:
    """What a plain installation of the same version gives; None if that is not registered, or the target is it."""
    rows = registered_targets()
    return next(
        (row for row in rows if (row.family.plain_install_of, row.version) == (target.family.name, target.version)),
        None,
    )


def plain_step(before: str, after: str) -> tuple[str, str] | None:
    """What a plain installation gives in place of two targets; a target stands for itself where that is not registered.

    None if that is so for both, a name is not registered, or both are the same.
    """
    registered = {target.name: target for target in registered_targets()}
    if before == after or before not in registered or after not in registered:
        return None
    plain = [plain_install(registered[name]) for name in (before, after)]
    names = tuple(name if row is None else row.name for name, row in zip((before, after), plain, strict=True))
    return None if names == (before, after) else (names[0], names[1])


def released_targets() -> tuple[RegisteredTarget, ...]:
    """The rows whose versions are known: all but the previews."""
    return tuple(target for target in registered_targets() if target.status != "preview")


def by_family(targets: Sequence[RegisteredTarget]) -> dict[Family, list[RegisteredTarget]]:
    """The targets of each family, in the registry's order."""
    grouped: dict[Family, list[RegisteredTarget]] = {}
    for target in targets:
        grouped.setdefault(target.family, []).append(target)
    return grouped
