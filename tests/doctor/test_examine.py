"""All checks together: each on its own, bounded, whatever the directory holds."""

import os
import resource
import threading
from pathlib import Path
from typing import Any

import pytest
from tfevents.framing import framed

from tbcookbook.doctor import examine as module
from tbcookbook.doctor import survey as surveying
from tbcookbook.doctor.examine import CHECKS, examine, examined
from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.survey import Survey
from tbcookbook.execution.inside.folders import remove


def test_a_check_that_fails_says_so_and_the_others_go_on(log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    log.scalars(loss=[0, 0, 0])

    def broken(_: Survey) -> list[Finding]:
        raise KeyError("tag")

    monkeypatch.setattr(module, "CHECKS", (broken, *CHECKS))
    found = examine(log.directory)
    assert [failure.check for failure in found.failures] == ["broken"]
    assert [finding.check for finding in found.findings] == ["all-at-one-step"]


def test_the_worst_comes_first(tmp_path: Path) -> None:
    findings = [Finding("a", severity, "") for severity in ("note", "error", "warning")]
    found = examined(Survey(tmp_path), [("all", lambda: findings)])
    assert [finding.severity for finding in found.findings] == ["error", "warning", "note"]


def test_what_is_wrong_everywhere_is_told_often_enough(tmp_path: Path) -> None:
    found = examined(Survey(tmp_path), [("all", lambda: [Finding("a", "note", "")] * 60)])
    assert (len(found.findings), found.left_out) == (50, 10)


def test_the_progress_is_in_bytes(log: Any) -> None:
    sizes = [log.scalars(run, loss=range(3000)).stat().st_size for run in ("a", "b")]
    told: list[int] = []
    examine(log.directory, progress=lambda number, name: told.append(number))
    assert sum(told) == sum(sizes) == surveying.bytes_below(log.directory)


def test_a_hostile_directory(log: Any, tmp_path: Path) -> None:
    """FIFOs, devices, links in circles and to everywhere, names that are no text: told or passed over, none opened."""
    log.scalars("good", loss=range(3))
    os.mkfifo(log.directory / "events.out.tfevents.1.fifo")
    os.mkfifo(log.directory / "projector_config.pbtxt")
    (log.directory / "circle").symlink_to(log.directory)
    (log.directory / "events.out.tfevents.2.circle").symlink_to("events.out.tfevents.2.circle")
    (log.directory / "events.out.tfevents.3.zero").symlink_to("/dev/zero")
    (log.directory / "events.out.tfevents.4.other").symlink_to("/etc/passwd")
    (log.directory / "gone").symlink_to(tmp_path / "nowhere")
    Path(os.fsdecode(os.fsencode(log.directory) + b"/\xff\xfe")).mkdir()
    Path(os.fsdecode(os.fsencode(log.directory) + b"/events.out.tfevents.5.\xff\n\x1b[2J")).write_bytes(b"x" * 40)
    done = threading.Thread(target=log.examine, daemon=True)
    done.start()
    done.join(30)
    assert not done.is_alive()
    found = log.examine()
    assert "circle" in found.survey.passed_over
    assert {finding.file for finding in found.findings if finding.check == "unreadable"} >= {
        "events.out.tfevents.1.fifo"
    }
    assert all(str(finding.file).isascii() for finding in found.findings)


def test_folders_without_end(log: Any) -> None:
    log.scalars("good", loss=range(3))
    folder = os.open(log.directory, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("x", dir_fd=folder)
        inner = os.open("x", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    try:
        assert log.checks() == ["too-much"]
    finally:
        remove(str(log.directory))  # which pytest cannot


def test_a_file_of_holes(log: Any) -> None:
    path = log.scalars(loss=range(3))
    with path.open("r+b") as file:
        file.truncate(2**42)
    assert log.the("corrupt").evidence["record"] == 4


def test_a_record_of_holes(log: Any) -> None:
    """It says that it is a terabyte long, and is: it is not read to its end."""
    path = log.scalars(loss=range(3))
    header = framed(b"")  # of a length that is made true
    import google_crc32c
    from tfevents.framing import masked

    length = (2**40).to_bytes(8, "little")
    header = length + masked(google_crc32c.value(length)).to_bytes(4, "little")
    with path.open("r+b") as file:
        file.seek(0, 2)
        file.write(header)
        file.truncate(2**41)
    assert log.checks() == ["corrupt"]


def test_memory_is_bounded(log: Any, new_scalar: Any) -> None:
    record = framed(new_scalar("loss", 5, 1.0))
    path = log.scalars(loss=range(3))
    with path.open("ab") as file:
        for _ in range(64):
            file.write(record * (2**20 // len(record)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert log.the("several-at-each-step")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_more_tags_than_are_kept(log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "MOST_SERIES", 3)
    log.scalars(**{f"tag{number}": [0] for number in range(5)})
    assert log.checks() == ["too-much"]
