"""What runs in the target knows the standard library, its neighbours, and nothing of ours; and is Python 3.7."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tbcookbook.execution import sandbox

OF_THE_TARGET = {"show.py": {"tensorboard"}}  # what is asked is the target's own
FILES = sorted((Path(sandbox.__file__).parent / "inside").glob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The top-level names of all that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or ".").partition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_imports_the_standard_library_alone(path: Path) -> None:
    known = sys.stdlib_module_names | {file.stem for file in FILES}
    assert set(imported(path)) <= known | OF_THE_TARGET.get(path.name, set())


def test_the_probe_is_among_them() -> None:
    assert "probe.py" in {path.name for path in FILES}
