"""No directory, or none with event files: what is suggested."""

import os
from pathlib import Path
from typing import Any

import pytest

from tbcookbook.doctor.examine import examine


@pytest.fixture
def here(log: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with `logs/mnist/train` in it."""
    log.scalars("mnist/train", loss=range(3))
    folder: Path = log.directory.parent
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("logz", "logs"),
        ("log", "logs"),
        ("Logs", "logs"),
        ("logs/mnits", "logs/mnist"),
        ("logz/mnist", "logs/mnist"),
        ("logs/mnist/trian", "logs/mnist/train"),
        ("logs/train", "logs/mnist/train"),
        ("mnist", "logs/mnist"),
        ("logs/mnist/first/train", "logs/mnist/train"),
        ("~/logs", "HERE/logs"),
        ("logs ", "logs"),
        (" logs", "logs"),
        ("'logs'", "logs"),
        ("--logdir=logs", "logs"),
        ("logs,other", "logs"),
        ("run1:logs", "logs"),
        ("logs\\mnist", "logs/mnist"),
        ("logs/nothing/at/all", "logs"),
    ],
)
def test_the_near_misses(here: Path, given: str, meant: str) -> None:
    (finding,) = examine(Path(given)).findings
    assert finding.check == "no-directory"
    assert meant.replace("HERE", str(here)) in finding.evidence["near"]


def test_the_likeliest_comes_first(here: Path) -> None:
    assert examine(Path("logs/mnits")).findings[0].evidence["near"][0] == "logs/mnist"


def test_another_working_directory(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "src").mkdir()
    monkeypatch.chdir(here / "src")
    assert str(here / "logs") in examine(Path("logs")).findings[0].evidence["near"]


def test_nothing_is_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (finding,) = examine(Path("logs")).findings
    assert finding.evidence["near"] == []
    assert finding.scenarios[0] == "not-passed-to-fit"


@pytest.mark.parametrize("given", ["gs://bucket/logs", "s3://bucket/logs", "hdfs://host/logs"])
def test_another_file_system(here: Path, given: str) -> None:
    (finding,) = examine(Path(given)).findings
    assert finding.scenarios == ("remote-scheme",)


def test_an_event_file_itself(log: Any) -> None:
    path = log.scalars("train", loss=range(3))
    (finding,) = examine(path).findings
    assert finding.evidence["near"] == [str(path.parent)]


def test_a_fifo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "logs")
    (finding,) = examine(tmp_path / "logs").findings
    assert finding.check == "no-directory"


def test_a_folder_beside_the_right_one(here: Path) -> None:
    (here / "empty").mkdir()
    (finding,) = examine(Path("empty")).findings
    assert finding.check == "no-event-file"
    assert finding.evidence["near"] == ["logs"]


def test_a_folder_below_the_right_one(here: Path) -> None:
    (here / "logs" / "mnist" / "checkpoints").mkdir()
    (finding,) = examine(Path("logs/mnist/checkpoints")).findings
    assert "logs/mnist/train" in finding.evidence["near"]


def test_nothing_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a" / "logs").mkdir(parents=True)
    (finding,) = examine(tmp_path / "a" / "logs").findings
    assert finding.scenarios[0] == "not-passed-to-fit"


def test_a_projector_needs_no_event_file(log: Any) -> None:
    (log.directory / "projector_config.pbtxt").write_text("", encoding="utf-8")
    assert log.findings() == ()


def test_the_right_folder(here: Path) -> None:
    for given in ("logs", "logs/mnist", "logs/mnist/train", str(here)):
        assert examine(Path(given)).findings == ()
