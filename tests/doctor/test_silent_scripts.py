"""The scenarios and pointers that findings name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tbcookbook import doctor
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.pointers import load_pointers

MODULES = sorted(Path(str(doctor.__file__)).parent.glob("*.py"))


def named(path: Path) -> Iterator[str]:
    """The texts with hyphens in tuples of texts: slugs, and names of pointers."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple):
            texts = [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(texts) == len(node.elts) or any(isinstance(one, ast.Starred) for one in node.elts):
                yield from (text for text in texts if "-" in text and " " not in text and not text.startswith("."))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_what_findings_name_is_there(path: Path) -> None:
    known = {scenario.slug for scenario in load_scenarios()} | set(load_pointers())
    assert set(named(path)) <= known


def test_names_are_found() -> None:
    assert {"frozen-step", "step-restarts"} <= {name for path in MODULES for name in named(path)}
