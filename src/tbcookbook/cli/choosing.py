"""What the arguments name: scenarios and targets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tbcookbook.cli.output import fail, say

if TYPE_CHECKING:
    from tbcookbook.scenarios.scenario import Scenario
    from tbcookbook.targets.target import Target


def select(names: Sequence[str], chapters: bool = True) -> list[Scenario]:
    """The scenarios with these slugs, or of these chapters; all if there is no name. Ends the program on bad ones.

    Raises ScenarioError.
    """
    from tbcookbook.scenarios.loading import load_scenarios
    from tbcookbook.words import listed, nearest, one_of

    scenarios = load_scenarios(given_root())
    chosen: dict[Path, Scenario] = {}
    for name in names:
        matching = [
            scenario for scenario in scenarios if name in (scenario.slug, f"{scenario.chapter}/{scenario.slug}")
        ]
        if chapters:
            matching += [scenario for scenario in scenarios if scenario.chapter == name]
        if not matching:
            known = [scenario.slug for scenario in scenarios]
            known += sorted({scenario.chapter for scenario in scenarios}) if chapters else []
            near = [] if chapters or nearest(name, known) else near_in_words(name)
            expected = f"{listed(near)}, perhaps" if near else one_of(known, name)
            fail(f"no scenario {name!r}; expected {expected}{'' if chapters else or_diagnose(name)}")
        chosen.update((scenario.folder, scenario) for scenario in matching)
    return list(chosen.values()) if names else list(scenarios)


def or_diagnose(name: str) -> str:
    """For what is no slug, and may be an error or words: the command that takes these."""
    import shlex

    from tbcookbook.words import shorten

    option = "" if ":" in name else "--symptom "
    return f"; for an error or words: tbcookbook diagnose {option}{shorten(shlex.quote(name), 120)}"


def near_in_words(name: str) -> list[str]:
    """The slugs of the three scenarios that have most to do with words; none if the index cannot be had."""
    from tbcookbook.diagnosis.answer import diagnose_symptom

    answers = diagnose_symptom(name.replace("-", " "), given_root()).answers
    return [answer.entry.name for answer in answers if answer.entry.kind == "scenario"][:3]


def given_root() -> Path | None:
    """The folder of ``--scenarios``; None if it is not given. Ends the program if there is no such folder."""
    root = click.get_current_context().obj
    if root is None:
        return None
    assert isinstance(root, Path)
    if not root.is_dir():
        fail(f"--scenarios {root}: {'not a folder' if root.exists() else 'there is no such folder'}")
    return root


def open_targets(texts: Sequence[str]) -> list[Target]:
    """The targets to run on. Raises TargetError if one cannot be used."""
    from tbcookbook.suite import need_packages, unique_targets
    from tbcookbook.targets.environments import resolve_target
    from tbcookbook.targets.target import THIS

    targets = list(unique_targets([resolve_target(text, say) for text in texts or [THIS]]))
    for target in targets:
        need_packages(target)
    return targets
