"""The rows of records: whole, damaged, long; in blocks of any size."""

from __future__ import annotations

import io
import struct

import pytest
from tfevents import framing
from tfevents.framing import Damage, Records, footer, framed

DATA = [b"", b"a", bytes(1000), b"abc" * 50, b"a"]
FILE = b"".join(map(framed, DATA))


@pytest.mark.parametrize("block", [1, 7, 16, 1000, 2**20])
def test_records_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(framing, "BLOCK", block)
    records = Records(io.BytesIO(FILE))
    assert list(records) == DATA
    assert (records.good, records.position, records.damage) == (5, len(FILE), None)


@pytest.mark.parametrize("block", [1, 50, 2**20])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-1], Damage("truncated record in data crc", 1215, 4)),
        (lambda data: data[:-5], Damage("truncated record in data", 1215, 4)),
        (lambda data: data[:-6], Damage("truncated record in header crc", 1215, 4)),
        (lambda data: data + b"\x01", Damage("truncated record in header", 1232, 5)),
        (lambda data: data[:-1] + b"?", Damage("failed event crc32 check", 1215, 4)),
        (lambda data: b"?" + data[1:], Damage("failed header crc32 check", 0, 0)),
        (lambda data: data[:100] + b"?" + data[101:], Damage("failed event crc32 check", 33, 2)),
        (lambda data: data[:16] + b"?" + data[17:], Damage("failed header crc32 check", 16, 1)),
    ],
)
def test_damage(monkeypatch: pytest.MonkeyPatch, block: int, damage: object, said: Damage) -> None:
    """What was good before it comes all the same."""
    assert callable(damage)
    monkeypatch.setattr(framing, "BLOCK", block)
    records = Records(io.BytesIO(damage(FILE)))
    assert list(records) == DATA[: said.record]
    assert records.damage == said
    assert records.good == said.record


@pytest.mark.parametrize("block", [1, 50, 2**20])
def test_long_records_are_checked_and_passed_over(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(framing, "BLOCK", block)
    records = Records(io.BytesIO(FILE), longest=200)
    assert list(records) == [data for data in DATA if len(data) <= 200]
    assert (records.good, records.skipped, records.damage) == (5, [2], None)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (0, None),
        (1, "truncated record in data crc"),
        (5, "truncated record in data"),
        (None, "failed event crc32 check"),
    ],
)
def test_damage_of_a_long_framed(monkeypatch: pytest.MonkeyPatch, cut: int | None, said: str | None) -> None:
    monkeypatch.setattr(framing, "BLOCK", 64)
    data = framed(bytes(5000))
    data = data[: len(data) - cut] if cut is not None else data[:100] + b"?" + data[101:]
    records = Records(io.BytesIO(data), longest=100)
    assert list(records) == []
    assert (records.damage.kind if records.damage else None) == said


def test_a_record_that_claims_more_than_there_is() -> None:
    """Nothing is set aside for it."""
    length = struct.pack("<Q", 2**62)
    records = Records(io.BytesIO(length + footer(length) + b"abc"))
    assert list(records) == []
    assert records.damage == Damage("truncated record in data", 0, 0)


def test_reading_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "BLOCK", 100)
    records = Records(io.BytesIO(framed(b"x" * 50) * 100), most=1000)
    assert 10 <= len(list(records)) <= 20
    assert records.damage is not None
    assert records.damage.kind == "more than 1000 bytes, after which reading stops"
