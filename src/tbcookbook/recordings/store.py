"""Recordings: what every script did on a registered target, one JSON file a target, committed.

A recording is made by a run (`tbcookbook matrix`) and never by hand. It is stale when a script has changed since, or
when the registry asks for other packages.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tbcookbook.errors import RecordingError
from tbcookbook.observation.record import Observation, canonical_json
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.registry import RegisteredTarget
from tbcookbook.targets.target import Target
from tbcookbook.verdict.judge import Mismatch, Verdict
from tbcookbook.words import one_of

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-4, 1e-6  # of scalars, between processors and builds of one TensorFlow
UNCOMPARED = ("stdout", "stderr")  # evidence for the reader; what matters of them is in the other keys
FORMAT = 1
PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Recording:
    """What was seen on one target.

    `scripts` maps (slug, role) to the SHA-256 of the script and its observation, as plain JSON data without times.
    """

    name: str
    date: str
    platform: str
    versions: Mapping[str, str]
    requirements: tuple[str, ...]
    scripts: Mapping[tuple[str, Role], tuple[str, dict[str, Any]]]

    def observation(self, slug: str, role: Role) -> dict[str, Any] | None:
        """What a script did; None if it was not run."""
        found = self.scripts.get((slug, role))
        return None if found is None else found[1]


def today() -> str:
    """The date of a recording made now, in UTC: 2026-01-31."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def new_recording(
    target: Target,
    requirements: tuple[str, ...],
    date: str,
    observations: Iterable[tuple[Scenario, Role, Observation]],
) -> Recording:
    """The recording of observations made on a target. `date` is that of `today`."""
    return Recording(
        name=target.name,
        date=date,
        platform=target.platform,
        versions=target.versions,
        requirements=requirements,
        scripts={
            (scenario.slug, role): (script_hash(scenario, role), recorded_form(observation))
            for scenario, role, observation in observations
        },
    )


def observed_root() -> Path:
    """The folder of the recordings: beside the package in a wheel, ``tests/observed`` of a checkout otherwise."""
    inside = PACKAGE / "observed"
    return inside if inside.is_dir() else PACKAGE.parents[1] / "tests" / "observed"


def script_hash(scenario: Scenario, role: Role) -> str:
    return hashlib.sha256(scenario.script(role).read_bytes()).hexdigest()


def recorded_form(observation: Observation) -> dict[str, Any]:
    """An observation as it is recorded: JSON data, without times, and without what is empty."""
    data = json.loads(json.dumps(observation.as_json()))
    del data["times"]
    # Format 1 says "outcome" where an observation says "ending", and does not know a failing statement.
    data["outcome"] = data.pop("ending")
    if data["exception"] is not None:
        del data["exception"]["statement"]
    return {key: value for key, value in data.items() if value not in (None, [], {}, "")}


def observation_of(data: Mapping[str, Any]) -> Observation:
    """An observation out of its recorded form. Raises msgspec.ValidationError if it is not one."""
    return msgspec.convert({"ending": data.get("outcome"), **data}, Observation)


