"""docs/reference/json-outputs.md against what ``--json`` prints: every field is there, with its types, and no other."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tfevents import Damage

from conftest import Kitchen
from tbcookbook.cli import cookbook
from tbcookbook.doctor.examine import Examination, Failure
from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.survey import File, Survey
from tbcookbook.observation.contents import Images
from tbcookbook.observation.logs import EventFile, Graph, Logs, Stream
from tbcookbook.observation.record import Link, Logged, Observation, Points, Raised, Shown, Warned
from tbcookbook.recordings.row import Row
from tbcookbook.recordings.store import observed_root, read_recordings, record, scenario_files
from tbcookbook.render.doctor import examination_json
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES
from tbcookbook.targets.registry import registered_targets
from tbcookbook.targets.target import parse_target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import Verdict
from tbcookbook.verdict.mismatch import Mismatch

PAGE = (Path(__file__).parents[2] / "docs/reference/json-outputs.md").read_text(encoding="utf-8")
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "list", dict: "object"}

FULL = Observation(
    ending="raises",
    exit=1,
    exception=Raised(
        "ValueError", "text", 3, (Link("cause", "KeyError", "text", 2), Link("context", "E", "text", None)), 3
    ),
    warnings=(Warned("UserWarning", "text", "script.py", 1),),
    log=(Logged("WARNING", "tensorflow", "text"),),
    left_behind=("sleep 60",),
    values={"losses": [0.5], "other": {"missing": "NameError: text"}},
    logs=Logs(
        {
            "./a": Stream("scalars", (0,), (), "float32", (0.5,)),
            "./b": Stream("text", (0, 1), None, None, ("a", "b")),
            "./c": Stream("images", (0,), (3,), "string", (), (Images(1, 2, 3, 1, (0.5,)),)),
        },
        (Graph("train", "keras", "graph_keras_model", 0, 3), Graph("train", "batch_2", "graph_run_metadata", 2, None)),
        (EventFile("a", 2), EventFile("b", 1, "a truncated record")),
        {"projector_config.pbtxt": ("embedding",)},
        ("projector_config.pbtxt",),
        {"closed": "cannot be read: Permission denied"},
    ),
    outside=("model.keras",),
    shown=Shown(("scalars",), ("train",), {"train/loss": Points((0, 1), (0, 1, 0, 1))}),
)
ELSEWHERE = Observation(ending="raises", exit=1, exception=Raised("E", "text", None))
KILLED = Observation(ending="killed", signal="SIGSEGV")


def tables() -> dict[str, dict[str, set[str]]]:
    """For each section, and each kind of object that the page names in bold: path -> types."""
    found: dict[str, dict[str, set[str]]] = {}
    name = ""
    for line in PAGE.splitlines():
        if heading := re.match(r"## (\w+)$|An? \*\*(\w+)\*\*:$", line):
            name = heading[1] or heading[2]
            found[name] = {}
        elif row := re.match(r"\| (`.*?`) \| ([\w ]+) \|", line):
            found[name].update({path: set(row[2].split(" or ")) for path in re.findall(r"`(.+?)`", row[1])})
    return found


TABLES = tables()
OBJECTS = ("verdict", "observation", "recording", "environment", "examination")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """For each section and kind of object: real documents, and made ones for what is rare."""

    def told(*arguments: str) -> Any:
        return json.loads(CliRunner().invoke(cookbook, [*arguments, "--json"]).stdout)

    (target, *_), (scenario, *_) = registered_targets(), load_scenarios()
    mismatch = (Mismatch("outcome", "expected", "actual"),)
    here = parse_target("this")
    verdicts = [
        Verdict(Case(scenario, "broken", here), scenario.expectations["broken"][0], FULL, (), "as recorded"),
        Verdict(Case(scenario, "fixed", here), None, KILLED, mismatch),
    ]
    folder = tmp_path_factory.mktemp("gathered")
    row = Row(target, "different", "2 scripts", (verdicts[1],), 1.0, 2.0)
    return {
        "list": [told("list")],
        "explain": [told("explain", "no-step")],
        "diagnose": [
            told("diagnose", "tensorflow 2.16.1\nValueError: Expected scalar shape, saw shape: (64,)."),
            told("diagnose", "--symptom", "no validation loss"),
        ],
        "targets": [told("targets"), [{**told("targets")[0], "interpreter": None}]],
        "diff": [
            {**(upgrade := told("diff", "tf-2.9", "tf-2.21")), "not_compared": ["a/broken"]},
            {**upgrade, "plain_install": {**upgrade["plain_install"], "not_compared": ["a/broken"]}},
            told("diff", "tf-2.9", "tf-2.9"),
        ],
        "bisect": [told("bisect", "unreduced-loss")],
        "gather": [gathered(folder, told)],
        "recording": [json.loads(path.read_bytes()) for path in scenario_files(observed_root())],
        "environment": [json.loads(path.read_bytes()) for path in (observed_root() / "environments").iterdir()],
        "matrix": json.loads(json.dumps([[row.as_json()]])),
        "verdict": json.loads(json.dumps([verdict.as_json() for verdict in verdicts])),
        "examination": [examination_json(made) for made in examinations()],
        "observation": json.loads(json.dumps([made.as_json() for made in (FULL, ELSEWHERE, KILLED)])),
    }


def examinations() -> Iterator[Examination]:
    """What the doctor says of a directory where everything is wrong, and of one where nothing is."""
    finding = Finding(
        "check", "error", "text", "run", "file", {"steps": [1]}, "advice", ("no-step",), ("hparams-columns",)
    )
    yield Examination(
        Survey(
            Path("logs"),
            (
                File("run/a", "run", first_time=1.0, last_time=2.0, damage=Damage("kind", 1, 2)),
                File("b", ".", unreadable="why"),
            ),
            passed_over={"closed": "cannot be read: Permission denied"},
        ),
        (finding, Finding("check", "note", "text")),
        (Failure("check", "problem"),),
    )


def gathered(folder: Path, told: Callable[..., Any]) -> Any:
    """What ``gather --json`` prints of a target that did what another one did, and of a script that is not recorded."""
    scenario = next(found for found in load_scenarios() if found.slug == "callback-in-k-function")
    runs = read_recordings(observed_root(), ["tf-2.21"])["tf-2.21"].runs
    found = [(scenario, role, runs[scenario.slug, role]) for role in ROLES]
    record(folder, "tf-2.9", found)
    record(folder, "mine", found)
    return told("gather", str(folder))


@pytest.fixture
def run(kitchen: Kitchen) -> dict[str, Any]:
    """What ``run --json`` prints."""
    arguments = ["--scenarios", str(kitchen.root), "run", "--json", "--target", kitchen.target]
    document: dict[str, Any] = json.loads(CliRunner().invoke(cookbook, arguments).stdout)
    return document


def fields(value: Any, table: dict[str, set[str]], path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every (path, type, value) in a document, down to what the table does not look into."""
    kind = "null" if value is None else TYPES[type(value)]
    inside = any(known.startswith((f"{path}.", f"{path}[")) for known in table) or not path
    if path in table or not inside:
        yield path, kind, value
    if isinstance(value, dict) and inside:
        for key, child in value.items():
            known = f"{path}.{key}".lstrip(".")
            wild = any(other == f"{path}.*" or other.startswith((f"{path}.*.", f"{path}.*[")) for other in table)
            yield from fields(child, table, f"{path}.*" if wild else known)
    elif isinstance(value, list) and inside:
        for child in value:
            yield from fields(child, table, f"{path}[]")


