"""What one step of a stream holds that is more than a number or a text: histograms, images, sounds, several texts.

They are kept as small numbers, which are the same for the same contents, and differ where somebody would see it.
"""

from __future__ import annotations

import math

import msgspec

SIGNIFICANT_DIGITS = 7  # what a float32 holds; longer tails differ between builds of the same TensorFlow
LONGEST_TEXT = 2000  # characters of a text summary that are kept

Number = float | str  # what is not finite is "nan", "inf" or "-inf"


class Content(msgspec.Struct, frozen=True, tag_field="kind"):
    """One step of a stream. `kind` tells the classes apart in JSON."""


class Histogram(Content, frozen=True, tag="histogram"):
    """How many numbers, their sum, the least and the greatest of them, and in how many buckets they were counted.

    TensorFlow 2 writes buckets alone: the ends are then those of the buckets that are not empty, and the sum is of as
    many numbers in the middle of each. None where nothing was counted.
    """

    count: Number
    sum: Number
    least: Number | None
    greatest: Number | None
    buckets: int


class Images(Content, frozen=True, tag="images"):
    """How many images of which size, in pixels; the mean of each channel over all of them, from 0 to 255.

    `channels` is 0 and `means` are empty where the images are not looked into: broken, no PNG, or more than four
    million pixels together.
    """

    number: int
    width: int
    height: int
    channels: int
    means: tuple[float, ...] = ()


class Audio(Content, frozen=True, tag="audio"):
    """How many clips; of the first the samples a second, how many they are, and its channels."""

    rate: int
    length: int
    channels: int
    number: int


class Texts(Content, frozen=True, tag="texts"):
    """Several texts, row by row, or one that is long or has several lines."""

    texts: tuple[str, ...]


AnyContent = Histogram | Images | Audio | Texts


def text_of(data: bytes) -> str:
    """Bytes as text, with a backslash escape for each that is not UTF-8."""
    return data.decode("utf-8", "backslashreplace")


def shortened_text(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… {len(text) - LONGEST_TEXT} more"


def rounded(value: float) -> float | str:
    """A float with the digits that a float32 holds; a string if it is not finite."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else str(value)
