"""What a script does on every target: an outcome for each, as a sign and a word, and what there is to say of it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.catalogue.messages import conclusion
from tbcookbook.scenarios.scenario import ROLES, Expectation, Role, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import RegisteredTarget, by_family

# Outcome: sign, and the word that stands beside it or in its place.
SIGNS = {
    "ok": ("✓", "works"),
    "raises": ("✗", "raises"),
    "wrong-events": ("≠", "wrong data"),
    "warns": ("!", "warns"),
    "crashes": ("†", "crashes"),
    "unavailable": ("–", "cannot run"),
    "harmless": ("○", "does no harm"),
    "not run": ("?", "not run"),
}


@dataclass(frozen=True)
class Told:
    """What a script does somewhere: a key of `SIGNS`, and what there is to say of it, both "" for nothing."""

    outcome: str
    message: str
    note: str

    @property
    def sign(self) -> str:
        return SIGNS[self.outcome][0]

    @property
    def word(self) -> str:
        return SIGNS[self.outcome][1]


@dataclass(frozen=True)
class Row:
    """Targets, by name, on which both scripts of a scenario do the same."""

    targets: tuple[str, ...]
    scripts: Mapping[Role, Told]


def rows(cookbook: Cookbook, scenario: Scenario) -> list[Row]:
    """What the scripts do on the released targets, the newest first, and last where neither can run or was run.

    Not of a scenario that brings environments: see `environment`.
    """
    found: dict[tuple[Told, ...], list[str]] = {}
    newest_first = sorted(cookbook.targets, key=lambda target: target != cookbook.current)
    newest_first[1:] = newest_first[:0:-1]
    for target in newest_first:
        told = tuple(told_on(cookbook, target, scenario, role) for role in ROLES)
        found.setdefault(told, []).append(target.name)
    made = [Row(tuple(names), dict(zip(ROLES, told, strict=True))) for told, names in found.items()]
    return sorted(made, key=lambda row: {told.outcome for told in row.scripts.values()} <= {"unavailable", "not run"})


def told_on(cookbook: Cookbook, target: Recipe, scenario: Scenario, role: Role) -> Told:
    outcome = outcome_on(cookbook, target, scenario, role)
    message, note = (outcome != "not run" and footnote(cookbook.expected(target, scenario, role))) or ("", "")
    return Told(outcome, message, note)


@dataclass(frozen=True)
class Own:
    """What a script does in the environment that its scenario brings, and what is there.

    `asked` are the requirements and variables of the scenario, `also` what came with them: (package, version).
    """

    python: str
    asked: Sequence[str]
    also: Sequence[tuple[str, str]]
    outcome: str
    note: tuple[str, str] | None

    @property
    def sign(self) -> str:
        return SIGNS[self.outcome][0]

    @property
    def word(self) -> str:
        return SIGNS[self.outcome][1]


def environment(cookbook: Cookbook, scenario: Scenario, role: Role) -> Own:
    """What a script does in the environment of its own, of a scenario that brings one."""
    recipe = scenario.environments[role]
    versions = cookbook.versions(recipe, scenario, role)
    variables = [f"{name}={value}" for name, value in sorted(recipe.env.items())]
    known = {*recipe.pins, *recipe.versions}  # the second also under the name that a build stands for
    return Own(
        versions["python"],
        [*recipe.requirements, *variables],
        [(name, version) for name, version in sorted(versions.items()) if name not in known and "[" not in name],
        outcome_on(cookbook, recipe, scenario, role),
        footnote(cookbook.expected(recipe, scenario, role)),
    )


def tables(targets: Sequence[RegisteredTarget]) -> dict[str, list[RegisteredTarget]]:
    """The tables of the matrix, newest first: the rows of minor versions, and all other targets in one, the last."""
    found = {family: members[::-1] for family, members in by_family(targets).items()}
    others = [target for family, members in found.items() if not family.minors for target in members]
    return {**{family.title: found[family] for family in found if family.minors}, "Other combinations": others}


@dataclass(frozen=True)
class Span:
    """Neighbours in a table of the matrix on which both scripts of a scenario do the same; `outcomes` by role."""

    targets: tuple[RegisteredTarget, ...]
    outcomes: tuple[str, ...]

    def label(self, table: str) -> str:
        """The targets in short: "2.3 to 2.15" of the newest first."""
        heads = [column(table, target) for target in self.targets]
        return (
            heads[0] if len(heads) == 1 else f"{heads[-1]} to {heads[0]}" if self.in_family(table) else ", ".join(heads)
        )

    def in_family(self, table: str) -> bool:
        return all(target.family.title == table for target in self.targets)


def spans(cookbook: Cookbook, scenario: Scenario, members: Sequence[RegisteredTarget]) -> list[Span]:
    """A row of the matrix: equal neighbours together, in the order of the members."""
    told = itertools.groupby(
        members, lambda target: tuple(outcome_on(cookbook, target, scenario, role) for role in ROLES)
    )
    return [Span(tuple(found), outcomes) for outcomes, found in told]


def column(table: str, target: RegisteredTarget) -> str:
    """The head of a target's column in a table of the matrix."""
    return target.version if target.family.title == table else target.words


def outcome_on(cookbook: Cookbook, target: Recipe, scenario: Scenario, role: Role) -> str:
    """A key of `SIGNS`."""
    expected = cookbook.expected(target, scenario, role)
    if expected is None or cookbook.seen(target.name, scenario, role) is None:
        return "not run"
    return "harmless" if role == "broken" and expected.outcome == "ok" else expected.outcome


def footnote(expected: Expectation | None) -> tuple[str, str] | None:
    """What an outcome is about, beyond its sign: (message, what there is to say)."""
    if expected is None or not (expected.message or expected.note):
        return None
    said = conclusion(expected.message or "")
    named = not expected.type or said.startswith((expected.type, expected.type.rpartition(".")[2]))
    return said if named else f"{expected.type}: {said}", expected.note or ""
