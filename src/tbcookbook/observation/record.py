"""What one script did on one target: the record and its canonical JSON.

Two runs of the same script on the same target give the same JSON, apart from the key "times".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from tbcookbook.observation.logs import Logs

Ending = Literal["ok", "raises", "exits", "killed", "time", "memory", "output", "lost", "unknown"]


@dataclass(frozen=True)
class Link:
    """An exception below another in the chain: its `relation` to the one above is "cause" or "context"."""

    relation: str
    type: str
    message: str
    line: int | None


@dataclass(frozen=True)
class Raised:
    """An exception that ended a script.

    `type` is fully qualified, bare for builtins and for the script's own classes. `line` is the last line of the script
    that the traceback shows, counted from 1; None if it shows none. `statement` is the line of the script's own
    top-level statement that failed; None if the traceback shows none. `chain` runs from the exception downwards.
    """

    type: str
    message: str
    line: int | None
    chain: tuple[Link, ...] = ()
    statement: int | None = None


@dataclass(frozen=True)
class Warned:
    """A Python warning that was shown."""

    type: str
    message: str
    file: str
    line: int


@dataclass(frozen=True)
class Logged:
    """A log line on stderr. `source` is the logger's name or the C++ file."""

    level: str
    source: str
    message: str


@dataclass(frozen=True)
class Points:
    """The steps of one run and tag as TensorBoard serves them: with ``--load_fast=true``, and with ``=false``."""

    fast: tuple[int, ...]
    slow: tuple[int, ...]


@dataclass(frozen=True)
class Shown:
    """What the target's own TensorBoard shows of ``logs/``.

    `dashboards` are the names of the active plugins, `runs` those of the runs. `points` has, by "run/tag", only the
    scalars of which other steps are served than the files hold. `failure` says why TensorBoard could not be asked, and
    is empty otherwise.
    """

    dashboards: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    points: dict[str, Points] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True)
class Times:
    """What changes from run to run: wall time in seconds, peak memory of the script in bytes."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class Observation:
    """What one script did on one target.

    `ending`: "ok" (ended with status 0), "raises", "exits" (another status and no exception), "killed" (by a signal),
    "time", "memory", "output" (stopped at that limit), "lost" (it killed the processes that watched it; see `stderr`
    for what it said before), "unknown" (a status of 0, but the end of the script was not witnessed: ``os._exit(0)``
    passes it by, as does a program that takes the interpreter's place). `values` are the globals asked for. `outside`
    lists files written beside ``logs/``. `shown` is what TensorBoard makes of ``logs/``, where it was asked.
    """

    ending: Ending
    exit: int | None = None
    signal: str | None = None
    exception: Raised | None = None
    warnings: tuple[Warned, ...] = ()
    log: tuple[Logged, ...] = ()
    stdout: str = ""
    stderr: str = ""
    left_behind: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    logs: Logs = field(default_factory=Logs)
    outside: tuple[str, ...] = ()
    shown: Shown | None = None
    times: Times = Times(0.0, 0)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON data: dicts, lists, strings, finite numbers, booleans and None."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data


def canonical_json(data: Any) -> str:
    """JSON text that is the same for the same data: sorted keys, one value a line, a newline at the end."""
    return json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
