"""Values that TensorBoard shows otherwise than they are meant."""

import io
import math
import wave
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tfevents.messages import Event


def picture(pixels: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def sound(samples: Any) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(8000)
        clip.writeframes(np.asarray(samples, "<i2").tobytes())
    return stream.getvalue()


@pytest.mark.parametrize("number", [6, 400])  # few are points, many are columns
def test_nan_from_a_step_on(log: Any, new_scalar: Any, number: int) -> None:
    values = [math.nan if step >= number // 2 else 1.0 for step in range(number)]
    log.file("train", [new_scalar("loss", step, value) for step, value in enumerate(values)])
    found = log.the("not-finite")
    assert (found.evidence["first_nan"], found.evidence["nans"]) == (number // 2, number // 2)
    assert found.evidence["infinities"] == 0


def test_one_infinity(log: Any, new_scalar: Any) -> None:
    log.file("train", [new_scalar("loss", step, math.inf if step == 3 else 1.0) for step in range(6)])
    found = log.the("not-finite")
    assert (found.evidence["first_infinity"], found.evidence["infinities"], found.evidence["nans"]) == (3, 1, 0)


def test_great_numbers_are_finite(log: Any, new_scalar: Any) -> None:
    log.file("train", [new_scalar("loss", step, 3e38) for step in range(100)])
    assert log.findings() == ()


@pytest.mark.parametrize("number", [2, 50])
def test_vectors_among_scalars(log: Any, new_tensor: Any, number: int) -> None:
    log.file("train", [new_tensor("loss", step, [1.0, 2.0, 3.0], "scalars", [3]) for step in range(number)])
    found = log.the("vector")
    assert found.evidence["shape"] == [3]
    assert found.scenarios[0] == "unreduced-loss"


def old_value(tag: str, step: int, **fields: Any) -> bytes:
    """An event in the form of TensorFlow 1, which tensorboardX writes."""
    event = Event(wall_time=1_700_000_001.0, step=step)
    event.summary.value.add(tag=tag, **fields)
    return bytes(event.SerializeToString())


BUCKETS = {"min": 0.0, "max": 1.0, "num": 2.0, "bucket_limit": [0.5, 1.0], "bucket": [1.0, 1.0]}


@pytest.mark.parametrize("number", [2, 60])
def test_a_tag_of_two_kinds(log: Any, new_scalar: Any, new_tensor: Any, number: int) -> None:
    """Each by the field that it stands in, or by its metadata; told once, and not as the vector that it is not."""
    buckets = [0.0, 1.0, 2.0]
    old, new = [], []
    for step in range(number):
        old += [old_value("loss", step, simple_value=0.5), old_value("loss", step, histo=BUCKETS)]
        new += [new_tensor("loss", step, buckets, "histograms", [1, 3]), new_scalar("loss", step, 0.5)]
    log.file("old", old)
    log.file("new", new)
    first, second = log.findings()
    assert (first.check, first.run, first.evidence["kinds"]) == ("two-kinds", "new", ["histograms", "scalars"])
    assert (second.check, second.run, second.evidence["kinds"]) == ("two-kinds", "old", ["scalars", "histograms"])
    assert second.scenarios == ("tag-of-two-kinds",)


def test_both_forms_of_one_kind(log: Any, new_scalar: Any, new_tensor: Any) -> None:
    """A training that was resumed with a newer TensorFlow; and a histogram whose scalars are all of another tag."""
    log.file(".", [old_value("loss", step, simple_value=0.5) for step in range(50)])
    log.file(".", [new_scalar("loss", step, 0.5) for step in range(50, 100)])
    log.file(
        "a", [old_value("kernel", 0, histo=BUCKETS), new_tensor("kernel", 1, [0.0, 1.0, 2.0], "histograms", [1, 3])]
    )
    assert "two-kinds" not in log.checks()


def test_columns_of_scalars_behind_a_histogram(log: Any, new_scalar: Any, new_tensor: Any) -> None:
    first = new_tensor("loss", 0, [0.0, 1.0, 2.0], "histograms", [1, 3])
    log.file(".", [first, *(old_value("loss", step, simple_value=0.5) for step in range(1, 400))])
    assert log.the("two-kinds").evidence["taken_for"] == "histograms"


def test_a_value_that_claims_to_be_enormous(log: Any, new_tensor: Any) -> None:
    log.file("train", [new_tensor("loss", 0, [1.0], "scalars", [2**20, 2**20])])
    assert log.checks() == ["vector"]


@pytest.mark.parametrize("number", [1, 40])
def test_histograms_that_count_nothing(log: Any, new_tensor: Any, number: int) -> None:
    full = new_tensor("kernel", 3, [0.0, 1.0, 5.0], "histograms", [1, 3])
    events = [new_tensor("kernel", 4 + step, [0.0, 1.0, 0.0], "histograms", [1, 3]) for step in range(number)]
    log.file("train", [full, *events])
    found = log.the("empty-histogram")
    assert (found.evidence["step"], found.evidence["number"]) == (4, number)
    assert found.scenarios == ("histogram-of-nan",)


def test_histograms_that_count(log: Any, new_tensor: Any) -> None:
    log.file("train", [new_tensor("kernel", 4, [0.0, 1.0, 5.0], "histograms", [1, 3])])
    assert log.findings() == ()


def test_pictures_that_are_white(log: Any, new_tensor: Any) -> None:
    pixels = np.full((10, 10, 3), 255)
    pixels[0, 0] = 0
    log.file("train", [new_tensor("digit", 0, [b"10", b"10", picture(pixels)], "images", [3])])
    assert log.the("white-pictures").scenarios == ("image-range",)


@pytest.mark.parametrize(
    "pixels",
    [np.arange(100).reshape(10, 10), np.full((10, 10), 254), np.eye(10) * 255, np.where(np.eye(10) > 0, 128, 255)],
    ids=["grey", "nearly white", "a mask", "a drawing"],
)
def test_pictures_that_are_as_they_should_be(log: Any, new_tensor: Any, pixels: Any) -> None:
    log.file("train", [new_tensor("digit", 0, [b"10", b"10", picture(pixels)], "images", [3])])
    assert log.findings() == ()


def test_sounds_that_are_noise(log: Any, new_tensor: Any) -> None:
    log.file("train", [new_tensor("tone", 0, [sound([32767, -32768] * 40)], "audio", [1])])
    assert log.the("clipped-sound").scenarios == ("audio-range",)


def test_sounds_that_are_loud_at_times(log: Any, new_tensor: Any) -> None:
    log.file("train", [new_tensor("tone", 0, [sound([32767, 0, 1, 2] * 40)], "audio", [1])])
    assert log.findings() == ()
