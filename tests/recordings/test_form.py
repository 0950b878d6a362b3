"""The form of a recording's files: for people, for git, and safe against changes by hand."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tbcookbook.recordings.form import (
    WIDTH,
    content_hash,
    is_sealed,
    readable_json,
    recorded_form,
    sealed,
    write_whole,
)


@dataclasses.dataclass(frozen=True)
class Inner:
    name: str
    sizes: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Inner
    others: dict[str, Inner] = dataclasses.field(default_factory=dict)
    note: str | None = None


def test_what_is_as_by_default_is_left_out() -> None:
    assert recorded_form(Outer(Inner("a"))) == {"inner": {"name": "a"}}
    assert recorded_form(Outer(Inner("", (1,)), {"b": Inner("c")}, "")) == {
        "inner": {"name": "", "sizes": [1]},
        "others": {"b": {"name": "c"}},
        "note": "",
    }


def test_what_fits_stands_on_a_line() -> None:
    long = "x" * WIDTH
    value = {"short": {"a": [1, 2.5, None]}, "long": [long, {"b": long}], "numbers": list(range(100)), "empty": {}}
    text = readable_json(value)
    assert json.loads(text) == value
    lines = text.splitlines()
    assert ' "short": {"a": [1, 2.5, null]},' in lines
    assert '  {\n   "b": "' in text
    assert all(len(line) <= WIDTH for line in lines if "x" not in line)
    assert sum(line.startswith("  ") and line.strip()[0].isdigit() for line in lines) < 5


def test_what_json_has_no_number_for_is_refused() -> None:
    for value in (float("nan"), [0.1] * 100 + [float("inf")]):
        with pytest.raises(ValueError, match="JSON"):
            readable_json(value)


def test_a_seal_that_any_change_breaks() -> None:
    text = sealed({"a": 1, "b": ["ä", 2]})
    assert json.loads(text)["b"] == ["ä", 2]
    data = text.encode()
    assert is_sealed(data)
    for index in range(len(data)):
        assert not is_sealed(data[:index] + data[index + 1 :]), index
    assert not is_sealed(b"{}\n")


def test_the_hash_of_contents() -> None:
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    assert [found.name for found in path.parent.iterdir()] == ["a.json"]
