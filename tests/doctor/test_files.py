"""Event files that are damaged, empty, unreadable, enormous or from another time."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tbcookbook.doctor import files


def old(path: Path) -> Path:
    """The file as if it had been written an hour ago."""
    os.utime(path, (time.time() - 3600, time.time() - 3600))
    return path


def test_a_file_that_ends_within_a_record(log: Any) -> None:
    path = log.scalars(loss=range(5))
    whole = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-7])
    old(path)
    found = log.the("truncated")
    assert found.evidence["size"] == whole - 7
    assert found.evidence["position"] + found.evidence["bytes_behind"] == whole - 7
    assert found.evidence["record"] == 5
    assert found.file == path.name


def test_a_file_that_is_being_written(log: Any) -> None:
    path = log.scalars(loss=range(5))
    path.write_bytes(path.read_bytes()[:-7])
    found = log.the("truncated")
    assert found.severity == "note"
    assert "the rest may be on its way" in found.text


def test_a_byte_that_was_changed(log: Any) -> None:
    path = log.scalars(loss=range(5))
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    found = log.the("corrupt")
    assert found.severity == "error"
    assert found.evidence["record"] == 5
    assert found.evidence["position"] < len(data) - 20


def test_nothing_but_the_version(log: Any) -> None:
    old(log.file("train"))
    found = log.the("nothing-written")
    assert found.severity == "error"
    assert {"no-default-writer", "no-summary-call", "not-flushed"} <= set(found.scenarios)


def test_nothing_but_the_version_beside_a_profile(log: Any) -> None:
    """It makes a run of the folder, in which the Profile dashboard looks."""
    old(log.file("train"))
    profile = log.directory / "train/plugins/profile/2026_01_02_03_04_05/host.xplane.pb"
    profile.parent.mkdir(parents=True)
    profile.write_bytes(b"x")
    assert log.findings() == ()


def test_nothing_but_the_version_yet(log: Any) -> None:
    log.file("train")
    assert log.the("nothing-written").severity == "note"


def test_a_file_of_no_bytes(log: Any) -> None:
    path = old(log.file("train"))
    path.write_bytes(b"")
    old(path)
    assert log.the("nothing-written").evidence["records"] == 0


def test_an_empty_file_beside_a_full_one(log: Any) -> None:
    old(log.file("train"))
    log.scalars("train", loss=range(3))
    assert log.findings() == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(log: Any) -> None:
    log.scalars(loss=range(3)).chmod(0)
    assert log.the("unreadable").evidence["mode"] == "----------"


def test_a_file_that_the_system_refuses(log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    log.scalars("train", loss=range(3))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tbcookbook.doctor.survey.open_regular", refuse)
    found = log.the("unreadable")
    assert (found.severity, found.run) == ("error", "train")
    assert found.evidence["you"] == os.getuid()


def test_a_file_for_each_step(log: Any) -> None:
    for step in range(2):
        log.scalars(loss=[step])
    assert log.the("file-for-each-step").scenarios == ("a-writer-per-epoch",)


def test_a_file_for_each_process(log: Any) -> None:
    for step in range(2):
        log.scalars(loss=[step], pid=step)
    assert log.findings() == ()


def test_what_fills_an_enormous_file(
    log: Any, new_tensor: Any, new_scalar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [new_tensor("picture", step, [b"9", b"9", b"x" * 5000], "images", [3]) for step in range(4)]
    log.file("train", [*pictures, new_scalar("loss", 1, 0.5)])
    assert log.findings() == ()
    monkeypatch.setattr(files, "LARGE", 10_000)
    found = log.the("enormous")
    assert found.evidence["tag"] == "picture"
    assert found.evidence["tag_bytes"] == pytest.approx(found.evidence["bytes"], rel=0.05)
    assert found.scenarios == ("images-every-step",)


@pytest.mark.parametrize(
    ("wall_time", "made"),
    [
        (time.time() + 86_400, None),
        (1_000_000.0, None),
        (1_700_000_001.0, int(time.time()) + 86_400),
        (1_600_000_000.0, 1_700_000_000),
        (float("inf"), None),
    ],
    ids=["tomorrow", "long ago", "made tomorrow", "before it was made", "infinite"],  # alike in every process
)
def test_clocks_that_are_wrong(log: Any, new_scalar: Any, wall_time: float, made: int | None) -> None:
    log.file(".", [new_scalar("loss", 1, 0.5, wall_time), new_scalar("loss", 2, 0.5, wall_time)], made)
    assert log.checks() == ["clock"]


@pytest.mark.parametrize(
    ("wall_time", "made"),
    [(0.0, None), (time.time(), int(time.time())), (1_700_000_000.5, 1_700_000_000)],
    ids=["none", "now", "in 2023"],
)
def test_clocks_that_are_right(log: Any, new_scalar: Any, wall_time: float, made: int | None) -> None:
    log.file(".", [new_scalar("loss", 1, 0.5, wall_time)], made)
    assert log.findings() == ()
