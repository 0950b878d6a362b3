"""The records of an event file: their lengths and checksums, whatever they hold.

A file is a row of records, each ``length (uint64), masked CRC of the length (uint32), data, masked CRC of the data
(uint32)``, little-endian: TensorFlow's ``tfrecord`` format. A checksum is CRC-32C, masked as TensorFlow does
(``crc32c.h``).
"""

from __future__ import annotations

import contextlib
import functools
import os
import struct
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c
import numpy as np
import numpy.typing as npt

LONGEST_RECORD = 256 * 2**20  # bytes of data: longer ones are checked and passed over, so that memory is bounded
BLOCK = 2**20  # bytes that are read at once, and more only for a record that is longer
MOST_LENGTHS = 1000  # whose checksums are remembered
Source = str | os.PathLike[str] | BinaryIO  # a path, or a file open for reading bytes
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
    records: Sequence[Any]  # of bytes, or None

    def position_of(self, index: int) -> int:
        """The offset of one of its records in the file, in bytes."""
        before = (len(data or b"") + HEADER_SIZE + FOOTER_SIZE for data in self.records[:index])
        return self.position + sum(before)


@dataclass(frozen=True)
class Run(Block):
    """A block of many records of one length: `matrix` has the bytes of each as a row."""

    matrix: npt.NDArray[np.uint8]


class Rows(Sequence[bytes]):
    """The rows of a matrix of bytes."""

    def __init__(self, matrix: npt.NDArray[np.uint8]) -> None:
        self._matrix = matrix

    def __len__(self) -> int:
        return len(self._matrix)

    def __getitem__(self, index: Any) -> Any:  # of one, or of a slice
        part = self._matrix[index]
        return Rows(part) if isinstance(index, slice) else part.tobytes()

    def __iter__(self) -> Iterator[bytes]:
        size = self._matrix.shape[1]
        data = self._matrix.tobytes()
        return (data[start : start + size] for start in range(0, len(data), size))


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
        self._lengths: dict[int, int] = {}  # with their checksums, which need not be computed again
        self._blocks = self._scan()
        self._records: Iterator[bytes] = (data for block in self._blocks for data in block.records if data is not None)

    def __iter__(self) -> Iterator[bytes]:
        return self._records

    def __next__(self) -> bytes:
        return next(self._records)

    def blocks(self) -> Iterator[Block]:
        """The same records, as many at a time as one reading of the file brought."""
        return self._blocks

    def _scan(self) -> Iterator[Block]:
        held = b""
        while self.damage is None:
            read = self._file.read(BLOCK)
            held += read
            start = probe = 0
            alike = True
            while alike and self.damage is None:
                block, end, wanted, alike = self._records_in(held, start, probe)
                yield from self._passed(block, end - start)
                if alike:
                    run, start = run_at(held, end, self.good, self.position)
                    yield from self._passed(run, start - end)
                    probe = start + BETWEEN_PROBES
                else:
                    start = end
            held = held[start:]
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

    def _passed(self, block: Block, size: int) -> Iterator[Block]:
        if block.records:
            self.good += len(block.records)
            self.position += size
            yield block

    def _records_in(self, held: bytes, start: int, probe: int) -> tuple[Block, int, int, bool]:
        """The whole records from an offset in some bytes; where they end; how long the next is; if many alike follow.

        Whether such a run begins is looked for from the offset `probe` on.
        """
        records: list[bytes | None] = []
        checks: list[int] = []
        starts = [start]
        wanted = 0
        limit = len(held) - HEADER_SIZE
        unpack, checksum, lengths = HEADER.unpack_from, google_crc32c.value, self._lengths
        bad_header = alike = False
        while start <= limit:
            length, header_check = unpack(held, start)
            if lengths.get(length) != header_check and not self._is_length(held, start, length, header_check):
                bad_header = True
                break
            end = start + HEADER_SIZE + length
            if end + FOOTER_SIZE > len(held) or length > self._longest:
                wanted = length + HEADER_SIZE + FOOTER_SIZE
                break
            if start >= probe and length <= LONGEST_IN_RUN:
                far = start + RUN * (length + HEADER_SIZE + FOOTER_SIZE)
                if held[far : far + HEADER_SIZE] == held[start : start + HEADER_SIZE]:
                    alike = True
                    break
                probe = start + BETWEEN_PROBES
            data = held[start + HEADER_SIZE : end]
            records.append(data)
            checks.append(checksum(data))
            start = end + FOOTER_SIZE
            starts.append(start)
        good = good_checks(held, starts, checks)
        block = Block(self.good, self.position, records[:good])
        if good < len(records):
            self._damaged("failed event crc32 check", good, starts[good] - starts[0])
        elif bad_header:
            self._damaged("failed header crc32 check", good, starts[good] - starts[0])
        return block, starts[good], wanted, alike

    def _is_length(self, held: bytes, start: int, length: int, check: int) -> bool:
        """Whether a length has the checksum that stands behind it; remembers those that have."""
        if masked(google_crc32c.value(held[start : start + LENGTH_SIZE])) != check:
            return False
        if len(self._lengths) > MOST_LENGTHS:
            self._lengths.clear()
        self._lengths[length] = check
        return True

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

    def _damaged(self, kind: str, records: int = 0, size: int = 0) -> None:
        """Damage behind some records, of some bytes together, that were not yet counted."""
        self.damage = Damage(kind, self.position + size, self.good + records)


