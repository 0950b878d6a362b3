"""An upgrade from one target to another: what it does to correct code and to mistakes, and what to do before it.

Drift has every difference. Here each is said once, as a reader would notice it, and the sum of them in three lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from packaging.version import InvalidVersion, Version

from tbcookbook.catalogue.messages import conclusion, plain
from tbcookbook.drift import Change, compare_scripts
from tbcookbook.recordings.store import Recording, Run
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.registry import RegisteredTarget, registered_targets
from tbcookbook.words import shorten

# The packages that change beside TensorFlow and that people ask about, in this order.
BESIDE = ("keras", "tf-keras", "python", "numpy", "protobuf", "tensorboard")
LONGEST = 160  # characters of a message in a row
NAMED = 3  # curves that the first line names
FEW = 0.2  # of the scripts that an upgrade changes: a route that changes no more is named
TYPE = re.compile(r"raises ([\w.]+): ")
LINE = re.compile(r" \(line \d+\)$")
NAMES_TYPE = re.compile(r"[\w.]*(?:Error|Exception): ")
NOTHING = "nothing written"

# What becomes of something, and the word for such things in the first two lines.
KINDS: Mapping[str, str] = {
    "stops": "stopped by",
    "stops otherwise": "stopped by something else",
    "runs": "no longer stopped",
    "does no harm": "harmless now",
    "fails": "failing",
    "vanishes": "gone",
    "fewer points": "fewer points",
    "is renamed": "renamed",
    "moves": "at other steps",
    "appears": "new",
    "more points": "more points",
    "holds other values": "other values",
    "is shown otherwise": "shown otherwise",
    "warns otherwise": "other warnings",
}
OF_SCRIPTS = ("stops", "stops otherwise", "runs", "does no harm", "fails", "is shown otherwise", "warns otherwise")


@dataclass(frozen=True)
class Effect:
    """One thing that becomes otherwise: its kind, a key of `KINDS`, what it is about, and what was and is, in brief."""

    kind: str
    what: str
    example: str = field(default="", compare=False)


@dataclass(frozen=True)
class Row:
    """An effect, and the scripts that it was seen in: SLUG/ROLE."""

    effect: Effect
    scripts: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """A target to upgrade to instead, and how many correct scripts do otherwise there all the same."""

    target: RegisteredTarget
    otherwise: int


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade does. `beside` are packages: (name, before, after, whether its first number is another).

    `route` is a target of the same TensorFlow with which correct code does what it did, but for few scripts; None if
    none is known, or if none is needed.
    """

    before: Recording
    after: Recording
    correct: Sequence[Row]
    mistakes: Sequence[Row]
    compared: int
    beside: Sequence[tuple[str, str, str, bool]]
    route: Route | None

    @property
    def lacks_tensorboard(self) -> bool:
        return "tensorboard" in self.before.versions and "tensorboard" not in self.after.versions

    @property
    def lines(self) -> tuple[str, str, str]:
        """Correct code; mistakes; what to do before. With `code` in backticks."""
        return summary_of_correct(self.correct, self.compared), summary_of_mistakes(self.mistakes), advice(self)


def upgrade(
    before: Recording, after: Recording, scenarios: Sequence[Scenario], known: Mapping[str, Recording] | None = None
) -> Upgrade:
    """Compare two recordings. `known` are the recordings among which a safe route is looked for."""
    correct, mistakes, compared = compare(before, after, scenarios)
    route = safe_route(before, after, scenarios, known or {}, len(scripts_of(correct))) if correct else None
    return Upgrade(before, after, correct, mistakes, compared, beside(before.versions, after.versions), route)


def compare(before: Recording, after: Recording, scenarios: Sequence[Scenario]) -> tuple[list[Row], list[Row], int]:
    """The rows of correct code and of mistakes, and how many correct scripts were run on both."""
    found: dict[bool, dict[Effect, list[str]]] = {True: {}, False: {}}
    examples: dict[Effect, Effect] = {}
    compared = 0
    for scenario in scenarios:
        for role in ROLES:
            old, new = before.run(scenario.slug, role), after.run(scenario.slug, role)
            if old is None or new is None:
                continue
            correct = is_correct(scenario, role)
            compared += correct
            for effect in effects(scenario, role, old, new):
                found[correct].setdefault(examples.setdefault(effect, effect), []).append(f"{scenario.slug}/{role}")
    sides = [
        sorted((Row(effect, tuple(scripts)) for effect, scripts in rows.items()), key=weight) for rows in found.values()
    ]
    return sides[0], sides[1], compared


