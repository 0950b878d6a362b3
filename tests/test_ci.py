"""CI runs what the registry says, through nox, and names no version itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tbcookbook.targets.registry import registered_targets

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_version_in_a_workflow(workflow: Path) -> None:
    """Neither a version of TensorFlow or Keras, nor the name of a target."""
    text = workflow.read_text(encoding="utf-8")
    versions = {version for target in registered_targets() for name, version in target.versions.items()}
    versions |= {version.rpartition(".")[0] for version in versions}
    versions = {version for version in versions if "." in version}
    names = {target.name for target in registered_targets()}
    for word in re.findall(r"[\w.-]+", re.sub(r"uses: .*", "", text)):
        assert word not in names, word
        assert word.removeprefix("v") not in versions, word


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(workflow: Path) -> None:
    uses = re.findall(r"uses: (\S+)(.*)", workflow.read_text(encoding="utf-8"))
    assert uses
    for action, comment in uses:
        assert re.search(r"@[0-9a-f]{40}$", action), action
        assert re.match(r" # v\d", comment), action


def test_sessions_of_the_workflow_exist() -> None:
    sessions = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE))
    for path in [*WORKFLOWS, ROOT / ".ci" / "run"]:
        for words in re.findall(r"^[^#]*\bnox .*?-s ((?:\w+ ?)+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert set(words.split()) <= sessions, path


def test_every_target_is_a_cell() -> None:
    """What ``nox -s cells`` reads: each target by name, with what tells the released from the previews."""
    done = subprocess.run(
        [sys.executable, "-m", "tbcookbook", "targets", "--json"], capture_output=True, text=True, check=True
    )
    rows = {row["name"]: row["status"] for row in json.loads(done.stdout)}
    assert rows == {target.name: target.status for target in registered_targets()}
