"""``tbcookbook diagnose``: what it takes, what it prints, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tbcookbook.cli import cookbook
from tbcookbook.errors import CookbookError

ERROR = "ValueError: profile_batch must be a non-negative integer or 2-tuple of positive integers. Found: (5, 2)"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TBCOOKBOOK_HOME", str(tmp_path / "home"))


def run(*words: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cookbook, ["diagnose", *words], input=stdin)


def test_a_text_a_file_and_stdin(tmp_path: Path) -> None:
    file = tmp_path / "error.txt"
    file.write_text(f"one\n{ERROR}\n")
    for result in (run(ERROR), run(str(file)), run("-", stdin=ERROR), run(stdin=ERROR)):
        assert result.exit_code == 0, result.output
        assert "tbcookbook explain bad-range" in result.stdout


def test_a_file_in_the_encoding_of_a_windows_shell(tmp_path: Path) -> None:
    file = tmp_path / "error.txt"
    file.write_bytes(ERROR.encode("utf-16"))
    assert "bad-range" in run(str(file)).stdout


def test_the_outputs_of_a_notebook(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    outputs = [{"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m", ERROR]}]
    file.write_text(json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "outputs": outputs}]}))
    assert "bad-range" in run(str(file)).stdout


def test_what_is_not_in_the_cookbook_is_said_plainly() -> None:
    result = run("ModuleNotFoundError: No module named 'torch'")
    assert result.exit_code == 1
    assert "No module named 'torch'" in result.stdout
    assert "--symptom" in result.stdout


def test_a_symptom() -> None:
    result = run("--symptom", "no validation loss in tensorboard")
    assert result.exit_code == 0
    assert "no-validation-data" in result.stdout
    assert run("--symptom", "xyzzy plugh").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [("a/b/none.txt",), ("none.log",), ("",), ("x", "--symptom", "y"), ("--symptom", " "), ("--python", "/no", ERROR)],
)
def test_bad_usage(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2 or isinstance(result.exception, CookbookError)  # which the program turns into 2


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_text(text: str) -> None:
    result = run(text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "tbcookbook: diagnose: found an empty text; expected an error\n"


def test_a_file_that_cannot_be_read() -> None:
    """Whoever runs this: the memory of a process has nothing at its first address."""
    result = run("/proc/self/mem")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "tbcookbook: /proc/self/mem: cannot be read: Input/output error\n"


def test_nothing_that_a_terminal_obeys_is_printed() -> None:
    result = run("\x1b]0;owned\x07UnknownError\u202e: \x1b[2J secret\nFooError: \x1b[31mx\x9b2J")
    assert result.exit_code == 1
    assert not set("\x1b\x07\x9b\u202e") & set(result.output)


def test_a_folder_is_for_the_doctor(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 1
    assert "no event file" in result.stdout


@pytest.mark.parametrize(("word", "directory"), [("logs", True), ("run_2", True), ("TypeError", False)])
def test_one_word_is_a_directory_that_is_not_there(word: str, directory: bool) -> None:
    assert (f"there is no '{word}'" in run(word).stdout) is directory


def test_json() -> None:
    document = json.loads(run(ERROR, "--json").stdout)
    assert document["answers"][0]["name"] == "bad-range"
    assert document["exceptions"] == [{"type": "ValueError", "message": ERROR.partition(": ")[2]}]
