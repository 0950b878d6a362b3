"""The records of an event file: their lengths and checksums, whatever they hold.

A file is a row of records, each ``length (uint64), masked CRC of the length (uint32), data, masked CRC of the data
(uint32)``, little-endian: TensorFlow's ``tfrecord`` format. A checksum is CRC-32C, masked as TensorFlow does
(``crc32c.h``).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import google_crc32c
import numpy as np

LONGEST_RECORD = 256 * 2**20  # bytes of data: longer ones are checked and passed over, so that memory is bounded
BLOCK = 2**20  # bytes that are read at once, and more only for a record that is longer
MOST_LENGTHS = 1000  # whose checksums are remembered
MASK_DELTA = 0xA282EAD8

HEADER = struct.Struct("<QI")
HEADER_SIZE, FOOTER_SIZE = 12, 4
LENGTH_SIZE = 8


@dataclass(frozen=True)
class Damage:
    """What ended the reading of a file before its end: `kind` says what, in TensorBoard's words where it has any.

    `position` is the offset in bytes at which the record begins that is damaged, and `record` its number, from 0.
    """

    kind: str
    position: int
    record: int

    def __str__(self) -> str:
        return f"{self.kind} (record {self.record}, at byte {self.position})"


@dataclass(frozen=True)
class Block:
    """Good records that stand one after the other: number (from 0) and offset of the first, and the data of each.

    A record that is longer than the limit is a block of its own; its data is None.
    """

    first: int
    position: int
    records: list[bytes | None]

    def position_of(self, index: int) -> int:
        """The offset of one of its records in the file, in bytes."""
        before = (len(data or b"") + HEADER_SIZE + FOOTER_SIZE for data in self.records[:index])
        return self.position + sum(before)


class Records:
    """The records of an open file, in order, each once: an iterator of bytes.

    While it runs, and after, `good` counts the whole records that were passed, `position` is the offset of the
    first byte behind them, `skipped` has the numbers of those longer than `longest` bytes, and `damage` says why
    reading ended before the file did. Reading also ends after `most` bytes, if that is given. Raises OSError where
    the file does.
    """

    def __init__(self, file: BinaryIO, longest: int = LONGEST_RECORD, most: int | None = None) -> None:
        self.good = 0
        self.position = 0
        self.skipped: list[int] = []
        self.damage: Damage | None = None
        self._file = file
        self._longest = longest
        self._most = most
        self._blocks = self._scan()
        self._records = (data for block in self._blocks for data in block.records if data is not None)

    def __iter__(self) -> Iterator[bytes]:
        return self._records

    def __next__(self) -> bytes:
        return next(self._records)

    def blocks(self) -> Iterator[Block]:
        """The same records, as many at a time as one reading of the file brought."""
        return self._blocks

    def _scan(self) -> Iterator[Block]:
        lengths: dict[int, int] = {}  # with their checksums, which need not be computed again
        held = b""
        while self.damage is None:
            read = self._file.read(BLOCK)
            held += read
            block, used, wanted = self._records_in(held, lengths)
            if block.records:
                self.good += len(block.records)
                yield block
            held = held[used:]
            if self.damage is not None:
                return
            if wanted - HEADER_SIZE - FOOTER_SIZE > self._longest:
                held = yield from self._pass_over(held, wanted)
                continue
            if wanted > len(held) + BLOCK:
                held += self._file.read(wanted - len(held))
            if not read and held:
                self._damaged(truncation(held))
            if not read:
                return
            if self._most is not None and self.position + len(held) > self._most:
                self._damaged(reading_stops(self._most))

    def _records_in(self, held: bytes, lengths: dict[int, int]) -> tuple[Block, int, int]:
        """The whole records at the start of some bytes; how many bytes they are; how long the next record is."""
        records: list[bytes | None] = []
        checks: list[int] = []
        starts = [0]
        start = wanted = 0
        limit = len(held) - HEADER_SIZE
        unpack, checksum = HEADER.unpack_from, google_crc32c.value
        bad_header = False
        while start <= limit:
            length, header_check = unpack(held, start)
            if lengths.get(length) != header_check:
                if masked(checksum(held[start : start + LENGTH_SIZE])) != header_check:
                    bad_header = True
                    break
                if len(lengths) > MOST_LENGTHS:
                    lengths.clear()
                lengths[length] = header_check
            end = start + HEADER_SIZE + length
            if end + FOOTER_SIZE > len(held) or length > self._longest:
                wanted = length + HEADER_SIZE + FOOTER_SIZE
                break
            data = held[start + HEADER_SIZE : end]
            records.append(data)
            checks.append(checksum(data))
            start = end + FOOTER_SIZE
            starts.append(start)
        good = good_checks(held, starts, checks)
        block = Block(self.good, self.position, records[:good])
        self.position += starts[good]
        if good < len(records):
            self._damaged("failed event crc32 check", block)
        elif bad_header:
            self._damaged("failed header crc32 check", block)
        return block, starts[good], wanted

    def _pass_over(self, held: bytes, wanted: int) -> Generator[Block, None, bytes]:
        """Check a record that is too long to hold, piece by piece; give what was read of the next."""
        if self._most is not None and self.position + wanted > self._most:
            self._damaged(reading_stops(self._most))
            return b""
        left = wanted - HEADER_SIZE - FOOTER_SIZE
        piece = held[HEADER_SIZE:]
        checksum = google_crc32c.value(piece[:left])
        stored = piece[left:]
        left -= min(left, len(piece))
        while left:
            piece = self._file.read(min(BLOCK, left))
            checksum = google_crc32c.extend(checksum, piece)
            left -= len(piece)
            if not piece:
                self._damaged("truncated record in data")
                return b""
        stored += self._file.read(max(0, FOOTER_SIZE - len(stored)))
        stored, rest = stored[:FOOTER_SIZE], stored[FOOTER_SIZE:]
        if len(stored) < FOOTER_SIZE:
            self._damaged("truncated record in data crc")
        elif int.from_bytes(stored, "little") != masked(checksum):
            self._damaged("failed event crc32 check")
        else:
            block = Block(self.good, self.position, [None])
            self.position += wanted
            self.skipped.append(self.good)
            self.good += 1
            yield block
        return rest

    def _damaged(self, kind: str, block: Block | None = None) -> None:
        self.damage = Damage(kind, self.position, self.good + (len(block.records) if block else 0))


def read_records(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The records of a file up to its end or the first damage. Raises OSError if it cannot be read."""
    with Path(path).open("rb") as file:
        yield from Records(file)


