"""Arrays, pictures and sounds -> the small numbers that stand for them in an observation."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
import tfevents
from tfevents.points import Array

from tbcookbook.observation.contents import (
    AnyContent,
    Audio,
    Histogram,
    Images,
    Texts,
    rounded,
    shortened_text,
    text_of,
)

PNG, PNG_SIZE = b"\x89PNG\r\n\x1a\n", (16, 20)  # how it begins, and where width and height are
MOST_TEXTS = 100  # of one step
MOST_PIXELS = 2**22  # of the images of one step: larger ones are measured, not looked into


def content_of(plugin: str, array: Array, point: tfevents.Point | None = None) -> AnyContent | None:
    """What a step of a plugin's stream holds; None if it is a number, or not what such a stream holds.

    `point` is what it was read from, where that tells more than the array.
    """
    try:
        if plugin == "histograms":
            old = point is not None and point.kind == "histo"
            return old_histogram(point.summary.histo, array) if point is not None and old else histogram(array)
        if plugin == "images":
            return images(strings(array))
        if plugin == "audio":
            return audio(strings(array))
        if plugin == "text":
            return texts(strings(array)[:MOST_TEXTS])
    except (ValueError, TypeError, EOFError, wave.Error):
        return None
    return None


def histogram(array: Array) -> Histogram:
    if array.ndim != 2 or array.shape[1] != 3:
        raise ValueError(array.shape)
    with np.errstate(all="ignore"):
        buckets = array.astype(np.float64)
        filled = buckets[buckets[:, 2] != 0]
        total = float(filled[:, 2].sum())
        weighted = float((filled[:, :2].mean(axis=1) * filled[:, 2]).sum()) if len(filled) else 0.0
    return Histogram(
        rounded(total),
        rounded(weighted),
        rounded(float(filled[0, 0])) if len(filled) else None,
        rounded(float(filled[-1, 1])) if len(filled) else None,
        len(buckets),
    )


def old_histogram(written: Any, array: Array) -> Histogram:
    """It says itself what it counts."""
    any_there = bool(written.num)
    return Histogram(
        rounded(written.num),
        rounded(written.sum),
        rounded(written.min) if any_there else None,
        rounded(written.max) if any_there else None,
        len(array),
    )


def images(parts: list[bytes]) -> Images:
    """Of width, height, and encoded images."""
    width, height, *encoded = parts
    if not (width.isdigit() and height.isdigit() and len(width) + len(height) < 20):
        raise ValueError(width)
    return Images(len(encoded), int(width), int(height), *seen_in(encoded))


def seen_in(encoded: list[bytes]) -> tuple[int, tuple[float, ...]]:
    """The channels of images, and the mean of each over all of them."""
    from PIL import Image

    means = []
    left = MOST_PIXELS
    for data in encoded:
        width, height = (int.from_bytes(data[start : start + 4], "big") for start in PNG_SIZE)
        left -= width * height
        if not data.startswith(PNG) or left < 0:
            return 0, ()
        try:
            with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
                plain = image.convert("RGB") if image.mode == "P" else image
                pixels = np.asarray(plain, np.float64).reshape(image.width * image.height, -1)
                scale = 255 / 65535 if image.mode.startswith("I") else 1
        except Exception:  # a decoder's errors on broken input are of any kind
            return 0, ()
        means.append(pixels.mean(axis=0) * scale)
    if not means or any(len(mean) != len(means[0]) for mean in means):
        return 0, ()
    return len(means[0]), tuple(float(f"{mean:.4g}") for mean in np.mean(means, axis=0))


def audio(clips: list[bytes]) -> Audio:
    with wave.open(io.BytesIO(clips[0] if clips else b"")) as clip:
        return Audio(clip.getframerate(), clip.getnframes(), clip.getnchannels(), len(clips))


def texts(found: list[bytes]) -> Texts:
    return Texts(tuple(shortened_text(text_of(data)) for data in found))


def strings(array: Array) -> list[bytes]:
    """The elements of an array, row by row. Raises ValueError if they are no strings, whatever the plugin says."""
    found = array.reshape(-1).tolist()
    if not all(isinstance(element, bytes) for element in found):
        raise ValueError(array.dtype)
    return found
