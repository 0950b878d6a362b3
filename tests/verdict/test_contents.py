"""Contents of histograms, images, audio and texts: held against what is said of them, and what the script computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tbcookbook.scenarios.scenario import Contents, StreamExpectation
from tbcookbook.verdict.contents import compare_contents, same_as_computed
from tbcookbook.verdict.streams import compare_streams


@dataclass(frozen=True)
class Histogram:
    count: float
    sum: float
    least: float
    greatest: float
    buckets: int


@dataclass(frozen=True)
class Images:
    number: int
    width: int
    height: int
    channels: int
    means: tuple[float, ...]


@dataclass(frozen=True)
class Audio:
    number: int
    rate: float
    length: int
    channels: int


@dataclass(frozen=True)
class Texts:
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Logged:
    """A stream with contents."""

    plugin: str
    contents: tuple[Any, ...]
    values: tuple[Any, ...] = ()
    shape: tuple[int, ...] | None = ()
    dtype: str | None = "float32"

    @property
    def steps(self) -> tuple[int, ...]:
        return tuple(range(len(self.contents) or len(self.values)))


HISTOGRAM = Histogram(count=4.0, sum=2.1, least=-1.0, greatest=2.0, buckets=30)
IMAGES = Images(number=1, width=3, height=2, channels=1, means=(127.2,))
AUDIO = Audio(number=1, rate=8000.0, length=4, channels=1)
SAMPLES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "histograms": (HISTOGRAM, [-1.0, 2.0, 0.5, 0.6], {"count": 4, "sum": 2.1, "least": -1.0, "buckets": 30}),
    "images": (IMAGES, [[[0.5], [0.5], [0.5]], [[0.5], [0.5], [0.5]]], {"width": 3, "height": 2, "number": 1}),
    "audio": (AUDIO, [[0.1], [0.2], [0.3], [0.4]], {"rate": 8000.0, "length": 4}),
    "text": (Texts(("a", "b")), ["a", "b"], {"texts": ["a", "b"]}),
}


def logged(plugin: str) -> Any:
    return Logged(plugin, (SAMPLES[plugin][0],))


@pytest.mark.parametrize("plugin", SAMPLES)
def test_holds(plugin: str) -> None:
    said = SAMPLES[plugin][2]
    expected = StreamExpectation(steps=[0], plugin=plugin, holds=Contents(**said))
    assert list(compare_contents("run/tag", expected, logged(plugin))) == []
    for name, value in said.items():
        wrong: Any = {name: ["c"] if isinstance(value, list) else value + 1}
        other = StreamExpectation(steps=[0], plugin=plugin, holds=Contents(**wrong))
        (found,) = compare_contents("run/tag", other, logged(plugin))
        assert found.what == f"{name} of run/tag at step 0"


@pytest.mark.parametrize("plugin", SAMPLES)
def test_equals(plugin: str) -> None:
    assert same_as_computed(logged(plugin), [SAMPLES[plugin][1]])
    assert not same_as_computed(logged(plugin), [SAMPLES[plugin][1]] * 2)
    assert not same_as_computed(logged(plugin), [])
    assert not same_as_computed(logged(plugin), SAMPLES[plugin][1][0])
    assert not same_as_computed(logged(plugin), {"missing": "NameError"})


@pytest.mark.parametrize(
    ("plugin", "other"),
    [
        ("histograms", [-1.0, 2.0, 0.5]),
        ("histograms", [-1.1, 2.0, 0.5, 0.6]),
        ("histograms", [-1.0, 2.1, 0.5, 0.6]),
        ("histograms", [-1.0, 2.0, -1.0, -1.0]),
        ("histograms", ["a", "b"]),
        ("histograms", []),
        ("images", [[[0.6], [0.6], [0.6]], [[0.6], [0.6], [0.6]]]),
        ("images", [[[0.5], [0.5]], [[0.5], [0.5]]]),
        ("images", [[[0.5, 0.5]] * 3] * 2),
        ("images", [0.5]),
        ("audio", [[0.1], [0.2]]),
        ("audio", [[0.1, 0.1]] * 4),
        ("text", ["a"]),
        ("text", ["b", "a"]),
        ("text", "a"),
    ],
)
def test_does_not_equal(plugin: str, other: Any) -> None:
    assert not same_as_computed(logged(plugin), [other])


@pytest.mark.parametrize(
    ("least", "greatest", "buckets", "same"),
    [(-0.4, 0.6, 1, True), (0.1, 0.1, 1, True), (0.1, 0.1, 30, True), (-0.4, 0.6, 30, False), (-0.3, 0.7, 1, False)],
)
def test_a_histogram_of_one_number(least: float, greatest: float, buckets: int, same: bool) -> None:
    stream: Any = Logged("histograms", (Histogram(2.0, 0.2, least, greatest, buckets),))
    assert same_as_computed(stream, [[0.1, 0.1]]) == same


def test_images_of_whole_numbers() -> None:
    """They are pixels as they are; several images are those that were logged first."""
    several = Logged("images", (Images(2, 1, 1, 3, (15.0, 30.0, 45.0)),))
    assert same_as_computed(several, [[[[[10, 20, 30]]], [[[20, 40, 60]]], [[[255, 255, 255]]]]])  # type: ignore[arg-type]
    assert not same_as_computed(several, [[[[[10, 20, 30]]]]])  # type: ignore[arg-type]


def test_a_table_for_each_step() -> None:
    stream: Any = Logged("text", (Texts(("a",)), Texts(("b",))))
    expected = StreamExpectation(steps=[0, 1], plugin="text", holds=[Contents(texts=["a"]), Contents(texts=["c"])])
    assert [found.what for found in compare_contents("run/tag", expected, stream)] == ["texts of run/tag at step 1"]


def test_tolerance() -> None:
    def differ(**said: Any) -> bool:
        expected = StreamExpectation(steps=[0], plugin="histograms", holds=Contents(**said))
        return bool(list(compare_contents("run/tag", expected, logged("histograms"))))

    assert not differ(sum=2.10001)
    assert differ(sum=2.2)
    assert not differ(sum=2.2, within=0.1)


def test_scalars() -> None:
    """Numbers are no strings, and a string is no number."""
    numbers: Any = Logged("scalars", (), values=(0.5, "nan"))
    assert same_as_computed(numbers, [0.500001, "nan"])
    assert not same_as_computed(numbers, ["0.5", "nan"])
    assert not same_as_computed(numbers, [0.5, 0.0])
    assert not same_as_computed(numbers, [True, "nan"])
    held = StreamExpectation(steps=[0, 1], holds=[Contents(value=0.5), Contents()])
    assert list(compare_contents("run/tag", held, numbers)) == []


def test_contents_that_nobody_knows() -> None:
    stream: Any = Logged("histograms", (), values=(1.0,))
    expected = StreamExpectation(steps=[0], plugin="histograms", holds=Contents(count=1))
    assert [found.what for found in compare_streams("run/tag", expected, stream, {})] == ["contents of run/tag"]
