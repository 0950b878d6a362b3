"""Every recorded exception, pasted in three forms, is diagnosed to its own scenario first."""

from __future__ import annotations

import pytest

from tbcookbook.catalogue.messages import plain
from tbcookbook.diagnosis.answer import Diagnosis, ranked
from tbcookbook.diagnosis.building import build_table
from tbcookbook.diagnosis.match import look, matches_of
from tbcookbook.diagnosis.table import Table
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import observed_root, read_recordings
from tbcookbook.scenarios.loading import load_scenarios, scenario_root
from tbcookbook.scenarios.scenario import Scenario

RECORDINGS = read_recordings(observed_root())
LEAST_LINE = 24  # characters of a line that can be told from the lines of other errors


@pytest.fixture(scope="module")
def table() -> Table:
    return build_table(scenario_root(), observed_root())


def raised(scenario: Scenario) -> dict[tuple[str, str, str], list[str]]:
    """What the broken script raised where it can run, (type, message, traceback), with the targets."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for name, recording in RECORDINGS.items():
        run = recording.run(scenario.slug, "broken")
        expected = None if run is None else scenario.expectation("broken", run.environment.versions)
        if run is None or expected is None or expected.outcome == "unavailable" or run.observation.exception is None:
            continue
        error = run.observation.exception
        found.setdefault((error.type, error.message, traceback_of(run.observation)), []).append(name)
    return found


def traceback_of(seen: Observation) -> str:
    assert seen.exception is not None
    return seen.stderr if "Traceback" in seen.stderr else f"{seen.exception.type}: {seen.exception.message}"


def first(text: str, table: Table) -> list[str]:
    """The names of those that nothing tells from the best."""
    return [
        table.entries[match.saying.entry].name
        for match, rank in ranked(matches_of(look(text, table), table))
        if rank == 1
    ]


SCENARIOS = [scenario for scenario in load_scenarios() if raised(scenario)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_a_recorded_exception_leads_to_its_scenario(scenario: Scenario, table: Table) -> None:
    for (type_, message, traceback), targets in raised(scenario).items():
        last = plain(message).strip().splitlines()[-1].strip() if message.strip() else ""
        texts = {
            "whole": traceback,
            "type and message": f"{type_}: {message}",
            "last line": f"{type_}: {last}" if "\n" not in message.strip() else last,
        }
        for form, text in texts.items():
            if form != "last line" or len(last) >= LEAST_LINE:
                assert scenario.slug in first(text, table), (form, text[-300:], first(text, table), targets[:3])


def test_a_diagnosis_without_answers_is_false() -> None:
    assert not Diagnosis([])
