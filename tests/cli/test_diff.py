"""``tbcookbook diff`` on the cookbook's own recordings: what pip does to an upgrade comes first."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tbcookbook.cli import cookbook
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS
from tbcookbook.render.pages import PINNED, PLAIN


def test_what_pip_installs_is_told_before_exact_versions() -> None:
    """`pip install tensorflow==2.21` brings no TensorBoard, which the exact versions hide."""
    done = CliRunner().invoke(cookbook, ["diff", "tf-2.20", "tf-2.21"])
    assert done.exit_code == DIFFERS
    plain, pinned = done.stdout.split(PINNED)
    assert plain.startswith(PLAIN)
    assert "pip-tf-2.20 (tensorflow 2.20.0, keras 3.15.1, tensorboard 2.20.0) → pip-tf-2.21" in plain
    assert "no tensorboard" in plain
    assert "TBNotInstalledError" in plain
    assert "tf-2.20 (" in pinned
    assert "TBNotInstalledError" not in pinned


def test_the_same_as_json_and_as_markdown() -> None:
    document = json.loads(CliRunner().invoke(cookbook, ["diff", "tf-2.20", "tf-2.21", "--json"]).stdout)
    assert document["plain_install"]["after"]["target"] == "pip-tf-2.21"
    kinds = {change["kind"] for change in document["plain_install"]["changes"]}
    assert {"fixed no longer works", "now raises"} <= kinds
    assert "fixed no longer works" not in {change["kind"] for change in document["changes"]}
    markdown = CliRunner().invoke(cookbook, ["diff", "tf-2.20", "tf-2.21", "--markdown"]).stdout
    assert markdown.index(f"## {PLAIN}") < markdown.index(f"## {PINNED}")


@pytest.mark.parametrize("pair", [("tf-2.9", "tf-2.9"), ("keras-3.15", "keras-3.15"), ("pip-tf-2.15", "pip-tf-2.15")])
def test_one_comparison_where_pip_makes_no_difference(pair: tuple[str, str]) -> None:
    done = CliRunner().invoke(cookbook, ["diff", *pair])
    assert done.exit_code == AS_EXPECTED
    assert PLAIN not in done.stdout
