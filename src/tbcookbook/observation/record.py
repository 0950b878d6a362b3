"""What one script did on one target: the record, its canonical JSON, and what is normalised in it.

Two runs of the same script on the same target give the same JSON, apart from the key "times".
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tbcookbook.observation.logs import Logs

Ending = Literal["ok", "raises", "exits", "killed", "time", "memory", "output", "lost", "unknown"]

LONGEST_TEXT = 8000  # characters of stdout and of stderr that are kept: the first half and the last half


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
    for what it said before), "unknown" (its end was not witnessed). `values` are the globals asked for. `outside` lists
    files written beside ``logs/``. `shown` is what TensorBoard makes of ``logs/``, where it was asked.
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
        return dataclasses.asdict(self)


def canonical_json(data: Any) -> str:
    """JSON text that is the same for the same data: sorted keys, one value a line, a newline at the end."""
    return json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@dataclass(frozen=True)
class Places:
    """The folders of one run, which are replaced by names in every text of its observation."""

    script: Path
    work: Path
    tmp: Path
    packages: tuple[str, ...] = ()
    library: tuple[str, ...] = ()


def normalise(text: str, places: Places) -> str:
    """Replace paths, addresses, times and process numbers, which differ from run to run and from machine to machine."""
    text = with_whole_paths(text)
    for path, name in [
        (f"{places.work}/", ""),
        (str(places.work), "."),
        (str(places.tmp), "<tmp>"),
        (f"{places.script.parent}/", ""),
        *((f"{path}/", "<packages>/") for path in places.packages),
        *((f"{path}/", "<python>/") for path in places.library),
    ]:
        text = text.replace(path, name)
    for pattern, name in VOLATILE:
        text = pattern.sub(name, text)
    return text


def with_whole_paths(text: str) -> str:
    """Undo what TensorFlow 2.0 does to the paths of a traceback in a message: it drops what all have in common."""
    before, told, rest = text.partition("\n    relative to ")
    folder, colon, lines = rest.partition(":\n")
    if not (told and colon):
        return text
    return f"{before}\n{re.sub(SHORT_PATH, rf'    {folder}/', lines)}"


SHORT_PATH = re.compile(r"^    (?=[^\s/]\S*\.py:\d+ )", re.MULTILINE)

VOLATILE = [
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "0x…"),
    (re.compile(r"(__autograph_generated_file)\w+(\.py)"), r"\1\2"),
    (re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: (?=[IWEF] )", re.MULTILINE), ""),
    (re.compile(r"^([IWEF])\d{4} \d\d:\d\d:[\d.:]+ +\d+ ", re.MULTILINE), r"\1 "),
    (re.compile(r"\d+m?s \d+[mu]?s/(step|epoch)"), r"<time>/\1"),
    (re.compile(r"(Keras model file|tfevents)\.\d{10}\.\w+\.\d+\.\d+"), r"\1.<run>"),
]


def shortened(text: str) -> str:
    """The first and the last part of a text that is too long to keep."""
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2
    return f"{text[:half]}\n… {len(text) - LONGEST_TEXT} characters …\n{text[-half:]}"


PYTHON_LOG = re.compile(r"^(DEBUG|INFO|WARNING|ERROR|CRITICAL|FATAL):([\w.]+):(.*)$", re.MULTILINE)
CPP_LOG = re.compile(r"^([IWEF]) (\S+?):\d+\] (.*)$", re.MULTILINE)
LEVELS = {"I": "INFO", "W": "WARNING", "E": "ERROR", "F": "FATAL"}
HARDWARE = re.compile(
    r"^[IWEF] \S*(cuda|rocm|gpu|tensorrt|dso_loader|cpu_feature_guard|port\.cc|cpu_utils|computation_placer)\S*\] .*\n"
    r"|^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR\n",
    re.MULTILINE | re.IGNORECASE,
)


def without_hardware(stderr: str) -> str:
    """A normalised stderr without what TensorFlow says of the hardware: it tells of the machine, not of the script."""
    return HARDWARE.sub("", stderr)


def log_lines(stderr: str) -> tuple[Logged, ...]:
    """The log lines of Python loggers and of TensorFlow's C++ in a normalised stderr, in their order."""
    python = [(match.start(), Logged(match[1], match[2], match[3])) for match in PYTHON_LOG.finditer(stderr)]
    cpp = [(match.start(), Logged(LEVELS[match[1]], match[2], match[3])) for match in CPP_LOG.finditer(stderr)]
    return tuple(logged for _, logged in sorted(python + cpp, key=lambda pair: pair[0]))
