"""Expectation held against observation: every way in which they differ, in words for people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tbcookbook.observation.logs import Stream
from tbcookbook.observation.record import Observation, Raised
from tbcookbook.scenarios import message
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario, StreamExpectation
from tbcookbook.targets.target import Target, shown_versions

Recorded = Literal["as recorded", "different", "stale", "not recorded"]

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-5, 1e-6  # logged float32 against the script's own numbers


@dataclass(frozen=True)
class Mismatch:
    """One difference. `what` names it; `hint` says what it means where that is not plain."""

    what: str
    expected: str
    actual: str
    hint: str = ""


@dataclass(frozen=True)
class Verdict:
    """What one script did on one target, and how it differs from what was expected. No mismatch: as expected.

    `recorded` says how it compares with the target's recording; None where it was compared with none.
    """

    scenario: Scenario
    role: Role
    target: Target
    expectation: Expectation | None
    observation: Observation
    mismatches: tuple[Mismatch, ...]
    recorded: Recorded | None = None

    @property
    def case(self) -> str:
        """The name of the case, such as ``unreduced-loss/broken@this``."""
        return f"{self.scenario.slug}/{self.role}@{self.target.name}"

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "chapter": self.scenario.chapter,
            "scenario": self.scenario.slug,
            "script": self.role,
            "target": self.target.name,
            "expected": None if self.expectation is None else self.expectation.outcome,
            "as_expected": not self.mismatches,
            "recorded": self.recorded,
            "mismatches": [vars(mismatch) for mismatch in self.mismatches],
            "observation": self.observation.as_json(),
        }


def judge(scenario: Scenario, role: Role, target: Target, observation: Observation) -> Verdict:
    """Compare what a script did on a target with what the scenario says it does there."""
    expectation = scenario.expectation(role, target.versions)
    if expectation is None:
        here = shown_versions(target.versions)
        found = [Mismatch("range", f"a [[{role}]] range that has {here}", "none", "scenario.toml says nothing of it")]
    else:
        found = [*compare_endings(scenario, role, expectation, observation), *compare_traces(observation)]
        if expectation.outcome != "unavailable":  # how far it came before it could not go on is no matter
            found += compare_events(expectation.streams_on(target.versions), observation)
    return Verdict(scenario, role, target, expectation, observation, tuple(found))


# How it ended

ENDINGS = {
    "raises": ("raises",),
    "unavailable": ("raises",),
    "warns": ("ok",),
    "wrong-events": ("ok",),
    "ok": ("ok",),
    "crashes": ("killed", "exits"),
}


def compare_endings(
    scenario: Scenario, role: Role, expectation: Expectation, observation: Observation
) -> Iterable[Mismatch]:
    if observation.ending not in ENDINGS[expectation.outcome]:
        yield Mismatch(
            "outcome",
            describe_expected_ending(expectation),
            describe_ending(observation),
            hint_on_ending(role, expectation, observation),
        )
        return
    raised = observation.exception
    if raised is not None and expectation.outcome in ("raises", "unavailable"):
        yield from compare_exceptions(scenario, role, expectation, raised)
    if expectation.outcome == "warns":
        yield from compare_warnings(expectation, observation)
    if expectation.outcome == "crashes":
        expected = expectation.signal if expectation.signal is not None else f"exit status {expectation.exit}"
        actual = observation.signal if observation.signal is not None else f"exit status {observation.exit}"
        if expected != actual:
            yield Mismatch("crash", expected, actual)
        text = expectation.message
        if text is not None and not any(message.matches(text, line) for line in observation.stderr.splitlines()):
            yield Mismatch("a line on stderr", text, last_line(observation.stderr))


def compare_exceptions(scenario: Scenario, role: Role, expectation: Expectation, raised: Raised) -> Iterable[Mismatch]:
    assert expectation.type is not None
    assert expectation.message is not None
    if not is_type(expectation.type, raised.type):
        yield Mismatch("exception type", expectation.type, raised.type)
    if not message.matches(expectation.message, raised.message):
        yield Mismatch("message", expectation.message, raised.message)
    if role == "broken" and expectation.outcome == "raises" and raised.line != scenario.marked_line:
        actual = "outside broken.py" if raised.line is None else f"line {raised.line}"
        hint = "The comment '# <-' marks another line than the traceback shows."
        yield Mismatch("line", f"line {scenario.marked_line}", actual, hint)


def is_type(expected: str, actual: str) -> bool:
    """Whether a type is the expected one, which is fully qualified or just the class's name."""
    return expected == actual or ("." not in expected and expected == actual.rpartition(".")[2])


def compare_warnings(expectation: Expectation, observation: Observation) -> Iterable[Mismatch]:
    text, kind = expectation.message, expectation.type
    assert text is not None
    shown = [(warning.type, warning.message) for warning in observation.warnings]
    shown += [(line.level, line.message) for line in observation.log]
    if not any(message.matches(text, said) and (kind is None or is_type(kind, type_)) for type_, said in shown):
        expected = text if kind is None else f"{kind}: {text}"
        yield Mismatch("warning", expected, "\n".join(f"{type_}: {said}" for type_, said in shown) or "no warning")


