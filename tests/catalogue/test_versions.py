"""Targets in words, and from one version to the next."""

from __future__ import annotations

import pytest

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.catalogue.versions import in_words, other_versions, steps
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import Environment, Recording, Run
from tbcookbook.targets.registry import released_targets


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["tf-2.9"], "TensorFlow 2.9"),
        (["tf-2.10", "tf-2.9", "tf-2.11", "tf-2.0"], "TensorFlow 2.0 and 2.9 to 2.11"),
        (["keras-3.0", "tf-2.0"], "TensorFlow 2.0, Keras 3.0"),
        (["broken-environment"], "the broken environment"),
    ],
)
def test_in_words(names: list[str], words: str) -> None:
    """In the registry's order, neighbours together."""
    assert in_words(names, released_targets()) == words


def test_steps() -> None:
    found = steps(Cookbook((), released_targets(), {}))
    pairs = {family: [(old.name, new.name) for old, new in rows] for family, rows in found.items()}
    assert ("tf-2.15", "tf-2.16") in pairs["TensorFlow"]
    assert ("keras-3.9", "keras-3.10") in pairs["Keras"]
    assert pairs["TensorFlow"].index(("tf-2.15", "tf-2.16")) < pairs["TensorFlow"].index(("tf-2.14", "tf-2.15"))


def test_other_versions() -> None:
    """Not Keras with its backend, which is no package."""

    def recording(**versions: str) -> Recording:
        found = {"keras[tensorflow]": versions.get("keras", ""), **versions}
        return Recording("x", {("s", "fixed"): Run("", "2026-11-22", Environment("", found), Observation("ok", 0))})

    before, after = recording(numpy="1.26", keras="2.9", same="1"), recording(keras="3.0", same="1", new="2")
    assert other_versions(before, after) == [("keras", "2.9", "3.0"), ("new", "–", "2"), ("numpy", "1.26", "–")]
