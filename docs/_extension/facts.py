"""What the pages say: facts out of the scenarios and the recordings, in the form in which pages show them.

Nothing here is typed by hand that a scenario or a recording knows. Plain data, no markup.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from packaging.version import Version

from tbcookbook.observation.logs import Stream
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import Recording, read_recordings
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Expectation, Role, Scenario
from tbcookbook.targets.registry import Family, RegisteredTarget, by_family, current_target, released_targets

ANSI = re.compile(r"\x1b\[[0-9;]*m")  # Keras 3 writes parts of its messages in bold

RAISED = re.compile(r"\s+\w*(Error|Exception)\b.*: ")  # in a traceback inside a message
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

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
class Cookbook:
    """All that the pages are made of. `recordings` has no entry for a target that was not run."""

    scenarios: tuple[Scenario, ...]
    targets: tuple[RegisteredTarget, ...]
    recordings: Mapping[str, Recording]

    @property
    def current(self) -> RegisteredTarget:
        """The newest TensorFlow as it is installed today."""
        return current_target()

    def seen(self, target: str, scenario: Scenario, role: Role) -> Observation | None:
        """What a script did on a target; None if it was not run there."""
        recording = self.recordings.get(target)
        return None if recording is None else recording.observation(scenario.slug, role)

    def versions(self, target: RegisteredTarget) -> Mapping[str, str]:
        """The versions that were really there; those that the registry asks for if it was not run."""
        recording = self.recordings.get(target.name)
        return target.versions if recording is None else recording.versions

    def expected(self, target: RegisteredTarget, scenario: Scenario, role: Role) -> Expectation | None:
        return scenario.expectation(role, self.versions(target))


def load_cookbook(scenarios: Path, observed: Path) -> Cookbook:
    """Raises ScenarioError or RecordingError if a file cannot be used."""
    targets = released_targets()
    return Cookbook(load_scenarios(scenarios), targets, read_recordings(observed, {target.name for target in targets}))


# Targets in words


def in_words(names: Iterable[str], targets: Sequence[RegisteredTarget]) -> str:
    """Targets as a reader would say them: "TensorFlow 2.0 to 2.5 and 2.8, Keras 3.0 to 3.15"."""
    chosen = set(names)
    parts = []
    for family, members in by_family(targets).items():
        runs: list[list[str]] = []
        gap = True
        for member in members:
            if member.name in chosen and gap:
                runs.append([])
            if member.name in chosen:
                runs[-1].append(member.version)
            gap = member.name not in chosen
        if runs:
            texts = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
            parts.append(family.words.format(" and ".join(texts)))
    return ", ".join(parts)


def minors(cookbook: Cookbook, package: str) -> list[str]:
    """The minor versions of a package among all targets that were run, newest first."""
    return minors_of(cookbook, cookbook.recordings, package)[::-1]


def minors_of(cookbook: Cookbook, names: Iterable[str], package: str) -> list[str]:
    """The minor versions of a package on some targets, oldest first: ["2.9", "2.10"]."""
    found = {Version(cookbook.recordings[name].versions[package]).release[:2] for name in names}
    return [".".join(map(str, release)) for release in sorted(found)]


# Messages


@dataclass(frozen=True)
class Message:
    """One exception as it was seen, with the targets on which it was.

    A message that repeats a traceback has several `wordings`, newest first, with one conclusion; each has the targets
    that it was seen on.
    """

    scenario: Scenario
    role: Role
    type: str
    conclusion: str
    unavailable: bool
    wordings: Mapping[str, Sequence[str]]

    @property
    def bare_type(self) -> str:
        return self.type.rpartition(".")[2]

    @property
    def is_long(self) -> bool:
        return any(text.strip() != self.conclusion for text in self.wordings)

    @property
    def targets(self) -> list[str]:
        return [name for names in self.wordings.values() for name in names]


def messages_of(cookbook: Cookbook, scenario: Scenario) -> list[Message]:
    """Every exception that a scenario's scripts ended with, those of the newest targets first."""
    found: dict[tuple[Role, str, str, bool], dict[str, list[str]]] = {}
    order = {target.name: index for index, target in enumerate(cookbook.targets)}
    newest_first = sorted(cookbook.targets, key=lambda target: (target != cookbook.current, -order[target.name]))
    for role in ROLES:
        for target in newest_first:
            seen, expected = cookbook.seen(target.name, scenario, role), cookbook.expected(target, scenario, role)
            if seen is None or seen.exception is None or expected is None:
                continue
            text = plain(seen.exception.message)
            key = (role, seen.exception.type, conclusion(text), expected.outcome == "unavailable")
            found.setdefault(key, {}).setdefault(text, []).append(target.name)
    messages = [Message(scenario, *key, wordings) for key, wordings in found.items()]
    return sorted(messages, key=lambda message: message.unavailable)


def plain(text: str) -> str:
    """Text without the terminal's escapes and other control characters, which HTML cannot hold."""
    return CONTROL.sub("", ANSI.sub("", text))


def conclusion(text: str) -> str:
    """The part of a message that says what is wrong: of one that repeats a traceback, what that traceback ends with."""
    lines = text.strip("\n").split("\n")
    starts = [number for number, line in enumerate(lines) if RAISED.match(line)]
    return textwrap.dedent("\n".join(lines[starts[-1] :])).strip() if starts else text.strip()


def headline(message: Message) -> str:
    """What a traceback ends with."""
    told = message.conclusion
    return told if told.startswith((message.type, message.bare_type)) else f"{message.type}: {told}"


def silent_on(cookbook: Cookbook, scenario: Scenario) -> list[str]:
    """The targets on which the mistake raises nothing and TensorBoard is wrong."""
    return [
        target.name for target in cookbook.targets if outcome_on(cookbook, target, scenario, "broken") == "wrong-events"
    ]