def save_recording(root: Path, recording: Recording) -> Path:
    """Write a recording, all of it or nothing, and give its path. Raises OSError."""
    scenarios: dict[str, dict[str, Any]] = {}
    for (slug, role), (script, observation) in recording.scripts.items():
        scenarios.setdefault(slug, {})[role] = {"sha256": script, "observation": observation}
    document = {
        "format": FORMAT,
        "target": recording.name,
        "date": recording.date,
        "platform": recording.platform,
        "versions": dict(recording.versions),
        "requirements": list(recording.requirements),
        "scenarios": scenarios,
    }
    document["digest"] = digest(document)
    root.mkdir(parents=True, exist_ok=True)
    path = root / f"{recording.name}.json"
    partial = path.with_suffix(".json.partial")
    try:
        partial.write_text(canonical_json(document), encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105  (the same in one step)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    return path


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of a recording without its digest: a line that was changed or lost is noticed."""
    rest = {key: value for key, value in document.items() if key != "digest"}
    return hashlib.sha256(canonical_json(rest).encode()).hexdigest()


def load_recording(root: Path, name: str) -> Recording:
    """Raises RecordingError if there is none or it cannot be read."""
    path = root / f"{name}.json"
    if not path.exists():
        known = [path.stem for path in sorted(root.glob("*.json"))]
        raise RecordingError(f"no recording of {name!r} in {root}; expected {one_of(known, name)}")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT or data["target"] != name:
            raise ValueError(f"format {data['format']} of target {data['target']!r}, expected {FORMAT} of {name!r}")
        if data["digest"] != digest(data):
            raise ValueError("changed after it was recorded: its digest is another; record it again")
        return Recording(
            name=name,
            date=data["date"],
            platform=data["platform"],
            versions=data["versions"],
            requirements=tuple(data["requirements"]),
            scripts={
                (slug, role): (scripts[role]["sha256"], scripts[role]["observation"])
                for slug, scripts in data["scenarios"].items()
                for role in ROLES
                if role in scripts
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise RecordingError(f"{path}: not a recording: {type(problem).__name__}: {problem}") from None


def staleness(recording: Recording, registered: RegisteredTarget, scenarios: Sequence[Scenario]) -> list[str]:
    """Why a recording is stale, one reason a line; none if it is fresh."""
    reasons = []
    if recording.requirements != registered.requirements:
        reasons.append("the registry asks for other packages than were recorded")
    for scenario in scenarios:
        for role in ROLES:
            recorded = recording.scripts.get((scenario.slug, role))
            if recorded is None:
                reasons.append(f"{scenario.slug}/{role} was not run")
            elif recorded[0] != script_hash(scenario, role):
                reasons.append(f"{scenario.slug}/{role}.py has changed since it was recorded")
    known = {scenario.slug for scenario in scenarios}
    gone = sorted({slug for slug, _ in recording.scripts} - known)
    return reasons + [f"{slug} is recorded, but there is no such scenario" for slug in gone]


def differences(recorded: Any, observed: Any, path: str = "") -> list[tuple[str, str, str]]:
    """Where an observation differs from a recording: (path, recorded, observed), floats compared with tolerance."""
    if isinstance(recorded, dict) and isinstance(observed, dict):
        return [
            difference
            for key in sorted(recorded.keys() | observed.keys())
            if path or key not in UNCOMPARED
            for difference in differences(recorded.get(key), observed.get(key), f"{path}.{key}".lstrip("."))
        ]
    if isinstance(recorded, list) and isinstance(observed, list) and len(recorded) == len(observed):
        return [
            difference
            for index, (before, after) in enumerate(zip(recorded, observed, strict=True))
            for difference in differences(before, after, f"{path}[{index}]")
        ]
    if isinstance(recorded, float) or isinstance(observed, float):
        numbers = isinstance(recorded, (int, float)) and isinstance(observed, (int, float))
        if numbers and math.isclose(recorded, observed, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE):
            return []
    return [] if recorded == observed else [(path, said(recorded), said(observed))]


def said(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def against_recording(verdict: Verdict, observed: Path) -> Verdict:
    """A verdict held against the recording of its target as well; as it is, for a target that has none.

    A recording that is not of this script as it is now is a mismatch. Raises RecordingError if it cannot be read.
    """
    if not (observed / f"{verdict.target.name}.json").exists():
        return verdict
    recorded = load_recording(observed, verdict.target.name).scripts.get((verdict.scenario.slug, verdict.role))
    if recorded is None or recorded[0] != script_hash(verdict.scenario, verdict.role):
        how = "does not have it" if recorded is None else "is stale: the script has changed since"
        mismatch = Mismatch("recording", "of the script as it is", how, "Record it again: tbcookbook matrix, --record.")
        return dataclasses.replace(verdict, mismatches=(*verdict.mismatches, mismatch))
    return with_differences(verdict, recorded[1])


def with_differences(verdict: Verdict, recorded: object) -> Verdict:
    """A verdict with a mismatch for each difference of its observation from a recorded one."""
    found = [
        Mismatch(f"{path} (recorded)", before, after)
        for path, before, after in differences(recorded, recorded_form(verdict.observation))
    ]
    return dataclasses.replace(verdict, mismatches=(*verdict.mismatches, *found))
