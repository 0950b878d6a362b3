"""The registry: the targets that the cookbook speaks about, with the exact versions that work together.

The data is in ``targets.toml`` beside this file, and nowhere else.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tbcookbook.targets.target import keras_versions, shown_versions

REGISTRY = Path(__file__).with_name("targets.toml")

Status = Literal["current", "old", "preview"]


@dataclass(frozen=True)
class RegisteredTarget:
    """A row of the registry.

    `status` is "current" for what is newest of its kind, "preview" for what is not released, and "old". `python` is a
    minor version such as "3.11", `requirements` are what is installed, `env` what its processes have in
    their environment. `keras` is the version of the Keras that TensorFlow before 2.6 brings itself. `reasons` explain
    pins by the error that is seen without them.
    """

    name: str
    status: Status
    python: str
    requirements: tuple[str, ...]
    keras: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def versions(self) -> dict[str, str]:
        """What `tbcookbook.targets.target.describe` will find there, for the distributions that are pinned."""
        versions = {"python": self.python}
        for requirement in self.requirements:
            name, pinned, version = requirement.partition("==")
            if pinned:
                versions[name] = version
        if self.keras is not None:
            versions["keras"] = self.keras
        elif self.env.get("TF_USE_LEGACY_KERAS") == "1":
            versions["keras"] = versions["tf-keras"]
        return {**versions, **keras_versions(versions.get("keras"), self.env)}

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "status": self.status,
            "python": self.python,
            "requirements": list(self.requirements),
            "env": dict(self.env),
            "versions": self.versions,
        }

    @property
    def title(self) -> str:
        return f"{self.name} ({shown_versions(self.versions, ('tensorflow', 'keras'))})"


@functools.cache
def registered_targets() -> tuple[RegisteredTarget, ...]:
    """Every row, in the registry's order."""
    data = tomllib.loads(REGISTRY.read_text(encoding="utf-8"))
    reasons = data["reasons"]
    return tuple(
        RegisteredTarget(
            **{
                **row,
                "requirements": tuple(row["requirements"]),
                "reasons": {pin: reasons[pin] for pin in row["requirements"] if pin in reasons},
            }
        )
        for row in data["target"]
    )


def current_target() -> RegisteredTarget:
    """The newest TensorFlow, with the Keras that it brings: the first row that is current."""
    return next(target for target in registered_targets() if target.status == "current")


def released_targets() -> tuple[RegisteredTarget, ...]:
    """The rows whose versions are known: all but the previews."""
    return tuple(target for target in registered_targets() if target.status != "preview")
