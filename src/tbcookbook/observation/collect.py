"""From what a supervisor saw, and what the script left in its folder, to an `Observation`.

The folder is the script's: every file in it may be missing, of another kind, of any size, or not to be read. All of
that is an observation.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tbcookbook.observation.contents import rounded
from tbcookbook.observation.logs import EventFile, Logs, stable_name
from tbcookbook.observation.normal import (
    Places,
    lines_told,
    log_lines,
    normalise,
    shortened,
    storable,
    without_hardware,
)
from tbcookbook.observation.record import Ending, Link, Observation, Points, Raised, Shown, Times, Warned

LONGEST_OUTPUT = 2**22  # bytes of stdout and of stderr that are looked at: the first half and the last half
MOST_OUTSIDE = 1000  # files beside logs/
DEEPEST_OUTSIDE = 32  # folders
DEEPEST_VALUE = 50  # lists in lists, of a global


@dataclass(frozen=True)
class Told:
    """What a supervisor says of a script.

    `stopped` is the limit that ended it, or "lost"; `seconds` of wall time, `memory` in bytes; `journal` has the
    entries that ``inside/journal.py`` describes.
    """

    exit: int | None = None
    signal: str | None = None
    stopped: str | None = None
    seconds: float = 0.0
    memory: int = 0
    left_behind: Sequence[str] = ()
    journal: Sequence[Mapping[str, Any]] = ()


class End(msgspec.Struct, tag_field="entry", tag="end"):
    how: str
    why: str = ""


class WarningShown(msgspec.Struct, tag_field="entry", tag="warning"):
    type: str
    message: str
    file: str
    line: int


class OneException(msgspec.Struct):
    type: str
    message: str
    line: int | None
    statement: int | None
    relation: str = ""


class ExceptionTold(msgspec.Struct, tag_field="entry", tag="exception"):
    type: str
    message: str
    line: int | None
    statement: int | None
    chain: list[OneException]


class Globals(msgspec.Struct, tag_field="entry", tag="globals"):
    values: dict[str, Any]


Entry = End | WarningShown | ExceptionTold | Globals
UNTOLD = Raised("<unknown>", "The script raised an exception that could not be described.", None)


def collect(folder: Path, places: Places, told: Told) -> Observation:
    """Observe a script that has run in a folder."""
    entries = list(entries_of(told.journal))
    end = next((entry for entry in entries if isinstance(entry, End)), None)
    exception = next((raised_of(entry, places) for entry in entries if isinstance(entry, ExceptionTold)), None)
    if end is not None and end.how == "raised" and exception is None:
        exception = UNTOLD
    stdout = normalise(text_of(folder / "stdout"), places)
    stderr = without_hardware(normalise(text_of(folder / "stderr"), places))
    if end is not None and end.how == "not begun":
        stderr += f"The script could not be begun: {end.why}\n"
    return storable(
        Observation(
            ending=ending_of(told, end, of_shell=places.script.suffix == ".sh"),
            exit=told.exit,
            signal=told.signal,
            exception=exception,
            warnings=tuple(warned_of(entry, places) for entry in entries if isinstance(entry, WarningShown)),
            log=log_lines(stderr),
            stdout=shortened(stdout),
            stderr=shortened(stderr),
            left_behind=tuple(shortened(normalise(command, places)) for command in told.left_behind),
            values=next((rounded_values(entry.values) for entry in entries if isinstance(entry, Globals)), {}),
            logs=logs_of(places.work / "logs"),
            outside=tuple(sorted(files_outside_logs(places.work))),
            times=Times(round(told.seconds, 3), told.memory),
        )
    )


class Served(msgspec.Struct):
    """What ``inside/show.py`` gives."""

    dashboards: list[str]
    runs: list[str]
    steps: dict[str, dict[str, list[int]]]
    failure: str


def shown_of(folder: Path, places: Places, logs: Logs) -> Shown:
    """What TensorBoard shows of the `logs` of a script that ran in `places`, out of the folder of what asked it."""
    try:
        served = msgspec.json.decode(text_of(folder / "work" / "shown.json"), type=Served)
    except msgspec.DecodeError:
        said = (text_of(folder / "stderr").strip().splitlines() or ["it said nothing"])[-1]
        return storable(Shown(failure=f"TensorBoard ended before it was asked: {shortened(said)}"))
    if served.failure:
        return storable(Shown(failure=shortened(normalise(served.failure, places))))
    fast, slow = (served.steps.get(loader, {}) for loader in ("fast", "slow"))
    written = {key: stream.steps for key, stream in logs.streams.items() if stream.plugin == "scalars"}
    points = {key: Points(tuple(fast.get(key, ())), tuple(slow.get(key, ()))) for key in {*written, *fast, *slow}}
    different = {
        key: found for key, found in sorted(points.items()) if {found.fast, found.slow} != {written.get(key, ())}
    }
    return storable(Shown(tuple(served.dashboards), tuple(served.runs), different))


def entries_of(journal: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    """The entries of a journal. What is no entry was not written by us."""
    for entry in journal:
        with contextlib.suppress(msgspec.ValidationError):
            yield msgspec.convert(entry, Entry)


def ending_of(told: Told, end: End | None, of_shell: bool) -> Ending:
    """How a script ended. A shell's status says it all; Python's status of 0 needs a witness inside."""
    if told.stopped is not None:
        stopped: Any = told.stopped
        return stopped  # type: ignore[no-any-return]
    if told.signal is not None:
        return "killed"
    if end is not None and end.how == "raised":
        return "raises"
    if end is not None and end.how == "not begun":
        return "unknown"
    if told.exit != 0:
        return "exits"
    return "ok" if end is not None or of_shell else "unknown"


def raised_of(entry: ExceptionTold, places: Places) -> Raised:
    return Raised(
        type=entry.type,
        message=shortened(normalise(entry.message, places)),
        line=script_line(entry, places.script),
        chain=tuple(
            Link(
                relation=below.relation,
                type=below.type,
                message=shortened(normalise(below.message, places)),
                line=script_line(below, places.script),
            )
            for below in entry.chain
        ),
        statement=entry.statement,
    )


def script_line(told: ExceptionTold | OneException, script: Path) -> int | None:
    """The last line of the script in a traceback, and in the message below it."""
    return next(reversed(lines_told(told.message, script)), told.line)


def warned_of(entry: WarningShown, places: Places) -> Warned:
    file, message = (shortened(normalise(text, places)) for text in (entry.file, entry.message))
    return Warned(entry.type, message, file, entry.line)


def rounded_values(value: Any, depth: int = 0) -> Any:
    """Globals with their numbers rounded; what stands deeper than ``inside/journal.py`` tells was forged."""
    if depth > DEEPEST_VALUE:
        return "…"
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, list):
        return [rounded_values(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {name: rounded_values(item, depth + 1) for name, item in value.items()}
    return value


def logs_of(folder: Path) -> Logs:
    """What lies in the log directory, if there is one. A link in its place is a file outside."""
    if not is_folder(folder):
        return Logs()
    from tbcookbook.observation.reading import read_logs  # slow to import, with NumPy: who only tells does without

    try:
        return read_logs(folder)
    except Exception as problem:  # a script's files must not end the run
        return Logs(event_files=(EventFile(".", 0, f"cannot be read: {type(problem).__name__}: {problem}"),))


def is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def files_outside_logs(work: Path) -> set[str]:
    """All files of the working directory but for ``logs/``; what cannot be looked into, by its name and why."""
    found: set[str] = set()
    folders = [(str(work), "", 0)]
    while folders and len(found) < MOST_OUTSIDE:
        folder, name, depth = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    inside = f"{name}{entry.name}"
                    if not entry.is_dir(follow_symlinks=False):
                        found.add(stable_name(inside))
                    elif depth == DEEPEST_OUTSIDE:
                        found.add(stable_name(inside) + "/…")
                    elif inside != "logs":
                        folders.append((entry.path, f"{inside}/", depth + 1))
                    if len(found) >= MOST_OUTSIDE:
                        found.add("…")
                        break
        except OSError as problem:
            if name or not isinstance(problem, FileNotFoundError):
                found.add(f"{stable_name(name)}: cannot be read: {problem.strerror}")
    return found


def text_of(path: Path) -> str:
    """A file's text, bytes that are not UTF-8 as backslash escapes; empty if the script put something else there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return ""
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(LONGEST_OUTPUT)
        if status.st_size > LONGEST_OUTPUT:
            half = LONGEST_OUTPUT // 2
            file.seek(-half, os.SEEK_END)
            data = data[:half] + b"\n\xe2\x80\xa6\n" + file.read(half)
    return data.decode("utf-8", "backslashreplace")