# The grid of versions


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
    """What a script does on every released target."""
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


def tables(targets: Sequence[RegisteredTarget]) -> dict[str, list[RegisteredTarget]]:
    """The tables of the matrix: the rows of minor versions, and all other targets in one, the last."""
    rows = by_family(targets)
    others = [target for family, members in rows.items() if not family.minors for target in members]
    return {**{family.title: rows[family] for family in rows if family.minors}, "Other combinations": others}


def column(table: str, target: RegisteredTarget) -> str:
    """The head of a target's column in a table of the matrix."""
    return target.version if target.family.title == table else target.words


def outcome_on(cookbook: Cookbook, target: RegisteredTarget, scenario: Scenario, role: Role) -> str:
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


# What was printed and written


def ending(seen: Observation) -> str:
    """How a script ended, after "broken.py on TensorFlow 2.21"."""
    return f"stopped by {seen.signal}" if seen.signal else f"exit status {seen.exit}"


@dataclass(frozen=True)
class Row:
    """One run and tag, or a graph or file, with what each script wrote there ("" for nothing)."""

    name: str
    plugin: str
    broken: str
    fixed: str


def event_map(broken: Observation, fixed: Observation) -> list[Row]:
    """What two scripts left below ``logs/``, side by side."""
    sides = [written(seen) for seen in (broken, fixed)]
    names = sorted({*sides[0], *sides[1]}, key=lambda name: (name[1] not in ("scalars", "text"), name))
    return [Row(name, plugin, *(side.get((name, plugin), "") for side in sides)) for name, plugin in names]


def written(seen: Observation) -> dict[tuple[str, str], str]:
    """What is shown of each stream, graph and file: (name, plugin) -> text."""
    found = {(name, stream.plugin or "no plugin"): points(stream) for name, stream in seen.logs.streams.items()}
    for graph in seen.logs.graphs:
        size = "" if graph.nodes is None else f"{graph.nodes} {'layers' if 'keras' in graph.plugin else 'nodes'}"
        found[f"{graph.run}/{graph.tag}", "graph"] = size or "a graph"
    for path in seen.logs.files:
        found[path, "file"] = "a file"
    return found


def points(stream: Stream) -> str:
    """Steps and values of a stream: "0: 0.693, 1: 0.611"; the shape in place of values that are not numbers."""
    values = list(stream.values) or [shape_text(stream)] * len(stream.steps)
    told = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in values]
    return ", ".join(f"{step}: {value}" for step, value in zip(stream.steps, told, strict=True))


def shape_text(stream: Stream) -> str:
    return "a tensor" if stream.shape is None else f"a tensor of shape {tuple(stream.shape)}"


def nothing_written(seen: Observation) -> str:
    """What there is where there is no stream: what a reader finds in the folder."""
    if not seen.logs.event_files:
        return "There is no event file."
    records = sum(file.records for file in seen.logs.event_files)
    return f"There is an event file with {records} record{'s' * (records != 1)} in it, and no point of a chart."


# Symptoms without an error text

SYMPTOMS = {
    "nothing": "Nothing in the dashboard",
    "one point": "Only one point",
    "zigzag": "The curve zigzags, or only its last part is drawn",
    "a chart is missing": "One chart is missing",
    "wrong values": "The curve is there, and its numbers are wrong",
}


def symptoms(cookbook: Cookbook) -> dict[str, list[tuple[Scenario, list[str]]]]:
    """For each symptom the scenarios that show it without an error, with the targets on which they do."""
    found: dict[str, dict[str, list[str]]] = {}
    for scenario in cookbook.scenarios:
        for target in cookbook.targets:
            expected = cookbook.expected(target, scenario, "broken")
            broken, fixed = (cookbook.seen(target.name, scenario, role) for role in ROLES)
            if expected is None or expected.outcome != "wrong-events" or broken is None or fixed is None:
                continue
            found.setdefault(symptom(broken, fixed), {}).setdefault(scenario.slug, []).append(target.name)
    by_slug = {scenario.slug: scenario for scenario in cookbook.scenarios}
    return {
        text: [(by_slug[slug], names) for slug, names in found[key].items()]
        for key, text in SYMPTOMS.items()
        if key in found
    }


def symptom(broken: Observation, fixed: Observation) -> str:
    """What someone who looks at TensorBoard sees of a mistake that raises nothing: a key of `SYMPTOMS`."""
    streams = broken.logs.streams
    if not streams:
        return "nothing"
    steps = [stream.steps for stream in streams.values()]
    if any(len(some) > 1 and len(set(some)) == 1 for some in steps):
        return "one point"
    if any(list(some) != sorted(set(some)) for some in steps):
        return "zigzag"
    if fixed.logs.streams.keys() - streams.keys():
        return "a chart is missing"
    return "wrong values"


# From one version to the next


def steps(cookbook: Cookbook) -> dict[str, list[tuple[RegisteredTarget, RegisteredTarget]]]:
    """Each minor version and the one after it, for TensorFlow and for Keras, newest first."""
    rows = by_family(cookbook.targets)
    return {family.title: list(pairwise(rows[family]))[::-1] for family in rows if family.minors}


def other_versions(before: Recording, after: Recording) -> list[tuple[str, str, str]]:
    """The packages that differ between two recordings: (name, before, after)."""
    names = sorted(before.versions.keys() | after.versions.keys())
    pairs = [(name, before.versions.get(name, "–"), after.versions.get(name, "–")) for name in names]
    return [row for row in pairs if row[1] != row[2] and "[" not in row[0]]
