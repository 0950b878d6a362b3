"""Every upgrade there is, as data small enough for a page that has no server: what any two targets differ in."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.recordings.form import content_hash, recorded_form
from tbcookbook.recordings.store import Run
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.registry import plain_install
from tbcookbook.upgrade import BESIDE, KINDS, Effect, asked_for, effects, is_correct

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # a class of targets each
NOT_RUN = "-"


class Texts(dict[Any, int]):
    """Numbers things in the order in which they are asked for first."""

    def __missing__(self, key: Any) -> int:
        self[key] = len(self)
        return self[key]


def every_upgrade(cookbook: Cookbook) -> dict[str, Any]:
    """What `tbcookbook.upgrade` says of any two recorded targets, as plain data.

    `scripts` has for each script the class of every target, a digit each, and what is otherwise from one class to
    another, as numbers into `effects`. Targets are of one class if a script does the same on them.
    """
    targets = [target for target in cookbook.targets if target.name in cookbook.recordings]
    numbers: Texts = Texts()
    scripts = [
        row
        for scenario in cookbook.shared
        for role in ROLES
        if (row := script_row(cookbook, scenario, role, [target.name for target in targets], numbers)) is not None
    ]
    wanted = ("tensorflow", *BESIDE)
    places = {target.name: place for place, target in enumerate(targets)}
    plain = {target.name: plain_install(target) for target in targets}
    return {
        "kinds": dict(KINDS),
        "beside": list(BESIDE),
        "targets": [
            {
                "name": target.name,
                "words": target.words,
                "current": target.name == cookbook.current.name,
                "plain": places.get(found.name) if (found := plain[target.name]) else None,
                "install": asked_for(target),
                "env": dict(target.env),
                "versions": {
                    name: version
                    for name, version in cookbook.recordings[target.name].versions.items()
                    if name in wanted
                },
            }
            for target in targets
        ],
        "effects": [[effect.kind, effect.what, example] for effect, example in numbers],
        "scripts": scripts,
    }


def script_row(
    cookbook: Cookbook, scenario: Scenario, role: Role, names: Sequence[str], numbers: Texts
) -> list[Any] | None:
    """[SLUG/ROLE, whether it is correct code, the classes, {"01": [numbers]}]; None if it was not run."""
    classes: dict[Hashable, list[int]] = {}
    runs: list[Run | None] = [cookbook.recordings[name].run(scenario.slug, role) for name in names]
    hashes: dict[int, str] = {}  # of observations, which targets that did the same share
    for place, run in enumerate(runs):
        if run is not None:
            seen = hashes.get(id(run.observation)) or hashes.setdefault(id(run.observation), hash_of(run))
            classes.setdefault((seen, *expected_of(scenario, role, run)), []).append(place)
    if not classes:
        return None
    members = list(classes.values())
    firsts = [run for places in members if (run := runs[places[0]]) is not None]
    found = [
        [told(effects(scenario, role, old, new), numbers) if old is not new else () for new in firsts] for old in firsts
    ]
    # Classes between which nothing is otherwise, and which nothing tells apart, are one.
    kept: list[int] = []
    digit: dict[int, str] = {}
    for index in range(len(members)):
        same = next((other for other in kept if alike(found, index, other)), None)
        digit[index] = digit[same] if same is not None else DIGITS[len(kept)]
        if same is None:
            kept.append(index)
    of_place = {place: digit[index] for index, places in enumerate(members) for place in places}
    row = "".join(of_place.get(place, NOT_RUN) for place in range(len(names)))
    pairs = {digit[old] + digit[new]: list(found[old][new]) for old in kept for new in kept if found[old][new]}
    return [f"{scenario.slug}/{role}", int(is_correct(scenario, role)), row, pairs]


def told(found: list[Effect], numbers: Texts) -> tuple[int, ...]:
    return tuple(numbers[effect, effect.example] for effect in found)


def alike(found: list[list[tuple[int, ...]]], one: int, other: int) -> bool:
    """Whether two classes have the same effects, from and to every class."""
    if found[one][other] or found[other][one]:
        return False
    return all(
        found[one][third] == found[other][third] and found[third][one] == found[third][other]
        for third in range(len(found))
        if third not in (one, other)
    )


# What decides how a run compares with others: what was observed but for what is printed, and what is expected.


def hash_of(run: Run) -> str:
    observation: Mapping[str, Any] = recorded_form(dataclasses.replace(run.observation, stdout="", stderr=""))
    return content_hash(observation)


def expected_of(scenario: Scenario, role: Role, run: Run) -> tuple[Hashable, Hashable]:
    versions = run.environment.versions
    expected = scenario.expectation(role, versions)
    return (None, ()) if expected is None else (id(expected), tuple(sorted(expected.streams_on(versions))))
