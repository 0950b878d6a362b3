"""What the steps of a stream hold, against what is said of them and against what the script computed.

A scalar is compared as a number, a text as a string. Of a histogram TensorBoard keeps buckets, of an image a picture:
they are compared by what can be told of both sides (how many numbers and from where to where, the size and the mean of
each channel).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tbcookbook.observation.logs import Stream
from tbcookbook.scenarios.scenario import HOLDS, StreamExpectation
from tbcookbook.verdict.mismatch import Mismatch, numbers

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-5, 1e-6  # logged float32 against the script's own numbers
BRIGHTEST = 255  # of a pixel
# Where all numbers are the same, some releases make one bucket as wide as 1 with the number in its middle (recorded of
# TensorFlow 2.0 and 2.6), and others buckets without width (2.3, 2.21).
HALF_A_BUCKET = 0.5
HALF_A_STEP = 1.0  # of a mean of pixels: a float from 0 to 1 becomes one of 256 values


def compare_contents(key: str, expected: StreamExpectation, actual: Stream) -> Iterable[Mismatch]:
    """What a stream must hold, step by step. A step that is not there is another mismatch, and told elsewhere."""
    held = contents_of(actual)
    if expected.contents and not held:
        yield Mismatch(f"contents of {key}", "what scenario.toml says it holds", f"nothing known of {actual.plugin}")
    for step, wanted, content in zip(actual.steps, expected.contents, held, strict=False):
        within = RELATIVE_TOLERANCE if wanted.within is None else wanted.within
        for name in HOLDS.get(expected.plugin, ()):
            value, found = getattr(wanted, name), content.get(name)
            if value is not None and not same(value, found, within):
                yield Mismatch(f"{name} of {key} at step {step}", numbers(value), numbers(found))


def contents_of(stream: Stream) -> list[dict[str, Any]]:
    """What a stream holds at each step, under the names that ``scenario.toml`` has for it."""
    if stream.plugin == "scalars":
        return [{"value": value} for value in stream.values]
    held = [{name: getattr(content, name, None) for name in HOLDS[stream.plugin]} for content in kept(stream)]
    if stream.plugin == "text" and not held:
        return [{"texts": [value]} for value in stream.values]
    return held


def kept(stream: Stream) -> Sequence[Any]:
    return stream.contents if stream.plugin in HOLDS else ()


def same(expected: Any, found: Any, within: float, least: float = ABSOLUTE_TOLERANCE) -> bool:
    """Whether two values are the same: numbers within a tolerance, texts to the letter, lists item by item."""
    if isinstance(expected, (list, tuple)) and isinstance(found, (list, tuple)):
        return len(expected) == len(found) and all(
            same(a, b, within, least) for a, b in zip(expected, found, strict=True)
        )
    if is_number(expected) and is_number(found):
        return math.isclose(expected, found, rel_tol=within, abs_tol=least)
    return is_number(expected) == is_number(found) and expected == found


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# What the script computed


def same_as_computed(stream: Stream, computed: object) -> bool:
    """Whether what was logged is what the script has: a list with one element a step."""
    logged = kept(stream) or stream.values
    if not isinstance(computed, list) or len(computed) != len(logged) or not logged:
        return False
    return all(same_step(stream.plugin, content, value) for content, value in zip(logged, computed, strict=True))


def same_step(plugin: str, content: Any, value: Any) -> bool:
    if plugin == "histograms":
        return same_histogram(content, list(flat(value)))
    if plugin == "images":
        return same_images(content, value)
    if plugin == "audio":
        return same_audio(content, value)
    if plugin == "text" and hasattr(content, "texts"):
        return list(content.texts) == (value if isinstance(value, list) else [value])
    return same(content, value, RELATIVE_TOLERANCE)


def same_histogram(content: Any, values: list[float]) -> bool:
    """Whether a histogram is of these numbers. Its sum is told by its buckets, and no better than they are wide."""
    if not values or not all(map(is_number, values)):
        return False
    least, greatest = min(values), max(values)
    if content.buckets == 1 and same(least, greatest, RELATIVE_TOLERANCE) and not same(least, content.least, 0.0):
        least, greatest = least - HALF_A_BUCKET, greatest + HALF_A_BUCKET
    width = (greatest - least) / max(content.buckets, 1)
    ends = [(content.count, len(values)), (content.least, least), (content.greatest, greatest)]
    return all(same(a, b, RELATIVE_TOLERANCE) for a, b in ends) and same(
        content.sum, math.fsum(values), RELATIVE_TOLERANCE, least=width * len(values) / 2 + ABSOLUTE_TOLERANCE
    )


def same_images(content: Any, value: Any) -> bool:
    """Whether images are of these pixels: lists of rows of pixels of channels, whole numbers to 255 or floats to 1."""
    images = value if depth(value) == 4 else [value]
    if depth(images) != 4 or len(images) < content.number:
        return False
    size = (len(images[0]), len(images[0][0]), len(images[0][0][0]))
    if size != (content.height, content.width, content.channels):
        return False
    shown = images[: content.number]
    scale = BRIGHTEST if any(isinstance(number, float) for number in flat(shown)) else 1
    channels = [[pixel[index] for pixel in pixels(shown)] for index in range(content.channels)]
    means = [scale * math.fsum(channel) / len(channel) for channel in channels]
    return same(list(content.means), means, 0.0, least=HALF_A_STEP)


def same_audio(content: Any, value: Any) -> bool:
    """Whether clips have the size of these samples: clips of samples of channels."""
    clips = value if depth(value) == 3 else [value]
    if depth(clips) != 3:
        return False
    size = (len(clips[0]), len(clips[0][0]))
    return (content.length, content.channels) == size and bool(len(clips) >= content.number)


def pixels(images: Any) -> Iterator[Any]:
    return (pixel for image in images for row in image for pixel in row)


def depth(value: Any) -> int:
    """How many lists are in each other, at their first elements."""
    return 1 + depth(value[0]) if isinstance(value, list) and value else 0


def flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from flat(item)
    else:
        yield value


def told(stream: Stream) -> str:
    """What a stream holds, in words."""
    held = kept(stream)
    if not held:
        return numbers(stream.values)
    names = HOLDS[stream.plugin]
    return "; ".join(", ".join(f"{name} {numbers(getattr(content, name, None))}" for name in names) for content in held)
