"""Event files as points: one value of one tag each, old and new kinds of summaries in one form.

The form is that of TensorBoard's loader (``data_compat`` and ``dataclass_compat``, TensorBoard 2.21): whatever a
summary was written as, what it holds is an array, and the plugin is that of the first summary of its tag in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tfevents.framing import Block, Damage, Records, Source, opened
from tfevents.messages import NOT_PARSED, Event

Array = npt.NDArray[Any]

# The names that the plugins of TensorBoard give themselves in a summary's metadata.
AUDIO, GRAPHS, HISTOGRAMS, HPARAMS, IMAGES, SCALARS = "audio", "graphs", "histograms", "hparams", "images", "scalars"
TAGGED_RUN_METADATA = "graph_tagged_run_metadata"
GRAPH_SUB_PLUGINS = ("graph_run_metadata", "graph_run_metadata_graph", "graph_keras_model")
RESHAPED = {AUDIO, *GRAPH_SUB_PLUGINS}
RUN_GRAPH = "__run_graph__"

OLD_KINDS = {"simple_value": SCALARS, "histo": HISTOGRAMS, "image": IMAGES, "audio": AUDIO}


class Point:
    """One value of one tag.

    `record` is the number of its record in the file, from 0, `wall_time` in seconds since 1970, `plugin` the plugin
    of TensorBoard that shows it ("" if none was named). `summary` is the message as it was written, and `kind` the
    field of it that holds the value; for graphs and run metadata beside the summaries they are bytes, and "blob".
    """

    __slots__ = ("_array", "_form", "kind", "plugin", "record", "step", "summary", "tag", "wall_time")

    def __init__(
        self, record: int, wall_time: float, step: int, tag: str, plugin: str, kind: str | None, summary: Any, form: str
    ) -> None:
        self.record = record
        self.wall_time = wall_time
        self.step = step
        self.tag = tag
        self.plugin = plugin
        self.kind = kind
        self.summary = summary
        self._form = form
        self._array: Array | None = None

    def array(self) -> Array:
        """What it holds, as TensorBoard's plugins see it; texts and encoded media are bytes in an array of objects.

        A scalar has the shape (), a histogram [k, 3] (left edge, right edge, count), images [2 + k] (width, height,
        then one encoded image each), audio [k]. A value that stands for many equal ones is not repeated in memory: the
        array is read-only then. Raises ValueError if the value is inconsistent, or of no kind that has an array.
        """
        if self._array is None:
            self._array = array_of_point(self)
        return self._array

    def dtype(self) -> str:
        """The name of the type of what it holds: that of NumPy, "string", or "bfloat16". Raises as `array` does."""
        if self.kind == "tensor" and self.summary.tensor.dtype == BFLOAT16:
            return "bfloat16"
        kind = self.array().dtype
        return "string" if kind.hasobject else str(kind)

    def __repr__(self) -> str:
        return f"Point(record={self.record}, step={self.step}, tag={self.tag!r}, plugin={self.plugin!r})"


class Tags:
    """What the first summary of each tag said of it, in one file."""

    def __init__(self) -> None:
        # The plugin that a tag belongs to, and the one whose older form its values may have: "" for none, and None
        # as long as there was no summary of it.
        self._first: dict[str, tuple[str, str | None]] = {}

    def point(self, record: int, wall_time: float, step: int, value: Any) -> Point:
        """One value of a summary event, as a point."""
        kind, tag = value.WhichOneof("value"), value.tag
        plugin, form = self._first.get(tag, UNSEEN)
        if form is None:
            own = OLD_KINDS.get(kind or "") or value.metadata.plugin_data.plugin_name
            form = "" if kind not in OLD_KINDS and value.metadata.data_class else own
            plugin = plugin if tag in self._first else own
            self._first[tag] = (plugin, form)
        return Point(record, wall_time, step, tag, plugin, kind, value, form)

    def blob(self, record: int, event: Any, tag: str, plugin: str, data: bytes) -> Point:
        """What an event holds beside summaries, as a point."""
        plugin, _ = self._first.setdefault(tag, (plugin, None))
        return Point(record, event.wall_time, event.step, tag, plugin, "blob", data, "")


UNSEEN = ("", None)


class Points:
    """The points of one event file, in the order in which they were written: an iterator, to be used once.

    While it runs, and after, `damage` says what ended it before the file's end (None if nothing did) and `records`
    counts the records that were good.
    """

    def __init__(self, source: Source, most: int | None = None) -> None:
        self.damage: Damage | None = None
        self.records = 0
        self._points = self._read(source, most)

    def __iter__(self) -> Iterator[Point]:
        return self._points

    def __next__(self) -> Point:
        return next(self._points)

    def _read(self, source: Source, most: int | None) -> Iterator[Point]:
        tags = Tags()
        with opened(source) as file:
            records = Records(file, most=most)
            for block in records.blocks():
                for index, data in enumerate(block.records):
                    self.records = block.first + index + 1
                    if data is None:
                        continue
                    try:
                        event = Event.FromString(data)
                    except NOT_PARSED:
                        self.damage = no_event(block, index)
                        return
                    yield from points_of(self.records - 1, event, tags)
            self.damage = records.damage


def read_points(source: Source, most: int | None = None) -> Points:
    """The points of an event file of any size, in bounded memory.

    Damage ends them and is told in the result. `most` bounds the bytes that are read. Raises OSError, at the first
    point, if there is no file that can be read.
    """
    return Points(source, most)


def no_event(block: Block, index: int) -> Damage:
    return Damage("the record is whole but holds no event", block.position_of(index), block.first + index)


def points_of(record: int, event: Any, tags: Tags) -> list[Point]:
    """The points of one event."""
    what = event.WhichOneof("what")
    if what == "summary":
        wall_time, step = event.wall_time, event.step
        return [tags.point(record, wall_time, step, value) for value in event.summary.value]
    if what == "graph_def":
        return [tags.blob(record, event, RUN_GRAPH, GRAPHS, event.graph_def)]
    if what == "tagged_run_metadata":
        tagged = event.tagged_run_metadata
        return [tags.blob(record, event, tagged.tag, TAGGED_RUN_METADATA, tagged.run_metadata)]
    return []


def array_of_point(point: Point) -> Array:
    value, kind = point.summary, point.kind
    if kind == "tensor":
        array = array_of(value.tensor)
        return array if point._form not in RESHAPED else reshaped(array, point._form)
    if kind == "blob":
        return objects([value])
    if kind is None and point._form == HPARAMS:
        return np.zeros((0,), np.float32)
    if kind == "simple_value":
        array = np.array(value.simple_value, np.float32)
    elif kind == "histo":
        array = buckets_of(value.histo)
    elif kind == "image":
        image = value.image
        array = objects([b"%d" % image.width, b"%d" % image.height, image.encoded_image_string])
    elif kind == "audio":
        return objects([value.audio.encoded_audio_string])
    else:
        raise ValueError(f"it holds {kind or 'nothing'}, not a tensor")
    return reshaped(array, point._form)


def reshaped(array: Array, form: str) -> Array:
    """As the newer form has it: audio without the labels beside each clip, graphs as a row of one."""
    if form == AUDIO and array.ndim > 1 and array.size:
        return array.reshape(array.shape[0], -1)[:, 0]
    return array.reshape(1) if form in GRAPH_SUB_PLUGINS and array.ndim == 0 else array


def objects(found: list[bytes]) -> Array:
    array = np.empty(len(found), object)
    array[:] = found
    return array


def buckets_of(histogram: Any) -> Array:
    """The buckets of an old histogram as rows of left edge, right edge and count.

    Empty buckets at both ends are left out, and the outermost edges are the least and the greatest value: the file has
    the limits of a double there.
    """
    counts = list(histogram.bucket)
    filled = [index for index, count in enumerate(counts) if count > 0]
    if not filled:
        return np.zeros((0, 3), np.float32)
    first, last = filled[0], filled[-1]
    inner = list(histogram.bucket_limit[first:last])
    lefts, rights = [histogram.min, *inner], [*inner, histogram.max]
    with np.errstate(over="ignore"):
        return np.array([lefts, rights, counts[first : last + 1]], np.float64).astype(np.float32).transpose()


# Tensors: the numbers of TensorFlow's types.proto, the type of NumPy and the field that has the values.

BFLOAT16, FLOAT16, STRING = 14, 19, 7
REFERENCES = 100  # what is above are the same types again, of variables
TYPES: dict[int, tuple[Any, str]] = {
    1: (np.float32, "float_val"),
    2: (np.float64, "double_val"),
    3: (np.int32, "int_val"),
    4: (np.uint8, "int_val"),
    5: (np.int16, "int_val"),
    6: (np.int8, "int_val"),
    STRING: (object, "string_val"),
    8: (np.complex64, "scomplex_val"),
    9: (np.int64, "int64_val"),
    10: (np.bool_, "bool_val"),
    17: (np.uint16, "int_val"),
    18: (np.complex128, "dcomplex_val"),
    FLOAT16: (np.float16, "half_val"),
    BFLOAT16: (np.float32, "half_val"),
    22: (np.uint32, "uint32_val"),
    23: (np.uint64, "uint64_val"),
}
LITTLE_ENDIAN = {number: np.dtype(kind).newbyteorder("<") for number, (kind, _) in TYPES.items()}


def array_of(tensor: Any) -> Array:
    """The array in a TensorProto. Raises ValueError if it is inconsistent or of a type that NumPy does not have."""
    dtype = tensor.dtype if tensor.dtype <= REFERENCES else tensor.dtype - REFERENCES
    if dtype not in TYPES:
        raise ValueError(f"its tensor has the type {dtype}, which cannot be read")
    kind, field = TYPES[dtype]
    shape = tuple([dim.size for dim in tensor.tensor_shape.dim])
    content = tensor.tensor_content
    if content and kind is not object:
        values = from_content(content, dtype, kind)
    elif kind is object:
        values = objects(list(tensor.string_val))
    else:
        values = from_field(getattr(tensor, field), dtype, kind)
    try:
        if shape and min(shape) < 0:
            raise ValueError
        if values.size == 1 and not content:
            return np.broadcast_to(values, shape) if shape not in ((), (1,)) else values.reshape(shape)
        return values.reshape(shape)
    except ValueError:
        raise ValueError(f"its tensor claims the shape {list(shape)}, and has {values.size} values") from None


def from_content(content: bytes, dtype: int, kind: Any) -> Array:
    try:
        if dtype == BFLOAT16:
            return widened(np.frombuffer(content, "<u2"))
        return np.frombuffer(content, LITTLE_ENDIAN[dtype])
    except ValueError:
        raise ValueError(f"its tensor has {len(content)} bytes, which is no number of {np.dtype(kind)}") from None


def from_field(found: Any, dtype: int, kind: Any) -> Array:
    if dtype in (FLOAT16, BFLOAT16):
        bits = np.array(found, np.int64).astype(np.uint16)
        return widened(bits) if dtype == BFLOAT16 else bits.view(np.float16)
    if kind in (np.complex64, np.complex128):
        numbers = np.array(found, np.float64)
        return (numbers[: len(found) // 2 * 2 : 2] + 1j * numbers[1::2]).astype(kind)
    return np.array(found, np.int64).astype(kind) if field_is_wide(kind) else np.array(found, kind)


def field_is_wide(kind: Any) -> bool:
    """Whether the field can hold numbers that the type cannot."""
    return kind in (np.uint8, np.uint16, np.int8, np.int16)


def widened(bits: Array) -> Array:
    """bfloat16, which NumPy does not have, as float32: the same numbers."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)
