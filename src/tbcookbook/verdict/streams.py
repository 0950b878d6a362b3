"""What a script logged: the streams that must be there and no others, and what each of them holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tbcookbook.observation.logs import Stream
from tbcookbook.observation.record import Observation
from tbcookbook.scenarios.scenario import StreamExpectation
from tbcookbook.verdict.contents import compare_contents, same_as_computed, told
from tbcookbook.verdict.mismatch import Mismatch, listed, numbers


def compare_events(expected: Mapping[str, StreamExpectation], seen: Observation) -> Iterable[Mismatch]:
    actual = seen.logs.streams
    for key in sorted(expected.keys() | actual.keys()):
        if key not in actual:
            hint = f"What was written: {listed(sorted(actual), 'nothing')}."
            yield Mismatch(key, f"steps {listed(expected[key].steps)}", "nothing written", hint)
        elif key not in expected:
            yield Mismatch(key, "nothing written", f"{actual[key].plugin} at steps {listed(actual[key].steps)}")
        else:
            yield from compare_streams(key, expected[key], actual[key], seen.values)


def compare_streams(
    key: str, expected: StreamExpectation, actual: Stream, values: Mapping[str, Any]
) -> Iterable[Mismatch]:
    if expected.plugin != actual.plugin:
        yield Mismatch(f"plugin of {key}", expected.plugin, actual.plugin or "none")
    if tuple(expected.steps) != actual.steps:
        yield Mismatch(f"steps of {key}", listed(expected.steps), listed(actual.steps))
    shape = [] if expected.shape is None and expected.plugin == "scalars" else expected.shape
    found = "varying" if actual.shape is None else list(actual.shape)
    if shape is not None and shape != found:
        yield Mismatch(f"shape of {key}", str(shape), str(found))
    if expected.dtype is not None and expected.dtype != actual.dtype:
        yield Mismatch(f"dtype of {key}", expected.dtype, str(actual.dtype))
    if expected.equals is not None and not same_as_computed(actual, values.get(expected.equals)):
        computed = numbers(values.get(expected.equals))
        yield Mismatch(f"values of {key}", f"{expected.equals} = {computed}", told(actual))
    if expected.differs is not None and same_as_computed(actual, values.get(expected.differs)):
        yield Mismatch(f"values of {key}", f"other than {expected.differs}", told(actual))
    yield from compare_contents(key, expected, actual)
