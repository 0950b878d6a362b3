"""Who finds what: the doctor beside other programs, on the same directories; a table in Markdown.

``python -m tools.doctor_beside_others`` writes a directory for each mistake, and one that is healthy. The others are
``tensorboard --inspect`` and two programs that look at the curves of a training, which uv fetches. A mistake counts as
found by one of them if its output has what a reader would see it by, the pattern of the case. The doctor has found it
if the check of the case is among its findings. TensorBoard's own ``diagnose_tensorboard.py`` looks at the environment
and takes no log directory, so it is not here.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfevents.framing import framed
from tfevents.messages import Event
from uv import find_uv_bin

from tbcookbook.doctor.examine import examine

MADE = 1_700_000_000
SECONDS = 120.0  # for one of the others to answer
INSPECT, LOSSLINT, TRAINSPOTTER = "tensorboard --inspect", "losslint 0.4.1", "trainspotter 0.2.6"


def command_of(other: str, logs: Path) -> list[str]:
    """What asks one of the others about a log directory."""
    fetched = [find_uv_bin(), "tool", "run", "--quiet", "--from"]
    commands = {
        INSPECT: [sys.executable, "-m", "tensorboard.main", "--inspect", "--logdir", str(logs)],
        LOSSLINT: [*fetched, "losslint[tb]==0.4.1", "losslint", "check", str(logs)],
        TRAINSPOTTER: [
            *fetched,
            "trainspotter[tensorboard]==0.2.6",
            "trainspotter",
            "analyze",
            "--no-color",
            str(logs),
        ],
    }
    return commands[other]


@dataclass(frozen=True)
class Case:
    """A mistake: what writes it into a folder, the check of the doctor, and by what the others would tell it.

    `check` is None for what the doctor does not look for.
    """

    name: str
    write: Callable[[Path], object]
    check: str | None
    told: dict[str, str] = field(default_factory=dict)


def points(
    folder: Path, steps: Sequence[int], number: int = 1, value: float | Sequence[float] = 1.0, made: int = MADE
) -> Path:
    """An event file with a scalar at each step."""
    folder.mkdir(parents=True, exist_ok=True)
    events = [Event(wall_time=made, file_version="brain.Event:2")]
    for index, step in enumerate(steps):
        event = Event(wall_time=made + number + 0.01 * index, step=step)
        event.summary.value.add(tag="loss", simple_value=value if isinstance(value, float) else value[index])
        events.append(event)
    path = folder / f"events.out.tfevents.{made + number}.host.7.{number}"
    path.write_bytes(b"".join(framed(event.SerializeToString()) for event in events))
    return path


def two_kinds(folder: Path) -> None:
    folder.mkdir()
    events = [Event(wall_time=MADE, file_version="brain.Event:2")]
    for step in range(5):
        event = Event(wall_time=MADE + step, step=step)
        event.summary.value.add(tag="loss", simple_value=1.0)
        event.summary.value.add(tag="loss").histo.bucket.append(1.0)
        events.append(event)
    path = folder / f"events.out.tfevents.{MADE}.host.7.1"
    path.write_bytes(b"".join(framed(event.SerializeToString()) for event in events))


def overfitted(folder: Path) -> None:
    epochs = range(40)
    points(folder / "train", epochs, 1, [2.0 * 0.9**epoch for epoch in epochs])
    points(folder / "validation", epochs, 2, [2.0 * 0.9**epoch if epoch < 10 else 0.1 * epoch for epoch in epochs])


def cut(path: Path, change: Callable[[bytearray], bytes | bytearray]) -> None:
    """Damage a file, an hour ago as the file system has it."""
    import os

    path.write_bytes(change(bytearray(path.read_bytes())))
    os.utime(path, (MADE, MADE))


def flipped(data: bytearray) -> bytearray:
    data[-20] ^= 1
    return data


NOTHING = {LOSSLINT: "no log files|no scalar series", TRAINSPOTTER: "no numeric metrics"}
AGAIN = {INSPECT: r"outoforder_steps +\[\(", TRAINSPOTTER: "written again"}
CASES = (
    Case("no event file", lambda folder: folder.mkdir(), "no-event-file", {INSPECT: "No event files found", **NOTHING}),
    Case(
        "nothing but the version",
        lambda folder: cut(points(folder, []), bytes),
        "nothing-written",
        {INSPECT: r"\A(?!.*loss)", **NOTHING},
    ),
    Case(
        "all points at one step",
        lambda folder: points(folder, [0] * 5),
        "all-at-one-step",
        {INSPECT: r"num_steps +1\b", LOSSLINT: r"\b1 points", TRAINSPOTTER: "written again"},
    ),
    Case("steps that go back", lambda folder: points(folder, [0, 1, 2, 0, 1, 2]), "steps-go-back", AGAIN),
    Case(
        "two curves in one tag",
        lambda folder: points(folder, [0, 0, 1, 1, 2, 2]),
        "several-at-each-step",
        {TRAINSPOTTER: "written again"},
    ),
    Case(
        "a second training in the same run",
        lambda folder: [points(folder, range(5), number) for number in (1, 2)],
        "steps-go-back",
        AGAIN,
    ),
    Case("a scalar and a histogram under one tag", two_kinds, "two-kinds"),
    Case(
        "NaN",
        lambda folder: points(folder, range(5), value=math.nan),
        "not-finite",
        dict.fromkeys((INSPECT, LOSSLINT, TRAINSPOTTER), "(?i)became nan|nan_inf"),
    ),
    Case(
        "a truncated file",
        lambda folder: cut(points(folder, range(5)), lambda d: d[:-7]),
        "truncated",
        dict.fromkeys((INSPECT, LOSSLINT, TRAINSPOTTER), "(?i)truncated"),
    ),
    Case(
        "a damaged file",
        lambda folder: cut(points(folder, range(5)), flipped),
        "corrupt",
        dict.fromkeys((INSPECT, LOSSLINT, TRAINSPOTTER), "(?i)corrupt|crc"),
    ),
    Case("wall times in the future", lambda folder: points(folder, range(5), made=4_000_000_000), "clock"),
    Case(
        "a loss that diverges",
        lambda folder: points(folder, range(200), value=[1.1**step for step in range(200)]),
        None,
        {LOSSLINT: "diverge", TRAINSPOTTER: "(?i)diverge"},
    ),
    Case("a validation loss that rises", overfitted, None, {LOSSLINT: "overfit", TRAINSPOTTER: "(?i)overfit"}),
    Case("nothing wrong", lambda folder: points(folder, range(5)), ""),
)
OTHERS = (INSPECT, LOSSLINT, TRAINSPOTTER)
ALARM = {LOSSLINT: r"(?m)^  (?:error|warning) ", TRAINSPOTTER: r"(?m)^\[(?:ERROR|WARN)"}


def main() -> int:
    print(f"| mistake | `tbcookbook diagnose` | {' | '.join(f'`{other}`' for other in OTHERS)} |")
    print("|---|---|---|---|---|")
    missed = 0
    with tempfile.TemporaryDirectory() as temporary:
        for number, case in enumerate(CASES):
            folder = Path(temporary) / str(number) / "logs"
            folder.parent.mkdir()
            case.write(folder)
            checks = [finding.check for finding in examine(folder).findings]
            found = case.check in checks if case.check else not checks
            missed += not found
            ours = "not its business" if case.check is None else ("found" if found else "missed")
            if case.check == "":
                ours = "no finding" if found else "false alarm"
            print(f"| {case.name} | {ours} | {' | '.join(told(other, folder, case) for other in OTHERS)} |", flush=True)
    return 1 if missed else 0


def told(other: str, logs: Path, case: Case) -> str:
    """Whether one of the others tells of it."""
    done = subprocess.run(command_of(other, logs), capture_output=True, text=True, timeout=SECONDS)
    said = done.stdout + done.stderr
    if case.check == "":
        return "false alarm" if other in ALARM and re.search(ALARM[other], said) else "no finding"
    pattern = case.told.get(other)
    found = pattern is not None and re.search(pattern, said, re.DOTALL) is not None
    return ("found" if found else "not told") + (", with a traceback" if "Traceback" in said else "")


if __name__ == "__main__":
    sys.exit(main())
