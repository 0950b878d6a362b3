"""``tbcookbook diagnose DIRECTORY``: what is printed, as text and as JSON, and the exit status."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from rich.console import Console
from tfevents.framing import framed
from tfevents.messages import Event

from tbcookbook.cli.doctor import examine_directory, reading
from tbcookbook.doctor import environment
from tbcookbook.doctor import examine as examining
from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.survey import Survey

PAGE = Path(__file__).parents[2] / "docs/how-to/diagnose-a-log-directory.md"
MADE = 1_700_000_000


def write(folder: Path, number: int, points: list[tuple[int, float]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events.out.tfevents.{MADE + number}.host.7.{number}.v2"
    events = [Event(wall_time=MADE, file_version="brain.Event:2")]
    for step, value in points:
        event = Event(wall_time=MADE + number + step, step=step)
        event.summary.value.add(tag="loss", simple_value=value)
        events.append(event)
    path.write_bytes(b"".join(framed(event.SerializeToString()) for event in events))
    return path


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the page's example."""
    monkeypatch.chdir(tmp_path)
    write(Path("logs/steps"), 1, [(step, 1.0) for step in [0, 1, 2, 3] * 3])
    write(Path("logs/values"), 2, [(step, float("nan") if step > 3 else 1.0) for step in range(6)])
    return Path("logs")


def test_the_example_of_the_page(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine_directory(logs, as_json=False) == 1
    match = re.search(r"<!-- example -->\n```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    assert capsys.readouterr().out == match[1]


def test_nothing_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "logs", 1, [(step, 1.0) for step in range(4)])
    assert examine_directory(tmp_path / "logs", as_json=False) == 0
    captured = capsys.readouterr()
    assert "nothing is wrong" in captured.out
    assert captured.err == ""


def test_the_document(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine_directory(logs, as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert [finding["check"] for finding in document["findings"]] == ["steps-go-back", "not-finite"]
    assert document["findings"][0]["evidence"]["shown"] == 4
    assert document["runs"] == ["steps", "values"]


def test_a_check_that_fails_is_no_clean_bill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Survey) -> list[Finding]:
        raise KeyError("tag")

    write(tmp_path / "logs", 1, [(0, 1.0), (1, 1.0)])
    monkeypatch.setattr(examining, "CHECKS", (broken,))
    assert examine_directory(tmp_path / "logs", as_json=False) == 70
    out = capsys.readouterr().out
    assert "broken failed" in out
    assert "nothing is wrong" not in out


def test_names_that_a_terminal_would_obey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "logs" / "\x1b[2J\nrun", 1, [(0, 1.0)] * 3)
    assert examine_directory(tmp_path / "logs", as_json=False) == 1
    assert "\x1b" not in capsys.readouterr().out
    assert examine_directory(tmp_path / "logs", as_json=True) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_the_environment_of_an_interpreter(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    examine_directory(logs, as_json=True, python=Path(sys.executable))
    document = json.loads(capsys.readouterr().out)
    assert document["checks"] == len(examining.CHECKS) + len(environment.CHECKS)


def test_there_is_a_bar_in_a_terminal_alone(
    logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(logs) as progress:
        progress(10, "a")
    assert capsys.readouterr() == ("", "")
    stream = io.StringIO()
    monkeypatch.setattr("rich.console.Console", lambda stderr: Console(file=stream, force_terminal=True, width=120))
    with reading(logs) as progress:
        progress(10, "events\x1b[2J")
    assert "events" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
