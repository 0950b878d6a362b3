"""Ranges are found that tell targets apart, the plainest ones."""

from __future__ import annotations

import pytest

from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.separating import border, separate
from tbcookbook.targets.registry import released_targets

VERSIONS = {target.name: target.versions for target in released_targets()}


@pytest.mark.parametrize(
    "on",
    [
        "*",
        "keras>=3",
        "keras<2.6",
        "keras>=2.4,<2.5",
        "keras>=3,<3.7",
        "tensorflow>=2.1,<2.4",
        "!tensorboard",
        "keras[jax]",
        "keras[torch]",
        ["keras>=3", "tensorflow<2.18"],
        ["tensorflow>=2.16", "keras<3"],
    ],
)
def test_a_range_is_found_again(on: str | list[str]) -> None:
    """The same targets are in what is found, and no others."""
    inside = {name for name, versions in VERSIONS.items() if versions in parse_versions(on)}
    (piece,) = separate(inside, VERSIONS.keys() - inside, VERSIONS)
    assert piece.targets == inside
    assert {name for name, versions in VERSIONS.items() if versions in parse_versions(piece.on)} == inside
    assert len(piece.ranges) <= (1 if isinstance(on, str) else 2)


def test_words_of_a_range() -> None:
    def found(on: str) -> list[str | list[str]]:
        inside = {name for name, versions in VERSIONS.items() if versions in parse_versions(on)}
        return [piece.on for piece in separate(inside, VERSIONS.keys() - inside, VERSIONS)]

    assert found("keras>=2.6") == ["keras>=2.6"]
    assert found("keras>=3") == ["keras>=3"]
    assert found("!tensorboard") == ["!tensorboard"]
    assert found("keras[jax]") == ["keras[jax]"]


def test_several_ranges() -> None:
    """Where the same happens before and after something else."""
    inside = {name for name, versions in VERSIONS.items() if versions not in parse_versions("keras>=2.4,<2.5")}
    pieces = separate(inside, VERSIONS.keys() - inside, VERSIONS)
    assert [piece.on for piece in pieces] == ["keras<2.4", "keras>=2.5"]
    assert frozenset().union(*(piece.targets for piece in pieces)) == inside


def test_what_no_range_tells_apart() -> None:
    same = {"a": {"keras": "3.0.0"}, "b": {"keras": "3.0.0"}}
    assert separate(["a"], ["b"], same) == []
    assert separate([], ["b"], same) == []


def test_border() -> None:
    from packaging.version import Version

    found = [border(Version(a), Version(b)) for a, b in [("2.15.0", "3.0.5"), ("2.5.3", "2.6.5"), ("2.0.1", "2.0.3")]]
    assert found == ["3", "2.6", "2.0.3"]
