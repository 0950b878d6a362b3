"""What two scripts printed and wrote, side by side and in words."""

from __future__ import annotations

from dataclasses import dataclass

from tbcookbook.observation.logs import Stream
from tbcookbook.observation.record import Observation


def ending(seen: Observation) -> str:
    """How a script ended, after "broken.py on TensorFlow 2.21"."""
    return f"stopped by {seen.signal}" if seen.signal else f"exit status {seen.exit}"


@dataclass(frozen=True)
class Row:
    """One run and tag, or a graph or file, with what each script wrote there ("" for nothing)."""

    name: str
    plugin: str
    broken: str
    fixed: str


def event_map(broken: Observation, fixed: Observation) -> list[Row]:
    """What two scripts left below ``logs/``, side by side."""
    sides = [written(seen) for seen in (broken, fixed)]
    names = sorted({*sides[0], *sides[1]}, key=lambda name: (name[1] not in ("scalars", "text"), name))
    return [Row(name, plugin, *(side.get((name, plugin), "") for side in sides)) for name, plugin in names]


def written(seen: Observation) -> dict[tuple[str, str], str]:
    """What is shown of each stream, graph and file: (name, plugin) -> text."""
    found = {(name, stream.plugin or "no plugin"): points(stream) for name, stream in seen.logs.streams.items()}
    for graph in seen.logs.graphs:
        size = "" if graph.nodes is None else f"{graph.nodes} {'layers' if 'keras' in graph.plugin else 'nodes'}"
        found[f"{graph.run}/{graph.tag}", "graph"] = size or "a graph"
    for path in seen.logs.files:
        found[path, "file"] = "a file"
    return found


def points(stream: Stream) -> str:
    """Steps and values of a stream: "0: 0.693, 1: 0.611"; the shape in place of values that are not numbers."""
    values = list(stream.values) or [shape_text(stream)] * len(stream.steps)
    told = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in values]
    return ", ".join(f"{step}: {value}" for step, value in zip(stream.steps, told, strict=True))


def shape_text(stream: Stream) -> str:
    return "a tensor" if stream.shape is None else f"a tensor of shape {tuple(stream.shape)}"


def nothing_written(seen: Observation) -> str:
    """What there is where there is no stream: what a reader finds in the folder."""
    if not seen.logs.event_files:
        return "There is no event file."
    records = sum(file.records for file in seen.logs.event_files)
    return f"There is an event file with {records} record{'s' * (records != 1)} in it, and no point of a chart."