def check(name: str, documents: list[Any]) -> None:
    """Every field of the documents is in the table of that name, with its types, and the other way round."""
    table = dict(TABLES[name])
    if name == "explain":  # one element of the list, and more
        table |= {path.removeprefix("[]."): kinds for path, kinds in TABLES["list"].items()}
    seen: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for path, kind, value in fields(document, table):
            of_a_kind = table.get(path, set()) & {"verdict", "observation"}
            for kind_of_object in of_a_kind:
                check_known(kind_of_object, value)
            seen[path] |= of_a_kind or ({"any"} if table.get(path) == {"any"} else {kind})
    assert dict(seen) == table


def check_known(name: str, document: Any) -> None:
    """Nothing is in the document that is not in the table."""
    for path, kind, _ in fields(document, TABLES[name]):
        assert kind in TABLES[name][path] or TABLES[name][path] & {"any", "observation"}, path


@pytest.mark.parametrize(
    "name", ["list", "explain", "diagnose", "targets", "diff", "bisect", "gather", "matrix", *OBJECTS]
)
def test_the_page_has_every_field(name: str, samples: dict[str, list[Any]]) -> None:
    check(name, samples[name])


def test_the_page_has_every_field_of_a_run(run: dict[str, Any]) -> None:
    check("run", [run])


def test_every_command_with_json_is_there() -> None:
    commands = {name for name, command in cookbook.commands.items() if "as_json" in {p.name for p in command.params}}
    assert commands | set(OBJECTS) == {name for name, table in TABLES.items() if table}


def test_the_made_observations_have_it_all() -> None:
    """What is looked at above is not empty by accident."""
    for part in (FULL, FULL.logs):
        empty = {field.name for field in dataclasses.fields(part) if not getattr(part, field.name)}
        assert empty <= {"signal", "stdout", "stderr"}
