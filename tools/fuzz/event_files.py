"""Event files: damaged ones, and whole ones that say what no writer says."""

from __future__ import annotations

import shutil
import struct
from typing import Any

import google_crc32c
from hypothesis import strategies as st
from tfevents.messages import classes

from tbcookbook.observation.logs import Logs
from tbcookbook.observation.reading import read_logs
from tbcookbook.render.printable import printable_json
from tools.fuzz.strategies import ANY_TEXT, mutated
from tools.fuzz.subject import Subject, temporary_folder

FOLDER = temporary_folder()
NAMES = ["events.out.tfevents.1.h", "sub/events.out.tfevents.1.h.v2", "projector_config.pbtxt", "other.txt"]
TAGS = st.sampled_from(["loss", "a/b", "", "keras", "x" * 300]) | ANY_TEXT
PLUGINS = st.sampled_from(["scalars", "images", "histograms", "text", "audio", "graphs", "hparams", "pr_curves", ""])
SIZES = st.sampled_from([0, 1, 2, -1, 3, 400_000_000, 2**62])
STEPS = st.sampled_from([0, 1, 2, -1, 2**62])


def record(data: bytes) -> bytes:
    """A whole record of an event file, with its checksums."""
    length = struct.pack("<Q", len(data))
    return length + checksum(length) + data + checksum(data)


def checksum(data: bytes) -> bytes:
    value: int = google_crc32c.value(data)
    return struct.pack("<I", ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """An event with summaries in which types, shapes and contents need not fit each other."""
    event = classes()["Event"](wall_time=draw(st.floats()), step=draw(STEPS))
    kind = draw(st.integers(0, 5))
    if kind == 0:
        event.file_version = draw(st.sampled_from(["brain.Event:2", "brain.Event:9", ""]))
    elif kind == 1:
        event.graph_def = draw(st.binary(max_size=40))
    else:
        for _ in range(draw(st.integers(0, 3))):
            draw_value(draw, event.summary.value.add())
    return bytes(event.SerializeToString())


def draw_value(draw: st.DrawFn, value: Any) -> None:
    value.tag = draw(TAGS).encode("utf-8", "replace").decode()
    value.metadata.plugin_data.plugin_name = draw(PLUGINS)
    if draw(st.booleans()):
        value.simple_value = draw(st.floats(width=32))
        return
    tensor = value.tensor
    tensor.dtype = draw(st.integers(0, 25))
    for _ in range(draw(st.integers(0, 3))):
        tensor.tensor_shape.dim.add().size = draw(SIZES)
    if draw(st.booleans()):
        tensor.tensor_content = draw(st.binary(max_size=32))
    tensor.float_val.extend(draw(st.lists(st.floats(width=32), max_size=3)))
    tensor.string_val.extend(draw(st.lists(st.binary(max_size=20), max_size=5)))


FILES = st.one_of(
    st.lists(events(), max_size=6).map(lambda found: b"".join(map(record, found))).flatmap(mutated),
    st.lists(events().flatmap(mutated), max_size=4).map(lambda found: b"".join(map(record, found))),
    st.binary(max_size=100),
    st.just(b"embeddings { tensor_name: 'x' metadata_path: 'm.tsv' }").flatmap(mutated),
)


def check(given: list[tuple[str, bytes]]) -> None:
    logs = FOLDER / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    for name, content in given:
        path = logs / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    found = read_logs(logs)
    assert isinstance(found, Logs)
    printable_json(vars(found.event_files[0]) if found.event_files else {}).encode()


SUBJECT = Subject(
    "event-files",
    st.lists(st.tuples(st.sampled_from(NAMES), FILES), min_size=1, max_size=3),
    check,
    declared=(),
    seconds=2.0,
    share=25,
)
