"""What changed when: behaviours that are another from one release on, and the recordings that show each.

``changes.toml`` beside the scenarios, a table for each. What it claims is held against the recordings by the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.drift import Change, Kind, compare_scripts
from tbcookbook.recordings.store import Recording, Run
from tbcookbook.scenarios.files import read_text
from tbcookbook.scenarios.loading import read_toml, scenario_root
from tbcookbook.scenarios.problems import Problem, ScenarioError
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario, Slug
from tbcookbook.targets.registry import released_targets
from tbcookbook.words import shorten

FILE = "changes.toml"
FORM = "a table as docs/reference/scenario-format.md describes it"
LONGEST_NAME = 60  # characters, in a message

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^\S[^\n]*$")]
Component = Literal["Keras's callback", "tf.summary", "TensorBoard"]


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step at which a script shows it: the last target on which it is as it was, the first on which it is not.

    `kind` is what `tbcookbook.drift` calls the difference, `subject` the stream, graph or file that it is about. A
    scenario that brings environments has its two in place of the targets.
    """

    scenario: Slug
    kind: Kind
    script: Role = "broken"
    before: str = ""
    since: str = ""
    subject: str = ""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One behaviour: what a user sees of it, where it changed, and which scripts show it.

    `run` says of what no script shows, in part or at all, what was run instead and what it did.
    """

    what: Line
    component: Component
    turns: tuple[Turn, ...] = ()
    run: Line | None = None


def load_changes(root: Path | None = None) -> dict[str, Entry]:
    """The changes beside the scenarios of a folder, by name; none if it has no such file. Raises ScenarioError."""
    path = (scenario_root() if root is None else root) / FILE
    if not path.exists():
        return {}
    text, why = read_text(path)
    if text is None:
        raise ScenarioError([Problem(path, "file", why, "a text file in UTF-8 that can be read")])
    data, problems = read_toml(path, text)
    entries: dict[str, Entry] = {}
    for name, table in (data or {}).items():
        try:
            entries[name] = msgspec.convert(table, Entry)
        except (msgspec.ValidationError, RecursionError, OverflowError) as error:
            problems.append(Problem(path, shorten(name, LONGEST_NAME), str(error), FORM))
            continue
        if not entries[name].turns and entries[name].run is None:
            expected = "`turns`, or `run` if no scenario shows it"
            problems.append(Problem(path, shorten(name, LONGEST_NAME), "nothing that shows it", expected))
    if problems:
        raise ScenarioError(problems)
    return entries


def differences_at(cookbook: Cookbook, turn: Turn) -> list[Change] | None:
    """All that a script does otherwise at a step; None if it was not run on both sides."""
    scenario = next(scenario for scenario in cookbook.scenarios if scenario.slug == turn.scenario)
    if scenario.environments:
        runs = [recorded(cookbook.own, scenario.environments[role].name, scenario, role) for role in ROLES]
    else:
        names = (turn.before, turn.since)
        runs = [recorded(cookbook.recordings, name, scenario, turn.script) for name in names]
    old, new = runs
    return None if old is None or new is None else list(compare_scripts(scenario, turn.script, old, new))


def recorded(recordings: Mapping[str, Recording], name: str, scenario: Scenario, role: Role) -> Run | None:
    found = recordings.get(name)
    return None if found is None else found.run(scenario.slug, role)


def shown_at(cookbook: Cookbook, turn: Turn) -> list[Change] | None:
    """Those of the differences that the step names: of its kind, and of its subject. None if it was not run."""
    found = differences_at(cookbook, turn)
    return (
        None
        if found is None
        else [change for change in found if (change.kind, change.subject) == (turn.kind, turn.subject)]
    )


def neighbours(turn: Turn) -> list[Turn]:
    """The steps before and after, between targets of one family: nothing changes there."""
    pairs = [(old.name, new.name) for old, new in pairwise(released_targets()) if old.family == new.family]
    beside = [(old, new) for old, new in pairs if new == turn.before or old == turn.since]
    return [msgspec.structs.replace(turn, before=old, since=new) for old, new in beside]
