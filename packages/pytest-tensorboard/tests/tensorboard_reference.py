"""What TensorBoard's own loader gives for an event file, and the reader's result in the same form, to compare them."""

from __future__ import annotations

import math
import sys
import types
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tfevents import Columns, Point, read_columns, read_points

# TensorBoard's loader without TensorFlow. It looks for this module, once. Here alone: the reader plants nothing.
sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))


class Row(NamedTuple):
    """One point. `value` is the repr of type, shape and bytes; None where TensorBoard has no array of it."""

    wall_time: str
    step: int
    tag: str
    plugin: str
    value: str | None


class Read(NamedTuple):
    rows: list[Row]
    records: int
    damage: str | None


def by_tensorboard(path: Path) -> Read:
    with np.errstate(over="ignore"):  # of histograms whose edges are no float32
        return read_by_tensorboard(path)


def read_by_tensorboard(path: Path) -> Read:
    """With EventFileLoader: `data_compat`, `dataclass_compat` and the plugin of the first summary of a tag."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    loader = EventFileLoader(str(path))
    records = loader._iterator = Counted(loader._iterator, path.name)
    plugins: dict[str, str] = {}
    rows: list[Row] = []
    try:
        for event in loader.Load():
            for value in event.summary.value:
                plugin = plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
                rows.append(Row(repr(event.wall_time), event.step, value.tag, plugin, by_its_own_means(value)))
    except Exception as problem:
        if type(problem).__name__ not in ("DecodeError", "UnicodeDecodeError"):
            raise
        return Read(rows, records.good, "the record is whole but holds no event")
    return Read(rows, records.good, records.damage)


class Counted:
    """The loader's records, counted, with the error that the loader would swallow."""

    def __init__(self, records: Any, name: str) -> None:
        self.records, self.name = records, name
        self.good = 0
        self.damage: str | None = None

    def __next__(self) -> bytes:
        from tensorboard.compat.tensorflow_stub.errors import DataLossError

        try:
            record: bytes = next(self.records)
        except DataLossError as problem:
            self.damage = str(problem.message).rpartition(self.name)[2].lstrip("' ").removeprefix("has ")
            raise
        except OverflowError:  # a length that Python cannot read at once
            self.damage = "truncated record in data"
            raise StopIteration from None
        self.good += 1
        return record


def by_its_own_means(value: Any) -> str | None:
    """What TensorBoard's make_ndarray gives; None where it cannot, or gives what is not in the file."""
    from tensorboard.util import tensor_util

    if value.WhichOneof("value") != "tensor":
        return None
    dims = [dim.size for dim in value.tensor.tensor_shape.dim]
    if min(dims, default=0) < 0 or math.prod(dims) > 10**6 or value.tensor.dtype in range(11, 17):
        return None  # guesses a dimension, repeats a number for ever, or has types of its own
    try:
        return described(tensor_util.make_ndarray(value.tensor))
    except Exception:  # of any kind: it leaves checks to NumPy and to dictionaries
        return None


def described(array: Any) -> str:
    return repr((array.dtype.name, array.shape, array.tolist() if array.dtype == object else array.tobytes()))


def by_points(path: Path) -> Read:
    found = read_points(path)
    rows = [row_of(point) for point in found]
    return Read(rows, found.records, found.damage.kind if found.damage else None)


def by_columns(path: Path) -> Read:
    """In the order of the records, which columns give within a tag alone."""
    found = read_columns(path)
    rows: list[tuple[int, Row]] = []
    seen: dict[str, int] = {}
    for batch in found:
        numbered = [(batch.record, row_of(batch))] if isinstance(batch, Point) else rows_of(batch)
        for record, row in numbered:
            assert seen.get(row.tag, -1) <= record, "a tag's points are out of order"
            seen[row.tag] = record
        rows.extend(numbered)
    rows.sort(key=lambda numbered: numbered[0])
    return Read([row for _, row in rows], found.records, found.damage.kind if found.damage else None)


def rows_of(columns: Columns) -> list[tuple[int, Row]]:
    return [
        (int(record), Row(repr(float(time)), int(step), columns.tag, columns.plugin, described(value)))
        for record, time, step, value in zip(
            columns.records, columns.wall_times, columns.steps, columns.values, strict=True
        )
    ]


def row_of(point: Point) -> Row:
    try:
        value = described(point.array())
    except ValueError:
        value = None
    return Row(repr(point.wall_time), point.step, point.tag, point.plugin, value)


def differences(expected: Read, found: Read, *, in_order: bool = True) -> list[str]:
    """In words. Where TensorBoard has no array, any is right; `in_order` is given up within a record alone."""
    problems = []
    if (expected.records, expected.damage) != (found.records, found.damage):
        problems.append(f"{expected.records} records, then {expected.damage}: {found.records}, then {found.damage}")
    pairs = list(zip(sorted(expected.rows, key=str), sorted(found.rows, key=str), strict=False))
    if in_order:
        pairs = list(zip(expected.rows, found.rows, strict=False))
    if len(expected.rows) != len(found.rows):
        problems.append(f"{len(expected.rows)} points: {len(found.rows)}")
    problems += [f"{a}\n{b}" for a, b in pairs if a._replace(value=None) != b._replace(value=None)]
    problems += [f"{a}\n{b}" for a, b in pairs if a.value is not None and a.value != b.value]
    return problems
