"""What may be printed."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbcookbook.render.printable import SPELLED, in_a_line, printable, printable_json

ANYTHING = st.text(st.characters(categories=None))  # surrogates too


@given(ANYTHING)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    left = printable(text)
    assert not [sign for sign in left if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") and sign not in "\n\t"]
    assert not [sign for sign in left if unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF")]
    assert "\n" not in in_a_line(text)
    left.encode()


@given(ANYTHING)
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)
    plain = "".join(sign for sign in text if sign.isprintable())
    assert printable(plain) == plain


def test_how_it_is_written() -> None:
    assert printable("a\x1b[31mb\r\nc\td\x85\u202e\ud800 é ✔\x00") == "a\\x1b[31mb\nc\td\\x85\\u202e\\ud800 é ✔\\x00"
    assert in_a_line("a\nb") == "a\\nb"


@given(st.recursive(ANYTHING | st.floats(allow_nan=False) | st.none(), lambda inner: st.dictionaries(ANYTHING, inner)))
def test_json_loses_nothing(document: object) -> None:
    told = printable_json(document)
    assert printable(told) == told
    assert json.loads(told) == document


@pytest.mark.parametrize(
    ("encoding", "spelled"),
    [
        ("ascii", "ok a -> b... \\u4e2d"),
        ("cp1252", "ok a -> b… \\u4e2d"),
        ("utf-8", "✔ a → b… \u4e2d"),
    ],
)
def test_an_encoding_that_lacks_a_sign_gets_a_spelling(encoding: str, spelled: str) -> None:
    assert "✔ a → b… \u4e2d".encode(encoding, SPELLED).decode(encoding) == spelled
