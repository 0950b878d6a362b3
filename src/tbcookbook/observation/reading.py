"""Event files -> what TensorBoard would show: every run and tag, with steps, shapes, values and contents.

`tfevents`, the reader in ``packages/pytest-tensorboard``, reads the files; it needs no TensorFlow, and gives old and
new summaries in one form. What cannot be read is told, and never raised: a script may leave anything here.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import tfevents
from google.protobuf import text_format
from tfevents import Columns, read_columns
from tfevents.messages import DecodeError, GraphDef, ProjectorConfig

from tbcookbook.observation.contents import LONGEST_TEXT, AnyContent, rounded, shortened_text, text_of
from tbcookbook.observation.logs import EventFile, Graph, Logs, Scalar, Stream, stable_name
from tbcookbook.observation.looking import content_of
from tbcookbook.observation.walk import Entry, cannot, open_regular, walk

EVENT_FILE = "tfevents"  # TensorBoard reads every file with this in its name: IsSummaryEventsFile in its io_wrapper.py

# Of one log directory. What goes beyond is not read, and that is told.
MOST_BYTES = 2**28  # of all event files
MOST_POINTS = 200_000
MOST_STREAMS = 5_000
MOST_SECONDS = 60.0
LONGEST_CONFIG = 2**18  # bytes of a projector configuration
LONGEST_BLOB = 2**26  # bytes of a graph whose nodes are counted


def read_logs(directory: Path) -> Logs:
    """Read a log directory; nothing if there is none. What is damaged or cannot be read is reported in the result."""
    found = walk(directory)
    reading = Reading(directory)
    event_files: list[EventFile] = []
    projector: dict[str, tuple[str, ...]] = {}
    files: list[str] = []
    for entry in found.entries:
        folder, _, base = entry.name.rpartition("/")
        name = stable_name(entry.name)
        if EVENT_FILE in base:
            event_files.append(reading.read(entry, name, folder or "."))
        else:
            files.append(name)
            if base == "projector_config.pbtxt":
                projector[name] = read_projector_config(entry, directory)
    return Logs(
        streams={key: series.stream() for key, series in sorted(reading.series.items())},
        graphs=tuple(sorted(set(reading.graphs), key=in_order)),
        event_files=tuple(event_files),
        projector=projector,
        files=tuple(sorted(files)),
        unread={stable_name(name): reason for name, reason in found.unread.items()},
    )


def in_order(graph: Graph) -> tuple[str, str, int, str, int]:
    """What graphs are sorted by: all of one, so that two of one run, tag and step always come in one order."""
    return (graph.run, graph.tag, graph.step, graph.plugin, -1 if graph.nodes is None else graph.nodes)


class Reading:
    """The event files of one log directory, and how much of what may be read of them is left."""

    def __init__(self, directory: Path) -> None:
        self.series: dict[str, Series] = {}
        self.graphs: list[Graph] = []
        self._directory = directory
        self._bytes = MOST_BYTES
        self._points = MOST_POINTS
        self._until = time.monotonic() + MOST_SECONDS

    def read(self, entry: Entry, name: str, run: str) -> EventFile:
        """Add what one event file holds."""
        batches = None
        try:
            with open_regular(entry.path, self._directory) as file:
                batches = read_columns(file, most=self._bytes)
                for batch in batches:
                    self._add(run, batch)
                self._bytes = max(0, self._bytes - file.tell())
        except OSError as problem:
            return EventFile(name, batches.records if batches else 0, cannot(problem))
        except ValueError as problem:
            assert batches is not None
            return EventFile(name, batches.records, f"record {batches.records} cannot be read: {problem}")
        except TooMuch as problem:
            assert batches is not None
            return EventFile(name, batches.records, f"cannot be read on: {problem}")
        return EventFile(name, batches.records, batches.damage.kind if batches.damage else None)

    def _add(self, run: str, batch: Columns | tfevents.Point) -> None:
        tag, plugin = shortened_text(batch.tag), shortened_text(batch.plugin)
        if plugin.startswith("graph"):
            self.graphs += graphs_of(run, tag, plugin, batch)
            return
        series = self.series.get(f"{run}/{tag}")
        if series is None:
            if len(self.series) == MOST_STREAMS:
                raise TooMuch(f"more than {MOST_STREAMS} tags")
            series = self.series[f"{run}/{tag}"] = Series(plugin)
        self._points -= len(batch.steps) if isinstance(batch, Columns) else 1
        if self._points < 0:
            raise TooMuch(f"more than {MOST_POINTS} points")
        if time.monotonic() > self._until:
            raise TooMuch(f"it takes more than {MOST_SECONDS:g} seconds")
        series.add(batch)


class TooMuch(Exception):  # noqa: N818  (it is no error but a bound)
    """A bound of what is read."""


class Series:
    """A stream while it is read."""

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin
        self._steps: list[int] = []
        self._shapes: set[tuple[int, ...]] = set()
        self._dtypes: set[str] = set()
        self._values: list[Scalar | None] = []
        self._contents: list[AnyContent] = []

    def add(self, batch: Columns | tfevents.Point) -> None:
        """Raises ValueError if a point is inconsistent."""
        if isinstance(batch, Columns):
            self._steps += batch.steps.tolist()
            self._shapes.add(batch.values.shape[1:])
            self._dtypes.add(str(batch.values.dtype))
            for array in batch.values:
                self._hold(np.asarray(array), None)
            return
        if batch.kind in ("obsolete_old_style_histogram", None) and not has_array(batch):
            array, shape, dtype = None, (), str(batch.kind)
        else:
            array = batch.array()
            shape, dtype = array.shape, batch.dtype()
        self._steps.append(batch.step)
        self._shapes.add(shape)
        self._dtypes.add(dtype)
        self._hold(array, batch)

    def _hold(self, array: Any, point: tfevents.Point | None) -> None:
        self._values.append(None if array is None else scalar_of(array))
        # What is neither is only found out once: a stream has contents for all of its steps, or for none.
        if array is not None and len(self._contents) == len(self._values) - 1:
            content = content_of(self._plugin, array, point) if array.size <= LARGEST else None
            if content is not None:
                self._contents.append(content)

    def stream(self) -> Stream:
        values = tuple(value for value in self._values if value is not None)
        whole = len(values) == len(self._steps)
        contents = tuple(self._contents) if len(self._contents) == len(self._steps) else ()
        return Stream(
            plugin=self._plugin,
            steps=tuple(self._steps),
            shape=next(iter(self._shapes)) if len(self._shapes) == 1 else None,
            dtype=next(iter(self._dtypes)) if len(self._dtypes) == 1 else None,
            values=values if whole else (),
            contents=() if whole else contents,
        )


LARGEST = 2**20  # numbers in one step that are looked into: a step may claim to be of any shape


def has_array(point: tfevents.Point) -> bool:
    try:
        point.array()
    except ValueError:
        return False
    return True


def scalar_of(array: Any) -> Scalar | None:
    """The one number or text in an array; None if it holds anything else."""
    if array.size != 1:
        return None
    value = array.item()
    if isinstance(value, bytes):
        text = text_of(value)
        return text if len(text) <= LONGEST_TEXT and text.isprintable() else None
    if isinstance(value, float):
        return rounded(value)
    return value if isinstance(value, int) else None


def graphs_of(run: str, tag: str, plugin: str, batch: Columns | tfevents.Point) -> list[Graph]:
    if isinstance(batch, Columns):
        return [Graph(run, tag, plugin, int(step), None) for step in batch.steps]
    return [Graph(run, tag, plugin, batch.step, graph_size(batch))]


def graph_size(point: tfevents.Point) -> int | None:
    """Nodes of a graph, layers of a Keras model; None for run metadata and for what does not parse."""
    try:
        (blob,) = point.array()
        if len(blob) > LONGEST_BLOB:
            return None
        if point.plugin == "graph_keras_model":
            return len(json.loads(blob)["config"]["layers"])
        if point.plugin == "graphs":
            return len(GraphDef.FromString(blob).node)
    except (ValueError, TypeError, KeyError, RecursionError, DecodeError):
        return None
    return None


def read_projector_config(entry: Entry, directory: Path) -> tuple[str, ...]:
    """The tensors that a projector configuration names, each with its metadata file if it has one."""
    config = ProjectorConfig()
    try:
        with open_regular(entry.path, directory) as file:
            data = file.read(LONGEST_CONFIG + 1)
        if len(data) > LONGEST_CONFIG:
            return (f"cannot be read: more than {LONGEST_CONFIG} bytes",)
        text_format.Parse(data.decode("utf-8"), config)
    except OSError as problem:
        return (cannot(problem),)
    except (text_format.ParseError, ValueError, RecursionError) as problem:
        return (f"cannot be read: {shortened_text(text_of(str(problem).encode('utf-8', 'surrogateescape')))}",)
    return tuple(
        embedding.tensor_name + (f" with {embedding.metadata_path}" if embedding.metadata_path else "")
        for embedding in config.embeddings
    )
