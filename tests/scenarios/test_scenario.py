"""The scenario format: what it accepts, and what it says of everything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tbcookbook.scenarios.difference import difference
from tbcookbook.scenarios.loading import load_scenario, load_scenarios
from tbcookbook.scenarios.message import holes, literals, matches
from tbcookbook.scenarios.problems import Problem, ScenarioError, UnexpectedError
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scaffold import create_scenario
from tbcookbook.scenarios.scenario import Role
from tbcookbook.targets.registry import registered_targets

GOOD = """
title = "A mistake"
sources = ["https://example.org/report"]

[[broken]]
on = "keras>=2.6"
outcome = "raises"
type = "ValueError"
message = "Expected {what}"

[[broken]]
on = "keras<2.6"
outcome = "wrong-events"
events."train/loss" = { steps = [0, 1], shape = [32] }

[[fixed]]
on = "*"
outcome = "ok"
events."train/loss" = { steps = [0, 1], equals = "losses" }
events."train/rate" = { steps = [0], on = "keras>=3" }
"""

BROKEN_ENVIRONMENT, FIXED_ENVIRONMENT = (
    f'[environments.{role}]\npython = "3.11"\nrequirements = ["tensorboard==2.20.0", "setuptools=={setuptools}"]\n'
    for role, setuptools in (("broken", "82.0.1"), ("fixed", "80.10.2"))
)

TARGETS = [target for target in registered_targets() if target.name in ("tf-2.5", "tf-2.9", "tf-2.21")]

PAGE = "## What you see\n\n## Why\n\n## The fix\n\n" + "Words of a page. " * 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good scenario."""
    made = tmp_path / "chapter" / "a-mistake"
    made.mkdir(parents=True)
    (made / "scenario.toml").write_text(GOOD)
    (made / "README.md").write_text(PAGE)
    (made / "broken.py").write_text("raise ValueError  # <- wrong\n")
    (made / "fixed.py").write_text("pass\n")
    return made


def test_sections_of_the_page(folder: Path) -> None:
    text = "Before.\n\n## What you see\n\nAn error.\n\n### Below\n\n## Why\n\nA vector.\n\n## The fix\nReduce it.\n"
    (folder / "README.md").write_text(text + "Words of a page. " * 30)
    sections = load_scenario(folder, TARGETS).sections
    assert list(sections) == ["What you see", "Why", "The fix"]
    assert sections["What you see"] == "An error.\n\n### Below"
    assert sections["Why"] == "A vector."


def test_names_of_the_scripts(folder: Path) -> None:
    (folder / "fixed").mkdir()
    (folder / "fixed.py").rename(folder / "fixed" / "main.py")
    scenario = load_scenario(folder, TARGETS)
    assert (scenario.script_name("broken"), scenario.script_name("fixed")) == ("broken.py", "fixed/main.py")


def test_good_scenario(folder: Path) -> None:
    scenario = load_scenario(folder, TARGETS)
    assert (scenario.slug, scenario.chapter, scenario.marked_line) == ("a-mistake", "chapter", 1)
    old, _, new = (target.versions for target in TARGETS)
    assert [scenario.expectation("broken", versions).outcome for versions in (old, new)] == ["wrong-events", "raises"]  # type: ignore[union-attr]
    fixed = scenario.expectation("fixed", new)
    assert fixed is not None
    assert list(fixed.streams_on(new)) == ["train/loss", "train/rate"]
    assert list(fixed.streams_on(old)) == ["train/loss"]
    assert scenario.values("fixed") == ["losses"]


