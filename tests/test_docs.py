"""What there is, is documented; what the documents name, is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tbcookbook.cli import cookbook
from tbcookbook.scenario import CONDITIONAL_KEYS, KEYS_OF_OUTCOME, Expectation, ScenarioFile, StreamExpectation

ROOT = Path(__file__).parents[1]
GENERATED = [ROOT / "docs" / name for name in ("index.md", "errors.md", "notebooks", "scenarios", "versions", "_build", "_extension")]
DOCS = sorted(
    path for path in (ROOT / "docs").rglob("*.md") if not any(path.is_relative_to(other) for other in GENERATED)
)
COMMAND_LINE = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
FORMAT = (ROOT / "docs/reference/scenario-format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", cookbook.commands)
def test_every_command_is_documented(name: str) -> None:
    assert re.search(rf"`tbcookbook {name}\b", COMMAND_LINE)


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS], ids=lambda path: path.name)
def test_commands_in_the_docs_exist(path: Path) -> None:
    """Each ``tbcookbook WORD`` in code names a command, and its options are options of it."""
    for line in re.findall(r"^(?:.*/)?(tbcookbook [^#\n]*)", path.read_text(encoding="utf-8"), re.MULTILINE):
        name, *words = line.split()[1:]
        command = cookbook.commands[name]
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, line


@pytest.mark.parametrize("option", ["--target", "--isolation", "--scenarios", "--observed", "--record"])
def test_every_pytest_option_is_documented(option: str, request: pytest.FixtureRequest) -> None:
    assert request.config.getoption(option.removeprefix("--")) is not None or option in ("--scenarios", "--observed")
    assert option in COMMAND_LINE


def test_every_key_and_outcome_of_the_format_is_documented() -> None:
    keys = {*ScenarioFile.__struct_fields__, *Expectation.__struct_fields__, *StreamExpectation.__struct_fields__}
    for word in keys | set(KEYS_OF_OUTCOME) | set(CONDITIONAL_KEYS):
        assert re.search(rf"`(\[\[)?{word}(\]\])?`", FORMAT), word


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS], ids=lambda path: path.name)
def test_links_and_paths_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not link.startswith("https://"):
            assert (path.parent / link).exists(), link
    for named in re.findall(r"`((?:src|tests|scenarios|docs)/[\w./-]+)`", text):
        assert (ROOT / named).exists() or "CHAPTER" in named, named


def test_help_of_every_command() -> None:
    """A line for each, and one for each of its options."""
    for name, command in cookbook.commands.items():
        assert command.get_short_help_str(), name
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, (name, parameter.name)