def describe_expected_ending(expectation: Expectation) -> str:
    if expectation.outcome in ("raises", "unavailable"):
        return f"raises {expectation.type}: {expectation.message}"
    if expectation.outcome == "crashes":
        return f"dies of {expectation.signal or f'exit status {expectation.exit}'}"
    return "runs to its end"


def describe_ending(observation: Observation) -> str:
    """How a script ended, in words."""
    if observation.exception is not None and observation.ending == "raises":
        where = "" if observation.exception.line is None else f" (line {observation.exception.line})"
        return f"raises {observation.exception.type}: {observation.exception.message.strip()}{where}"
    return {
        "ok": "runs to its end",
        "raises": "raises",
        "exits": f"ends with exit status {observation.exit}",
        "killed": f"is killed by {observation.signal}",
        "time": "is stopped at the time limit",
        "memory": "is stopped at the memory limit",
        "output": "is stopped at the limit of its output",
        "lost": "kills the process that watches it",
        "unknown": "ends unseen",
    }[observation.ending]


def hint_on_ending(role: Role, expectation: Expectation, observation: Observation) -> str:
    if role == "broken" and observation.ending == "ok":
        return "broken.py no longer breaks here: either it was repaired, or these versions need a range of their own."
    if role == "fixed" and expectation.outcome == "ok":
        return "fixed.py does not work here, so the recipe is not a cure on these versions."
    return ""


# What it wrote


def compare_events(expected: Mapping[str, StreamExpectation], observation: Observation) -> Iterable[Mismatch]:
    actual = observation.logs.streams
    for key in sorted(expected.keys() | actual.keys()):
        if key not in actual:
            hint = f"What was written: {', '.join(sorted(actual)) or 'nothing'}."
            yield Mismatch(key, f"steps {steps(expected[key].steps)}", "nothing written", hint)
        elif key not in expected:
            yield Mismatch(key, "nothing written", f"{actual[key].plugin} at steps {steps(actual[key].steps)}")
        else:
            yield from compare_streams(key, expected[key], actual[key], observation.values)


def compare_streams(
    key: str, expected: StreamExpectation, actual: Stream, values: Mapping[str, Any]
) -> Iterable[Mismatch]:
    if expected.plugin != actual.plugin:
        yield Mismatch(f"plugin of {key}", expected.plugin, actual.plugin or "none")
    if tuple(expected.steps) != actual.steps:
        yield Mismatch(f"steps of {key}", steps(expected.steps), steps(actual.steps))
    if tuple(expected.shape) != actual.shape:
        found = "a different one at each step" if actual.shape is None else str(list(actual.shape))
        yield Mismatch(f"shape of {key}", str(expected.shape), found)
    if expected.dtype is not None and expected.dtype != actual.dtype:
        yield Mismatch(f"dtype of {key}", expected.dtype, str(actual.dtype))
    if expected.equals is not None and not same_numbers(actual.values, values.get(expected.equals)):
        computed = numbers(values.get(expected.equals))
        yield Mismatch(f"values of {key}", f"{expected.equals} = {computed}", numbers(actual.values))
    if expected.differs is not None and same_numbers(actual.values, values.get(expected.differs)):
        yield Mismatch(f"values of {key}", f"other than {expected.differs}", numbers(actual.values))


def same_numbers(logged: tuple[object, ...], computed: object) -> bool:
    """Whether what was logged is the list of numbers that the script computed."""
    if not isinstance(computed, list) or len(computed) != len(logged) or not logged:
        return False
    return all(
        math.isclose(a, b, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
        if isinstance(a, (int, float)) and isinstance(b, (int, float))
        else a == b
        for a, b in zip(logged, computed, strict=True)
    )


def compare_traces(observation: Observation) -> Iterable[Mismatch]:
    """What no script of the cookbook may do: damage its files, write elsewhere, leave processes behind."""
    for file in observation.logs.event_files:
        if file.damage is not None:
            yield Mismatch(f"event file {file.path}", "whole", f"{file.records} good records, then: {file.damage}")
    if observation.outside:
        yield Mismatch("files outside logs/", "none", ", ".join(observation.outside))
    if observation.left_behind:
        yield Mismatch("processes left behind", "none", ", ".join(observation.left_behind))


def steps(found: Iterable[int]) -> str:
    return ", ".join(map(str, found))


def numbers(found: object) -> str:
    if isinstance(found, dict):
        return str(found.get("missing"))
    if not isinstance(found, (list, tuple)):
        return repr(found)
    return ", ".join(f"{value:.6g}" if isinstance(value, float) else repr(value) for value in found) or "no numbers"


def last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