def read_records(source: Source) -> Iterator[bytes]:
    """The records of a file up to its end or the first damage. Raises OSError if it cannot be read."""
    with opened(source) as file:
        yield from Records(file)


@contextlib.contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The file at a path, which is closed in the end, or a file that is open already, which is not."""
    if isinstance(source, (str, os.PathLike)):
        with Path(source).open("rb") as file:
            yield file
    else:
        yield source


def framed(data: bytes) -> bytes:
    """A record as it stands in a file."""
    length = len(data).to_bytes(LENGTH_SIZE, "little")
    return b"".join([length, footer(length), data, footer(data)])


def footer(data: bytes) -> bytes:
    return masked(google_crc32c.value(data)).to_bytes(FOOTER_SIZE, "little")


def masked(checksum: int) -> int:
    """A checksum as it stands in the file."""
    return (((checksum >> 15) | (checksum << 17)) + MASK_DELTA) & 0xFFFFFFFF


def good_checks(held: bytes, starts: list[int], checks: list[int]) -> int:
    """How many records from the first have the checksum that stands behind them; `starts` has the ends too."""
    if not checks:
        return 0
    computed = all_masked(np.array(checks, np.uint32))
    ends = np.array(starts[1:], np.int64)
    stored = np.frombuffer(held, np.uint8)[ends[:, None] + np.arange(-FOOTER_SIZE, 0)]
    return leading(stored.view("<u4").reshape(-1) == computed)


# Runs: many records of one length. Those of one tag differ in few of their bytes, and CRC is linear: what each byte
# that differs changes in the checksum is looked up, for all records at once.

RUN = 64  # records, at least
LONGEST_IN_RUN = 512  # bytes of data
BETWEEN_PROBES = 4096  # bytes from one look for a run to the next
POLYNOMIAL = 0x82F63B78  # of CRC-32C, reversed


def run_at(held: bytes, start: int, first: int, position: int) -> tuple[Run, int]:
    """The good records of one length from an offset on, whose header is known to be good; and where they end."""
    length, _ = HEADER.unpack_from(held, start)
    size = HEADER_SIZE + length + FOOTER_SIZE
    number = (len(held) - start) // size
    rows = np.frombuffer(held, np.uint8, number * size, start).reshape(number, size)
    headers = np.ascontiguousarray(rows[:, :HEADER_SIZE]).view("<u4")
    alike = leading((headers == headers[0]).all(axis=1))
    data = rows[:alike, HEADER_SIZE:-FOOTER_SIZE]
    stored = np.ascontiguousarray(rows[:alike, -FOOTER_SIZE:]).view("<u4").reshape(-1)
    good = leading(all_masked(checksums(data)) == stored)
    matrix = data[:good]
    return Run(first, position, Rows(matrix), matrix), start + good * size


def leading(good: npt.NDArray[np.bool_]) -> int:
    """How many are true before the first that is not."""
    return len(good) if good.all() else int(np.argmin(good))


def checksums(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """CRC-32C of each row."""
    first, length = rows[0], rows.shape[1]
    found = np.full(len(rows), google_crc32c.value(first.tobytes()), np.uint32)
    for column in np.flatnonzero((rows != first).any(axis=0)):
        found ^= changes(length - 1 - int(column))[rows[:, column] ^ first[column]]
    return found


@functools.cache
def changes(behind: int) -> npt.NDArray[np.uint32]:
    """How a byte that changes by 0 to 255 (XOR) changes the checksum, with so many bytes behind it."""
    found = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        found = (found >> np.uint32(1)) ^ np.where(found & np.uint32(1), np.uint32(POLYNOMIAL), np.uint32(0))
    table = found
    for _ in range(behind):
        found = (found >> np.uint32(8)) ^ table[found & np.uint32(0xFF)]
    return found


def all_masked(found: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """`masked` for an array."""
    return ((found >> np.uint32(15)) | (found << np.uint32(17))) + np.uint32(MASK_DELTA)


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
