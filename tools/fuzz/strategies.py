"""Pieces that several subjects are made of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(categories=None), max_size=30)  # control characters and surrogates too

# Of what grows: as long as the text of a script's may be that is looked at as a whole.
LONG = st.sampled_from([1] * 20 + [2, 10, 1000, 20_000])

NUMBERS = st.one_of(
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**400]),
    st.floats(),
    st.booleans(),
)


def repeated(pieces: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Texts of pieces, some of them repeated thousands of times: what costs a regular expression the square of it."""
    piece = st.tuples(pieces, LONG).map(lambda pair: pair[0] * min(pair[1], most // max(1, len(pair[0]))))
    return st.lists(piece, max_size=8).map("".join).map(lambda text: text[:most])


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes with some of them lost, doubled, changed, or replaced by others."""
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.sampled_from([0, 1, 1, 2, 4, 8, 64]))
        other = draw(st.one_of(st.binary(max_size=16), st.sampled_from([b"\xff" * 8, b"\x00" * 8, b"\x7f" * 4])))
        data = data[:place] + other + data[place + length :]
    if draw(st.integers(0, 5)) == 0:
        data = data[: draw(st.integers(0, len(data)))]
    return data


@st.composite
def disturbed(draw: st.DrawFn, document: Any, values: st.SearchStrategy[Any]) -> Any:
    """Plain data in which some values, anywhere, are lost, doubled or replaced by others."""
    for _ in range(draw(st.integers(1, 4))):
        document = at_random(draw, document, values)
    return document


def at_random(draw: st.DrawFn, value: Any, values: st.SearchStrategy[Any]) -> Any:
    if not isinstance(value, (dict, list)) or not value or draw(st.integers(0, 5)) == 0:
        return draw(values)
    if isinstance(value, list):
        place = draw(st.integers(0, len(value) - 1))
        how = draw(st.integers(0, 5))
        middle = [] if how == 0 else [value[place]] * 2 if how == 1 else [at_random(draw, value[place], values)]
        return [*value[:place], *middle, *value[place + 1 :]]
    key = draw(st.sampled_from(sorted(value, key=repr)))
    rest = {name: other for name, other in value.items() if name != key}
    how = draw(st.integers(0, 7))
    if how == 0:
        return rest
    return {**rest, draw(ANY_TEXT) if how == 1 else key: at_random(draw, value[key], values)}
