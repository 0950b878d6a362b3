"""Fuzzing notices what it is for, and what it has found stays found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tbcookbook.errors import RecordingError
from tbcookbook.recordings.form import sealed
from tbcookbook.recordings.store import load_recording
from tbcookbook.scenarios.loading import load_scenarios
from tools.fuzz import event_files, messages, recordings, scenarios, texts
from tools.fuzz.subject import BATCH, Subject, fuzz

kept: list[bytes] = []


def raises(given: int) -> None:
    if given > 1000:
        raise KeyError(given)


def is_slow(given: int) -> None:
    if given > 1000:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass


def hangs(given: int) -> None:
    if given > 1000:
        reader, _ = os.pipe()
        os.read(reader, 1)


def leaks(given: int) -> None:
    kept.append(os.urandom(220_000))


@pytest.mark.parametrize(("check", "fault"), [(raises, "KeyError"), (is_slow, "TooSlowError"), (leaks, "memory grew")])
def test_faults_are_noticed(check: Callable[[Any], None], fault: str) -> None:
    subject = Subject("a", st.integers(0, 2**32), check, declared=(), seconds=0.1, share=1)
    assert fuzz(subject, 3 * BATCH, number=1).fault.startswith(fault)
    kept.clear()


def test_a_hang_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.fuzz.subject.HANG_SECONDS", 0.05)
    subject = Subject("a", st.just(2000), hangs, declared=(), seconds=0.05, share=1)
    assert fuzz(subject, 1, number=1).fault.startswith("TooSlowError")


def test_what_is_declared_is_no_fault() -> None:
    subject = Subject("a", st.integers(0, 2**32), raises, declared=(KeyError,), seconds=1.0, share=1)
    report = fuzz(subject, 700, number=1)
    assert (report.fault, report.inputs >= 700) == ("", True)


@pytest.mark.parametrize("subject", [messages.SUBJECT, texts.SUBJECT, event_files.SUBJECT, scenarios.SUBJECT])
def test_a_few_inputs_of_each(subject: Subject) -> None:
    assert fuzz(subject, 30, number=1).fault == ""


# What it has found


def test_an_event_whose_tensor_is_none() -> None:
    """IndexError: the tag had a place before its first point was made."""
    event_files.check(
        [("events.out.tfevents.1.h", event_files.record(b"*\x17\n\x15\n\x04lossB\x00J\x0b\n\t\n\x07scalars"))]
    )


def test_what_is_no_table_in_scenario_toml() -> None:
    """TypeError: a number was searched for keys."""
    folder = load_scenarios()[0].folder
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    scenarios.check({**files, "scenario.toml": b'title = "x"\nsources = ["x"]\nbroken = [1]\nfixed = [[], 2.0]\n'})


@pytest.mark.parametrize("content", [b'{"\x80format": 2}', b"[" * 100_000, b'{"format":' * 100_000, b"", b"\xff"])
def test_what_is_no_recording(content: bytes, tmp_path: Path) -> None:
    """UnicodeDecodeError, RecursionError."""
    path = tmp_path / "chapter" / "slug.json"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(RecordingError):
        load_recording(tmp_path, "tf-2.9")


def test_a_fifo_for_a_recording(tmp_path: Path) -> None:
    """It would be waited for, for ever."""
    (tmp_path / "chapter").mkdir()
    os.mkfifo(tmp_path / "chapter" / "slug.json")
    with pytest.raises(RecordingError, match="not a file"):
        load_recording(tmp_path, "tf-2.9")
    (tmp_path / "chapter" / "other.json").mkdir()
    (tmp_path / "chapter" / "slug.json").unlink()
    with pytest.raises(RecordingError, match="not a file"):
        load_recording(tmp_path, "tf-2.9")


def test_forged_recordings_are_forged_well() -> None:
    """Most inputs pass the digest: what is fuzzed is what comes after it."""
    document, _ = next(iter(recordings.SAMPLES.values()))
    recordings.check(
        {"chapter/slug.json": sealed({**document, "scenario": "slug", "broken": [], "fixed": []}).encode()}
    )
