"""What reading event files costs: the reader beside TensorBoard's, on the same files, in one process and in turns.

Each row is a kind of file. ``EventAccumulator`` keeps everything, as a user's script would have it do; ``loader`` is
TensorBoard's ``EventFileLoader``, which keeps nothing; ``points`` and ``columns`` are the two ways of the reader, which
keep every array; ``doctor`` is what ``tbcookbook diagnose DIRECTORY`` reads before its checks. Seconds are of the
processor, the least of several turns. Exit status 1 if the reader, or the doctor, is not as many times as fast as is
promised: 6 times ``EventAccumulator`` on every file, 25 times on long runs of scalars.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Column, Table
from tfevents import Point, read_columns, read_points
from tfevents.framing import framed, read_records
from tfevents.messages import Event, SummaryValue

from tbcookbook.doctor.survey import survey

# TensorBoard without TensorFlow, whose import is not what is measured. It looks for this module, once.
sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))

logging.getLogger("tensorboard").setLevel(logging.ERROR)  # it warns of every step that comes twice

LEAST, LEAST_OF_SCALARS = 6.0, 25.0  # times as fast as EventAccumulator
SIZE = 2**20  # bytes of a file, about
WRITTEN = Path(__file__).parents[2] / "packages" / "pytest-tensorboard" / "tests" / "data" / "written"
MIXED = ["tf-2.21-v1", "tf-2.21-v2", "tf-2.21-keras-train", "tf-2.0-v2", "keras-3.15-torch-torch"]
TURNS = 3


def main() -> int:
    heads = ["MB", "accumulator s", "loader s", "points s", "columns s", "times", "doctor MB/s", "times", "at least"]
    table = Table("file", *(Column(head, no_wrap=True) for head in heads))
    slow = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, records, least) in enumerate(files()):
            path = Path(folder) / str(number) / "events.out.tfevents.1"
            path.parent.mkdir()
            path.write_bytes(b"".join(map(framed, records)))
            seconds = turns(path)
            times = seconds["accumulator"] / min(seconds["points"], seconds["columns"])
            of_doctor = seconds["accumulator"] / seconds["doctor"]
            slow += times < least or of_doctor < least
            megabytes = path.stat().st_size / 1e6
            cells = [f"{seconds[way]:.3f}" for way in WAYS if way != "doctor"]
            doctor = [f"{megabytes / seconds['doctor']:.0f}", f"{of_doctor:.1f}"]
            table.add_row(name, f"{megabytes:.1f}", *cells, f"{times:.1f}", *doctor, f"{least:.0f}")
    Console(width=140).print(table)
    return 1 if slow else 0


def turns(path: Path) -> dict[str, float]:
    """The seconds of each way, the least of several turns."""
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(TURNS):
        for name, way in WAYS.items():
            began = time.process_time()
            way(path)
            taken[name].append(time.process_time() - began)
    return {name: min(found) for name, found in taken.items()}


def accumulate(path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import STORE_EVERYTHING_SIZE_GUIDANCE, EventAccumulator

    EventAccumulator(str(path), STORE_EVERYTHING_SIZE_GUIDANCE).Reload()


def load(path: Path) -> None:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    for _ in EventFileLoader(str(path)).Load():
        pass


def points(path: Path) -> list[Any]:
    """All arrays, with their steps."""
    return [(point.step, point.array() if point.kind else None) for point in read_points(path)]


def columns(path: Path) -> list[Any]:
    return [
        (batch.step, batch.array() if batch.kind else None) if isinstance(batch, Point) else batch
        for batch in read_columns(path)
    ]


WAYS: dict[str, Callable[[Path], Any]] = {
    "accumulator": accumulate,
    "loader": load,
    "points": points,
    "columns": columns,
    "doctor": lambda path: survey(path.parent),
}


def files() -> Iterator[tuple[str, list[bytes], float]]:
    """What is read: a name, the records, and how many times as fast the reader must be."""
    for name, written in {"tf-2.21": "tf-2.21-v2", "tf-2.0": "tf-2.0-v2", "torch": "keras-3.15-torch-torch"}.items():
        scalar = next(record for record in read_records(WRITTEN / f"{written}.tfevents") if is_scalar(record))
        yield f"{name}: scalars of one tag", scalars(scalar, ["loss"]), LEAST_OF_SCALARS
        yield f"{name}: scalars of 40 tags in turns", scalars(scalar, [f"layer_{n}/loss" for n in range(40)]), LEAST
    for path in [WRITTEN / f"{name}.tfevents" for name in MIXED]:
        records = list(read_records(path))
        yield f"{path.stem}: all kinds", records * (SIZE // sum(map(len, records))), LEAST
    image = SummaryValue(tag="picture")
    image.metadata.plugin_data.plugin_name = "images"
    image.tensor.dtype = 7
    image.tensor.tensor_shape.dim.add(size=3)
    image.tensor.string_val.extend([b"100", b"100", np.random.default_rng(0).bytes(100_000)])
    picture = Event(step=1)
    picture.summary.value.append(image)
    yield "large images", [picture.SerializeToString()] * (SIZE // 100_000), LEAST


def is_scalar(record: bytes) -> bool:
    event = Event.FromString(record)
    return bool(event.summary.value) and event.summary.value[0].tag == "loss" and bool(event.step)


def scalars(record: bytes, tags: list[str]) -> list[bytes]:
    """Records like the one given, at the steps of a long training."""
    event = Event.FromString(record)
    (value,) = event.summary.value
    records: list[bytes] = []
    step = 0
    while len(records) * len(record) < SIZE:
        for tag in tags:
            value.tag = tag
            event.wall_time += 0.01
            event.step = step
            records.append(event.SerializeToString())
        step += 1
    return records


if __name__ == "__main__":
    sys.exit(main())
