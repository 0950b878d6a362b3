"""TensorBoard's own loader is the reference: whole files of many writers, and the same files damaged by chance."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from tfevents import framing
from tfevents.framing import framed, read_records

pytest.importorskip("tensorboard", reason="the reference is its loader")

from tensorboard_reference import by_columns, by_points, by_tensorboard, differences

WRITTEN = sorted((Path(__file__).parent / "data" / "written").glob("*.tfevents"))
MUTATED = int(os.environ.get("TFEVENTS_MUTATED_FILES", "400"))
AT_ONCE = 100  # files a test


@pytest.mark.parametrize("block", [200, 2**20])
@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_whole_files(monkeypatch: pytest.MonkeyPatch, path: Path, block: int) -> None:
    monkeypatch.setattr(framing, "BLOCK", block)
    expected = by_tensorboard(path)
    assert expected.damage is None
    assert expected.records
    check(path)


@pytest.mark.parametrize("part", range(MUTATED // AT_ONCE))
def test_mutated_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: int) -> None:
    """The same points up to the damage, and the same word for it; TFEVENTS_MUTATED_FILES says how many files."""
    path = tmp_path / "mutated"
    for seed in range(part * AT_ONCE, (part + 1) * AT_ONCE):
        chance = random.Random(seed)
        monkeypatch.setattr(framing, "BLOCK", chance.choice([64, 1000, 2**20]))
        path.write_bytes(mutated(chance))
        check(path, f"seed {seed}")


def check(path: Path, said: str = "") -> None:
    expected = by_tensorboard(path)
    assert differences(expected, by_points(path)) == [], said
    assert differences(expected, by_columns(path), in_order=False) == [], said


def mutated(chance: random.Random) -> bytes:
    """An event file that somebody might have: good records with other contents, or bytes that were lost or changed."""
    records = list(read_records(chance.choice(WRITTEN)))
    start = chance.randrange(len(records))
    records = records[start : start + chance.choice([3, 30, 300])]
    if chance.random() < 0.2:  # enough that are alike for columns
        records = [record for record in records if len(record) < 200] * 8
    if chance.random() < 0.7:
        for _ in range(chance.choice([1, 3, 20])):
            if records:
                place = chance.randrange(len(records))
                records[place] = changed(chance, records[place], chance.choice(records))
        return b"".join(map(framed, records))
    return changed(chance, b"".join(map(framed, records)), chance.choice(WRITTEN).read_bytes())


def changed(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Some bytes with one change."""
    place = chance.randrange(len(data) + 1)
    result: bytes = chance.choice(CHANGES)(chance, data, place, other)
    return result


CHANGES = [
    lambda chance, data, place, other: data[:place],
    lambda chance, data, place, other: data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :],
    lambda chance, data, place, other: data[:place] + bytes([chance.choice([0, 1, 8, 127, 128, 255])]) + data[place:],
    lambda chance, data, place, other: data[:place] + data[place + chance.randrange(20) :],
    lambda chance, data, place, other: data[:place] + other[place:],
    lambda chance, data, place, other: data + other,
    lambda chance, data, place, other: data[:place] + chance.randbytes(8) + data[place + 8 :],
]
