"""Who finds what: the doctor beside ``tensorboard --inspect``, on the same directories; a table in Markdown.

``python -m tools.doctor_beside_others`` writes a directory for each mistake, and one that is healthy. A mistake counts
as found by ``--inspect`` if its output has what a reader would see it by, the pattern of the case; its exit status is
told where that is not 0. The doctor has found it if the check of the case is among its findings.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfevents.framing import framed
from tfevents.messages import Event

from tbcookbook.doctor.examine import examine

MADE = 1_700_000_000
SECONDS = 120.0  # for TensorBoard to answer


@dataclass(frozen=True)
class Case:
    """A mistake: what writes it into a folder, the check of the doctor, and by what `--inspect` would tell it."""

    name: str
    write: Callable[[Path], object]
    check: str
    inspected: str


def points(folder: Path, steps: Sequence[int], number: int = 1, value: float = 1.0, made: int = MADE) -> Path:
    """An event file with a scalar at each step."""
    folder.mkdir(parents=True, exist_ok=True)
    events = [Event(wall_time=made, file_version="brain.Event:2")]
    for index, step in enumerate(steps):
        event = Event(wall_time=made + number + 0.01 * index, step=step)
        event.summary.value.add(tag="loss", simple_value=value)
        events.append(event)
    path = folder / f"events.out.tfevents.{made + number}.host.7.{number}"
    path.write_bytes(b"".join(framed(event.SerializeToString()) for event in events))
    return path


def cut(path: Path, change: Callable[[bytearray], bytes | bytearray]) -> None:
    """Damage a file, an hour ago as the file system has it."""
    import os

    path.write_bytes(change(bytearray(path.read_bytes())))
    os.utime(path, (MADE, MADE))


def flipped(data: bytearray) -> bytearray:
    data[-20] ^= 1
    return data


CASES = (
    Case("no event file", lambda folder: folder.mkdir(), "no-event-file", "No event files found"),
    Case("nothing but the version", lambda folder: cut(points(folder, []), bytes), "nothing-written", r"\A(?!.*loss)"),
    Case("all points at one step", lambda folder: points(folder, [0] * 5), "all-at-one-step", r"num_steps +1\b"),
    Case(
        "steps that go back",
        lambda folder: points(folder, [0, 1, 2, 0, 1, 2]),
        "steps-go-back",
        r"outoforder_steps +\[\(",
    ),
    Case("two curves in one tag", lambda folder: points(folder, [0, 0, 1, 1, 2, 2]), "several-at-each-step", "several"),
    Case(
        "a second training in the same run",
        lambda folder: [points(folder, range(5), number) for number in (1, 2)],
        "steps-go-back",
        r"outoforder_steps +\[\(",
    ),
    Case("NaN", lambda folder: points(folder, range(5), value=math.nan), "not-finite", "(?i)nan"),
    Case(
        "a truncated file", lambda folder: cut(points(folder, range(5)), lambda d: d[:-7]), "truncated", "(?i)truncated"
    ),
    Case("a damaged file", lambda folder: cut(points(folder, range(5)), flipped), "corrupt", "(?i)corrupt|crc"),
    Case("wall times in the future", lambda folder: points(folder, range(5), made=4_000_000_000), "clock", "future"),
    Case("nothing wrong", lambda folder: points(folder, range(5)), "", ""),
)


def main() -> int:
    print("| mistake | `tbcookbook diagnose` | `tensorboard --inspect` |")
    print("|---|---|---|")
    missed = 0
    with tempfile.TemporaryDirectory() as temporary:
        for number, case in enumerate(CASES):
            folder = Path(temporary) / str(number) / "logs"
            folder.parent.mkdir()
            case.write(folder)
            checks = [finding.check for finding in examine(folder).findings]
            found = case.check in checks if case.check else not checks
            missed += not found
            ours = ("found" if found else "missed") if case.check else ("no finding" if found else "false alarm")
            print(f"| {case.name} | {ours} | {inspected(folder, case)} |")
    return 1 if missed else 0


def inspected(folder: Path, case: Case) -> str:
    """What TensorBoard's own inspection tells of it."""
    command = [sys.executable, "-m", "tensorboard.main", "--inspect", "--logdir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    found = re.search(case.inspected, done.stdout + done.stderr, re.DOTALL) is not None
    told = ("found" if found else "not told") if case.check else "no finding"
    return told if not done.returncode else f"{told}, exit status {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
