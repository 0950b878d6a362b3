"""What is known of a tag, held against counting by hand."""

import random
from itertools import pairwise

import numpy as np
import pytest
from tfevents import Columns

from tbcookbook.doctor import series
from tbcookbook.doctor.series import SeriesReader, Survivors


def left(steps: list[int]) -> int:
    """The points that are left, one by one, as the data server's reservoir does it."""
    kept: list[int] = []
    for step in steps:
        while kept and kept[-1] >= step:
            kept.pop()
        kept.append(step)
    return len(kept)


def columns(steps: list[int], first: int) -> Columns:
    numbers = np.arange(first, first + len(steps))
    return Columns(
        "loss", "scalars", numbers, numbers.astype(np.float64), np.array(steps), np.ones(len(steps), np.float32)
    )


@pytest.mark.parametrize("seed", range(40))
def test_batches_of_any_size_give_the_same(seed: int) -> None:
    chance = random.Random(seed)
    steps = [chance.randrange(40) for _ in range(chance.randrange(1, 60))]
    reader = SeriesReader(".", "loss", "scalars")
    position = 0
    while position < len(steps):
        size = chance.randrange(1, 9)
        reader.add("file", columns(steps[position : position + size], position))
        position += size
    found = reader.series()
    assert found.points == len(steps)
    assert found.shown == left(steps)
    assert found.returns == sum(one > other for one, other in pairwise(steps))
    assert found.repeats == sum(one == other for one, other in pairwise(steps))
    ahead = [i for i in range(len(steps) - 2) if steps[i + 1] < steps[i] and steps[i + 2] > max(steps[: i + 1])]
    assert found.ahead == len(ahead)
    assert [place.record for place in found.places] == [
        i + 1 for i in range(len(steps) - 1) if steps[i + 1] < steps[i]
    ][:8]
    assert (found.least, found.greatest) == (min(steps), max(steps))


def test_what_is_kept_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "MOST_SHOWN", 64)
    survivors = Survivors()
    for start in range(0, 100_000, 100):
        survivors.add(np.arange(start, start + 100))
    assert len(survivors.steps) <= 64
    assert survivors.count() == 100_000
    survivors.add(np.array([50_000]))
    assert survivors.count() == pytest.approx(50_001, rel=0.1)
