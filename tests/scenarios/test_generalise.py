"""Several messages become one template, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbcookbook.scenarios.generalise import generalise
from tbcookbook.scenarios.message import matches


@pytest.mark.parametrize(
    ("messages", "template"),
    [
        (["Expected scalar shape, saw shape: (64,)."], "Expected scalar shape, saw shape: (64,)."),
        (
            ["Expected scalar shape, saw shape: (64,).", "Expected scalar shape, saw shape: (32,)."],
            "Expected scalar shape, saw shape: ({a},).",
        ),
        (
            ["set_model() missing 1 argument: 'model'", "TensorBoard.set_model() missing 1 argument: 'model'"],
            "{a}set_model() missing 1 argument: 'model'",
        ),
        (["no {such} name: a_b", "no {such} name: c_d"], "no {{such}} name: {a}"),
    ],
)
def test_template(messages: list[str], template: str) -> None:
    assert generalise(messages) == template


def test_too_little_in_common() -> None:
    assert generalise(["'NoneType' object has no attribute 'a'", "Cannot convert the argument"]) is None
    assert generalise(["No such thing", "Some other kind"]) is None


@given(st.lists(st.text(alphabet="ab {}()\n'.", max_size=40), min_size=1, max_size=4))
def test_matches_all_its_messages(messages: list[str]) -> None:
    beginning = "The beginning that all of them have: "
    template = generalise([beginning + message for message in messages])
    assert template is None or all(matches(template, beginning + message) for message in messages)
