"""One tag of one run while its event files are read, and what is known of it then."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import tfevents
from tfevents import Columns
from tfevents.points import AUDIO, HISTOGRAMS, HPARAMS, IMAGES, SCALARS

Steps = npt.NDArray[np.int64]

MOST_SHOWN = 4096  # steps that are kept of a tag, to say how many points a reader drops
MOST_RETURNS = 8  # places where the steps go back, which are kept
MOST_WAITING = 256  # points that came one by one
MOST_POINTS_KEPT = 16  # of a tag that has few, as they are
# Points of a tag that are kept for the checks that look into them, by plugin.
MOST_BLOBS = {IMAGES: 1, AUDIO: 1, HPARAMS: 16, "graph_run_metadata": 4, "graph_run_metadata_graph": 4}
# The fields of a value before it was a tensor, and what each holds.
OLD_FIELDS = {"simple_value": SCALARS, "histo": HISTOGRAMS, "image": IMAGES, "audio": AUDIO}
MOST_KINDS = 8
LARGEST = 2**20  # numbers of one point that are looked at: it may claim to have any
LEAST_STEP = -(2**63)
OF_A_RECORD = 40  # bytes of a record beside tag and value, about


@dataclass(frozen=True)
class Part:
    """What one file holds of a tag: points, steps (the first, last, least, greatest) and wall times."""

    file: str
    points: int
    first: int
    last: int
    least: int
    greatest: int
    first_time: float
    last_time: float


@dataclass(frozen=True)
class Return:
    """A place where the step goes back: from one step to a smaller one, in a file, at a record of it."""

    file: str
    record: int
    before: int
    after: int


@dataclass(frozen=True)
class Series:
    """A tag of a run, its points in the order in which they were written, file by file.

    `returns` counts the steps that are smaller than the one before, `repeats` those that are the same, `ahead` the
    returns that are followed by a step beyond all before; `places` are the first of the returns. `shown` counts the
    points that TensorBoard's fast reader keeps. `nans` and `infinities` count points of numbers that are not finite,
    `first_nan` and `first_infinity` are the steps of the first of them. `shapes` are those that the values have.
    `empty` counts histograms that count nothing, and `first_empty` is the step of the first. `size` is about how many
    bytes it takes in the files. `steps` are the first of them, `blobs` the first points that are no numbers. `kinds`
    are the plugins that the values themselves tell of, by their metadata or by the field that they stand in.
    """

    run: str
    tag: str
    plugin: str
    parts: tuple[Part, ...] = ()
    points: int = 0
    least: int = 0
    greatest: int = 0
    returns: int = 0
    repeats: int = 0
    ahead: int = 0
    places: tuple[Return, ...] = ()
    shown: int = 0
    nans: int = 0
    infinities: int = 0
    first_nan: int | None = None
    first_infinity: int | None = None
    empty: int = 0
    first_empty: int | None = None
    shapes: tuple[tuple[int, ...], ...] = ()
    size: int = 0
    steps: tuple[int, ...] = ()
    blobs: tuple[tfevents.Point, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.run}/{self.tag}"


@dataclass
class Survivors:
    """The steps of the points that are left when each point drops all before it whose step is not smaller.

    That is what TensorBoard's data server does (``reservoir.rs``, `StageReservoir.offer`), in each tag of a run. Steps
    are kept thinner and thinner where there are many, so the count is exact up to `MOST_SHOWN`, and near it beyond.
    """

    steps: Steps = field(default_factory=lambda: np.zeros(0, np.int64))
    weights: Steps = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, steps: Steps) -> None:
        least_behind = np.minimum.accumulate(steps[::-1])[::-1]
        kept = np.append(steps[:-1] < least_behind[1:], True)
        steps = steps[kept]
        end = int(np.searchsorted(self.steps, steps[0]))
        self.steps = np.concatenate([self.steps[:end], steps])
        self.weights = np.concatenate([self.weights[:end], np.ones(len(steps), np.int64)])
        if len(self.steps) > MOST_SHOWN:
            self._thin()

    def count(self) -> int:
        return int(self.weights.sum())

    def _thin(self) -> None:
        """Keep half as many steps, each for as many points."""
        unit = -(-2 * self.count() // MOST_SHOWN)
        heaps = (np.cumsum(self.weights) - self.weights) // unit
        firsts = np.flatnonzero(np.diff(heaps, prepend=-1))
        self.steps, self.weights = self.steps[firsts], np.add.reduceat(self.weights, firsts)


class SeriesReader:
    """Takes the batches of a tag as they are read."""

    def __init__(self, run: str, tag: str, plugin: str) -> None:
        self._run, self._tag, self._plugin = run, tag, plugin
        self._parts: list[Part] = []
        self._points = self._returns = self._repeats = self._ahead = 0
        self._places: list[Return] = []
        self._survivors = Survivors()
        self._nans = self._infinities = 0
        self._first_nan: int | None = None
        self._first_infinity: int | None = None
        self._empty = 0
        self._first_empty: int | None = None
        self._shapes: dict[tuple[int, ...], None] = {}
        self._size = 0
        self._steps: list[int] = []
        self._blobs: list[tfevents.Point] = []
        self._kinds: dict[str, None] = {}
        self._last = np.zeros(0, np.int64)  # the last two steps
        self._reached_before = LEAST_STEP  # the greatest before these
        self._file = ""
        self._waiting: list[tuple[int, int, float]] = []  # points of that file that came one by one

    def add(self, file: str, batch: Columns | tfevents.Point, room: int = 2**20) -> int:
        """Add a batch. A message of at most `room` bytes may be kept; gives how many bytes were."""
        if isinstance(batch, Columns):
            self._flush()
            other = batch.values.ndim == 1 and batch.plugin in OLD_FIELDS.values()
            self._kinds.setdefault(SCALARS if other else batch.plugin)
            self._values(batch.values, batch.steps)
            self._size += len(batch.steps) * (OF_A_RECORD + len(self._tag)) + batch.values.nbytes
            self._take(file, batch.records, batch.steps, batch.wall_times)
            return 0
        if len(self._waiting) >= MOST_WAITING or file != self._file:
            self._flush()
        self._file = file
        self._waiting.append((batch.record, batch.step, batch.wall_time))
        size = size_of(batch)
        self._size += size + OF_A_RECORD
        if (kind := kind_of(batch)) is not None and len(self._kinds) < MOST_KINDS:
            self._kinds.setdefault(kind)
        if self._plugin in (SCALARS, HISTOGRAMS):
            self._point(batch)
        elif len(self._blobs) < MOST_BLOBS.get(self._plugin, 0) and size <= room:
            self._blobs.append(batch)
            return size
        return 0

    def _flush(self) -> None:
        """Take the points that came one by one."""
        if self._waiting:
            records, steps, times = zip(*self._waiting, strict=True)
            self._waiting.clear()
            self._take(self._file, np.array(records, np.int64), np.array(steps, np.int64), np.array(times, np.float64))

    def _take(self, file: str, records: Steps, steps: Steps, times: npt.NDArray[np.float64]) -> None:
        self._go_on(file, records, steps)
        self._survivors.add(steps)
        self._part(file, steps, times)
        self._points += len(steps)
        self._steps += steps[: MOST_POINTS_KEPT - len(self._steps)].tolist()

    def series(self) -> Series:
        """What is known, in the end."""
        self._flush()
        return Series(
            run=self._run,
            tag=self._tag,
            plugin=self._plugin,
            parts=tuple(self._parts),
            points=self._points,
            least=min(part.least for part in self._parts),
            greatest=max(part.greatest for part in self._parts),
            returns=self._returns,
            repeats=self._repeats,
            ahead=self._ahead,
            places=tuple(self._places),
            shown=self._survivors.count(),
            nans=self._nans,
            infinities=self._infinities,
            first_nan=self._first_nan,
            first_infinity=self._first_infinity,
            empty=self._empty,
            first_empty=self._first_empty,
            shapes=tuple(self._shapes),
            size=self._size,
            steps=tuple(self._steps),
            blobs=tuple(self._blobs),
            kinds=tuple(self._kinds),
        )

    def _go_on(self, file: str, records: Steps, steps: Steps) -> None:
        """Count where the steps go back or stand still."""
        known = len(self._last)  # steps of earlier batches that the row begins with
        row = np.concatenate([self._last, steps])
        moves = row[1:] - row[:-1]
        self._repeats += int((moves[max(known - 1, 0) :] == 0).sum())
        found = np.flatnonzero(moves < 0)  # indices in the row, of the steps before
        if len(found):
            new = found[found >= known - 1]
            self._returns += len(new)
            for index in new[: MOST_RETURNS - len(self._places)]:
                record = int(records[index + 1 - known])
                self._places.append(Return(file, record, int(row[index]), int(row[index + 1])))
            # Behind the return a step beyond all before it: two counters in one tag.
            reached = np.maximum.accumulate(np.maximum(row, self._reached_before))
            behind = found[(found + 2 < len(row)) & (found + 2 >= known)]
            self._ahead += int((row[behind + 2] > reached[behind]).sum())
        if len(row) > 2:
            self._reached_before = max(self._reached_before, int(row[:-2].max()))
        self._last = row[-2:]

    def _part(self, file: str, steps: Steps, times: npt.NDArray[np.float64]) -> None:
        least, greatest = int(steps.min()), int(steps.max())
        early, late = float(times.min()), float(times.max())
        if self._parts and self._parts[-1].file == file:
            old = self._parts.pop()
            first, number = old.first, old.points + len(steps)
            least, greatest = min(least, old.least), max(greatest, old.greatest)
            early, late = min(early, old.first_time), max(late, old.last_time)
        else:
            first, number = int(steps[0]), len(steps)
        self._parts.append(Part(file, number, first, int(steps[-1]), least, greatest, early, late))

    def _point(self, point: tfevents.Point) -> None:
        try:
            array = point.array()
        except ValueError:
            return
        if array.ndim == 0 and array.dtype.kind == "f" and math.isfinite(array):
            self._shapes.setdefault(())
        elif array.size <= LARGEST:
            self._values(array[None], np.array([point.step], np.int64))
        else:
            self._shapes.setdefault(array.shape)

    def _values(self, values: npt.NDArray[Any], steps: Steps) -> None:
        """Look at the numbers of some points: a row each."""
        if len(self._shapes) < MOST_RETURNS:
            self._shapes.setdefault(values.shape[1:])
        if self._plugin == HISTOGRAMS:
            self._histograms(values, steps)
        if self._plugin != SCALARS or values.dtype.kind not in "fc":
            return
        # One look is enough for nearly all: a sum of finite numbers, in doubles, is finite.
        with np.errstate(all="ignore"):
            if np.isfinite(values.sum(dtype=np.float64 if values.dtype.kind == "f" else np.complex128)):
                return
        flat = values.reshape(len(values), -1)
        nan, infinite = np.isnan(flat).any(axis=1), np.isinf(flat).any(axis=1)
        if nan.any():
            self._nans += int(nan.sum())
            self._first_nan = int(steps[nan][0]) if self._first_nan is None else self._first_nan
        if infinite.any():
            self._infinities += int(infinite.sum())
            self._first_infinity = int(steps[infinite][0]) if self._first_infinity is None else self._first_infinity

    def _histograms(self, values: npt.NDArray[Any], steps: Steps) -> None:
        if values.ndim != 3 or values.shape[2] != 3 or not values.shape[1] or values.dtype.kind != "f":
            return
        empty = (values[:, :, 2] == 0).all(axis=1)
        if empty.any():
            self._empty += int(empty.sum())
            self._first_empty = int(steps[empty][0]) if self._first_empty is None else self._first_empty


def kind_of(point: tfevents.Point) -> str | None:
    """The plugin that a value itself tells of; None where it does not say."""
    if point.kind == "tensor":
        return str(point.summary.metadata.plugin_data.plugin_name) or None
    return OLD_FIELDS.get(point.kind or "")


def size_of(point: tfevents.Point) -> int:
    """The bytes of a point's message."""
    return len(point.summary) if isinstance(point.summary, bytes) else int(point.summary.ByteSize())
