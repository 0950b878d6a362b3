"""The JSON Schema of scenario.toml: the committed file is current, takes what loads and refuses what does not."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tbcookbook.observation.record import canonical_json
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.ranges import AXES, parse_versions
from tbcookbook.scenarios.scaffold import create_scenario
from tbcookbook.scenarios.schema import PAGE, SCHEMA, scenario_schema, versions_of

COMMITTED = json.loads(SCHEMA.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(COMMITTED)

TOP = 'title = "A mistake"\nsources = ["https://example.org/report"]\n'
RAISES = '[[broken]]\non = "keras>=2.6"\noutcome = "raises"\ntype = "ValueError"\nmessage = "Expected {what}"\n'
WRONG = '[[broken]]\non = "keras<2.6"\noutcome = "wrong-events"\nevents."train/loss" = { steps = [0, 1] }\n'
FIXED = '[[fixed]]\non = "*"\noutcome = "ok"\n'
UNAVAILABLE = '[[unavailable]]\non = "!tensorboard"\ntype = "A"\nmessage = "b"\nnote = "c"\nscripts = ["fixed"]\n'
GOOD = TOP + RAISES + WRONG + FIXED + UNAVAILABLE


def test_the_committed_schema_is_current() -> None:
    """``nox -s schema`` writes it."""
    jsonschema.Draft7Validator.check_schema(COMMITTED)
    assert canonical_json(scenario_schema(PAGE.read_text(encoding="utf-8"))) == SCHEMA.read_text(encoding="utf-8")


@pytest.mark.parametrize("scenario", load_scenarios(), ids=lambda scenario: scenario.slug)
def test_accepts_every_scenario(scenario: Any) -> None:
    VALIDATOR.validate(tomllib.loads((scenario.folder / "scenario.toml").read_text(encoding="utf-8")))


def test_accepts_a_new_scenario(tmp_path: Path) -> None:
    folder = create_scenario(tmp_path, "writer/new-mistake")
    VALIDATOR.validate(tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8")))


# What is changed in a good file, and the key that the schema then complains of.
BAD = {
    "unknown key at the top": ("title =", "titel =", ""),
    "unknown key of a table": ("outcome =", "outcom =", "broken.0"),
    "unknown key of a stream": ("{ steps", "{ shap = [], steps", "broken.1.events.train/loss"),
    "unknown key where a script cannot run": ("note =", "nots =", "unavailable.0"),
    "empty title": ("A mistake", "", "title"),
    "title of the wrong type": ('"A mistake"', "3", "title"),
    "no source": ('["https://example.org/report"]', "[]", "sources"),
    "source that is no address": ("https://example.org/report", "seen somewhere", "sources.0"),
    "no range": ('on = "keras>=2.6"\n', "", "broken.0"),
    "range of an unknown package": ("keras>=2.6", "kears>=2.6", "broken.0.on"),
    "range without an operator": ("keras>=2.6", "keras 2.6", "broken.0.on"),
    "range of a version that is none": ("keras>=2.6", "keras>=two", "broken.0.on"),
    "range that is not installed, of a version": ("keras>=2.6", "!keras>=2.6", "broken.0.on"),
    "empty list of ranges": ('"keras>=2.6"', "[]", "broken.0.on"),
    "unknown outcome": ('"raises"', '"raise"', "broken.0.outcome"),
    "raises without a type": ('type = "ValueError"\n', "", "broken.0"),
    "raises without a message": ('message = "Expected {what}"\n', "", "broken.0"),
    "raises with an exit status": ('type = "ValueError"', 'type = "ValueError"\nexit = 1', "broken.0.exit"),
    "ok with a message": ('outcome = "ok"', 'outcome = "ok"\nmessage = "x"', "fixed.0.message"),
    "crash without its way": ('outcome = "wrong-events"', 'outcome = "crashes"', "broken.1"),
    "crash in two ways": (
        'outcome = "wrong-events"',
        'outcome = "crashes"\nexit = 1\nsignal = "SIGABRT"',
        "broken.1",
    ),
    "stream without a run": ('events."train/loss"', 'events."loss"', "broken.1.events"),
    "stream without steps": ("steps = [0, 1]", "shape = []", "broken.1.events.train/loss"),
    "steps of the wrong type": ("steps = [0, 1]", 'steps = ["0"]', "broken.1.events.train/loss.steps.0"),
    "no steps": ("steps = [0, 1]", "steps = []", "broken.1.events.train/loss.steps"),
    "broken that never breaks": (RAISES + WRONG, FIXED.replace("fixed", "broken"), "broken"),
    "fixed that fails": (FIXED, WRONG.replace("broken", "fixed"), "fixed.0.outcome"),
    "no fixed script": (FIXED, "", ""),
    "unavailable of a script that is none": ('["fixed"]', '["fixd"]', "unavailable.0.scripts.0"),
}


def test_accepts_a_good_file() -> None:
    VALIDATOR.validate(tomllib.loads(GOOD))


@pytest.mark.parametrize("name", BAD)
def test_refuses_a_bad_file(name: str) -> None:
    """With an error that points at the key."""
    old, new, key = BAD[name]
    assert old in GOOD
    errors = list(VALIDATOR.iter_errors(tomllib.loads(GOOD.replace(old, new, 1))))
    assert key in [".".join(map(str, error.absolute_path)) for error in errors]


@pytest.mark.parametrize(
    "text",
    ["keras", "!keras", "keras>=3", "keras >= 3, != 3.2.*", "keras[jax]~=3.0", "tensorflow===2.21.0rc1", "numpy>=v2"],
)
def test_ranges_are_those_that_load(text: str) -> None:
    parse_versions(text)
    jsonschema.Draft7Validator(versions_of("|".join(map(re.escape, AXES)))).validate(text)


def test_every_key_is_explained() -> None:
    for table in COMMITTED["$defs"].values():
        assert table["description"].endswith(".")
        for key, value in table["properties"].items():
            assert value["description"], key