def weight(row: Row) -> tuple[int, int, str]:
    return list(KINDS).index(row.effect.kind), -len(row.scripts), row.effect.what


def is_correct(scenario: Scenario, role: Role) -> bool:
    """Whether a script is as it should be: a fixed one, or one that a release broke or mended."""
    works = any(expected.outcome == "ok" for expected in scenario.expectations[role])
    return role == "fixed" or (scenario.fault == "library" and works)


# Effects


def effects(scenario: Scenario, role: Role, old: Run, new: Run) -> list[Effect]:
    """What a reader notices of one script, once: what follows from its end is not said again.

    A script that could not run before says nothing, nor does a mistake that cannot be made any more.
    """
    correct = is_correct(scenario, role)
    if cannot_run(scenario, role, old) or (not correct and cannot_run(scenario, role, new)):
        return []
    changes = list(compare_scripts(scenario, role, old, new))
    kinds = {change.kind for change in changes}
    for telling in ("broken no longer breaks", "now raises", "no longer raises", "raises something else"):
        if telling in kinds:
            changes = [change for change in changes if change.kind == telling]
    if kinds - {"fixed no longer works", "warnings changed"}:
        changes = [change for change in changes if change.kind != "fixed no longer works"]
    return list(dict.fromkeys(effect_of(change, correct) for change in changes))


def cannot_run(scenario: Scenario, role: Role, run: Run) -> bool:
    expected = scenario.expectation(role, run.environment.versions)
    return expected is not None and expected.outcome == "unavailable"


def effect_of(change: Change, correct: bool) -> Effect:
    kind, before, after = change.kind, change.before, change.after
    what = change.subject
    if kind == "now raises":
        said = error(after)
        # Correct code that stops has one cause in many scripts; each mistake has its own words.
        return Effect("stops", said.partition(":")[0], said) if correct else Effect("stops", said)
    if kind == "no longer raises":
        return Effect("runs", error(before))
    if kind in ("raises something else", "message reworded"):
        return Effect("stops otherwise", error(after), f"{error(before)} → {error(after)}")
    if kind == "ends in another way":
        return Effect("stops otherwise", after, f"{before} → {after}")
    if kind == "broken no longer breaks":
        return Effect("does no harm", error(before) if TYPE.match(before) else change.scenario)
    if kind == "fixed no longer works":
        return Effect("fails", change.scenario, shorten(after, LONGEST))
    if kind == "tags renamed":
        return Effect("is renamed", f"{before} → {after}")
    if kind == "data lost":
        return Effect("vanishes" if after == NOTHING else "fewer points", what, f"{before} → {after}")
    if kind == "data gained":
        return Effect("appears" if before == NOTHING else "more points", what, f"{before} → {after}")
    told = {
        "steps moved": "moves",
        "values changed": "holds other values",
        "shown otherwise": "is shown otherwise",
        "warnings changed": "warns otherwise",
    }[kind]
    example = " → ".join(shorten(" ".join(plain(text).split()), LONGEST) for text in (before, after))
    return Effect(told, what if told in ("moves", "holds other values") else change.scenario, example)


def error(ending: str) -> str:
    """What a script raised, in brief: "ValueError: no" of "raises builtins.ValueError: no (line 3)"."""
    match = TYPE.match(ending)
    if match is None:
        return shorten(ending, LONGEST)
    said = conclusion(plain(LINE.sub("", ending[match.end() :])))
    told = said if NAMES_TYPE.match(said) else f"{match[1].rpartition('.')[2]}: {said}"
    return shorten(" ".join(told.split()), LONGEST)


# Step by step


@dataclass(frozen=True)
class Turn:
    """A step at which a script's behaviour changed."""

    before: str
    after: str
    role: Role
    effect: Effect


def turns(scenario: Scenario, recordings: Sequence[Recording]) -> list[Turn]:
    """The steps at which a behaviour of one scenario changed, along recordings in order."""
    return [
        Turn(old.name, new.name, role, effect)
        for old, new in pairwise(recordings)
        for role in ROLES
        if (before := old.run(scenario.slug, role)) is not None and (after := new.run(scenario.slug, role)) is not None
        for effect in effects(scenario, role, before, after)
    ]


# In three lines


def summary_of_correct(rows: Sequence[Row], compared: int) -> str:
    if not compared:
        return "Correct code: nothing was run on both."
    if not rows:
        return f"Correct code logs what it logged: all {compared} scripts."
    stopped = [row for row in rows if row.effect.kind == "stops"]
    if stopped:
        names = listed_code(row.effect.what for row in stopped)
        others = [row for row in rows if row.effect.kind != "stops"]
        more = f" Otherwise: {'; '.join(counted(others))}." if others else ""
        return f"Correct code stops: {len(scripts_of(stopped))} of {compared} scripts, with {names}.{more}"
    return f"Correct code behaves otherwise: {'; '.join(counted(rows))}."


