"""The hostile scripts of the fuzzer are hostile to the harness, not to the machine that they run on."""

from __future__ import annotations

import re

import pytest

from tools.fuzz.scripts import LINES


@pytest.mark.parametrize("line", LINES)
def test_no_line_names_a_path_of_the_machine(line: str) -> None:
    """They run in any order: what is "..", and what is relative, may be the root of the machine by then."""
    assert not re.search(r"""['"](?:/|\.\.|~)""", line)
    assert "rmtree" not in line or "OWN" in line
    assert "chdir" not in line or "ELSEWHERE" in line
    assert "symlink" not in line or "ELSEWHERE" in line or "'nowhere'" in line
