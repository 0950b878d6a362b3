"""Folders of scenarios: scenario.toml, scripts and prose."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tbcookbook.errors import CookbookError
from tbcookbook.render.pages import recipe, scenario_json, scenario_list
from tbcookbook.render.printable import printable, printable_json
from tbcookbook.scenarios.loading import load_scenario, load_scenarios
from tools.fuzz.strategies import ANY_TEXT, NUMBERS, disturbed, mutated
from tools.fuzz.subject import Subject, temporary_folder

FOLDER = temporary_folder()
SAMPLES = [scenario.folder for scenario in load_scenarios()]
WORDS = ["*", "keras>=3", "keras", "!keras", "tensorflow<2.6", "raises", "ok", "warns", "{a}", "x {a}", "{", "1"]
VALUES = st.one_of(st.sampled_from(WORDS), ANY_TEXT, NUMBERS, st.just([]), st.just({}), st.just([[[[]]]]))
TEXTS = {folder: (folder / "scenario.toml").read_bytes() for folder in SAMPLES}


def written(value: Any) -> str:
    """TOML of plain data, in its inline form; of what JSON and TOML do not share, something near."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


def document(data: dict[str, Any]) -> bytes:
    lines = [f"{json.dumps(key)} = {written(value)}" for key, value in data.items()]
    return "\n".join(lines).encode()


@st.composite
def folders(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of a scenario, of which one or some are not as they were."""
    sample = draw(st.sampled_from(SAMPLES))
    files = {path.name: path.read_bytes() for path in sample.iterdir() if path.is_file()}
    how = draw(st.integers(0, 9))
    if how <= 4:
        data = tomllib.loads(TEXTS[sample].decode())
        changed = draw(disturbed(data, VALUES))
        files["scenario.toml"] = document(changed) if isinstance(changed, dict) else b"x"
    elif how <= 7:
        files["scenario.toml"] = draw(mutated(files["scenario.toml"]))
    else:
        name = draw(st.sampled_from(sorted(files)))
        files[name] = draw(mutated(files[name]))
    return files


def check(files: dict[str, bytes]) -> None:
    folder = FOLDER / "chapter" / "slug"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        scenario = load_scenario(folder)
    except CookbookError as error:
        check_told(error, folder)
        return
    printable(recipe(scenario)).encode()
    printable(scenario_list([scenario])).encode()
    printable_json(scenario_json(scenario)).encode()


def check_told(error: CookbookError, folder: Path) -> None:
    """An error says something, and of which file."""
    assert error.messages
    assert all(str(folder) in told for told in error.messages)


SUBJECT = Subject(
    "scenarios",
    folders(),
    check,
    declared=(),
    seconds=2.0,
    share=14,
)
