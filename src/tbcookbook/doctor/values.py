"""Values: numbers that are not finite, vectors where one number is wanted, pictures and sounds beyond their range."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator

import numpy as np
import tfevents

from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.series import Series
from tbcookbook.doctor.steps import by_run, named
from tbcookbook.doctor.survey import Survey
from tbcookbook.observation.looking import MOST_PIXELS, PNG, PNG_SIZE

WHITE_SHARE = 0.95  # of the numbers of a picture
MOST_PICTURES = 8  # of a step, that are looked at
CLIPPED_SHARE = 0.5  # of the samples that are as loud as can be


def not_finite(survey: Survey) -> Iterator[Finding]:
    """NaN and infinity among scalars, from which step on."""
    for run, found in by_run(survey, lambda series: series.nans + series.infinities > 0):
        first = min(
            found, key=lambda series: min(s for s in (series.first_nan, series.first_infinity) if s is not None)
        )
        parts = [f"NaN from step {first.first_nan} on ({first.nans})"] if first.nans else []
        parts += [f"infinity from step {first.first_infinity} on ({first.infinities})"] if first.infinities else []
        yield Finding(
            "not-finite",
            "error",
            f"{named([series.tag for series in found])}: {', '.join(parts)} of {first.points} points",
            run,
            first.parts[0].file,
            {
                "tags": [series.tag for series in found],
                "first_nan": first.first_nan,
                "nans": first.nans,
                "first_infinity": first.first_infinity,
                "infinities": first.infinities,
                "points": first.points,
            },
            "look at what the first step with one has: a learning rate, a logarithm of 0, an input; "
            "`tf.debugging.enable_check_numerics()` finds the operation",
            ("histogram-of-nan",),
        )


def two_kinds(survey: Survey) -> Iterator[Finding]:
    """A tag under which values of two kinds were written: TensorBoard takes all of them for the kind of the first."""
    for run, found in by_run(survey, lambda series: len(series.kinds) > 1):
        first = found[0]
        yield Finding(
            "two-kinds",
            "error",
            f"{named([series.tag for series in found])}: {' and '.join(first.kinds)} under one tag; "
            f"TensorBoard takes all for {first.plugin}",
            run,
            first.parts[0].file,
            {"tags": [series.tag for series in found], "kinds": list(first.kinds), "taken_for": first.plugin},
            "give each kind a tag of its own, and begin a new log directory: the old file keeps both",
            ("tag-of-two-kinds",),
        )


def vectors(survey: Survey) -> Iterator[Finding]:
    """Vectors that were logged as scalars: TensorBoard shows one of their numbers, or none."""
    for run, found in by_run(survey, is_vector):
        first = found[0]
        shape = next(shape for shape in first.shapes if shape)
        yield Finding(
            "vector",
            "error",
            f"{named([series.tag for series in found])}: values of shape {list(shape)}, where one number is wanted",
            run,
            first.parts[0].file,
            {"tags": [series.tag for series in found], "shape": list(shape)},
            "reduce it: `tf.reduce_mean`, or a tag for each of its numbers",
            ("unreduced-loss", "vector-metric", "unreduced-summary"),
        )


def is_vector(series: Series) -> bool:
    return series.plugin == "scalars" and any(series.shapes) and len(series.kinds) < 2


def empty_histograms(survey: Survey) -> Iterator[Finding]:
    """Histograms that count nothing, as those of weights that became NaN do."""
    for run, found in by_run(survey, lambda series: series.empty > 0):
        first = found[0]
        yield Finding(
            "empty-histogram",
            "warning",
            f"{named([series.tag for series in found])}: histograms that count nothing, "
            f"from step {first.first_empty} on, as if all numbers were NaN",
            run,
            first.parts[0].file,
            {"tags": [series.tag for series in found], "step": first.first_empty, "number": first.empty},
            "look at the loss and the weights at that step",
            ("histogram-of-nan",),
        )


def white_pictures(survey: Survey) -> Iterator[Finding]:
    """Pictures of nothing but white and a little black: floats from 0 to 255, of which all from 1 on are white."""
    for series in survey.series.values():
        if series.plugin != "images":
            continue
        for point in series.blobs[:1]:
            share = share_white(point)
            if share >= WHITE_SHARE:
                yield Finding(
                    "white-pictures",
                    "warning",
                    f"{series.tag}: {share:.0%} of the picture is white, and the rest is black",
                    series.run,
                    series.parts[0].file,
                    {"tag": series.tag, "step": point.step, "share": share},
                    "floats are from 0 to 1: divide by 255, or give uint8",
                    ("image-range",),
                )


def share_white(point: tfevents.Point) -> float:
    """Which share of the numbers in some pictures of one step is 255, if all others are 0; else 0."""
    from PIL import Image

    white = number = 0
    try:
        encoded = [data for data in point.array()[2:] if data.startswith(PNG)][:MOST_PICTURES]
    except ValueError:
        return 0.0
    for data in encoded:
        width, height = (int.from_bytes(data[start : start + 4], "big") for start in PNG_SIZE)
        if width * height > MOST_PIXELS:
            return 0.0
        try:
            with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
                if image.mode not in ("L", "RGB"):
                    return 0.0
                pixels = np.asarray(image)
        except Exception:  # a decoder's errors on broken input are of any kind
            return 0.0
        if ((pixels != 0) & (pixels != 255)).any():
            return 0.0
        white += int((pixels == 255).sum())
        number += pixels.size
    return white / number if number else 0.0


def clipped_sound(survey: Survey) -> Iterator[Finding]:
    """Sounds of which every other sample is as loud as can be: 16-bit numbers where -1 to 1 is wanted."""
    for series in survey.series.values():
        if series.plugin != "audio":
            continue
        for point in series.blobs[:1]:
            share = share_clipped(point)
            if share > CLIPPED_SHARE:
                yield Finding(
                    "clipped-sound",
                    "warning",
                    f"{series.tag}: {share:.0%} of the samples are as loud as can be, which is noise",
                    series.run,
                    series.parts[0].file,
                    {"tag": series.tag, "step": point.step, "share": share},
                    "audio is floats from -1 to 1: divide by 32768",
                    ("audio-range",),
                )


def share_clipped(point: tfevents.Point) -> float:
    """Which share of the first clip's samples is the least or the greatest that 16 bits have; 0 if it has others."""
    try:
        clips = point.array().reshape(-1)
        with wave.open(io.BytesIO(clips[0])) as clip:
            if clip.getsampwidth() != 2:
                return 0.0
            samples = np.frombuffer(clip.readframes(2**20), "<i2")
    except (ValueError, IndexError, TypeError, EOFError, wave.Error):
        return 0.0
    return float((np.abs(samples.astype(np.int32)) >= 32767).mean()) if len(samples) else 0.0


CHECKS = (not_finite, two_kinds, vectors, empty_histograms, white_pictures, clipped_sound)
