"""Cases: what is run and judged."""

from __future__ import annotations

from dataclasses import dataclass

from tbcookbook.scenarios.scenario import Role, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.target import Target


@dataclass(frozen=True)
class Case:
    """One script on one target: an interpreter, or the recipe of one that is made when the case is run."""

    scenario: Scenario
    role: Role
    target: Target | Recipe

    @property
    def name(self) -> str:
        """Such as ``unreduced-loss/broken@tf-2.9``."""
        return f"{self.scenario.slug}/{self.role}@{self.target.name}"

    @property
    def interpreter(self) -> Target:
        """The target, of a case that can run: what it is run on is there."""
        assert isinstance(self.target, Target), f"{self.name} has to be made first"
        return self.target

    def __str__(self) -> str:
        return self.name
