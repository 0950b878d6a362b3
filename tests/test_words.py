"""Suggestions and columns."""

from __future__ import annotations

import pytest

from tbcookbook.targets.registry import registered_targets
from tbcookbook.words import columns, nearest, one_of

NAMES = [target.name for target in registered_targets()]


def test_the_nearest_version_is_nearest() -> None:
    assert nearest("tf-2.22", ["tf-2.2", "tf-2.20", "tf-2.21", "tf-2.9"]) == ["tf-2.21", "tf-2.20", "tf-2.9"]
    assert nearest("tf-2.22", NAMES)[0] == "tf-2.21"
    assert nearest("tf2.9", ["tf-2.0", "tf-2.9"])[0] == "tf-2.9"


def test_three_of_many() -> None:
    told = one_of(NAMES, "tf-2.22")
    assert told.count("tf-") == 3
    assert len(told) < 80
    assert one_of(NAMES, "%").count("tf-") == 0


@pytest.mark.parametrize(
    ("names", "found", "told"),
    [
        (["run", "list"], "rnu", "run, perhaps; one of run, list"),
        (["run", "list"], "xyz", "one of run, list"),
        ([], "anything", "nothing, since there is none"),
    ],
)
def test_all_of_few(names: list[str], found: str, told: str) -> None:
    assert one_of(names, found) == told


@pytest.mark.parametrize("width", [40, 80, 120])
def test_columns_fit(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = columns([("scenario", "mistake"), ("chapter/a-name-of-some-length", "word " * 40)])
    assert max(map(len, text.splitlines())) <= width
    assert text.count("word") == 40
