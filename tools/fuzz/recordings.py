"""Recordings: files that are damaged, and files that are forged with care, digest and all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tbcookbook.drift import compare_recordings, not_compared
from tbcookbook.errors import RecordingError
from tbcookbook.recordings.differences import observation_differences
from tbcookbook.recordings.form import content_hash, sealed
from tbcookbook.recordings.store import ENVIRONMENTS, environment_file, observed_root, read_environment, read_recordings
from tbcookbook.render.pages import drift_json, drift_markdown, drift_text
from tbcookbook.render.printable import printable, printable_json
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.upgrade import upgrade
from tools.fuzz.strategies import ANY_TEXT, NUMBERS, disturbed, mutated
from tools.fuzz.subject import Subject, temporary_folder

FOLDER = temporary_folder()
SCENARIOS = load_scenarios()
NAMES = ["tf-2.9", "tf-2.21"]  # the targets that are left of each recording
VALUES = st.one_of(
    st.sampled_from(["ok", "raises", "killed", "nan", "inf", "", "2.9.3", "nonsense", "scalars", "train/loss", None]),
    ANY_TEXT.map(lambda text: text.encode("utf-8", "backslashreplace").decode()),
    NUMBERS.filter(lambda number: number == number and abs(number) != float("inf")),
    st.just([]),
    st.just({}),
    st.just([[[[1]]]]),
)


def sample(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """A recording of few targets, and the environments in it by target."""
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["digest"]
    for role in ("broken", "fixed"):
        groups = [{**group, "targets": [n for n in group["targets"] if n in NAMES]} for group in document[role]]
        document[role] = [group for group in groups if group["targets"]]
    document["runs"] = {name: run for name, run in document["runs"].items() if name in NAMES}
    found = {}
    for name, run in document["runs"].items():
        file = environment_file(observed_root(), name, run["broken"][1])
        found[name] = json.loads(file.read_text(encoding="utf-8"))
        versions = found[name]["versions"]
        shown = ("tensorflow", "keras", "tensorboard", "python")
        found[name]["versions"] = {key: version for key, version in versions.items() if key in shown}
    return document, found


SAMPLES = {
    f"{scenario.chapter}/{scenario.slug}": sample(observed_root() / scenario.chapter / f"{scenario.slug}.json")
    for scenario in SCENARIOS
    if (observed_root() / scenario.chapter / f"{scenario.slug}.json").exists()
}


@st.composite
def files(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of a folder of recordings, by path."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    document, environments = SAMPLES[name]
    made: dict[str, bytes] = {}
    hashes = {}
    for target, environment in environments.items():
        changed = draw(disturbed(environment, VALUES)) if draw(st.integers(0, 3)) == 0 else environment
        hashes[target] = content_hash(changed)
        made[f"{ENVIRONMENTS}/{target}-{hashes[target]}.json"] = json.dumps(changed).encode()
    runs = {
        target: {role: [date, hashes[target]] for role, (date, _) in run.items()}
        for target, run in document["runs"].items()
    }
    forged = {**document, "runs": runs}
    how = draw(st.integers(0, 9))
    if how < 6:
        forged = draw(disturbed(forged, VALUES))
    text = sealed(forged if isinstance(forged, dict) else {}).encode("utf-8", "backslashreplace")
    made[f"{name}.json"] = draw(mutated(text)) if how == 9 else text
    return made


def check(given: dict[str, bytes]) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, content in given.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    read_environment.cache_clear()
    recordings = list(read_recordings(FOLDER).values())
    for before in recordings:
        for after in recordings:
            changes = compare_recordings(before, after, SCENARIOS)
            missing = not_compared(before, after, SCENARIOS)
            found = upgrade(before, after, SCENARIOS, {})
            for told in (drift_text(found, changes, missing), drift_markdown(found, changes, missing)):
                printable(told).encode()
            printable_json(drift_json(found, changes, missing)).encode()
            for key in before.runs.keys() & after.runs.keys():
                observation_differences(before.runs[key].observation, after.runs[key].observation)


SUBJECT = Subject(
    "recordings",
    files(),
    check,
    declared=(RecordingError,),
    seconds=2.0,
    share=10,
)
