"""Every scenario, both scripts, on every target."""

import pytest

from tbcookbook.render.report import failure, plain_text
from tbcookbook.verdict.judge import Verdict


def test_scenario(verdict: Verdict) -> None:
    """The script did what scenario.toml says, and nothing else."""
    if verdict.mismatches:
        pytest.fail(plain_text(failure(verdict)), pytrace=False)
