"""A machine that has its own ideas: folders that are full, far down, not ours, or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Command, Kitchen
from tbcookbook.recordings.store import observed_root


def test_a_temporary_folder_far_down(command: Command, kitchen: Kitchen, tmp_path: Path) -> None:
    """The path of a socket has at most 107 bytes."""
    deep = tmp_path / ("deep" * 20) / ("down" * 20)
    deep.mkdir(parents=True)
    shown = command("run", "--target", kitchen.target, TMPDIR=str(deep))
    assert shown.returncode == 0, shown.stderr
    assert list(deep.glob("tbcookbook-*")) == []


def test_a_temporary_folder_with_a_name_that_is_not_utf8(command: Command, kitchen: Kitchen, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/odd-\xff")
    Path(odd).mkdir()
    shown = command("run", "--target", kitchen.target, TMPDIR=odd)
    assert shown.returncode == 0, shown.stderr


def test_no_recordings_at_all(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shown = command("diff", "tf-2.9", "tf-2.21", "--observed", str(tmp_path / "empty"))
    assert shown.returncode == 2
    assert "no recording of 'tf-2.9'" in shown.stderr
    assert "expected nothing, since there is none" not in shown.stderr
    assert "expected one of \n" not in shown.stderr


def test_diff_of_what_is_no_recording(command: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_text("[" * 100_000)
    for found in ("fifo", "file", ".", "nothing.json", "", "/dev/null"):
        shown = command("diff", found, "tf-2.9")
        assert shown.returncode == 2, (found, shown)
        assert shown.stderr.startswith("tbcookbook: "), found
        assert "internal error" not in shown.stderr


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "a byte": lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:],
    "nothing": lambda data: b"",
    "not text": lambda data: b"\xff\xfe" + data,
    "nested": lambda data: b"[" * 200_000,
    "another format": lambda data: data.replace(b'"format": 2', b'"format": 3', 1),
    "of another scenario": lambda data: data.replace(b'"no-step"', b'"no-stop"', 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_recordings_that_are_not_what_was_recorded(name: str, command: Command, tmp_path: Path) -> None:
    """Each command that reads them says which file it is, in one line, and leaves it as it is."""
    observed = tmp_path / "observed"
    shutil.copytree(observed_root() / "writers", observed / "writers")
    shutil.copytree(observed_root() / "environments", observed / "environments")
    path = observed / "writers" / "no-step.json"
    path.write_bytes(HOSTILE[name](path.read_bytes()))
    before = path.read_bytes()
    for words in (["diff", "tf-2.9", "tf-2.21"], ["matrix", "tf-2.9"]):
        shown = command(*words, "--observed", str(observed), TBCOOKBOOK_HOME=str(tmp_path / "home"))
        assert (shown.returncode, shown.stderr.count("\n")) == (2, 1), (words, shown)
        assert shown.stderr.startswith(f"tbcookbook: {path}: "), words
    assert path.read_bytes() == before


def test_a_script_that_is_gone_or_a_folder(command: Command, kitchen: Kitchen) -> None:
    script = kitchen.root / "chapter" / "first" / "broken.py"
    script.unlink()
    shown = command("run", "--target", kitchen.target)
    assert (shown.returncode, "broken.py" in shown.stderr) == (2, True)
    script.mkdir()
    shown = command("run", "--target", kitchen.target)
    assert (shown.returncode, "broken.py" in shown.stderr) == (2, True)


def test_files_of_a_scenario_that_are_no_text(command: Command, kitchen: Kitchen) -> None:
    for name in ("broken.py", "fixed.py", "README.md", "scenario.toml"):
        path = kitchen.root / "chapter" / "first" / name
        whole = path.read_bytes()
        path.write_bytes(b"\x7fELF\xff\xfe\x00")
        for arguments in (["list"], ["explain", "first"]):
            shown = command(*arguments)
            assert (shown.returncode, name in shown.stderr) == (2, True), shown
            assert "internal error" not in shown.stderr
        path.write_bytes(whole)
