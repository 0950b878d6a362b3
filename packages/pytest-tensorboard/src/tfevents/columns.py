"""Numbers in columns: the same points, many at a time, as arrays of NumPy.

Nearly all records of a large file are scalars or other numbers of one shape, and those of one tag differ in three
places only: time, step and value. A record that was parsed is therefore a pattern: where those places are, and which
bytes stand around them. Records that fit a pattern are read by NumPy, all of a block at once; every other record is
parsed as usual.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tfevents.framing import Block, Damage, Records, Run, Source, opened
from tfevents.messages import NOT_PARSED, Event
from tfevents.points import Array, Point, Tags, no_event, points_of

FEWEST_ALIKE = 12  # records of one length in a block, from which on a pattern is worth while
MOST_FAILURES = 4  # patterns that fit next to nothing, after which the records of one length are parsed one by one
MOST_PATTERNS = 64  # for records of one length
LONGEST_ALIKE = 8192  # bytes of a record, above which there is little to gain

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """Numbers of one tag, in the order in which they were written: one element a point in each of the arrays.

    `records` numbers their records in the file, from 0; `wall_times` are seconds since 1970; `values` have the type in
    which they were written, and the shape [points, *shape of each].
    """

    tag: str
    plugin: str
    records: Indices
    wall_times: npt.NDArray[np.float64]
    steps: Indices
    values: Array


class Batches:
    """What `read_columns` gives: an iterator, to be used once, with `damage` and `records` as `Points` has them."""

    def __init__(self, source: Source, most: int | None = None) -> None:
        self.damage: Damage | None = None
        self.records = 0
        self._tags = Tags()
        self._patterns = Patterns()
        self._batches = self._read(source, most)

    def __iter__(self) -> Iterator[Columns | Point]:
        return self._batches

    def __next__(self) -> Columns | Point:
        return next(self._batches)

    def _read(self, source: Source, most: int | None) -> Iterator[Columns | Point]:
        with opened(source) as file:
            records = Records(file, most=most)
            for block in records.blocks():
                yield from self._of_block(block)
                if self.damage is not None:
                    return
            self.damage = records.damage

    def _of_block(self, block: Block) -> Iterator[Columns | Point]:
        fits, others = self._patterns.sort(block)
        events = self._parsed(block, others)
        end = self.records - block.first
        found: defaultdict[str, Found] = defaultdict(Found)
        # In the order of the file, since the first record of a tag says what plugin all of them belong to.
        for index, source in sorted([*((fit.rows[0], fit) for fit in fits), *events], key=lambda pair: pair[0]):
            if index >= end:
                break
            if isinstance(source, Fit):
                fit = source.until(end)
                point = self._tags.point(0, 0.0, 0, fit.pattern.value)
                found[point.tag].fits.append(fit)
                found[point.tag].plugin = point.plugin
            else:
                for point in points_of(block.first + int(index), source, self._tags):
                    found[point.tag].points.append(point)
        for tag, of_tag in found.items():
            yield from of_tag.batches(tag, block, self._tags)

    def _parsed(self, block: Block, others: list[int]) -> list[tuple[int, Any]]:
        """The events that fit no pattern, up to the first that cannot be parsed."""
        events = []
        self.records = block.first + len(block.records)
        for index in others:
            try:
                events.append((index, Event.FromString(block.records[index])))
            except NOT_PARSED:
                self.damage = no_event(block, index)
                self.records = block.first + index + 1
                break
        return events


def read_columns(source: Source, most: int | None = None) -> Batches:
    """The contents of an event file, numbers in columns and all else as points: the fastest way to read one.

    The order is kept within each tag; a tag comes once in every million bytes or so, with all that these hold of it.
    `most` bounds the bytes that are read. Raises OSError, at the first batch, if there is no file that can be read.
    """
    return Batches(source, most)


class Found:
    """What a block holds of one tag."""

    def __init__(self) -> None:
        self.plugin = ""
        self.fits: list[Fit] = []
        self.points: list[Point] = []

    def batches(self, tag: str, block: Block, tags: Tags) -> Iterator[Columns | Point]:
        if not self.fits:
            return iter(self.points)
        pieces = [fit.columns(block.first) for fit in self.fits]
        dtype, shape = pieces[0].values.dtype, pieces[0].values.shape[1:]
        singles = [numbers_in(point, dtype, shape) for point in self.points]
        alike = all((piece.values.dtype, piece.values.shape[1:]) == (dtype, shape) for piece in pieces)
        if not alike or any(single is None for single in singles):
            return self._one_by_one(block, tags)
        if self.points:
            pieces.append(rows_of(self.points, singles, dtype))
        rows = joined(pieces)
        return iter([Columns(tag, self.plugin, rows.records, rows.wall_times, rows.steps, rows.values)])

    def _one_by_one(self, block: Block, tags: Tags) -> Iterator[Point]:
        """Several kinds of things: all as points."""
        points = list(self.points)
        for fit in self.fits:
            for index in fit.rows:
                event = Event.FromString(block.records[index])
                points.extend(points_of(block.first + int(index), event, tags))
        return iter(sorted(points, key=lambda point: point.record))


class Rows(NamedTuple):
    records: Indices
    wall_times: npt.NDArray[np.float64]
    steps: Indices
    values: Array


def numbers_in(point: Point, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array | None:
    """What a point holds if it has this type and shape."""
    try:
        array = point.array()
    except ValueError:
        return None
    return array if (array.dtype, array.shape) == (dtype, shape) and point.dtype() == str(dtype) else None


def rows_of(points: list[Point], values: list[Any], dtype: np.dtype[Any]) -> Rows:
    return Rows(
        np.array([point.record for point in points], np.int64),
        np.array([point.wall_time for point in points], np.float64),
        np.array([point.step for point in points], np.int64),
        np.array(values, dtype),
    )


def joined(pieces: list[Rows]) -> Rows:
    """Rows of several pieces in the order of their records."""
    if len(pieces) == 1:
        return pieces[0]
    records, wall_times, steps, values = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    order = np.argsort(records, kind="stable")
    return Rows(records[order], wall_times[order], steps[order], values[order])


# Patterns


@dataclass(frozen=True)
class Places:
    """Where in a record of one value its parts begin, in bytes; `time` and `step` are None where they are left out."""

    time: int | None
    step: int | None
    step_size: int
    value: int
    value_size: int


@dataclass(frozen=True)
class Pattern:
    """Records that are alike but for time, step and value: `constant` where `mask` is set."""

    places: Places
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    mask: npt.NDArray[np.uint8]
    constant: npt.NDArray[np.uint8]
    value: Any  # the SummaryValue of the record that it was made of


@dataclass(frozen=True)
class Fit:
    """Records of a block, by their indices, that fit a pattern; `matrix` has the bytes of each as a row."""

    pattern: Pattern
    rows: Indices
    matrix: npt.NDArray[np.uint8]

    def until(self, end: int) -> Fit:
        """Those before a record."""
        kept = int(np.searchsorted(self.rows, end))
        return self if kept == len(self.rows) else Fit(self.pattern, self.rows[:kept], self.matrix[:kept])

    def columns(self, first: int) -> Rows:
        places = self.pattern.places
        number = len(self.rows)
        times = np.zeros(number) if places.time is None else self._as("<f8", places.time, 8)
        steps = np.zeros(number, np.int64)
        for index in range(places.step_size):
            assert places.step is not None
            steps |= (self.matrix[:, places.step + index] & 0x7F).astype(np.int64) << (7 * index)
        values = self._as(self.pattern.dtype.newbyteorder("<"), places.value, places.value_size)
        values = values.astype(self.pattern.dtype).reshape(number, *self.pattern.shape)
        return Rows(first + self.rows, times.astype(np.float64), steps, values)

    def _as(self, dtype: Any, start: int, size: int) -> Array:
        column: Array = np.ascontiguousarray(self.matrix[:, start : start + size]).view(dtype).reshape(-1)
        return column


class Patterns:
    """The patterns of one file, by the length of the records that fit."""

    def __init__(self) -> None:
        self._known: dict[int, list[Pattern]] = {}

    def sort(self, block: Block) -> tuple[list[Fit], list[int]]:
        """Which records of a block fit patterns, known or new; and the indices of all others, in order."""
        if isinstance(block, Run):
            of_run: list[Fit] = []
            others_of_run = self._sort_alike(np.arange(len(block.matrix)), block.matrix, of_run)
            return of_run, sorted(others_of_run)
        records = block.records
        lengths = np.fromiter((-1 if data is None else len(data) for data in records), np.int64, len(records))
        order = np.argsort(lengths, kind="stable")
        others: list[int] = []
        fits: list[Fit] = []
        for rows in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
            length = int(lengths[rows[0]]) if len(rows) else -1
            few = len(rows) < FEWEST_ALIKE and length not in self._known
            if length >= 0 and (few or length > LONGEST_ALIKE):
                others += rows.tolist()
            elif length >= 0:
                data = b"".join([records[row] or b"" for row in rows])
                others += self._sort_alike(rows, np.frombuffer(data, np.uint8).reshape(len(rows), length), fits)
        return fits, sorted(others)

    def _sort_alike(self, rows: Indices, matrix: npt.NDArray[np.uint8], fits: list[Fit]) -> list[int]:
        """The same for records of one length: adds to `fits`, and gives the others."""
        known = self._known.setdefault(matrix.shape[1], [])
        others: list[int] = []
        for pattern in known:
            if not len(rows):
                return others
            rows, matrix = take(pattern, rows, matrix, fits)
        failures = 0
        while len(rows) >= FEWEST_ALIKE and failures < MOST_FAILURES and len(known) < MOST_PATTERNS:
            pattern_found = pattern_of(matrix[0].tobytes())
            before = len(rows)
            if pattern_found is None:
                others.append(int(rows[0]))
                rows, matrix = rows[1:], matrix[1:]
            else:
                known.append(pattern_found)
                rows, matrix = take(pattern_found, rows, matrix, fits)
            failures += before - len(rows) < FEWEST_ALIKE
        if not known:
            del self._known[matrix.shape[1]]
        return [*others, *rows.tolist()]


def take(
    pattern: Pattern, rows: Indices, matrix: npt.NDArray[np.uint8], fits: list[Fit]
) -> tuple[Indices, npt.NDArray[np.uint8]]:
    """Add the rows that fit a pattern to `fits`, and give the rest."""
    fitting = ((matrix & pattern.mask) == pattern.constant).all(axis=1)
    if fitting.all():
        fits.append(Fit(pattern, rows, matrix))
        return rows[:0], matrix[:0]
    if fitting.any():
        fits.append(Fit(pattern, rows[fitting], matrix[fitting]))
        return rows[~fitting], matrix[~fitting]
    return rows, matrix


def pattern_of(data: bytes) -> Pattern | None:
    """The pattern of a record with one value, of numbers; None if it is anything else."""
    try:
        places = places_in(data)
        event = Event.FromString(data)
    except (*NOT_PARSED, IndexError):
        return None
    if places is None:
        return None
    (point,) = points_of(0, event, Tags())
    try:
        array = point.array()
    except ValueError:
        return None
    if array.dtype.hasobject or point.dtype() != str(array.dtype) or array.nbytes != places.value_size:
        return None
    row = np.frombuffer(data, np.uint8)
    mask = np.full(len(data), 0xFF, np.uint8)
    if places.time is not None:
        mask[places.time : places.time + 8] = 0
    if places.step is not None:
        mask[places.step : places.step + places.step_size] = 0x80  # whether the number goes on
    mask[places.value : places.value + places.value_size] = 0
    pattern = Pattern(places, array.dtype, array.shape, mask, row & mask, point.summary)
    same = Fit(pattern, np.zeros(1, np.int64), row.reshape(1, -1)).columns(0)
    as_parsed = (point.wall_time, point.step, array.tobytes())
    found = (float(same.wall_times[0]), int(same.steps[0]), same.values.tobytes())
    return pattern if repr(found) == repr(as_parsed) else None


# The encoding of protocol buffers, as far as one value needs it

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Field(NamedTuple):
    number: int
    kind: int
    start: int  # of what it holds
    end: int


def fields(data: bytes, start: int, end: int) -> dict[int, Field] | None:
    """The fields of a message by number; None if one comes twice, or in an encoding of old."""
    found: dict[int, Field] = {}
    while start < end:
        key, start = varint(data, start)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            stop = varint(data, start)[1]
        elif kind == BYTES:
            size, start = varint(data, start)
            stop = start + size
        elif kind in (FIXED64, FIXED32):
            stop = start + (8 if kind == FIXED64 else 4)
        else:
            return None
        if number in found or stop > end:
            return None
        found[number] = Field(number, kind, start, stop)
        start = stop
    return found


def varint(data: bytes, start: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    number = shift = 0
    while True:
        byte = data[start]
        number |= (byte & 0x7F) << shift
        start += 1
        if byte < 0x80:
            return number, start
        shift += 7


TIME, STEP, SUMMARY = 1, 2, 5  # in Event
VALUE = 1  # in Summary
SIMPLE_VALUE, TENSOR = 2, 8  # in SummaryValue
CONTENT, FLOAT, DOUBLE = 4, 5, 6  # in TensorProto


def places_in(data: bytes) -> Places | None:
    """Where the parts of a record with one value are; None if it is anything else. Raises IndexError if it is cut."""
    event = fields(data, 0, len(data))
    if event is None or not event.keys() <= {TIME, STEP, SUMMARY} or SUMMARY not in event:
        return None
    summary = fields(data, event[SUMMARY].start, event[SUMMARY].end)
    if summary is None or summary.keys() != {VALUE}:
        return None
    value = fields(data, summary[VALUE].start, summary[VALUE].end)
    if value is None or (SIMPLE_VALUE in value) == (TENSOR in value):
        return None
    number = value[SIMPLE_VALUE] if SIMPLE_VALUE in value else number_in(data, value[TENSOR])
    time, step = event.get(TIME), event.get(STEP)
    kinds = [(time, FIXED64), (step, VARINT)]
    if number is None or any(field is not None and field.kind != kind for field, kind in kinds):
        return None
    step_size = step.end - step.start if step else 0
    if step_size > 9:  # a negative step
        return None
    return Places(
        time.start if time else None, step.start if step else None, step_size, number.start, number.end - number.start
    )


def number_in(data: bytes, tensor: Field) -> Field | None:
    """The field of a tensor that has its numbers, side by side."""
    if tensor.kind != BYTES:
        return None
    found = fields(data, tensor.start, tensor.end)
    if found is None:
        return None
    numbers = [found[number] for number in found if number >= CONTENT]
    if len(numbers) != 1 or numbers[0].number not in (CONTENT, FLOAT, DOUBLE):
        return None
    return numbers[0]
