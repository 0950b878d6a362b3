"""Message templates."""

from __future__ import annotations

from hypothesis import strategies as st

from tbcookbook.scenarios import message
from tools.fuzz.strategies import ANY_TEXT, repeated
from tools.fuzz.subject import Subject

PIECES = st.sampled_from(["x", "xy", "y", "{a}", "{b}", "{{", "}}", " ", "\n", "é"]) | ANY_TEXT


def check(given: tuple[str, str, list[str]]) -> None:
    template, text, fillings = given
    message.check(template)
    message.matches(template, text)
    pieces = message.pieces(template)
    filled = "".join(piece + filling for piece, filling in zip(pieces, [*fillings, *[""] * len(pieces)], strict=False))
    filled = filled if len(pieces) > 1 else pieces[0]
    last = "" if len(pieces) == 1 else fillings[len(pieces) - 1] if len(pieces) <= len(fillings) else ""
    assert message.matches(template, filled.removesuffix(last)), "a template matches what it is filled with"


SUBJECT = Subject(
    "messages",
    st.tuples(repeated(PIECES, 100_000), repeated(PIECES, 100_000), st.lists(ANY_TEXT, max_size=5)),
    check,
    declared=(ValueError,),
    seconds=1.0,
    share=25,
)
