"""``tbcookbook explain``."""

from __future__ import annotations

import json

from conftest import Command


def test_explain(command: Command) -> None:
    shown = command("explain", "chapter/first").stdout
    parts = ["A mistake", "ValueError: Expected scalar shape, saw shape: {shape}.", "What you see", "An error."]
    parts += ["-raise ValueError", "On which versions", "https://example.org/report"]
    positions = [shown.index(part) for part in parts]
    assert positions == sorted(positions)
    assert "raise ValueError" in json.loads(command("explain", "first", "--json").stdout)["difference"]
