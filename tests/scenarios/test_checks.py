"""Every check finds what it is there for, and folders that hold anything at all are told of in clear lines."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tbcookbook.scenarios import loading
from tbcookbook.scenarios.checks import FILE_CHECKS, FOLDER_CHECKS, Check, Draft
from tbcookbook.scenarios.forms import form_problems
from tbcookbook.scenarios.loading import load_scenario
from tbcookbook.scenarios.problems import Problem, ScenarioError

SPEC = importlib.util.spec_from_file_location("formats", Path(__file__).with_name("test_scenario.py"))
assert SPEC is not None
assert SPEC.loader is not None
formats: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(formats)

folder = formats.folder


def problems(path: Path) -> list[Problem]:
    """What is wrong with a folder, each problem in one line of bearable length."""
    try:
        load_scenario(path, formats.TARGETS)
    except ScenarioError as error:
        for line in error.messages:
            assert "\n" not in line
            assert len(line) < 1000
        return list(error.problems)
    return []


def test_every_check_has_an_input_that_it_finds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: set[str] = set()

    def watched(check: Check) -> Check:
        def check_and_tell(draft: Draft) -> Iterable[Problem]:
            told = list(check(draft))
            found.update([check.__name__] * bool(told))
            return told

        return check_and_tell

    monkeypatch.setattr(loading, "FOLDER_CHECKS", tuple(map(watched, FOLDER_CHECKS)))
    monkeypatch.setattr(loading, "FILE_CHECKS", tuple(map(watched, FILE_CHECKS)))
    changes = [change for change, *_ in formats.BAD.values()] + [
        lambda path: path.rename(path.with_name("Bad_Name")),
        never_breaks,
    ]
    for number, change in enumerate(changes):
        copy = folder.parent / f"copy-{number}"
        shutil.copytree(folder, copy)
        change(copy)
        problems(copy if copy.exists() else copy.with_name("Bad_Name"))
    assert found == {check.__name__ for check in (*FOLDER_CHECKS, *FILE_CHECKS)}


def never_breaks(path: Path) -> None:
    top = formats.GOOD.partition("[[broken]]")[0]
    (path / "scenario.toml").write_text(
        top + "".join(f'[[{role}]]\non = "*"\noutcome = "ok"\n' for role in ("broken", "fixed"))
    )


@pytest.mark.parametrize("name", ["broken.py", "fixed.py", "README.md", "scenario.toml"])
@pytest.mark.parametrize("what", ["not UTF-8", "binary", "folder", "pipe", "device", "dangling link", "loop", "huge"])
def test_a_file_that_is_anything(folder: Path, name: str, what: str) -> None:
    path = folder / name
    path.unlink()
    makers: dict[str, Callable[[], object]] = {
        "not UTF-8": lambda: path.write_bytes(b"# caf\xe9\n"),
        "binary": lambda: path.write_bytes(b"\0\1\2"),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "dangling link": lambda: path.symlink_to("nowhere"),
        "loop": lambda: path.symlink_to(path.name),
        "huge": lambda: path.write_text("#" * 2_000_000),
    }
    makers[what]()
    (problem,) = problems(folder)
    assert (problem.file, problem.key) == (path, "file")
    assert problem.expected == "a text file in UTF-8 that can be read"


@pytest.mark.parametrize("name", ["broken.py", "README.md", "scenario.toml", ""])
def test_what_may_not_be_read(folder: Path, name: str) -> None:
    for parent in (folder, *folder.parents):
        if parent.owner() != "root":
            break
        if parent.stat().st_mode & 0o077 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)  # a folder of pytest's, through which another user must pass
    (folder / name).chmod(0)
    try:
        (found,) = as_an_ordinary_user(lambda: [problem.found for problem in problems(folder)])
    finally:
        (folder / name).chmod(0o755)
    assert "denied" in found.lower()


def as_an_ordinary_user(tell: Callable[[], list[str]]) -> list[str]:
    """What a function gives that is called by a user for whom something is closed: root may read everything."""
    if os.geteuid() != 0:
        return tell()
    answer, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            text = json.dumps(tell())
        except BaseException as problem:
            text = json.dumps([f"{type(problem).__name__}: {problem}"])
        os.write(told, text.encode())
        os._exit(0)
    os.close(told)
    os.waitpid(child, 0)
    with os.fdopen(answer, encoding="utf-8") as pipe:
        found: list[str] = json.loads(pipe.read())
    return found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("steps = [0, 1], shape", f"steps = [{'1' * 5000}], shape"),
        ("steps = [0, 1], shape", f"steps = [0x{'f' * 5000}], shape"),
        ("steps = [0, 1], shape", f"steps = [{'1' * 4000}], shape"),
        ("steps = [0, 1], shape", f"steps = [{'[' * 5000}"),
        ("steps = [0, 1], shape", f"steps = {'[' * 300}{']' * 300}, shape"),
        ("[[broken]]", f"a{'.a' * 5000} = 1\n[[broken]]"),
        ('title = "A mistake"', "title = 1979-05-27T07:32:00"),
        ('title = "A mistake"', "title = 1979-15-27"),
        ('title = "A mistake"', 'title = "\\ud800"'),
        ('title = "A mistake"', "title = nan"),
        ("[[fixed]]", '[[fixed]]\nexit = 1e400\n"" = 1'),
        ('on = "keras>=2.6"', f'on = "keras>={"1." * 3000}"'),
        ('on = "keras>=2.6"', f'on = "keras>={"1" * 5000}"'),
        ('message = "Expected {what}"', f'message = "{"{" * 4999}"'),
        ('message = "Expected {what}"', 'message = "{a.b[0]!r:>{x}}"'),
    ],
)
def test_toml_that_is_anything(folder: Path, old: str, new: str) -> None:
    assert old in formats.GOOD
    (folder / "scenario.toml").write_text(formats.GOOD.replace(old, new, 1))
    assert problems(folder)


def test_every_syntax_error_of_a_file(folder: Path) -> None:
    """Also those after the first, and nothing of what is missing since a line could not be read."""
    text = formats.GOOD.replace("sources =", "sources").replace('type = "ValueError"', "type = ValueError")
    (folder / "scenario.toml").write_text(text)
    assert [(problem.key, problem.found.partition(":")[0]) for problem in problems(folder)] == [
        ("TOML", "line 3"),
        ("TOML", "line 8"),
    ]


def test_everything_at_once(folder: Path) -> None:
    """Of every file of a folder, and of every table of scenario.toml, also where some of it is wrong in its form."""
    (folder / "broken.py").write_text("pass\n")
    (folder / "README.md").write_bytes(b"\xff")
    text = formats.GOOD.replace("A mistake", "").replace('outcome = "ok"', 'outcome = "oké"').replace("<2.6", "<2.5")
    (folder / "scenario.toml").write_text(text)
    assert [problem.key for problem in problems(folder)] == [
        "file",
        "# <-",
        "fixed[0].outcome",
        "title",
        "fixed[0].outcome",
        "broken[1].on",
        "broken",
    ]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (told,) = problems(tmp_path / "nothing")
    assert (told.file, told.key) == (tmp_path / "nothing", "folder")


PIECES = st.lists(
    st.one_of(
        st.sampled_from(formats.GOOD.split("\n")),
        st.sampled_from(["[", "]", "{", "}", '"', "=", "on", "steps", "1e999", "[[broken]]", "[environments.broken]"]),
        st.text(max_size=8),
        st.integers().map(str),
    ),
    max_size=25,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=PIECES, at=st.integers(0, 20))
def test_any_toml(folder: Path, lines: list[str], at: int) -> None:
    """No exception but ScenarioError, whatever lines a file is made of."""
    good = formats.GOOD.split("\n")
    text = "\n".join([*good[:at], *lines, *good[at:]]).encode("utf-8", "surrogatepass")
    (folder / "scenario.toml").write_bytes(text)
    problems(folder)


KEYS = st.sampled_from(
    ["on", "outcome", "type", "message", "exit", "signal", "note", "events", "prints", "shown", "dashboards", "graphs"]
)
LEAVES = st.sampled_from(["*", "keras>=3", "ok", "crashes", "train/loss", "scalars", 1, 1.5, True]) | st.integers(0, 9)
INNER = st.sampled_from(["steps", "plugin", "shape", "holds", "value", "count", "texts", "train/loss", "nodes", "x"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(INNER, inner, max_size=3), max_leaves=12
)


@settings(max_examples=300, deadline=None)
@given(changes=st.dictionaries(KEYS, VALUES, max_size=4), index=st.sampled_from([0, 1]))
def test_records_and_schema_agree(changes: dict[str, object], index: int) -> None:
    """What the records take, the JSON Schema takes, and the other way round."""
    data = tomllib.loads(formats.GOOD)
    data["broken"][index].update(changes)
    contents, told = loading.read_forms(Path("scenario.toml"), data)
    assert (contents is not None) == (form_problems(Path("scenario.toml"), data) == [])
    assert (contents is None) == bool(told)
