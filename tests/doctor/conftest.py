"""Log directories that are written as a test wants them, without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tfevents.framing import framed
from tfevents.messages import Event

from tbcookbook.doctor.examine import Examination, examine
from tbcookbook.doctor.finding import Finding

MADE = 1_700_000_000  # seconds since 1970: when the files of these tests were made
FLOAT, STRING = 1, 7  # of types.proto


class Log:
    """A log directory. Each file that is written is named after a later second than the one before."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.number = 0
        directory.mkdir()

    def file(
        self, run: str = ".", events: Iterable[bytes] = (), made: int | None = None, end: str = ".v2", pid: int = 7
    ) -> Path:
        """An event file with the record of the version, and these."""
        folder = self.directory / run
        folder.mkdir(parents=True, exist_ok=True)
        self.number += 1
        made = MADE + self.number if made is None else made
        path = folder / f"events.out.tfevents.{made}.host.{pid}.{self.number}{end}"
        first = Event(wall_time=float(made), file_version="brain.Event:2").SerializeToString()
        path.write_bytes(b"".join(map(framed, [first, *events])))
        return path

    def scalars(self, run: str = ".", made: int | None = None, pid: int = 7, **tags: Sequence[int]) -> Path:
        """A file with scalars: the steps of each tag, in order, a second apart."""
        made = MADE + self.number + 1 if made is None else made
        events = [
            scalar(tag, step, 1.0 / (1 + index), made + 0.01 * index)
            for tag, steps in tags.items()
            for index, step in enumerate(steps)
        ]
        return self.file(run, events, made, pid=pid)

    def examine(self, **arguments: Any) -> Examination:
        found = examine(self.directory, **arguments)
        assert not found.failures, found.failures
        return found

    def findings(self) -> tuple[Finding, ...]:
        return self.examine().findings

    def checks(self) -> list[str]:
        return [finding.check for finding in self.findings()]

    def the(self, check: str) -> Finding:
        """The one finding of a check."""
        (finding,) = [finding for finding in self.findings() if finding.check == check]
        return finding


def scalar(tag: str, step: int, value: float, time: float = MADE + 1.0) -> bytes:
    """An event with one number, as TensorFlow 2 writes it."""
    event = Event(wall_time=time, step=step)
    written = event.summary.value.add(tag=tag)
    written.metadata.plugin_data.plugin_name = "scalars"
    written.tensor.dtype = FLOAT
    written.tensor.float_val.append(value)
    return bytes(event.SerializeToString())


def tensor(
    tag: str,
    step: int,
    values: Sequence[Any],
    plugin: str,
    shape: Sequence[int] = (),
    content: bytes = b"",
    time: float = MADE + 1.0,
) -> bytes:
    """An event with a tensor of floats, or of byte strings."""
    event = Event(wall_time=time, step=step)
    written = event.summary.value.add(tag=tag)
    written.metadata.plugin_data.plugin_name = plugin
    written.metadata.plugin_data.content = content
    texts = bool(values) and isinstance(values[0], bytes)
    written.tensor.dtype = STRING if texts else FLOAT
    for size in shape:
        written.tensor.tensor_shape.dim.add(size=size)
    (written.tensor.string_val if texts else written.tensor.float_val).extend(values)
    return bytes(event.SerializeToString())


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "logs")


@pytest.fixture
def new_scalar() -> Callable[..., bytes]:
    return scalar


@pytest.fixture
def new_tensor() -> Callable[..., bytes]:
    return tensor