def counted(rows: Sequence[Row]) -> Iterable[str]:
    """What becomes of how many things, by kind: "new: `a`, `b`"."""
    for kind, words in KINDS.items():
        mine = [row for row in rows if row.effect.kind == kind]
        if mine and kind in OF_SCRIPTS:
            number = len(scripts_of(mine))
            yield f"{words}: {number} script{'s' * (number > 1)}"
        elif mine:
            yield f"{words}: {listed_code(row.effect.what for row in mine)}"


def listed_code(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return ", ".join(f"`{name}`" for name in found[:NAMED]) + more


def summary_of_mistakes(rows: Sequence[Row]) -> str:
    if not rows:
        return "Mistakes behave as they did."
    scripts = Counter(script for row in rows for script in row.scripts)
    told = []
    for kinds, words in (
        (("stops",), "now stop with an error"),
        (("runs",), "no longer stop"),
        (("does no harm",), "do no harm any more"),
    ):
        mine = {script for row in rows if row.effect.kind in kinds for script in row.scripts}
        if mine:
            told.append(f"{len(mine)} {words}")
            for script in mine:
                scripts.pop(script, None)
    if scripts:
        told.append(f"{len(scripts)} show in another way")
    return f"Mistakes behave otherwise: {', '.join(told)}."


def advice(found: Upgrade) -> str:
    parts = []
    if found.lacks_tensorboard:
        parts.append("install `tensorboard` beside it: nothing brings it any more")
    if found.route is not None:
        parts.append(route_in_words(found))
    elif found.correct and not found.lacks_tensorboard:
        parts.append("go through what changes for correct code, below")
    if not parts:
        return "Before upgrading: nothing." + (
            " A mistake that is in your code will look otherwise." * bool(found.mistakes)
        )
    return f"Before upgrading: {'; '.join(parts)}."


def route_in_words(found: Upgrade) -> str:
    """With what correct code does what it did."""
    assert found.route is not None
    target, otherwise = found.route.target, found.route.otherwise
    variables = "".join(f" and `{name}={value}`" for name, value in target.env.items())
    command = f"`pip install {' '.join(asked_for(target))}`{variables}"
    but = f", but for {otherwise} script{'s' * (otherwise > 1)}" if otherwise else ""
    return f"with {command} correct code logs what it logged{but} (`diff {found.before.name} {target.name}`)"


def asked_for(route: RegisteredTarget) -> list[str]:
    """What to ask pip for, of what matters here."""
    names = {"tensorflow", "tensorboard", "tf-keras" if "tf-keras" in route.pins else "keras"}
    return [f"{name}=={version}" for name, version in route.pins.items() if name in names]


def safe_route(
    before: Recording,
    after: Recording,
    scenarios: Sequence[Scenario],
    known: Mapping[str, Recording],
    otherwise: int,
) -> Route | None:
    """The target with the TensorFlow of `after` on which the fewest correct scripts do otherwise than on `before`.

    None if that is no great help: it must be `FEW` of the `otherwise` scripts that the upgrade itself changes, at most.
    """
    wanted = after.versions.get("tensorflow")
    if wanted is None or wanted == before.versions.get("tensorflow"):
        return None
    routes = []
    for target in registered_targets():
        recording = known.get(target.name)
        if target.name == after.name or recording is None or recording.versions.get("tensorflow") != wanted:
            continue
        correct, _, compared = compare(before, recording, scenarios)
        if compared:
            routes.append(Route(target, len(scripts_of(correct))))
    best = min(routes, key=lambda route: route.otherwise, default=None)
    return best if best is not None and best.otherwise <= FEW * otherwise else None


def scripts_of(rows: Iterable[Row]) -> set[str]:
    return {script for row in rows for script in row.scripts}


def beside(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str, bool]]:
    """What changes beside TensorFlow, of what people ask about: those with another first number come first."""
    rows = [
        (name, before.get(name, "none"), after.get(name, "none"))
        for name in BESIDE
        if before.get(name) != after.get(name)
    ]
    marked = [(*row, first_number(row[1]) != first_number(row[2])) for row in rows]
    return sorted(marked, key=lambda row: not row[3])


def first_number(version: str) -> int | None:
    try:
        return Version(version).major
    except InvalidVersion:
        return None
