"""Message templates: what they match, against a regular expression that is slow, and in which time."""

from __future__ import annotations

import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbcookbook.scenarios.message import holes, literals, matches

# Of few letters, so that literals overlap, repeat and nearly match.
texts = st.text("xy{}\n", max_size=12)
templates = st.lists(st.sampled_from(["x", "y", "xy", "\n", "{{", "}}", "{a}", "{b}"]), max_size=9).map("".join)


def reference(template: str, message: str) -> bool:
    """The definition: a hole is any text."""
    pattern = ""
    for literal, name, *_ in string.Formatter().parse(template):
        pattern += re.escape(literal) + ("(?s:.*)" if name is not None else "")
    return re.fullmatch(pattern, message) is not None


@given(templates, texts)
def test_as_a_regular_expression(template: str, message: str) -> None:
    assert matches(template, message) == reference(template, message)


@given(templates, st.lists(texts, min_size=9, max_size=9))
def test_a_template_matches_what_it_is_filled_with(template: str, fillings: list[str]) -> None:
    filling = iter(fillings)
    message = "".join(
        literal + ("" if name is None else next(filling)) for literal, name, *_ in string.Formatter().parse(template)
    )
    assert matches(template, message)


@pytest.mark.parametrize(
    ("template", "message", "expected"),
    [
        ("{a}x{b}y{c}", "xyx", True),
        ("{a}xy{b}y", "xyy", True),
        ("{a}xy{b}y", "xy", False),
        ("x{a}x{b}", "xx", True),
        ("x{a}x{b}", "xy", False),
        ("xy{a}yx", "xyx", False),
        ("xy{a}yx", "xyyx", True),
        ("{a}", "", True),
        ("x{a}", "", False),
    ],
)
def test_a_letter_belongs_to_one_literal(template: str, message: str, expected: bool) -> None:
    assert matches(template, message) == reference(template, message) == expected


def test_braces() -> None:
    assert matches("a {{b}} {c}", "a {b} anything\nat all")
    assert literals("a {{b}} {c}d") == ["a {b} ", "d"]
    assert holes("{a} {{b}} {c}") == ["a", "c"]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{a}x{b}x{c}y", "x" * 2_000_000),
        ("{a}" + "x{b}" * 5_000 + "y", "x" * 2_000_000),
        ("{a}" + "x" * 50 + "y{b}z", ("x" * 50 + "z") * 20_000),
        ("{a}" + "x" * 5_000 + "y{b}z", "x" * 2_000_000 + "z"),
    ],
)
def test_megabytes_take_a_moment(template: str, message: str) -> None:
    """The first, of 2 kB, took a regular expression over a minute."""
    began = time.process_time()
    assert not matches(template, message)
    assert time.process_time() - began < 1.0