def replaced(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        assert old in GOOD
        (folder / "scenario.toml").write_text(GOOD.replace(old, new, 1))

    return change


def written(name: str, data: str | bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    return change


def folder_for(role: str, files: dict[str, str]) -> Callable[[Path], None]:
    """Put a folder in the place of a script."""

    def change(folder: Path) -> None:
        (folder / f"{role}.py").unlink()
        (folder / role).mkdir()
        for name, text in files.items():
            (folder / role / name).write_text(text)

    return change


def removed(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


# What is done to a good scenario; the file and the key that the one error names; what it says was found, and expected.
BAD: dict[str, tuple[Callable[[Path], None], str, str, str, str]] = {
    "unknown key at the top": (
        replaced("title =", "titel ="),
        "scenario.toml",
        "top level",
        "unknown key 'titel'",
        "title, perhaps",
    ),
    "unknown key in a table": (
        replaced("outcome =", "outcom ="),
        "scenario.toml",
        "broken[0]",
        "unknown key 'outcom'",
        "outcome, perhaps",
    ),
    "unknown key of a stream": (
        replaced("shape = [32]", "shap = [32]"),
        "scenario.toml",
        "broken[1].events.train/loss",
        "unknown key 'shap'",
        "shape, perhaps",
    ),
    "no title": (replaced('title = "A mistake"', ""), "scenario.toml", "title", "nothing", "a value"),
    "empty title": (replaced("A mistake", ""), "scenario.toml", "title", "''", "some text"),
    "title of the wrong type": (replaced('"A mistake"', "3"), "scenario.toml", "title", "3", "a text"),
    "no source": (
        replaced('["https://example.org/report"]', "[]"),
        "scenario.toml",
        "sources",
        "[]",
        "a list of at least 1",
    ),
    "source that is no address": (
        replaced("https://example.org/report", "seen somewhere"),
        "scenario.toml",
        "sources[0]",
        "'seen somewhere'",
        "https://",
    ),
    "no range": (replaced('on = "keras>=2.6"\n', ""), "scenario.toml", "broken[0].on", "nothing", "a value"),
    "range that is not installed, of a version": (
        replaced("keras>=2.6", "!keras>=2.6"),
        "scenario.toml",
        "broken[0].on",
        "'!keras>=2.6'",
        "keras>=2.6,<3",
    ),
    "unavailable nowhere": (
        replaced("[[fixed]]", '[[unavailable]]\non = "!keras"\ntype = "A"\nmessage = "b"\nnote = "c"\n\n[[fixed]]'),
        "scenario.toml",
        "unavailable[0].on",
        "'!keras'",
        "a registered target in it",
    ),
    "unavailable without a note": (
        replaced("[[fixed]]", '[[unavailable]]\non = "!keras"\ntype = "A"\nmessage = "b"\n\n[[fixed]]'),
        "scenario.toml",
        "unavailable[0].note",
        "nothing",
        "a value",
    ),
    "unavailable of a script that is none": (
        replaced(
            "[[fixed]]",
            '[[unavailable]]\non = "keras>=3"\ntype = "A"\nmessage = "b"\nnote = "c"\nscripts = ["x"]\n\n[[fixed]]',
        ),
        "scenario.toml",
        "unavailable[0].scripts[0]",
        "'x'",
        "one of broken, fixed",
    ),
    "range everywhere unavailable": (
        replaced("[[fixed]]", '[[unavailable]]\non = "*"\ntype = "A"\nmessage = "b"\nnote = "c"\n\n[[fixed]]'),
        "scenario.toml",
        "broken[0].on",
        "'keras>=2.6'",
        "a registered target in it",
    ),
    "range without an operator": (
        replaced("keras>=2.6", "keras 2.6"),
        "scenario.toml",
        "broken[0].on",
        "'keras 2.6'",
        "keras>=2.6,<3",
    ),
    "range of a version that is none": (
        replaced("keras>=2.6", "keras>=two"),
        "scenario.toml",
        "broken[0].on",
        "'keras>=two'",
        "keras>=2.6,<3",
    ),
    "range of an unknown package": (
        replaced("keras>=2.6", "kears>=2.6"),
        "scenario.toml",
        "broken[0].on",
        "'kears>=2.6'",
        "keras, perhaps",
    ),
    "range of the wrong type": (replaced('"keras>=2.6"', "2.6"), "scenario.toml", "broken[0].on", "2.6", "a range"),
    "empty list of ranges": (replaced('"keras>=2.6"', "[]"), "scenario.toml", "broken[0].on", "[]", "a range"),
    "ranges that overlap": (
        replaced("keras>=2.6", "keras>=2.5"),
        "scenario.toml",
        "broken[1].on",
        "'keras>=2.5' and 'keras<2.6', both with tf-2.5",
        "do not overlap",
    ),
    "gap between ranges": (
        replaced("keras>=2.6", "keras>=3"),
        "scenario.toml",
        "broken",
        "no range with tf-2.9 (tensorflow 2.9.3, keras 2.9.0)",
        "leave no registered target out",
    ),
    "range that can match nothing": (
        replaced("keras<2.6", "keras<2"),
        "scenario.toml",
        "broken[1].on",
        "'keras<2'",
        "a registered target in it",
    ),
    "range of a stream that can match nothing": (
        replaced('steps = [0], on = "keras>=3"', 'steps = [0], on = "keras>=4"'),
        "scenario.toml",
        "fixed[0].events.train/rate.on",
        "'keras>=4'",
        "a registered target in it",
    ),
    "unknown outcome": (
        replaced('"raises"', '"raise"'),
        "scenario.toml",
        "broken[0].outcome",
        "'raise'",
        "raises, perhaps",
    ),
    "raises without a type": (
        replaced('type = "ValueError"\n', ""),
        "scenario.toml",
        "broken[0].type",
        "nothing",
        "the outcome 'raises' needs",
    ),
    "raises without a message": (
        replaced('message = "Expected {what}"\n', ""),
        "scenario.toml",
        "broken[0].message",
        "nothing",
        "the outcome 'raises' needs",
    ),
    "ok with a message": (
        replaced('outcome = "ok"', 'outcome = "ok"\nmessage = "x"'),
        "scenario.toml",
        "fixed[0].message",
        "'x'",
        "no such key",
    ),
    "outcome unavailable without a note": (
        replaced('"raises"', '"unavailable"'),
        "scenario.toml",
        "broken[0].note",
        "nothing",
        "the outcome 'unavailable' needs",
    ),
    "crash without its way": (
        replaced('outcome = "wrong-events"', 'outcome = "crashes"'),
        "scenario.toml",
        "broken[1].exit",
        "neither exit nor signal",
        "one of them",
    ),
    "broken brace in a message": (
        replaced("Expected {what}", "Expected {what"),
        "scenario.toml",
        "broken[0].message",
        "'Expected {what'",
        "a template",
    ),
    "hole without a name": (
        replaced("Expected {what}", "Expected {}"),
        "scenario.toml",
        "broken[0].message",
        "'Expected {}'",
        "a hole is written {name}",
    ),
    "message of holes only": (
        replaced("Expected {what}", "{what}"),
        "scenario.toml",
        "broken[0].message",
        "'{what}'",
        "some text outside",
    ),
    "stream without a run": (
        replaced('events."train/loss" = { steps = [0, 1], shape', 'events."loss" = { steps = [0, 1], shape'),
        "scenario.toml",
        "broken[1].events",
        "'loss'",
        "run/tag",
    ),
    "stream without steps": (
        replaced("steps = [0, 1], equals", "equals"),
        "scenario.toml",
        "fixed[0].events.train/loss.steps",
        "nothing",
        "a value",
    ),
    "steps of the wrong type": (
        replaced("steps = [0, 1], equals", 'steps = ["0", "1"], equals'),
        "scenario.toml",
        "fixed[0].events.train/loss.steps[0]",
        "'0'",
        "a whole number",
    ),
    "fixed that fails": (
        replaced('outcome = "ok"', 'outcome = "wrong-events"'),
        "scenario.toml",
        "fixed[0].outcome",
        "'wrong-events'",
        "ok, or unavailable",
    ),
    "TOML that does not parse": (
        replaced("sources = [", "sources = "),
        "scenario.toml",
        "TOML",
        "line 3",
        "a TOML document",
    ),
    "TOML that is not UTF-8": (
        written("scenario.toml", b"title = '\xff'"),
        "scenario.toml",
        "file",
        "byte 0xff at 9",
        "UTF-8",
    ),
    "no script": (removed("fixed.py"), "fixed.py", "file", "nothing", "a file"),
    "no README": (removed("README.md"), "README.md", "file", "nothing", "a file"),
    "no scenario.toml": (removed("scenario.toml"), "scenario.toml", "file", "nothing", "a file"),
    "file too many": (written("fixd.py", "pass\n"), "fixd.py", "file", "'fixd.py'", "fixed.py, perhaps"),
    "no marked line": (written("broken.py", "pass\n"), "broken.py", "# <-", "0 marked lines", "one line"),
    "two marked lines": (
        written("broken.py", "pass  # <- a\npass  # <- b\n"),
        "broken.py",
        "# <-",
        "2 marked lines",
        "one line",
    ),
    "script that is too long": (written("fixed.py", "pass\n" * 90), "fixed.py", "length", "90 lines", "at most"),
    "README of a few words": (
        written("README.md", PAGE[:60]),
        "README.md",
        "length",
        "words",
        "100 to 350",
    ),
    "fix of many lines": (
        written("fixed.py", "".join(f"a = {number}\n" for number in range(20))),
        "",
        "difference",
        "21 lines",
        "at most 15",
    ),
    "two scripts of one role": (written("fixed.sh", "true\n"), "", "fixed", "fixed.py and fixed.sh", "one of them"),
    "folder without a script": (
        folder_for("fixed", {"other.py": "pass\n"}),
        "fixed",
        "file",
        "neither main.py nor main.sh",
        "one of them",
    ),
    "folder with two scripts": (
        folder_for("fixed", {"main.py": "pass\n", "main.sh": "true\n"}),
        "fixed",
        "file",
        "main.py and main.sh",
        "one of them",
    ),
    "unknown fault": (
        replaced("title =", 'fault = "cod"\ntitle ='),
        "scenario.toml",
        "fault",
        "'cod'",
        "code, perhaps",
    ),
    "symptom that is empty": (
        replaced("title =", 'symptoms = [""]\ntitle ='),
        "scenario.toml",
        "symptoms[0]",
        "''",
        "some text",
    ),
    "related to nothing": (
        replaced("title =", 'related = ["other"]\ntitle ='),
        "scenario.toml",
        "related[0]",
        "'other'",
        "the slugs of other scenarios",
    ),
    "one environment": (
        replaced("[[fixed]]", f"{BROKEN_ENVIRONMENT}\n[[fixed]]"),
        "scenario.toml",
        "environments.fixed",
        "nothing",
        "a value",
    ),
    "environment without an exact pin": (
        replaced(
            "[[fixed]]",
            (BROKEN_ENVIRONMENT + FIXED_ENVIRONMENT).replace("setuptools==80.10.2", "setuptools<82") + "[[fixed]]",
        ),
        "scenario.toml",
        "environments.fixed.requirements[1]",
        "'setuptools<82'",
        "tensorboard==2.20.0",
    ),
    "environment of an old Python": (
        replaced("[[fixed]]", (BROKEN_ENVIRONMENT + FIXED_ENVIRONMENT).replace("3.11", "2.7", 1) + "[[fixed]]"),
        "scenario.toml",
        "environments.broken.python",
        "'2.7'",
        "a minor version",
    ),
    "contents of another plugin": (
        replaced("shape = [32]", 'shape = [32], plugin = "images", holds = { buckets = 30 }'),
        "scenario.toml",
        "broken[1].events.train/loss.holds.buckets",
        "30",
        "no such key with the plugin 'images'",
    ),
    "contents of another plugin, step by step": (
        replaced("shape = [32]", "holds = [{ value = 1.0 }, { buckets = 30 }]"),
        "scenario.toml",
        "broken[1].events.train/loss.holds[1].buckets",
        "30",
        "no such key with the plugin 'scalars'",
    ),
    "contents of fewer steps": (
        replaced("shape = [32]", "holds = [{ value = 1.0 }]"),
        "scenario.toml",
        "broken[1].events.train/loss.holds",
        "a list of 1",
        "one for each of 2 steps",
    ),
    "unknown key of contents": (
        replaced("shape = [32]", "holds = { valu = 1.0 }"),
        "scenario.toml",
        "broken[1].events.train/loss.holds",
        "unknown key 'valu'",
        "value, perhaps",
    ),
    "README without sections": (
        written("README.md", "# A title\n" + "A word, " * 60),
        "README.md",
        "##",
        "no section",
        "the sections What you see, Why, The fix",
    ),
}


# How many other problems the same change makes.
FOLLOWS = {
    "unknown key at the top": 1,  # the key that is missing now
    "unknown key in a table": 1,
    "unavailable without a note": 1,  # its range has no target either
    "range everywhere unavailable": 2,  # the other ranges have no target left
    "range that can match nothing": 1,  # so there is a gap
    "steps of the wrong type": 1,  # two steps
    "script that is too long": 1,  # and the difference
}


@pytest.mark.parametrize("name", BAD)
def test_bad_scenario(name: str, folder: Path) -> None:
    """An error that names the file and the key, what was found there and what was expected; and what follows of it."""
    change, file, key, found, expected = BAD[name]
    change(folder)
    with pytest.raises(ScenarioError) as raised:
        load_scenario(folder, TARGETS)
    told = [problem for problem in raised.value.problems if (problem.file, problem.key) == (folder / file, key)]
    assert any(found in problem.found and expected in problem.expected for problem in told), raised.value
    assert len(raised.value.problems) == 1 + FOLLOWS.get(name, 0), raised.value


def test_broken_that_never_breaks(folder: Path) -> None:
    tables = (
        GOOD.partition("[[broken]]")[0] + '[[broken]]\non = "*"\noutcome = "ok"\n[[fixed]]\non = "*"\noutcome = "ok"\n'
    )
    (folder / "scenario.toml").write_text(tables)
    with pytest.raises(ScenarioError, match=r"broken: found the outcome 'ok' everywhere"):
        load_scenario(folder, TARGETS)


def test_no_table_at_all(folder: Path) -> None:
    (folder / "scenario.toml").write_text(GOOD.partition("[[broken]]")[0])
    with pytest.raises(ScenarioError) as raised:
        load_scenario(folder, TARGETS)
    assert raised.value.problems == tuple(
        Problem(folder / "scenario.toml", role, "nothing", "a value") for role in ("broken", "fixed")
    )


def test_all_problems_of_all_scenarios_at_once(folder: Path) -> None:
    """A slug twice, and a bad name."""
    import shutil

    shutil.copytree(folder, folder.parents[1] / "other" / folder.name)
    shutil.copytree(folder, folder.parent / "Bad_Name")
    with pytest.raises(ScenarioError) as raised:
        load_scenarios(folder.parents[1])
    assert [problem.key for problem in raised.value.problems] == ["slug", "slug"]
    texts = " ".join(map(str, raised.value.problems))
    assert "Bad_Name" in texts
    assert "a name that no other has" in texts


def test_empty_root(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario"):
        load_scenarios(tmp_path)


@pytest.mark.parametrize(
    ("text", "versions", "inside"),
    [
        ("*", {}, True),
        ("keras>=2.6", {"keras": "2.6.0"}, True),
        ("keras>=2.6", {"keras": "2.5.0"}, False),
        ("keras>=2.6", {"tensorflow": "2.5.0"}, False),
        ("keras>=3,<3.7", {"keras": "3.6.0"}, True),
        ("tensorflow>=2.21", {"tensorflow": "2.22.0.dev20261001"}, True),
        (["keras>=3", "tensorflow<2.18"], {"keras": "3.3.3", "tensorflow": "2.16.2"}, True),
        (["keras>=3", "tensorflow<2.18"], {"keras": "3.3.3", "tensorflow": "2.18.1"}, False),
        ("tensorboard", {"tensorboard": "2.21.0"}, True),
        ("tensorboard", {}, False),
        ("!tensorboard", {"tensorboard": "2.21.0"}, False),
        ("!tensorboard", {}, True),
        ("keras[jax]>=3", {"keras[jax]": "3.15.1"}, True),
        ("keras[jax]", {"keras[torch]": "3.15.1"}, False),
    ],
)
def test_versions(text: object, versions: dict[str, str], inside: bool) -> None:
    assert (versions in parse_versions(text)) is inside


def test_the_longest_range() -> None:
    assert parse_versions("keras>=3" + ".0" * 96).names == ("keras",)
    with pytest.raises(UnexpectedError):
        parse_versions("keras>=33" + ".0" * 96)


@pytest.mark.parametrize(
    ("template", "message", "does"),
    [
        ("Expected {shape}.", "Expected (32,).", True),
        ("Expected {shape}.", "Expected .", True),
        ("Expected {shape}.", "Expected (32,)", False),
        ("Expected {shape}.", "Not Expected (32,).", False),
        ("{before}in user code{after}", "a\nb in user code\nc", True),
        ("{{x}} is {y}", "{x} is 3", True),
        ("a.c", "abc", False),
        ("the whole", "the whole\n", False),
    ],
)
def test_templates(template: str, message: str, does: bool) -> None:
    assert matches(template, message) is does


def test_parts_of_a_template() -> None:
    assert literals("a {b} c {d}") == ["a ", " c "]
    assert holes("a {b} c {d}") == ["b", "d"]


def test_new_scenario_loads(tmp_path: Path) -> None:
    folder = create_scenario(tmp_path, "writer/new-mistake")
    assert load_scenario(folder, TARGETS).slug == "new-mistake"
    with pytest.raises(ValueError, match="is taken by"):
        create_scenario(tmp_path, "values/new-mistake")
    for bad in ("new", "a/b/c", "../a/b", "A/b", "a/b-", "/a", "a/"):
        with pytest.raises(ValueError, match="expected CHAPTER/SLUG"):
            create_scenario(tmp_path, bad)


def test_unavailable_goes_before_the_ranges(folder: Path) -> None:
    rule = '\n[[unavailable]]\non = "keras>=3"\ntype = "A"\nmessage = "b"\nnote = "c"\nscripts = ["fixed"]\n'
    (folder / "scenario.toml").write_text(
        GOOD.replace('= { steps = [0], on = "keras>=3" }', "= { steps = [0] }") + rule
    )
    scenario = load_scenario(folder, TARGETS)
    roles: tuple[Role, ...] = ("broken", "fixed")
    found = [[scenario.expectation(role, target.versions) for target in TARGETS] for role in roles]
    assert [[expectation.outcome for expectation in row if expectation] for row in found] == [
        ["wrong-events", "raises", "raises"],
        ["ok", "ok", "unavailable"],
    ]


def test_scripts_of_other_kinds(folder: Path) -> None:
    """A command line, and a folder with files beside what runs."""
    (folder / "broken.py").unlink()
    (folder / "broken.sh").write_text("tensorboard --logdir log  # <- the folder is logs\n")
    folder_for("fixed", {"main.sh": "tensorboard --logdir logs\n", "settings.py": "a = 1\n"})(folder)
    (folder / "fixed" / "data.bin").write_bytes(b"\xff\0")
    scenario = load_scenario(folder, TARGETS)
    assert scenario.script("broken") == folder / "broken.sh"
    assert [path.name for path in scenario.files("fixed")] == ["main.sh", "data.bin", "settings.py"]
    assert scenario.source("fixed") == "tensorboard --logdir logs\n"
    assert (scenario.marked_file, scenario.marked_line) == (folder / "broken.sh", 1)
    assert difference(scenario).splitlines() == [
        "--- broken.sh",
        "+++ fixed/main.sh",
        "@@ -1 +1 @@",
        "-tensorboard --logdir log  # <- the folder is logs",
        "+tensorboard --logdir logs",
        "--- broken/data.bin",
        "+++ fixed/data.bin",
        "@@ -0,0 +1 @@",
        "+a binary file of 2 bytes",
        "--- broken/settings.py",
        "+++ fixed/settings.py",
        "@@ -0,0 +1 @@",
        "+a = 1",
    ]


def test_scenario_with_environments(folder: Path) -> None:
    """It need not cover the registry, names any distribution, and its difference is in what is installed."""
    (folder / "scenario.toml").write_text(
        GOOD.partition("[[broken]]")[0]
        + BROKEN_ENVIRONMENT
        + FIXED_ENVIRONMENT
        + '[[broken]]\non = "setuptools>=82"\noutcome = "crashes"\nexit = 1\nmessage = "{path} No module {name}"\n'
        + '[[fixed]]\non = "*"\noutcome = "ok"\n'
    )
    (folder / "fixed.py").write_text((folder / "broken.py").read_text())
    scenario = load_scenario(folder, TARGETS)
    assert scenario.environments["broken"].name == "broken-environment"
    assert scenario.environments["fixed"].versions == {
        "python": "3.11",
        "tensorboard": "2.20.0",
        "setuptools": "80.10.2",
    }
    assert difference(scenario).splitlines()[-2:] == ["-setuptools==82.0.1", "+setuptools==80.10.2"]
    (folder / "scenario.toml").write_text((folder / "scenario.toml").read_text().replace(">=82", "<82"))
    with pytest.raises(ScenarioError, match=r"broken\[0\].on"):
        load_scenario(folder, TARGETS)


def test_what_needs_tensorboard_to_be_asked(folder: Path) -> None:
    (folder / "scenario.toml").write_text(GOOD + 'dashboards = ["scalars"]\n')
    scenario = load_scenario(folder, TARGETS)
    assert not scenario.needs_shown("broken")
    assert scenario.needs_shown("fixed")
