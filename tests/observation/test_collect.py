"""What a supervisor saw and what a script left, made into an observation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tbcookbook.observation import reading
from tbcookbook.observation.collect import LONGEST_OUTPUT, Told, collect, shown_of
from tbcookbook.observation.logs import EventFile, Logs, Stream
from tbcookbook.observation.normal import LONGEST_TEXT, Places
from tbcookbook.observation.record import Link, Logged, Observation, Points, Raised, Shown, Times, Warned

LONG = "y" * (LONGEST_TEXT + 1)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "work").mkdir()
    return Places(tmp_path / "script.py", tmp_path / "work", tmp_path / "tmp")


def observed(places: Places, *journal: Mapping[str, Any], **told: Any) -> Observation:
    return collect(places.work.parent, places, Told(**{"exit": 0, "journal": journal, **told}))


def test_everything_that_is_told(places: Places) -> None:
    work = places.work
    below = {"type": "KeyError", "message": f"in {work}/x", "line": 3, "statement": 3, "relation": "cause"}
    raised = {"type": "ValueError", "message": f"of {work}/y", "line": 4, "statement": 2, "chain": [below]}
    seen = observed(
        places,
        {"entry": "warning", "type": "UserWarning", "message": f"at {work}/z", "file": f"{work}/f.py", "line": 5},
        {"entry": "exception", **raised},
        {"entry": "globals", "values": {"losses": [1 / 3, float("nan")], "more": {"x": 0.1 + 0.2}}},
        {"entry": "end", "how": "raised"},
        {"entry": "nonsense"},
        exit=1,
        seconds=1.23456,
        memory=7,
        left_behind=[f"sleep {work}/a"],
    )
    assert (seen.ending, seen.exit, seen.signal) == ("raises", 1, None)
    assert seen.exception == Raised("ValueError", "of y", 4, (Link("cause", "KeyError", "in x", 3),), 2)
    assert seen.warnings == (Warned("UserWarning", "at z", "f.py", 5),)
    assert seen.values == {"losses": [0.3333333, "nan"], "more": {"x": 0.3}}
    assert (seen.times, seen.left_behind) == (Times(1.235, 7), ("sleep a",))


@pytest.mark.parametrize(
    ("told", "ending"),
    [
        ({"how": "finished"}, "ok"),
        ({"how": "finished", "exit": 3}, "exits"),
        ({"how": "finished", "exit": None, "signal": "SIGKILL"}, "killed"),
        ({"how": "finished", "signal": "SIGKILL", "stopped": "time"}, "time"),
        ({"how": "raised", "exit": 1}, "raises"),
        ({"how": "not begun"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_ending(places: Places, told: dict[str, Any], ending: str) -> None:
    """A status of 0 needs a witness; what a supervisor did goes before what the script says."""
    how = told.pop("how", None)
    entries = [{"entry": "end", "how": how, "why": "no room"}] if how else []
    seen = observed(places, *entries, **told)
    assert seen.ending == ending
    assert ("no room" in seen.stderr) == (how == "not begun")
    assert (seen.exception is not None) == (how == "raised")


def test_a_shell_says_it_all_by_its_status(places: Places) -> None:
    shell = Places(places.script.with_suffix(".sh"), places.work, places.tmp)
    assert (observed(shell).ending, observed(shell, exit=1).ending) == ("ok", "exits")


def test_output(places: Places) -> None:
    folder = places.work.parent
    (folder / "stdout").write_bytes(f"in {places.work}/a\n".encode() + b"\xff")
    (folder / "stderr").write_text("WARNING:a:b\n2026-01-02 03:04:05.6: I cuda_x.cc:1] gone\n")
    seen = observed(places)
    assert (seen.stdout, seen.stderr, seen.log) == ("in a\n\\xff", "WARNING:a:b\n", (Logged("WARNING", "a", "b"),))
    for name in ("stdout", "stderr"):
        (folder / name).write_text(LONG)
    seen = observed(places)
    assert LONGEST_TEXT < len(seen.stdout) < LONGEST_TEXT + 50
    assert seen.stdout == seen.stderr


def test_of_enormous_output_both_ends_are_kept(places: Places) -> None:
    (places.work.parent / "stdout").write_bytes(b"begin" + bytes([32]) * LONGEST_OUTPUT + b"end")
    seen = observed(places).stdout
    assert seen.startswith("begin")
    assert seen.endswith("end")


def test_what_is_no_file_has_no_text(places: Places) -> None:
    (places.work.parent / "stdout").mkdir()
    (places.work.parent / "stderr").symlink_to("/etc/passwd")
    assert (observed(places).stdout, observed(places).stderr) == ("", "")


def test_files_outside_the_logs(places: Places) -> None:
    (places.work / "logs" / "train").mkdir(parents=True)
    (places.work / "logs" / "train" / "notes.txt").touch()
    (places.work / "a" / "logs").mkdir(parents=True)
    (places.work / "a" / "logs" / "x.txt").touch()
    (places.work / "events.out.tfevents.123.host.4.5").touch()
    seen = observed(places)
    assert seen.outside == ("a/logs/x.txt", "events.out.tfevents.<run>")
    assert seen.logs.files == ("train/notes.txt",)


def test_logs_that_are_a_link_lie_outside(places: Places) -> None:
    (places.work / "logs").symlink_to(places.work.parent)
    seen = observed(places)
    assert (seen.outside, seen.logs.files) == (("logs",), ())


def test_logs_that_cannot_be_read_are_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        raise RuntimeError("no way")

    monkeypatch.setattr(reading, "read_logs", fail)
    (places.work / "logs").mkdir()
    assert observed(places).logs.event_files == (EventFile(".", 0, "cannot be read: RuntimeError: no way"),)


def test_long_texts_are_shortened(places: Places) -> None:
    raised = {"entry": "exception", "type": "E", "message": LONG, "line": None, "statement": None}
    chain = [{"type": "E", "message": LONG, "line": None, "statement": None, "relation": "context"}]
    warning = {"entry": "warning", "type": "W", "message": LONG, "file": LONG, "line": 1}
    seen = observed(places, {**raised, "chain": chain}, warning, left_behind=[LONG])
    assert seen.exception is not None
    texts = [seen.exception.message, seen.exception.chain[0].message, *seen.left_behind]
    texts += [seen.warnings[0].message, seen.warnings[0].file]
    assert len({*texts}) == 1
    assert "1 characters" in texts[0]


def test_what_tensorboard_shows(places: Places) -> None:
    """Kept are the scalars of which it serves other steps than the files hold, with either loader."""
    plain = Stream("scalars", (0, 1), (), "float32", (0.5, 0.25))
    logs = Logs({"./same": plain, "./fewer": plain, "./none": plain, "./text": Stream("text", (0,), (), "string")})
    steps = {"fast": {"./same": [0, 1], "./fewer": [1], "./more": [3]}, "slow": {"./same": [0, 1], "./fewer": [0, 1]}}
    served = {"dashboards": ["scalars"], "runs": ["."], "steps": steps, "failure": ""}
    (places.work / "shown.json").write_bytes(msgspec.json.encode(served))
    points = {"./fewer": Points((1,), (0, 1)), "./more": Points((3,), ()), "./none": Points((), ())}
    shown = shown_of(places.work.parent, places, logs)
    assert shown == Shown(("scalars",), (".",), points)
    assert list(shown.points) == sorted(points)
    (places.work / "shown.json").write_bytes(msgspec.json.encode(served | {"failure": "no TensorBoard"}))
    assert shown_of(places.work.parent, places, logs) == Shown(failure="no TensorBoard")
    said = f"ValueError: {places.work}/logs is a file"
    (places.work / "shown.json").write_bytes(msgspec.json.encode(served | {"failure": said}))
    assert shown_of(places.work.parent, places, logs) == Shown(failure="ValueError: logs is a file")


def test_a_tensorboard_that_ended_is_told_with_its_last_words(places: Places) -> None:
    assert shown_of(places.work.parent, places, Logs()).failure.endswith(": it said nothing")
    (places.work.parent / "stderr").write_text("one\nlast words\n\n")
    assert shown_of(places.work.parent, places, Logs()).failure.endswith(": last words")
