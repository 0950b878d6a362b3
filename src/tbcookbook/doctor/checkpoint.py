"""The shapes of the tensors in a checkpoint of TensorFlow, by its ``.index`` file alone.

It is a table of LevelDB (``table_format.md`` there; ``tensor_bundle.proto`` in TensorFlow): blocks of sorted keys, each
sharing a prefix with the one before, and a footer that says where the index of the blocks is. TensorFlow writes them
uncompressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tfevents.columns import varint
from tfevents.messages import NOT_PARSED, BundleEntryProto

from tbcookbook.observation.walk import open_regular

FOOTER, MAGIC = 48, bytes.fromhex("57fb808b247547db")
LONGEST_INDEX = 2**24  # bytes
RESTART = 4  # bytes of each number at the end of a block


def shapes(index: Path) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor by its name; nothing if the file cannot be read, or is no such index."""
    try:
        with open_regular(str(index), index.parent) as file:
            data = file.read(LONGEST_INDEX + 1)
        if len(data) > LONGEST_INDEX or not data.endswith(MAGIC):
            return {}
        return {
            key.decode("utf-8", "backslashreplace"): shape_of(value)
            for _, handle in entries(data, *second_handle(data[-FOOTER:]))
            for key, value in entries(data, *handle_at(handle, 0)[:2])
            if key
        }
    except (OSError, ValueError, IndexError, *NOT_PARSED):
        return {}


def second_handle(footer: bytes) -> tuple[int, int]:
    _, _, behind = handle_at(footer, 0)
    return handle_at(footer, behind)[:2]


def handle_at(data: bytes, start: int) -> tuple[int, int, int]:
    """Where a block is, how long, and where the handle ends."""
    position, start = varint(data, start)
    size, start = varint(data, start)
    return position, size, start


def entries(data: bytes, position: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block. Raises ValueError if it is compressed or has no such form."""
    block = data[position : position + size]
    if len(block) < size or data[position + size] != 0:
        raise ValueError("compressed, or cut off")
    restarts = int.from_bytes(block[-RESTART:], "little")
    end = len(block) - RESTART * (restarts + 1)
    key, start = b"", 0
    while start < end:
        shared, start = varint(block, start)
        own, start = varint(block, start)
        length, start = varint(block, start)
        key = key[:shared] + block[start : start + own]
        start += own
        yield key, block[start : start + length]
        start += length


def shape_of(value: bytes) -> tuple[int, ...]:
    return tuple(dim.size for dim in BundleEntryProto.FromString(value).shape.dim)
