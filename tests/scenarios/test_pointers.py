"""Pointers: what is not run here, in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.pointers import load_pointers
from tbcookbook.scenarios.problems import ScenarioError

GOOD = """
[cupti]
title = "No counters"
messages = ["CUPTI_ERROR {name}"]
said = "The driver gives them to administrators."
why = "It needs a GPU."
check = "profile_batch=0"
sources = ["https://github.com/a/b/issues/1"]
"""


def test_a_pointer(tmp_path: Path) -> None:
    (tmp_path / "pointers.toml").write_text(GOOD)
    (pointer,) = load_pointers(tmp_path).values()
    assert (pointer.title, pointer.messages, pointer.symptoms) == ("No counters", ("CUPTI_ERROR {name}",), ())


def test_no_file_no_pointers(tmp_path: Path) -> None:
    assert load_pointers(tmp_path) == {}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("[cupti]", "[Cupti]", "Cupti: found 'Cupti'"),
        ("title", "titel", "titel"),
        ('why = "It needs a GPU."\n', "", "`why`"),
        ("CUPTI_ERROR {name}", "CUPTI_ERROR {0}", "found {0…}"),
        ("CUPTI_ERROR {name}", "{name}", "some text outside its holes"),
        ("https://", "http://", "$.sources"),
        ('["https://github.com/a/b/issues/1"]', "[]", "$.sources"),
        ('"No counters"', "5", "$.title"),
        ("[cupti]", "[cupti", "TOML"),
        ("[cupti]\n", "cupti = 5\n[other]\n", "cupti: found Expected `object`"),
        ("profile_batch=0", "two\\nlines", "$.check"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, old: str, new: str, found: str) -> None:
    path = tmp_path / "pointers.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ScenarioError) as caught:
        load_pointers(tmp_path)
    first = str(caught.value.problems[0])
    assert first.startswith(f"{path}: ")
    assert found in first


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "pointers.toml").write_bytes(b"\xff")
    with pytest.raises(ScenarioError, match="which is not UTF-8"):
        load_pointers(tmp_path)


def test_those_of_the_cookbook_are_no_scenarios() -> None:
    """No name stands for both, and none points to what a scenario shows already."""
    pointers = load_pointers()
    scenarios = load_scenarios()
    assert len(pointers) > 20
    assert not pointers.keys() & {scenario.slug for scenario in scenarios}
