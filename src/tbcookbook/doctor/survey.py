"""What lies below a log directory, as the checks want it: counts and bounds of every tag, and never the points.

The event files are read once, in the order in which TensorBoard reads those of a run, a million bytes at a time.
What is kept of a tag does not grow with its points.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tfevents
from tfevents import Columns, Damage, read_columns

from tbcookbook.doctor.series import Series, SeriesReader
from tbcookbook.observation.reading import EVENT_FILE
from tbcookbook.observation.walk import Entry, cannot, open_regular, walk

DEEPEST = 64  # folders in each other
MOST_ENTRIES = 500_000  # files and folders
MOST_SERIES = 20_000  # tags of all runs together
MOST_KEPT, LONGEST_BLOB = 2**26, 2**22  # bytes of messages that are kept, of all and of one
SPARSE, SPARSE_SHARE = 2**30, 100  # a file of more bytes that has less than a hundredth of them on the disk
MADE = re.compile(r"tfevents\.(\d{9,11})\.")  # the second in which a file was made, as its name has it
PROFILE_EMPTY = ".profile-empty"

Progress = Callable[[int, str], None]  # bytes that were read since the last call, and of which file


@dataclass(frozen=True)
class File:
    """An event file as it was read.

    `size` is in bytes, `changed` the time of its last change and `made` the one in its name, in seconds since 1970;
    `first_time` and `last_time` are the least and greatest wall time of its points; None where there is none.
    `records` counts those that are good, `points` what they hold, the version record and the like aside. `unreadable`
    says why it was not read, or not to its end.
    """

    name: str
    run: str
    size: int = 0
    changed: float | None = None
    made: int | None = None
    records: int = 0
    points: int = 0
    first_time: float | None = None
    last_time: float | None = None
    damage: Damage | None = None
    unreadable: str | None = None

    @property
    def base(self) -> str:
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class Survey:
    """A log directory. `series` is keyed by run and tag; a run is "." or a folder relative to the directory.

    `others` are the files that are no event files, and `passed_over` what was not looked into, with the reason.
    `now` is the time at which it was looked at, in seconds since 1970.
    """

    directory: Path
    files: tuple[File, ...] = ()
    series: dict[tuple[str, str], Series] = field(default_factory=dict)
    others: tuple[Entry, ...] = ()
    passed_over: dict[str, str] = field(default_factory=dict)
    now: float = 0.0

    @property
    def runs(self) -> list[str]:
        """The folders with event files, sorted."""
        return sorted({file.run for file in self.files})

    def files_of(self, run: str) -> list[File]:
        """The event files of a run, as TensorBoard orders them."""
        return [file for file in self.files if file.run == run]

    def series_of(self, run: str, plugin: str | None = None) -> list[Series]:
        """What a run holds, of one plugin or of all."""
        return [found for found in self.series.values() if found.run == run and plugin in (None, found.plugin)]


def survey(directory: Path, progress: Progress = lambda number, name: None) -> Survey:
    """Read a log directory. Nothing in it can make this fail: what cannot be read is told."""
    found = walk(directory, DEEPEST, MOST_ENTRIES)
    reader = Reader(directory, progress)
    events = [entry for entry in found.entries if is_event_file(entry.name)]
    files = tuple(reader.read(entry) for entry in sorted(events, key=by_run))
    others = tuple(entry for entry in found.entries if not is_event_file(entry.name))
    series = {key: reading.series() for key, reading in reader.series.items()}
    return Survey(
        directory, files, series, others, {**found.unread, **links_in(others), **reader.passed_over}, time.time()
    )


def is_event_file(name: str) -> bool:
    return EVENT_FILE in name.rpartition("/")[2]


def by_run(entry: Entry) -> tuple[str, str]:
    folder, _, base = entry.name.rpartition("/")
    return folder, base


def bytes_below(directory: Path) -> int:
    """How many bytes of event files there are to read."""
    entries = walk(directory, DEEPEST, MOST_ENTRIES).entries
    return sum(size_of(entry.path) for entry in entries if is_event_file(entry.name))


def size_of(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def links_in(entries: tuple[Entry, ...]) -> dict[str, str]:
    """Links to folders, which are not followed."""
    return {
        entry.name: "a link to a folder, which is not followed" for entry in entries if is_link_to_folder(entry.path)
    }


def is_link_to_folder(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode) and Path(path).is_dir()
    except OSError:  # it leads nowhere, or in a circle
        return False


class Reader:
    """The event files of one directory, one after the other."""

    def __init__(self, directory: Path, progress: Progress) -> None:
        self.series: dict[tuple[str, str], SeriesReader] = {}
        self.passed_over: dict[str, str] = {}
        self._directory = directory
        self._progress = progress
        self._room = MOST_KEPT

    def read(self, entry: Entry) -> File:
        """Add what a file holds."""
        folder, _, base = entry.name.rpartition("/")
        run = folder or "."
        matched = MADE.search(base)
        made = int(matched[1]) if matched else None
        size, changed, batches = 0, None, None
        times = Times()
        damage: Damage | None = None
        unreadable = None
        try:
            with open_regular(entry.path, self._directory) as file:
                told = os.fstat(file.fileno())
                size, changed = told.st_size, told.st_mtime
                batches = read_columns(file, most=most_of(told))
                before = 0
                for batch in batches:
                    self._add(run, entry.name, batch, times)
                    if (position := file.tell()) != before:
                        self._progress(position - before, entry.name)
                        before = position
                damage = batches.damage
        except OSError as problem:
            unreadable = cannot(problem)
        return File(
            name=entry.name,
            run=run,
            size=size,
            changed=changed,
            made=made,
            records=batches.records if batches else 0,
            points=times.points,
            first_time=times.first,
            last_time=times.last,
            damage=damage,
            unreadable=unreadable,
        )

    def _add(self, run: str, file: str, batch: Columns | tfevents.Point, times: Times) -> None:
        times.add(batch)
        reading = self.series.get((run, batch.tag))
        if reading is None:
            if len(self.series) >= MOST_SERIES:
                self.passed_over[run] = f"more than {MOST_SERIES} tags: those that come later are left out"
                return
            reading = self.series[run, batch.tag] = SeriesReader(run, batch.tag, batch.plugin)
        self._room -= reading.add(file, batch, min(self._room, LONGEST_BLOB))


def most_of(told: os.stat_result) -> int | None:
    """How much is read of a file that has more holes than anything else; None for all of it."""
    on_disk = getattr(told, "st_blocks", told.st_size // 512 + 1) * 512
    return on_disk + 2**20 if told.st_size > SPARSE and on_disk < told.st_size // SPARSE_SHARE else None


class Times:
    """How many points there are, and from when to when."""

    def __init__(self) -> None:
        self.points = 0
        self.first: float | None = None
        self.last: float | None = None

    def add(self, batch: Columns | tfevents.Point) -> None:
        if isinstance(batch, Columns):
            self.points += len(batch.wall_times)
            least, greatest = float(np.min(batch.wall_times)), float(np.max(batch.wall_times))
        else:
            self.points += 1
            least = greatest = batch.wall_time
        self.first = least if self.first is None else min(self.first, least)
        self.last = greatest if self.last is None else max(self.last, greatest)


def below(directory: Path) -> Iterator[str]:
    """The names of event files below a folder."""
    return (entry.name for entry in walk(directory, 8, 2000).entries if is_event_file(entry.name))
