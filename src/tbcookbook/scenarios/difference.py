"""The fix: how the fixed script differs from the broken one, over all their files."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tbcookbook.scenarios.scenario import MARK, ROLES, Role, Scenario

CONTEXT_LINES = 2

Texts = Mapping[str, Sequence[str]]  # the lines of each file, by what stands after the role in its name: "/main.py"


def difference(scenario: Scenario, marks: bool = False) -> str:
    """A unified diff of all files of both scripts, and of what they run on where they bring that.

    The comment that marks the line at fault is a word of ours and no part of the fix: without `marks` it is left out.
    """
    sides = [{**texts_of(scenario, role), **environment_of(scenario, role)} for role in ROLES]
    before, after = sides if marks else map(unmarked, sides)
    return "".join(f"{line}\n" for line in unified(before, after))


def unmarked(texts: Texts) -> Texts:
    """The lines without the comment that marks the one at fault."""
    return {
        name: [line[: found.start()].rstrip() if (found := MARK.search(line)) else line for line in lines]
        for name, lines in texts.items()
    }


def unified(before: Texts, after: Texts) -> Iterator[str]:
    """The lines of a unified diff of several files. The first files of both are compared, whatever their names."""
    for old, new in pairs(before, after):
        files = before.get(old, ()), after.get(new, ())
        yield from difflib.unified_diff(*files, f"broken{old}", f"fixed{new}", n=CONTEXT_LINES, lineterm="")


def changed_lines(before: Texts, after: Texts, enough: int) -> int:
    """How many lines the fix takes away or adds; something up to `enough` if there are no more than that."""
    before, after = unmarked(before), unmarked(after)
    most = sum(sum(region(before.get(old, ()), after.get(new, ()))) for old, new in pairs(before, after))
    if most <= enough:
        return most  # what two files do not begin and end with alike: quick, and in the common case the same
    return sum(line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")) for line in unified(before, after))


def region(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many lines are left of each when the lines that both begin and end with are taken away."""
    same = 0
    shorter = min(len(before), len(after))
    while same < shorter and before[same] == after[same]:
        same += 1
    last = 0
    while last < shorter - same and before[-1 - last] == after[-1 - last]:
        last += 1
    return len(before) - same - last, len(after) - same - last


def pairs(before: Texts, after: Texts) -> list[tuple[str, str]]:
    """The files that are compared with each other: those that run first, then those of the same name."""
    (first, *olds), (second, *news) = before, after
    return [(first, second), *((name, name) for name in dict.fromkeys(olds + news))]


def texts_of(scenario: Scenario, role: Role) -> dict[str, list[str]]:
    return {name_of(scenario.folder, role, path): lines_of(path) for path in scenario.files(role)}


def name_of(folder: Path, role: Role, path: Path) -> str:
    """A file's name without its role: ".py" of ``broken.py``, "/main.py" of ``broken/main.py``."""
    return path.relative_to(folder).as_posix().removeprefix(role)


def lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return [f"a binary file of {path.stat().st_size} bytes"]


def environment_of(scenario: Scenario, role: Role) -> dict[str, list[str]]:
    """What a script runs on, as a file, where the scenario brings that."""
    recipe = scenario.environments.get(role)
    if recipe is None:
        return {}
    variables = [f"{name}={value}" for name, value in sorted(recipe.env.items())]
    return {" environment": [f"python {recipe.python}", *variables, *recipe.requirements]}
