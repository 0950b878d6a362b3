"""What there is, is documented; what the documents name, is there."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import nbval.plugin
import pytest

from tbcookbook.cli import cookbook
from tbcookbook.pytest_plugin import pytest_addoption
from tbcookbook.scenarios.scenario import (
    CONDITIONAL_KEYS,
    KEYS_OF_OUTCOME,
    Expectation,
    ScenarioFile,
    StreamExpectation,
)

ROOT = Path(__file__).parents[1]
IGNORED = [ROOT / line[1:] for line in (ROOT / ".gitignore").read_text().splitlines() if line.startswith("/")]


def is_generated(path: Path) -> bool:
    """Whether a file is made by a build: it is in no fresh clone."""
    return any(path.resolve().is_relative_to(ignored) for ignored in IGNORED)


TEMPLATES = ROOT / "docs" / "_extension"
DOCS = sorted(
    path for path in (ROOT / "docs").rglob("*.md") if not (is_generated(path) or path.is_relative_to(TEMPLATES))
)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
COMMAND_LINE = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
PYTEST = (ROOT / "docs/reference/pytest-options.md").read_text(encoding="utf-8")
FORMAT = (ROOT / "docs/reference/scenario-format.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)


class PytestOptions(list[tuple[str, dict[str, Any]]]):
    """Stands for pytest's parser: keeps the options that the plugin adds, with their settings."""

    def getgroup(self, *_: str) -> PytestOptions:
        return self

    def addoption(self, name: str, **settings: Any) -> None:
        self.append((name, settings))

    _addoption = addoption  # as nbval calls it


PYTEST_OPTIONS = PytestOptions()
pytest_addoption(PYTEST_OPTIONS)  # type: ignore[arg-type]
NBVAL_OPTIONS = PytestOptions()
nbval.plugin.pytest_addoption(NBVAL_OPTIONS)


@pytest.mark.parametrize("name", cookbook.commands)
def test_every_command_is_documented(name: str) -> None:
    assert re.search(rf"`tbcookbook {name}\b", COMMAND_LINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_in_the_docs_exist(path: Path) -> None:
    """Each ``tbcookbook``, ``pytest`` and ``nox`` command has arguments and options that it takes."""
    blocks = re.findall(r"^```(?:console|yaml)\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for program, words in commands("".join(blocks)):
        if program == "tbcookbook":
            check_command(words)
        elif program == "pytest":
            options = {name for name, _ in (*PYTEST_OPTIONS, *NBVAL_OPTIONS)}
            assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, words
        elif program == "nox" and words:
            assert words[0] == "-s"
            assert words[1].partition("-")[0] in SESSIONS  # of one Python, say


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """The programs in a block of shell lines, with their arguments."""
    for line in block.replace("\\\n", " ").splitlines():
        for found in re.finditer(r"(?:^|[\s/$])(tbcookbook|pytest|nox)(?= |$)", line):
            words = shlex.shlex(line[found.end() :], posix=True, punctuation_chars=True)
            words.whitespace_split = True
            yield found[1], list(itertools.takewhile(lambda word: word[0] not in "|&;<>", words))


def check_command(words: list[str]) -> None:
    """Have the command line itself parse a command; raises click.UsageError if it does not take it."""
    context = click.Context(cookbook)
    _, rest, _ = cookbook.make_parser(context).parse_args([*words])
    name, command, rest = cookbook.resolve_command(context, rest)
    assert command is not None
    command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(
    "line", ["tbcookbook rum", "tbcookbook run --fast", "tbcookbook explain", "tbcookbook --x run"]
)
def test_commands_that_do_not_exist_are_noticed(line: str) -> None:
    ((_, words),) = commands(line)
    with pytest.raises(click.UsageError):
        check_command(words)


def test_commands_are_found_among_others() -> None:
    block = """python3 -m venv .venv && .venv/bin/tbcookbook run no-step > run.json  # why
      - run: .cookbook/bin/tbcookbook diff A B --markdown >> "$X" || test $? -eq 1
    pytest -k "a b" --target tf-2.15
    pip install tensorboard-cookbook pytest-xdist ./pytest/x"""
    assert list(commands(block)) == [
        ("tbcookbook", ["run", "no-step"]),
        ("tbcookbook", ["diff", "A", "B", "--markdown"]),
        ("pytest", ["-k", "a b", "--target", "tf-2.15"]),
    ]


def test_every_pytest_option_is_documented() -> None:
    """With its value and its default."""
    rows = re.findall(r"^\| `(--\w+)(.*?)` \| (.*?) \|", PYTEST, re.MULTILINE)
    assert [name for name, *_ in rows] == [name for name, _ in PYTEST_OPTIONS]
    for (_, value, default), (name, settings) in zip(rows, PYTEST_OPTIONS, strict=True):
        choices = "\\|".join(settings.get("choices", ()))
        assert value.strip() == (settings.get("metavar") or choices), name
        assert settings.get("default") in (None, [], default.strip("`")), name


def test_every_key_and_outcome_of_the_format_is_documented() -> None:
    keys = {*ScenarioFile.__struct_fields__, *Expectation.__struct_fields__, *StreamExpectation.__struct_fields__}
    for word in keys | set(KEYS_OF_OUTCOME) | set(CONDITIONAL_KEYS):
        assert re.search(rf"`\[*{word}\]*`", FORMAT), word


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_and_paths_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not link.startswith("https://"):
            assert (path.parent / link).exists(), link
            assert not is_generated(path.parent / link), f"{link} is in no fresh clone"
    for named in re.findall(r"`((?:src|tests|scenarios|docs)/[\w./-]+)`", text):
        assert (ROOT / named).exists() or "CHAPTER" in named, named


def test_help_of_every_command() -> None:
    """A line for each, and one for each of its options."""
    for name, command in cookbook.commands.items():
        assert command.get_short_help_str(), name
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, (name, parameter.name)
