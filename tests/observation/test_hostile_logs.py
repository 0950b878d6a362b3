"""Whatever a script leaves below ``logs/`` is told, soon, and nothing is raised; as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tfevents.framing import footer, framed
from tfevents.messages import Event

from tbcookbook.execution.inside.folders import remove
from tbcookbook.observation import reading, walk
from tbcookbook.observation.logs import EventFile, Logs
from tbcookbook.observation.reading import read_logs

NOBODY = 65534
SECONDS = 20.0  # for any of it, on a busy machine
NAME = "events.out.tfevents.1"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may reach, unlike `tmp_path`."""
    found = Path(tempfile.mkdtemp(prefix="tbcookbook-hostile-"))
    found.chmod(0o777)
    yield found
    remove(str(found))
    assert not found.exists()


def as_ordinary_user(check: Callable[[], None]) -> None:
    """Run a check in a child process that is not root's."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            check()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def event_file() -> bytes:
    """An event file with one scalar."""
    event = Event(step=1, wall_time=1.0)
    event.summary.value.add(tag="loss", simple_value=0.5)
    return framed(Event(file_version="brain.Event:2").SerializeToString()) + framed(event.SerializeToString())


def endless(logs: Path) -> None:
    """A file of a terabyte, of which nothing is written: at first a record, then its holes."""
    with (logs / NAME).open("wb") as file:
        file.write(event_file())
        file.truncate(2**40)


def endless_record(logs: Path) -> None:
    """The same as one record that claims all of it."""
    length = (2**40).to_bytes(8, "little")
    with (logs / NAME).open("wb") as file:
        file.write(event_file() + length + footer(length))
        file.truncate(2**40 + 16)


def claims(logs: Path) -> None:
    """Sixty bytes that stand for 1.6 GB."""
    event = Event(step=1)
    value = event.summary.value.add(tag="huge")
    value.tensor.dtype = 1
    value.tensor.tensor_shape.dim.add(size=400_000_000)
    value.tensor.float_val.append(1.0)
    (logs / NAME).write_bytes(framed(event.SerializeToString()))


def nested(logs: Path, depth: int = 3000) -> None:
    path = os.open(logs, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("folder", dir_fd=path)
        inside = os.open("folder", os.O_RDONLY, dir_fd=path)
        os.close(path)
        path = inside
    os.close(path)


def long_path(logs: Path) -> None:
    """Sixty folders with names of 200 characters."""
    path = os.open(logs, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("x" * 200, dir_fd=path)
        inside = os.open("x" * 200, os.O_RDONLY, dir_fd=path)
        os.close(path)
        path = inside
    os.close(os.open(NAME, os.O_WRONLY | os.O_CREAT, dir_fd=path))
    os.close(path)


def bytes_as_name(logs: Path) -> None:
    run = logs / os.fsdecode(b"r\xff\xed\xa0\x80")
    run.mkdir()
    (run / NAME).write_bytes(event_file())
    (run / os.fsdecode(b"\x80")).touch()


def replaced(logs: Path, make: Callable[[Path], object]) -> None:
    logs.rmdir()
    make(logs)


def damage(logs: Logs) -> str | None:
    (found,) = logs.event_files
    return found.damage


CASES: dict[str, tuple[Callable[[Path], object], Callable[[Logs], object], object]] = {
    "dangling link": (
        lambda logs: (logs / NAME).symlink_to("nowhere"),
        damage,
        "cannot be read: No such file or directory",
    ),
    "link to another place": (
        lambda logs: (logs / NAME).symlink_to("/etc/passwd"),
        damage,
        "cannot be read: a link to another place",
    ),
    "link to itself": (
        lambda logs: (logs / NAME).symlink_to(NAME),
        damage,
        "cannot be read: a link, not a file",
    ),
    "link to a folder": (
        lambda logs: (logs / "run").symlink_to("/"),
        lambda logs: (logs.files, logs.event_files),
        (("run",), ()),
    ),
    "FIFO": (lambda logs: os.mkfifo(logs / NAME), damage, "cannot be read: a FIFO, not a file"),
    "FIFO as configuration": (
        lambda logs: os.mkfifo(logs / "projector_config.pbtxt"),
        lambda logs: logs.projector,
        {"projector_config.pbtxt": ("cannot be read: a FIFO, not a file",)},
    ),
    "device": (
        lambda logs: (logs / NAME).symlink_to("/dev/zero"),
        damage,
        "cannot be read: a link to another place",
    ),
    "sparse file": (endless, damage, "failed header crc32 check"),
    "sparse record": (endless_record, damage, f"more than {reading.MOST_BYTES} bytes, after which reading stops"),
    "sparse configuration": (
        lambda logs: os.truncate(os.open(logs / "projector_config.pbtxt", os.O_CREAT | os.O_WRONLY), 2**40),
        lambda logs: logs.projector,
        {"projector_config.pbtxt": (f"cannot be read: more than {reading.LONGEST_CONFIG} bytes",)},
    ),
    "link to everything": (
        lambda logs: replaced(logs, lambda path: path.symlink_to("/")),
        lambda logs: (logs.unread, logs.files),
        ({".": "cannot be read: a link, not a folder"}, ()),
    ),
    "file": (
        lambda logs: replaced(logs, lambda path: path.touch()),
        lambda logs: logs.unread,
        {".": "cannot be read: a file, not a folder"},
    ),
    "nothing": (Path.rmdir, lambda logs: logs, Logs()),
    "nested": (
        nested,
        lambda logs: list(logs.unread.values()),
        [f"cannot be read: more than {walk.DEEPEST} folders in each other"],
    ),
    "long path": (long_path, lambda logs: list(logs.unread.values()), ["cannot be read: File name too long"]),
    "bytes as name": (
        bytes_as_name,
        lambda logs: (list(logs.streams), logs.files),
        ([r"r\xff\xed\xa0\x80/loss"], (r"r\xff\xed\xa0\x80/\x80",)),
    ),
    "no event": (
        lambda logs: (logs / NAME).write_bytes(framed(b"\xff\xff")),
        damage,
        "the record is whole but holds no event",
    ),
    "claims": (claims, lambda logs: logs.streams["./huge"].shape, (400_000_000,)),
}


@pytest.mark.parametrize("ordinary", [False, True], ids=["as root", "as ordinary user"])
@pytest.mark.parametrize("case", CASES)
def test_it_is_told(folder: Path, case: str, ordinary: bool) -> None:
    make, look, expected = CASES[case]

    def check() -> None:
        logs = folder / "logs"
        logs.mkdir()
        make(logs)
        began = time.monotonic()
        found = read_logs(logs)
        assert time.monotonic() - began < SECONDS
        assert look(found) == expected
        json.dumps(found.unread).encode()

    as_ordinary_user(check) if ordinary else check()


def test_closed_folders(folder: Path) -> None:
    """An ordinary user cannot read them; and they are removed all the same."""

    def check() -> None:
        logs = folder / "work" / "logs"
        (logs / "run").mkdir(parents=True)
        (logs / "run" / NAME).write_bytes(event_file())
        (logs / "other").mkdir()
        (logs / "other" / NAME).write_bytes(event_file())
        (logs / "other" / NAME).chmod(0)
        (logs / "run").chmod(0)
        found = read_logs(logs)
        assert found.unread == {"run": "cannot be read: Permission denied"}
        assert found.event_files == (EventFile("other/events.out.tfevents.1", 0, "cannot be read: Permission denied"),)
        (folder / "work").chmod(0)
        assert read_logs(logs).unread == {".": "cannot be read: Permission denied"}
        remove(str(folder / "work"))
        assert not (folder / "work").exists()

    as_ordinary_user(check)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MOST_POINTS", 10, "cannot be read on: more than 10 points"),
        ("MOST_SECONDS", 0.0, "cannot be read on: it takes more than 0 seconds"),
        ("MOST_STREAMS", 0, "cannot be read on: more than 0 tags"),
        ("MOST_BYTES", 1000, "more than 1000 bytes, after which reading stops"),
    ],
)
def test_bounds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: float, said: str) -> None:
    monkeypatch.setattr(reading, name, value)
    (tmp_path / NAME).write_bytes(event_file() * 20_000)
    assert damage(read_logs(tmp_path)) == said


def test_many_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(walk, "MOST_ENTRIES", 5)
    for number in range(10):
        (tmp_path / str(number)).touch()
    assert read_logs(tmp_path).unread == {".": "cannot be read: more than 5 files and folders"}
