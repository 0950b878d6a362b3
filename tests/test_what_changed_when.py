"""The table of what changed when, row by row against the recordings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tbcookbook.catalogue.cookbook import Cookbook, load_cookbook
from tbcookbook.drift import compare_scripts
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import scenario_root
from tbcookbook.scenarios.scenario import ROLES, Role

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "what-changed-when.md"
ROW = re.compile(
    r"\| (?P<words>[^|]+) \| `(?P<since>[^`]+)` \| `(?P<before>[^`]+)` \| (?P<kind>[a-z ]+)(?:: `(?P<subject>[^`]+)`)? "
    r"\| \[(?P<slug>[a-z0-9-]+)/(?P<role>broken|fixed)\]"
    r"\(\.\./scenarios/(?P<chapter>[a-z-]+)/(?P<page>[a-z0-9-]+)\.md\) \|"
)
TABLE = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]


@pytest.fixture(scope="module")
def cookbook() -> Cookbook:
    return load_cookbook(scenario_root(), observed_root())


def test_there_are_rows() -> None:
    assert len(TABLE) >= 37
    assert len(set(TABLE)) == len(TABLE)


@pytest.mark.parametrize("line", TABLE)
def test_a_row_is_what_the_recordings_say(line: str, cookbook: Cookbook) -> None:
    row = ROW.fullmatch(line)
    assert row is not None, f"{line}: expected five columns, as in the other rows"
    (scenario,) = (found for found in cookbook.scenarios if found.slug == row["slug"])
    assert (scenario.chapter, scenario.slug) == (row["chapter"], row["page"])
    role: Role = next(name for name in ROLES if name == row["role"])
    before, since = (cookbook.recordings[row[name]].run(scenario.slug, role) for name in ("before", "since"))
    assert before is not None
    assert since is not None
    found = {(change.kind, change.subject) for change in compare_scripts(scenario, role, before, since)}
    assert (row["kind"], row["subject"] or "") in found
