"""What a script does on every target: an outcome for each, as a sign and a word, and footnotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import Family, RegisteredTarget, by_family

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
class Cell:
    """What a script does on one target. `note` is the number of a footnote; 0 for none."""

    target: RegisteredTarget
    version: str
    outcome: str
    note: int

    @property
    def sign(self) -> str:
        return SIGNS[self.outcome][0]

    @property
    def word(self) -> str:
        return SIGNS[self.outcome][1]


@dataclass(frozen=True)
class Grid:
    """The cells of a script by family of targets, and the footnotes, counted from 1: (message, its explanation)."""

    rows: Mapping[Family, Sequence[Cell]]
    notes: Sequence[tuple[str, str]]


def grid(cookbook: Cookbook, scenario: Scenario, role: Role) -> Grid:
    """What a script does on every released target. Not of a scenario that brings environments: see `environment`."""
    notes: list[tuple[str, str]] = []
    rows: dict[Family, list[Cell]] = {}
    for family, members in by_family(cookbook.targets).items():
        for target in members:
            note = footnote(cookbook.expected(target, scenario, role))
            if note is not None and note not in notes:
                notes.append(note)
            number = notes.index(note) + 1 if note is not None else 0
            outcome = outcome_on(cookbook, target, scenario, role)
            rows.setdefault(family, []).append(Cell(target, target.version, outcome, number))
    return Grid(rows, notes)


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
    """The tables of the matrix: the rows of minor versions, and all other targets in one, the last."""
    rows = by_family(targets)
    others = [target for family, members in rows.items() if not family.minors for target in members]
    return {**{family.title: rows[family] for family in rows if family.minors}, "Other combinations": others}


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
    told = f"{expected.type}: {expected.message}" if expected.type else expected.message
    return told or "", expected.note or ""
