"""What was seen held against what was recorded. This is the one comparison with a recording that there is."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tbcookbook.observation.record import Observation
from tbcookbook.recordings.form import recorded_form
from tbcookbook.recordings.freshness import script_digest, why_stale
from tbcookbook.recordings.store import recorded_run, without_times
from tbcookbook.targets.registry import registered_targets
from tbcookbook.verdict.judge import Recorded, Verdict
from tbcookbook.verdict.mismatch import Mismatch

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-4, 1e-6  # of scalars, between processors and builds of one TensorFlow
UNCOMPARED = ("stdout", "stderr")  # evidence for the reader; what matters of them is in the other keys
ASKED = ("shown",)  # compared where both sides were asked for it
MEASURED = "steps_per_second"  # a tag that ends so: how fast a machine was, which is never the same again


def against_recording(verdict: Verdict, root: Path) -> Verdict:
    """A verdict held against what is recorded of the same script on the same target. Raises RecordingError.

    A registered target without a recording of it is said to be "not recorded", which is no mismatch. A recording that
    is stale is one. A target that is not registered is compared with none, whatever its versions.
    """
    requirements = verdict.target.requirements
    if requirements is None:
        return verdict
    run = recorded_run(root, verdict.scenario, verdict.role, verdict.target.name)
    reason = why_stale(run, script_digest(verdict.scenario, verdict.role), requirements)
    if run is None:
        return dataclasses.replace(verdict, recorded="not recorded")
    if reason is not None:
        hint = "Record it again: tbcookbook matrix, or pytest --record."
        mismatch = Mismatch("recording", "of the script as it is", f"is stale: {verdict.role} {reason}", hint)
        return dataclasses.replace(verdict, mismatches=(*verdict.mismatches, mismatch), recorded="stale")
    # What the script computed is recorded as scenario.toml asked for it then.
    values = {name: value for name, value in run.observation.values.items() if name in verdict.observation.values}
    recorded = dataclasses.replace(run.observation, values=values)
    found = [
        Mismatch(f"{path} (recorded)", before, after)
        for path, before, after in observation_differences(recorded, verdict.observation)
    ]
    state: Recorded = "different" if found else "as recorded"
    return dataclasses.replace(verdict, mismatches=(*verdict.mismatches, *found), recorded=state)


def not_recorded(verdicts: Iterable[Verdict]) -> list[str]:
    """A line for each target of whose scripts some are not recorded, which says how to record them."""
    missing: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.recorded == "not recorded":
            missing.setdefault(verdict.target.name, []).append(f"{verdict.scenario.slug}/{verdict.role}")
    return told_as_not_recorded(missing)


def told_as_not_recorded(missing: Mapping[str, Sequence[str]]) -> list[str]:
    """The same of the scripts that are missing by target."""
    registered = {target.name for target in registered_targets()}
    return [
        f"{target}: not recorded: {', '.join(sorted(scripts))}; record them: tbcookbook matrix "
        + (target if target in registered else "--all")
        for target, scripts in missing.items()
    ]


def observation_differences(recorded: Observation, observed: Observation) -> list[tuple[str, str, str]]:
    """Where two observations differ: (path, recorded, observed). Times, rates and plain output do not count."""
    before, after = (recorded_form(without_times(found)) for found in (recorded, observed))
    left_out = [*UNCOMPARED, *(key for key in ASKED if key not in before or key not in after)]
    for found in (before, after):
        for key in left_out:
            found.pop(key, None)
        for key, stream in found.get("logs", {}).get("streams", {}).items():
            if key.endswith(MEASURED):
                stream.pop("values", None)
    return differences(before, after)


def differences(recorded: Any, observed: Any, path: str = "") -> list[tuple[str, str, str]]:
    """Where plain data differs: (path, recorded, observed), floats compared with tolerance."""
    if isinstance(recorded, dict) and isinstance(observed, dict):
        same_sum = told_alike(recorded, observed)
        return [
            difference
            for key in sorted(recorded.keys() | observed.keys())
            if not (same_sum and key == "sum")
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


def told_alike(recorded: dict[str, Any], observed: dict[str, Any]) -> bool:
    """Whether these are histograms whose sums differ by no more than buckets can tell.

    The sum is that of the middles of buckets. A number on the edge of two is counted in the one or in the other, as the
    last bit of its float32 has it, which depends on the processor.
    """
    keys = ("sum", "count", "least", "greatest", "buckets")
    if not all(found.get("kind") == "histogram" for found in (recorded, observed)):
        return False
    if not all(isinstance(found.get(key), (int, float)) for found in (recorded, observed) for key in keys):
        return False
    width = (recorded["greatest"] - recorded["least"]) / max(recorded["buckets"], 1)
    return bool(abs(recorded["sum"] - observed["sum"]) <= width * recorded["count"] / 2 + ABSOLUTE_TOLERANCE)


def said(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
