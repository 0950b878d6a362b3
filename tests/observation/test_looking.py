"""What streams hold, of real event files: the scripts beside them say what was written."""

from __future__ import annotations

import io
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tbcookbook.observation.contents import Audio, Histogram, Images, Texts
from tbcookbook.observation.logs import Logs
from tbcookbook.observation.looking import content_of
from tbcookbook.observation.reading import read_logs

WRITTEN = Path(__file__).parents[2] / "packages" / "pytest-tensorboard" / "tests" / "data" / "written"
TARGETS = ("tf-2.0", "tf-2.5", "tf-2.9", "tf-2.15", "tf-2.21", "keras-3.0")


def logs_of(folder: Path, name: str) -> Logs:
    (folder / "run").mkdir()
    shutil.copy(WRITTEN / f"{name}.tfevents", folder / "run" / "events.out.tfevents.1")
    return read_logs(folder)


@pytest.mark.parametrize("target", TARGETS)
def test_of_tensorflow_2(tmp_path: Path, target: str) -> None:
    streams = logs_of(tmp_path, f"{target}-v2").streams
    for content in streams["run/normal"].contents:
        assert isinstance(content, Histogram)
        assert (content.count, content.buckets) == (500.0, 5)
        assert isinstance(content.sum, float)
        assert abs(content.sum) < 500
    for content in streams["run/noise"].contents:
        assert isinstance(content, Images)
        assert (content.number, content.width, content.height, content.channels) == (2, 5, 4, 3)
        assert all(80 < mean < 170 for mean in content.means)
    assert streams["run/tone"].contents == (Audio(8000, 800, 1, 1),) * 3
    assert streams["run/table"].contents == (Texts(("a", "b", "c", "d")),)
    assert streams["run/words"].values == tuple(f"step {step}, äöü" for step in range(3))
    assert streams["run/words"].contents == ()
    assert streams["run/loss"].contents == ()
    assert [len(streams[f"run/{tag}"].steps) for tag in ("normal", "noise", "tone")] == [3, 3, 3]


@pytest.mark.parametrize("target", TARGETS)
def test_of_tensorflow_1(tmp_path: Path, target: str) -> None:
    """Old histograms tell their sum and their ends, and are in more buckets."""
    streams = logs_of(tmp_path, f"{target}-v1").streams
    (first, *_) = streams["run/weights"].contents
    assert isinstance(first, Histogram)
    assert first.count == 100.0
    assert streams["run/tone/audio/0"].contents[0] == Audio(8000, 800, 1, 1)
    (image, *_) = streams["run/noise/image/0"].contents
    assert isinstance(image, Images)
    assert (image.number, image.width, image.height) == (1, 5, 4)


def test_of_torch(tmp_path: Path) -> None:
    streams = logs_of(tmp_path, "keras-3.15-torch-torch").streams
    (image, *_) = streams["run/noise"].contents
    assert isinstance(image, Images)
    assert (image.number, image.width, image.height, image.channels) == (1, 5, 4, 3)


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ([[0, 1, 0], [1, 2, 4], [2, 3, 0], [3, 5, 2], [5, 6, 0]], Histogram(6.0, 14.0, 1.0, 5.0, 5)),
        ([[0, 0, 0]], Histogram(0.0, 0.0, None, None, 1)),
        (np.zeros((0, 3)), Histogram(0.0, 0.0, None, None, 0)),
        ([[math.nan, math.inf, 1]], Histogram(1.0, "nan", "nan", "inf", 1)),
        ([1, 2, 3], None),
    ],
)
def test_histograms(buckets: object, expected: object) -> None:
    assert content_of("histograms", np.array(buckets, np.float64)) == expected


@pytest.mark.parametrize("broken", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(30)])
def test_pictures_that_are_none(broken: bytes) -> None:
    """The size is what the file says of them."""
    array = np.array([b"5", b"4", broken], object)
    assert content_of("images", array) == Images(1, 5, 4, 0)
    assert content_of("images", np.array([b"wide", b"4", broken], object)) is None
    assert content_of("audio", np.array([broken], object)) is None


@pytest.mark.parametrize("size", [2_100, 10_000, 30_000])
def test_an_enormous_picture_is_not_looked_into(size: int) -> None:
    """Pillow would warn of the second, and refuse the third."""
    data = io.BytesIO()
    Image.new("1", (size, size)).save(data, "PNG")
    array = np.array([b"%d" % size, b"%d" % size, data.getvalue()], object)
    assert content_of("images", array) == Images(1, size, size, 0)


def test_an_ordinary_picture_is_looked_into() -> None:
    file = io.BytesIO()
    Image.new("L", (640, 480), 100).save(file, "PNG")
    assert content_of("images", np.array([b"640", b"480", file.getvalue()], object)) == Images(1, 640, 480, 1, (100.0,))


def test_long_texts_are_cut() -> None:
    array = np.array([b"x" * 3000, b"\xff"], object)
    found = content_of("text", array)
    assert isinstance(found, Texts)
    assert (len(found.texts[0]) < 2100, found.texts[1]) == (True, r"\xff")


@pytest.mark.parametrize("plugin", ["histograms", "images", "audio", "text"])
@pytest.mark.parametrize("array", [np.array(1.5), np.array([1.5, 2.5, 3.5]), np.array([[True]]), np.array([])])
def test_numbers_are_nothing_that_these_plugins_hold(plugin: str, array: np.ndarray[tuple[int, ...], np.dtype]) -> None:
    """Found by the fuzzer: the plugin is what the file says first of a tag, and the numbers come later."""
    assert content_of(plugin, array) in (None, Texts(()))
