"""Bad usage: one clear line, and exit status 2."""

from __future__ import annotations

import pytest

from conftest import Command

QUANTITIES = ["nan", "inf", "-inf", "1e30", "0", "-1", "many", "9" * 30]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "frist"], "no scenario 'frist'; expected first, perhaps; one of first, second"),
        (["list", "chaptre"], "no scenario 'chaptre'; expected chapter, perhaps; one of first, second, chapter"),
        (["run", "--target", "x=/nowhere"], "/nowhere cannot be started"),
        (["run", "--isolation", "thread"], "run: --isolation: 'thread' is not one of 'fork', 'spawn'"),
        (["run", "--sceonds", "3"], "run: no option --sceonds; expected --seconds"),
        (["--sc"], "no option --sc; expected --scenarios, perhaps"),
        (["run", "--seconds"], "'--seconds' requires an argument"),
        (["new", "no-chapter"], "expected CHAPTER/SLUG"),
        (["rnu"], "no command 'rnu'; expected run, perhaps; one of bisect, diagnose,"),
        (["explain"], "explain: missing: SLUG; see 'tbcookbook explain --help'"),
        (["explain", "first", "second"], "got unexpected extra argument (second)"),
        (["--scenarios", "/nowhere/at/all", "list"], "--scenarios /nowhere/at/all: there is no such folder"),
        (["--scenarios", "/dev/null", "list"], "--scenarios /dev/null: not a folder"),
        *((["run", "--seconds", found], f"found {found}; expected a number of seconds") for found in QUANTITIES),
        *((["run", "--memory", found], f"found {found}; expected a number of GiB") for found in QUANTITIES),
    ],
)
def test_bad_usage(arguments: list[str], said: str, command: Command) -> None:
    shown = command(*arguments)
    assert shown.returncode == 2
    assert shown.stderr.startswith("tbcookbook: ")
    assert said in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert shown.stdout == ""


def test_no_arguments_at_all(command: Command) -> None:
    assert command().stderr == "tbcookbook: missing command; see 'tbcookbook --help'\n"
