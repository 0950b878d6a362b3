"""What lies below a log directory: runs, tags, event files and others. `reading` makes it of what a script has left."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tbcookbook.observation.contents import AnyContent

Scalar = float | int | str


@dataclass(frozen=True)
class Stream:
    """The summaries of one run and tag, in the order in which they were written.

    `shape` and `dtype` are None if they differ from step to step. `values` has one element a step for summaries of
    one number or one text, and is empty for all others. NaN and the infinities are the strings "nan", "inf", "-inf".
    `contents` has one element a step for histograms, images, audio and several texts, and is empty for all others.
    """

    plugin: str
    steps: tuple[int, ...]
    shape: tuple[int, ...] | None
    dtype: str | None
    values: tuple[Scalar, ...] = ()
    contents: tuple[AnyContent, ...] = ()


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
    has the embeddings of each projector_config.pbtxt, `files` all files that are not event files, `unread` the folders
    that could not be looked into, with the reason. All names are text: a byte that is not UTF-8 is a backslash escape.
    """

    streams: dict[str, Stream] = field(default_factory=dict)
    graphs: tuple[Graph, ...] = ()
    event_files: tuple[EventFile, ...] = ()
    projector: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    unread: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Files that are made in one second differ in a number only, whose order is by chance.
        ordered = sorted(self.event_files, key=lambda file: (file.path, file.records, file.damage or ""))
        object.__setattr__(self, "event_files", tuple(ordered))


def stable_name(path: str) -> str:
    """A file name without what changes from run to run: times, hosts, process numbers, counters."""
    path = re.sub(r"events\.out\.tfevents\.\d+\.[^/]*?(?=(\.v2|\.profile-empty)?$)", "events.out.tfevents.<run>", path)
    path = re.sub(r"(plugins/profile/)\d{4}[-_]\d\d[-_]\d\d[-_]\d\d[-_]\d\d[-_]\d\d", r"\1<time>", path)
    return re.sub(r"(plugins/profile/<time>/)[^/.]+\.", r"\1<host>.", path)