def masked(checksum: int) -> int:
    """A checksum as it stands in the file."""
    return (((checksum >> 15) | (checksum << 17)) + MASK_DELTA) & 0xFFFFFFFF


def good_checks(held: bytes, starts: list[int], checks: list[int]) -> int:
    """How many records from the first have the checksum that stands behind them; `starts` has the ends too."""
    if not checks:
        return 0
    computed = np.array(checks, np.uint32)
    computed = ((computed >> np.uint32(15)) | (computed << np.uint32(17))) + np.uint32(MASK_DELTA)
    ends = np.array(starts[1:], np.int64)
    stored = np.frombuffer(held, np.uint8)[ends[:, None] + np.arange(-FOOTER_SIZE, 0)]
    differing = np.flatnonzero(stored.view("<u4").reshape(-1) != computed)
    return int(differing[0]) if differing.size else len(checks)


def reading_stops(most: int) -> str:
    return f"more than {most} bytes, after which reading stops"


def truncation(held: bytes) -> str:
    """In which of its parts a record ends too early, in TensorBoard's words."""
    if len(held) < LENGTH_SIZE:
        return "truncated record in header"
    if len(held) < HEADER_SIZE:
        return "truncated record in header crc"
    length, _ = HEADER.unpack_from(held)
    return "truncated record in data crc" if len(held) >= HEADER_SIZE + length else "truncated record in data"
