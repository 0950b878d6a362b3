"""The pictures of TensorBoard are of the scripts as they are. Neither a browser nor TensorFlow is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tbcookbook.observation.logs import Logs
from tbcookbook.recordings.freshness import script_digest
from tbcookbook.recordings.store import Recording, load_recording, observed_root
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.registry import current_target

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
LISTINGS: dict[str, dict[str, Any]] = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in PICTURES.glob("*/picture.json")
}
LARGEST = 100_000  # bytes
SHARED = [scenario for scenario in load_scenarios() if not scenario.environments]
RECORDED = load_recording(observed_root(), current_target().name)
# One that is not recorded is named by tests/test_observed.py.
CASES = [
    pytest.param(scenario, role, id=f"{scenario.slug}-{role}")
    for scenario in SHARED
    for role in ROLES
    if RECORDED.run(scenario.slug, role) is not None
]


@pytest.fixture(scope="module")
def recording() -> Recording:
    return RECORDED


@pytest.mark.parametrize(("scenario", "role"), CASES)
def test_picture(scenario: Scenario, role: Role, recording: Recording) -> None:
    """There is one, of the script as it is, of the size that is told, and with the tags that were recorded."""
    again = f"make it: nox -s pictures -- {scenario.slug}"
    path = PICTURES / scenario.slug / f"{role}.png"
    picture = LISTINGS.get(scenario.slug, {}).get(role)
    assert picture is not None, again
    assert path.exists(), again
    assert picture["script"] == script_digest(scenario, role), again
    assert size_of(path) == (picture["width"], picture["height"]), again
    assert path.stat().st_size < LARGEST

    seen = recording.observation(scenario.slug, role)
    assert seen is not None
    scalars = {key for key, stream in seen.logs.streams.items() if stream.plugin == "scalars"}
    assert set(picture["tags"]) <= scalars
    assert picture["empty"] == (not picture["tags"])
    assert picture["dashboard"] == dashboard_of(seen.logs)
    for key in picture["tags"]:
        parts = key.split("/")  # runs and tags have slashes of their own
        told = ["/".join(parts[at:]) + " of run " + "/".join(parts[:at]) for at in range(1, len(parts))]
        assert any(words in picture["alt"] for words in told)


def dashboard_of(logs: Logs) -> str | None:
    """What TensorBoard opens on."""
    plugins = {stream.plugin for stream in logs.streams.values()}
    if "scalars" in plugins or (plugins & {"histograms", "images"} and not logs.graphs):
        return "time series"
    return "graphs" if logs.graphs else next((name for name in ("audio", "text") if name in plugins), None)


def size_of(path: Path) -> tuple[int, int]:
    """Width and height in pixels, from the header of a PNG."""
    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")


def test_no_other_file() -> None:
    expected = {f"{slug}/{role}.png" for slug, found in LISTINGS.items() for role in ROLES if role in found}
    expected |= {f"{slug}/picture.json" for slug in LISTINGS}
    found = {path.relative_to(PICTURES).as_posix() for path in PICTURES.rglob("*") if not path.is_dir()}
    assert found == expected
    assert set(LISTINGS) <= {scenario.slug for scenario in SHARED}


@pytest.mark.parametrize("slug", LISTINGS)
def test_versions_are_those_of_the_recording(slug: str, recording: Recording) -> None:
    assert LISTINGS[slug]["target"] == recording.name
    expected = {name: recording.versions[name] for name in ("tensorflow", "keras", "tensorboard")}
    assert LISTINGS[slug]["versions"] == expected
