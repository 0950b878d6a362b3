"""Every single difference between expectation and observation is a mismatch, and no more than that."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tbcookbook.observation.logs import EventFile, Logs, Stream
from tbcookbook.observation.record import Logged, Observation, Raised, Warned
from tbcookbook.render.report import failure, plain_text
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario, StreamExpectation
from tbcookbook.targets.target import Target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.endings import is_type
from tbcookbook.verdict.judge import Verdict, judge_case

TARGET = Target("tf", Path("/python"), {"tensorflow": "2.21.0", "keras": "3.15.1", "python": "3.11.7"})

RAISED = Observation(
    "raises", 1, None, exception=Raised("ValueError", "saw shape: (32,).", 2), stderr="ValueError: saw shape: (32,).\n"
)
LOGGED = Observation(
    "ok",
    0,
    None,
    values={"losses": [0.5, 0.25]},
    logs=Logs(streams={"train/loss": Stream("scalars", (0, 1), (), "float32", (0.5, 0.25))}),
)
LOSS = StreamExpectation(steps=[0, 1], equals="losses")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "broken.py").write_text("a = 1\nb = 2  # <- wrong\nc = 3\n")
    (tmp_path / "fixed.py").write_text("a = 1\n")
    return tmp_path


def verdict_on(folder: Path, role: Role, observation: Observation, **keys: Any) -> Verdict:
    keys = {"on": parse_versions("keras>=3"), **keys}
    scenario = Scenario(folder, "A mistake", ("https://example.org",), {role: (Expectation(**keys),)})
    return judge_case(Case(scenario, role, TARGET), observation)


def mismatches(folder: Path, role: Role, observation: Observation, **keys: Any) -> list[tuple[str, str, str]]:
    verdict = verdict_on(folder, role, observation, **keys)
    if verdict.mismatches:
        assert plain_text(failure(verdict)).startswith(f"{verdict.case}: not as expected")
    return [(found.what, found.expected, found.actual) for found in verdict.mismatches]


RAISES = {"outcome": "raises", "type": "ValueError", "message": "saw shape: {shape}."}


def test_as_expected(folder: Path) -> None:
    assert mismatches(folder, "broken", RAISED, **RAISES) == []
    assert mismatches(folder, "fixed", LOGGED, outcome="ok", events={"train/loss": LOSS}) == []
    assert mismatches(folder, "broken", LOGGED, outcome="wrong-events", events={"train/loss": LOSS}) == []


def test_no_range(folder: Path) -> None:
    ((what, expected, actual),) = mismatches(folder, "broken", RAISED, **RAISES, on=parse_versions("keras<3"))
    assert (what, actual) == ("range", "none")
    assert "keras 3.15.1" in expected


def test_ending(folder: Path) -> None:
    assert mismatches(folder, "broken", Observation("ok", 0, None), **RAISES) == [
        ("outcome", "raises ValueError: saw shape: {shape}.", "runs to its end")
    ]
    assert mismatches(folder, "fixed", RAISED, outcome="ok") == [
        ("outcome", "runs to its end", "raises ValueError: saw shape: (32,). (line 2)")
    ]
    for observation, said in [
        (Observation("killed", None, "SIGSEGV"), "is killed by SIGSEGV"),
        (Observation("exits", 7, None), "ends with exit status 7"),
        (Observation("time", None, "SIGKILL"), "is stopped at the time limit"),
        (Observation("memory", None, "SIGKILL"), "is stopped at the memory limit"),
        (Observation("output", None, "SIGKILL"), "is stopped at the limit of its output"),
        (Observation("lost", None, None), "kills the process that watches it"),
    ]:
        assert mismatches(folder, "fixed", observation, outcome="ok") == [("outcome", "runs to its end", said)]


def test_what_an_unexpected_end_means(folder: Path) -> None:
    """That it is repaired, or that it is no cure, is said where that is so."""

    def hint(role: Role, observation: Observation, **keys: Any) -> str:
        return verdict_on(folder, role, observation, **keys).mismatches[0].hint

    fine = Observation("ok", 0, None)
    assert hint("broken", fine, **RAISES).startswith("broken.py no longer breaks here")
    assert hint("broken", Observation("exits", 7), **RAISES) == ""
    for ending in (RAISED, Observation("exits", 7), Observation("killed", None, "SIGABRT")):
        assert hint("fixed", ending, outcome="ok").startswith("fixed.py does not work here")
    assert hint("fixed", Observation("time"), outcome="ok") == ""
    assert hint("fixed", fine, **RAISES | {"outcome": "unavailable", "note": "x"}) == ""


def test_exception(folder: Path) -> None:
    def whats(**changes: Any) -> list[str]:
        exception = dataclasses.replace(RAISED.exception, **changes)  # type: ignore[type-var]
        observation = dataclasses.replace(RAISED, exception=exception)
        return [what for what, *_ in mismatches(folder, "broken", observation, **RAISES)]

    assert whats(type="TypeError") == ["exception type"]
    assert whats(message="saw shapes: (32,).") == ["message"]
    assert whats(line=3) == ["line"]
    assert whats(line=None) == ["line"]
    assert whats(type="tensorflow.python.framework.errors_impl.ValueError") == []


def test_a_qualified_type_is_that_type_alone() -> None:
    assert is_type("a.b.Error", "a.b.Error")
    assert is_type("Error", "a.b.Error")
    assert not is_type("a.b.Error", "Error")
    assert not is_type("a.b.Error", "c.b.Error")
    assert not is_type("b.Error", "a.b.Error")
    assert not is_type("Error", "a.b.OtherError")


def test_lines_that_are_printed(folder: Path) -> None:
    seen = dataclasses.replace(LOGGED, logs=Logs(), stdout="first 1\nsecond 2\nthird 3\n")

    def whats(*templates: str) -> list[str]:
        return [what for what, *_ in mismatches(folder, "fixed", seen, outcome="ok", prints=list(templates))]

    assert whats("first {n}", "third {n}") == []
    assert whats("third {n}", "first {n}") == ["a line on stdout"]
    assert whats("first") == ["a line on stdout"]


def test_command_line(folder: Path) -> None:
    """What it says on stderr is a warning, and it has no line of its own in a traceback."""
    (folder / "broken.py").rename(folder / "broken.sh")
    warned = Observation("ok", 0, None, stderr="TensorFlow installation not found\n")
    assert mismatches(folder, "broken", warned, outcome="warns", message="TensorFlow {what} not found") == []
    assert mismatches(folder, "broken", warned, outcome="warns", message="Keras {what} not found") != []


def test_mark_in_another_file_of_a_folder(folder: Path) -> None:
    """The line that a traceback shows is one of the file that runs."""
    (folder / "broken.py").unlink()
    (folder / "broken").mkdir()
    (folder / "broken" / "main.py").write_text("import other\n\nother.do()\n")
    (folder / "broken" / "other.py").write_text("def do(): raise ValueError  # <- wrong\n")
    raised = dataclasses.replace(RAISED, exception=Raised("ValueError", "saw shape: (32,).", 3))
    assert mismatches(folder, "broken", raised, **RAISES) == []


def test_a_table_may_say_another_line(folder: Path) -> None:
    """The marked line is 2."""
    raised = dataclasses.replace(RAISED, exception=Raised("ValueError", "saw shape: (32,).", 3))
    assert mismatches(folder, "broken", raised, **RAISES, line=3) == []
    for line in (None, 2):
        assert [what for what, *_ in mismatches(folder, "broken", raised, **RAISES, line=line)] == ["line"]


def test_an_end_that_was_not_witnessed_is_never_as_expected(folder: Path) -> None:
    for outcome in ("ok", "wrong-events"):
        ((what, _, actual),) = mismatches(folder, "broken", Observation("unknown"), outcome=outcome)
        assert (what, actual) == ("outcome", "ends in a way that was not witnessed")


def test_warnings(folder: Path) -> None:
    warned = dataclasses.replace(LOGGED, warnings=(Warned("UserWarning", "look out", "x.py", 1),), logs=Logs())
    logged = dataclasses.replace(LOGGED, log=(Logged("WARNING", "tensorflow", "look out"),), logs=Logs())
    for observation in (warned, logged):
        assert mismatches(folder, "broken", observation, outcome="warns", message="look {where}") == []
        assert mismatches(folder, "broken", observation, outcome="warns", message="look") != []
    assert mismatches(folder, "broken", warned, outcome="warns", message="look out", type="UserWarning") == []
    assert mismatches(folder, "broken", logged, outcome="warns", message="look out", type="UserWarning") == [
        ("warning", "UserWarning: look out", "WARNING: look out")
    ]


def test_crashes(folder: Path) -> None:
    killed = Observation("killed", None, "SIGABRT", stderr="F tensor.cc:1] Check failed\n")
    exited = Observation("exits", 7, None)
    assert mismatches(folder, "broken", killed, outcome="crashes", signal="SIGABRT") == []
    assert mismatches(folder, "broken", killed, outcome="crashes", signal="SIGABRT", message="{x}Check failed") == []
    assert mismatches(folder, "broken", killed, outcome="crashes", signal="SIGABRT", message="Check") != []
    assert mismatches(folder, "broken", killed, outcome="crashes", signal="SIGSEGV") == [
        ("crash", "SIGSEGV", "SIGABRT")
    ]
    assert mismatches(folder, "broken", exited, outcome="crashes", exit=7) == []
    assert mismatches(folder, "broken", exited, outcome="crashes", exit=8) == [
        ("crash", "exit status 8", "exit status 7")
    ]


def test_the_shape_of_what_is_no_number_is_checked_if_it_is_said(folder: Path) -> None:
    stream = dataclasses.replace(LOGGED.logs.streams["train/loss"], plugin="histograms", shape=(30, 3))
    observation = dataclasses.replace(LOGGED, logs=Logs(streams={"train/loss": stream}))

    def whats(**said: Any) -> list[str]:
        events = {"train/loss": StreamExpectation(steps=[0, 1], plugin="histograms", **said)}
        return [what for what, *_ in mismatches(folder, "fixed", observation, outcome="ok", events=events)]

    assert whats() == whats(shape=[30, 3]) == []
    assert whats(shape=[1, 3]) == whats(shape=[]) == ["shape of train/loss"]


def test_a_shape_that_varies(folder: Path) -> None:
    """As under a tag that has values of two kinds."""
    stream = dataclasses.replace(LOGGED.logs.streams["train/loss"], shape=None)
    observation = dataclasses.replace(LOGGED, logs=Logs(streams={"train/loss": stream}))
    events = {"train/loss": StreamExpectation(steps=[0, 1], shape="varying")}
    assert mismatches(folder, "fixed", observation, outcome="ok", events=events) == []
    assert mismatches(folder, "fixed", LOGGED, outcome="ok", events=events) == [
        ("shape of train/loss", "varying", "[]")
    ]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"plugin": "text"}, "plugin of train/loss"),
        ({"steps": (0, 2), "values": (0.5, 0.25)}, "steps of train/loss"),
        ({"steps": (1, 0)}, "steps of train/loss"),
        ({"shape": (32,)}, "shape of train/loss"),
        ({"shape": None}, "shape of train/loss"),
        ({"values": (0.5, 0.26)}, "values of train/loss"),
        ({"values": (0.5, "nan")}, "values of train/loss"),
        ({"values": ()}, "values of train/loss"),
    ],
)
def test_stream(folder: Path, change: dict[str, Any], what: str) -> None:
    stream = dataclasses.replace(LOGGED.logs.streams["train/loss"], **change)
    observation = dataclasses.replace(LOGGED, logs=Logs(streams={"train/loss": stream}))
    found = mismatches(folder, "fixed", observation, outcome="ok", events={"train/loss": LOSS})
    assert [found_what for found_what, *_ in found] == [what]


def test_dtype(folder: Path) -> None:
    events = {"train/loss": StreamExpectation(steps=[0, 1], dtype="float64")}
    assert mismatches(folder, "fixed", LOGGED, outcome="ok", events=events) == [
        ("dtype of train/loss", "float64", "float32")
    ]


def test_values_that_must_differ(folder: Path) -> None:
    events = {"train/loss": StreamExpectation(steps=[0, 1], differs="losses")}
    assert mismatches(folder, "broken", LOGGED, outcome="wrong-events", events=events) == [
        ("values of train/loss", "other than losses", "0.5, 0.25")
    ]


def test_values_that_the_script_has_not(folder: Path) -> None:
    observation = dataclasses.replace(LOGGED, values={"losses": {"missing": "KeyError: 'losses'"}})
    ((_, expected, _),) = mismatches(folder, "fixed", observation, outcome="ok", events={"train/loss": LOSS})
    assert expected == "losses = KeyError: 'losses'"


def test_streams_missing_and_unexpected(folder: Path) -> None:
    assert mismatches(folder, "fixed", LOGGED, outcome="ok", events={"train/lost": LOSS}) == [
        ("train/loss", "nothing written", "scalars at steps 0, 1"),
        ("train/lost", "steps 0, 1", "nothing written"),
    ]


def test_streams_of_other_versions_do_not_count(folder: Path) -> None:
    other = StreamExpectation(steps=[0], on=parse_versions("keras<3"))
    assert mismatches(folder, "fixed", LOGGED, outcome="ok", events={"train/loss": LOSS, "train/old": other}) == []


def test_traces(folder: Path) -> None:
    damaged = Logs(event_files=(EventFile("events", 3, "truncated record in data"),))
    observation = Observation("ok", 0, None, logs=damaged, outside=("notes.txt",), left_behind=("sleep 60",))
    assert [what for what, *_ in mismatches(folder, "fixed", observation, outcome="ok")] == [
        "event file events",
        "files outside logs/",
        "processes left behind",
    ]


def test_failure_shows_the_script_and_its_stderr(folder: Path) -> None:
    wrong = dataclasses.replace(RAISED, exception=Raised("TypeError", "other", 3), stderr="one\n\ntwo\n")
    text = plain_text(failure(verdict_on(folder, "broken", wrong, **RAISES)))
    assert "> " in text
    assert ">   3 c = 3" in text
    assert "ValueError " in text
    assert "TypeError" in text
    assert text.endswith("    one\n\n    two")
    assert len(text.splitlines()) < 40
