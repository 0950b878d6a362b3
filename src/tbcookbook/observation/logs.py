"""Event files -> what TensorBoard would show: every run and tag, with steps, shapes and values.

`tfevents`, the reader in ``packages/pytest-tensorboard``, reads the files; it needs no TensorFlow, and gives old and
new summaries in one form.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tfevents  # slow to import, with numpy; who reads recordings does without

EVENT_FILE = "tfevents"  # TensorBoard reads every file with this in its name: IsSummaryEventsFile in its io_wrapper.py
SIGNIFICANT_DIGITS = 7  # what a float32 holds; longer tails differ between builds of the same TensorFlow
LONGEST_TEXT = 2000  # characters of a text summary that are kept

Scalar = float | int | str


@dataclass(frozen=True)
class Stream:
    """The summaries of one run and tag, in the order in which they were written.

    `shape` and `dtype` are None if they differ from step to step. `values` has one element a step for summaries of
    one number or one text, and is empty for all others. NaN and the infinities are the strings "nan", "inf", "-inf".
    """

    plugin: str
    steps: tuple[int, ...]
    shape: tuple[int, ...] | None
    dtype: str | None
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class Graph:
    """A graph or a Keras model that the Graphs dashboard can show. `nodes` counts nodes, or layers of a model."""

    run: str
    tag: str
    plugin: str
    step: int
    nodes: int | None


@dataclass(frozen=True)
class EventFile:
    """One event file: its good records, and what was wrong after the last of them (None if nothing was)."""

    path: str
    records: int
    damage: str | None = None


@dataclass(frozen=True)
class Logs:
    """All that lies below a log directory.

    `streams` is keyed "run/tag" with the run relative to the directory ("." for the directory itself), `projector`
    has the embeddings of each projector_config.pbtxt, `files` all files that are not event files.
    """

    streams: dict[str, Stream] = field(default_factory=dict)
    graphs: tuple[Graph, ...] = ()
    event_files: tuple[EventFile, ...] = ()
    projector: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def read_logs(directory: Path) -> Logs:
    """Read a log directory. Damaged files are reported in the result; nothing is raised for them."""
    points: dict[str, list[Point]] = {}
    graphs: list[Graph] = []
    event_files: list[EventFile] = []
    projector: dict[str, tuple[str, ...]] = {}
    files: list[str] = []
    for path in sorted(p for p in directory.rglob("*") if not p.is_dir()):
        name = stable_name(path.relative_to(directory).as_posix())
        if EVENT_FILE in path.name:
            run = path.parent.relative_to(directory).as_posix()
            event_files.append(read_event_file(path, name, run, points, graphs))
        else:
            files.append(name)
            if path.name == "projector_config.pbtxt":
                projector[name] = read_projector_config(path)
    return Logs(
        streams={key: stream_of(found) for key, found in sorted(points.items())},
        graphs=tuple(sorted(set(graphs), key=lambda graph: (graph.run, graph.tag, graph.step))),
        event_files=tuple(event_files),
        projector=projector,
        files=tuple(sorted(files)),
    )


def stable_name(path: str) -> str:
    """A file name without what changes from run to run: times, hosts, process numbers, counters."""
    path = re.sub(r"events\.out\.tfevents\.\d+\.[^/]*?(?=(\.v2|\.profile-empty)?$)", "events.out.tfevents.<run>", path)
    path = re.sub(r"(plugins/profile/)\d{4}[-_]\d\d[-_]\d\d[-_]\d\d[-_]\d\d[-_]\d\d", r"\1<time>", path)
    return re.sub(r"(plugins/profile/<time>/)[^/.]+\.", r"\1<host>.", path)


@dataclass(frozen=True)
class Point:
    plugin: str
    step: int
    shape: tuple[int, ...]
    dtype: str
    value: Scalar | None


def read_event_file(path: Path, name: str, run: str, points: dict[str, list[Point]], graphs: list[Graph]) -> EventFile:
    """Add what one event file holds to `points` and `graphs`."""
    from tfevents import read_points

    found = read_points(path)
    try:
        for point in found:
            if point.plugin.startswith("graph"):
                graphs.append(Graph(run, point.tag, point.plugin, point.step, graph_size(point)))
            else:
                made = point_of(point)  # before there is a place for it, since it may be none
                points.setdefault(f"{run}/{point.tag}", []).append(made)
    except ValueError as problem:
        return EventFile(name, found.records, f"record {found.records} cannot be read: {problem}")
    return EventFile(name, found.records, found.damage.kind if found.damage else None)


def point_of(found: tfevents.Point) -> Point:
    if found.kind in ("obsolete_old_style_histogram", None):
        return Point(found.plugin, found.step, (), str(found.kind), None)
    array = found.array()
    return Point(found.plugin, found.step, tuple(array.shape), found.dtype(), scalar_of(array))


def scalar_of(array: Any) -> Scalar | None:
    """The one number or text in an array; None if it holds anything else."""
    if array.size != 1:
        return None
    value = array.item()
    if isinstance(value, bytes):
        text = value.decode("utf-8", "backslashreplace")
        return text if len(text) <= LONGEST_TEXT and text.isprintable() else None
    if isinstance(value, float):
        return rounded(value)
    return value if isinstance(value, int) else None


def rounded(value: float) -> float | str:
    """A float with the digits that a float32 holds; a string if it is not finite."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else str(value)


def stream_of(points: list[Point]) -> Stream:
    first = points[0]
    values = tuple(point.value for point in points if point.value is not None)
    return Stream(
        plugin=first.plugin,
        steps=tuple(point.step for point in points),
        shape=first.shape if all(point.shape == first.shape for point in points) else None,
        dtype=first.dtype if all(point.dtype == first.dtype for point in points) else None,
        values=values if len(values) == len(points) else (),
    )


def graph_size(point: tfevents.Point) -> int | None:
    """Nodes of a graph, layers of a Keras model; None for run metadata and for what does not parse."""
    from tfevents.messages import DecodeError, GraphDef

    try:
        (blob,) = point.array()
        if point.plugin == "graph_keras_model":
            return len(json.loads(blob)["config"]["layers"])
        if point.plugin == "graphs":
            return len(GraphDef.FromString(blob).node)
    except (ValueError, TypeError, KeyError, RecursionError, DecodeError):
        return None
    return None


def read_projector_config(path: Path) -> tuple[str, ...]:
    """The tensors that a projector configuration names, each with its metadata file if it has one."""
    from google.protobuf import text_format
    from tfevents.messages import ProjectorConfig

    config = ProjectorConfig()
    try:
        text_format.Parse(path.read_text(encoding="utf-8"), config)
    except (text_format.ParseError, UnicodeDecodeError) as problem:
        return (f"cannot be read: {problem}",)
    return tuple(
        embedding.tensor_name + (f" with {embedding.metadata_path}" if embedding.metadata_path else "")
        for embedding in config.embeddings
    )
