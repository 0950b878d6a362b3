"""Expectation held against observation: every way in which they differ, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tbcookbook.observation.record import Observation
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario
from tbcookbook.targets.target import Target, shown_versions
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.endings import compare_endings
from tbcookbook.verdict.mismatch import Mismatch
from tbcookbook.verdict.shown import compare_shown
from tbcookbook.verdict.streams import compare_events
from tbcookbook.verdict.traces import compare_graphs, compare_traces

Recorded = Literal["as recorded", "different", "stale", "not recorded"]


@dataclass(frozen=True)
class Judgement:
    """What is expected of a script, and how what it did differs from that. No mismatch: as expected."""

    expectation: Expectation | None
    mismatches: tuple[Mismatch, ...]


def judge(scenario: Scenario, role: Role, versions: Mapping[str, str], seen: Observation) -> Judgement:
    """Compare what a script did, where these versions are installed, with what the scenario says it does there."""
    expectation = scenario.expectation(role, versions)
    if expectation is None:
        wanted = f"a [[{role}]] range that has {shown_versions(versions)}"
        return Judgement(None, (Mismatch("range", wanted, "none", "scenario.toml says nothing of it"),))
    found = [*compare_endings(scenario, role, expectation, seen), *compare_traces(expectation, seen)]
    if expectation.outcome != "unavailable":  # how far it came before it could not go on is no matter
        found += compare_events(expectation.streams_on(versions), seen)
        found += compare_graphs(expectation, seen)
        found += compare_shown(expectation, seen)
    return Judgement(expectation, tuple(found))


@dataclass(frozen=True)
class Verdict:
    """What came of one case: what was seen, and how it differs from what was expected. No mismatch: as expected.

    `recorded` says how it compares with the target's recording; None where it was compared with none.
    """

    case: Case
    expectation: Expectation | None
    observation: Observation
    mismatches: tuple[Mismatch, ...]
    recorded: Recorded | None = None

    @property
    def scenario(self) -> Scenario:
        return self.case.scenario

    @property
    def role(self) -> Role:
        return self.case.role

    @property
    def target(self) -> Target:
        return self.case.interpreter

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case.name,
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


def judge_case(case: Case, seen: Observation) -> Verdict:
    """The verdict on a case that was run."""
    judgement = judge(case.scenario, case.role, case.target.versions, seen)
    return Verdict(case, judgement.expectation, seen, judgement.mismatches)
