"""Recipes: what an environment is made of, before it is made."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tbcookbook.targets.target import keras_versions, with_aliases

PIN = re.compile(r"([A-Za-z0-9][\w.-]*)==([\w.+!-]+)")  # what nearly all requirements are


@dataclass(frozen=True)
class Recipe:
    """An environment to be made, and what runs in it inherits.

    `python` is a minor version such as "3.11", `requirements` are what is installed, `env` are the variables that its
    processes get. `keras` is the version of the Keras that TensorFlow before 2.6 brings itself. `preload` are the
    modules that are imported once for all scripts; None for TensorFlow where it is installed.
    """

    name: str
    python: str
    requirements: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    keras: str | None = None
    preload: tuple[str, ...] | None = None

    @functools.cached_property
    def pins(self) -> dict[str, str]:
        """The distributions that are pinned, by normalised name, with their versions."""
        plain = [PIN.fullmatch(requirement) for requirement in self.requirements]
        if all(plain):
            return {re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2] for pin in plain if pin is not None}
        from packaging.requirements import Requirement  # slow to import, and `tbcookbook list` waits for it
        from packaging.utils import canonicalize_name

        parsed = [Requirement(requirement) for requirement in self.requirements]
        return {
            canonicalize_name(requirement.name): specifier.version
            for requirement in parsed
            for specifier in requirement.specifier
            if specifier.operator == "=="
        }

    @functools.cached_property
    def versions(self) -> dict[str, str]:
        """What `tbcookbook.targets.target.describe` will find there of what is pinned."""
        versions = {"python": self.python, **with_aliases(self.pins)}
        if self.keras is not None:
            versions["keras"] = self.keras
        elif self.env.get("TF_USE_LEGACY_KERAS") == "1":
            versions["keras"] = versions["tf-keras"]
        return {**versions, **keras_versions(versions.get("keras"), self.env)}
