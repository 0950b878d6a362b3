"""``tbcookbook explain``."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from conftest import Command


def test_explain(command: Command) -> None:
    shown = command("explain", "chapter/first").stdout
    parts = ["A mistake", "ValueError: Expected scalar shape, saw shape: {shape}.", "What you see", "An error."]
    parts += [
        "-raise ValueError",
        "## broken.py",
        "\nraise ValueError",
        "On which versions",
        "https://example.org/report",
    ]
    positions = [shown.index(part) for part in parts]
    assert positions == sorted(positions)
    assert "raise ValueError" in json.loads(command("explain", "first", "--json").stdout)["difference"]


def test_where_it_cannot_run_comes_last() -> None:
    """Of the cookbook's own scenarios, one that needs an API which some versions lack."""
    shown = subprocess.run(
        [sys.executable, "-m", "tbcookbook", "explain", "unreduced-loss"], capture_output=True, text=True
    ).stdout
    row = r"^(?:broken|fixed)\.py .*?(raises|wrong-events|warns|ok|crashes|unavailable)"
    outcomes = re.findall(row, shown, re.MULTILINE)
    assert "unavailable" in outcomes
    assert "unavailable" not in outcomes[: outcomes.index("unavailable")]
    assert set(outcomes[outcomes.index("unavailable") :]) == {"unavailable"}
