"""``tbcookbook list``."""

from __future__ import annotations

import json

from conftest import Command


def test_list(command: Command) -> None:
    shown = command("list")
    assert shown.returncode == 0
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["scenario", "mistake"],
        ["chapter/first", "A", "mistake"],
        ["chapter/second", "A", "mistake"],
    ]
    (first,) = json.loads(command("list", "first", "--json").stdout)
    assert (first["scenario"], first["chapter"]) == ("first", "chapter")
    assert first["expectations"]["broken"][0]["type"] == "ValueError"
