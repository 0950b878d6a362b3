"""Reading scenarios. Everything that is wrong with a folder is told at once; a folder that is fine is read quickly."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import tomli

from tbcookbook.scenarios.checks import FILE_CHECKS, FOLDER_CHECKS, Draft, OnlyRanges, Targets
from tbcookbook.scenarios.files import read_files
from tbcookbook.scenarios.problems import Problem, ScenarioError, shown
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scenario import ROLES, TOML, Environments, Role, Scenario, ScenarioFile
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import released_targets

PACKAGE = Path(__file__).parents[1]
MOST_SYNTAX_ERRORS = 10  # that are looked for in one file


def scenario_root() -> Path:
    """The folder of all scenarios: beside the package in a wheel, at the top of a checkout otherwise."""
    inside = PACKAGE / "cookbook"
    return inside if inside.is_dir() else PACKAGE.parents[1] / "scenarios"


def load_scenarios(root: Path | None = None) -> tuple[Scenario, ...]:
    """Every scenario below a folder, by chapter and slug. Raises ScenarioError with all that is wrong in any."""
    root = scenario_root() if root is None else root
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise ScenarioError([Problem(root, "folder", found, "a folder of scenarios, CHAPTER/SLUG")])
    folders = sorted(path for path in root.glob("[!.]*/[!._]*") if path.is_dir())
    scenarios, problems = [], []
    if not folders:
        problems.append(Problem(root, "folder", "no scenario", "folders CHAPTER/SLUG"))
    for folder in folders:
        try:
            scenarios.append(load_scenario(folder))
        except ScenarioError as error:
            problems.extend(error.problems)
    first: dict[str, Path] = {}
    for folder in folders:
        twin = first.setdefault(folder.name, folder)
        if twin != folder:
            problems.append(Problem(folder, "slug", f"{folder.name!r}, as {twin} has", "a name that no other has"))
    if problems:
        raise ScenarioError(problems)
    return tuple(scenarios)


def load_scenario(folder: Path, targets: Sequence[Recipe] | None = None) -> Scenario:
    """Read and check one folder. Raises ScenarioError. `targets` stands in for the registry in tests."""
    try:
        files = read_files(folder)
        data, problems = read_toml(folder / TOML, files.texts.get(folder / TOML))
        contents, wrong_forms = read_forms(folder / TOML, data)
        environments = environments_of(contents, data)
        ranges = ranges_of_file(data, bool(environments))
        registered = registered_ranges() if targets is None else Targets(targets)
        each = {role: Targets([environments[role]]) if environments else registered for role in ROLES}
        draft = Draft(folder, files, data, ranges, each)
        problems += [problem for check in FOLDER_CHECKS for problem in check(draft)] + wrong_forms
        problems += [problem for check in FILE_CHECKS for problem in check(draft)]
    except OSError as error:
        raise ScenarioError([Problem(folder, "folder", str(error.strerror), "a folder that can be read")]) from None
    if problems or contents is None:
        raise ScenarioError(problems)
    return scenario_of(folder, contents, environments)


def scenario_of(folder: Path, contents: ScenarioFile, environments: Mapping[Role, Recipe]) -> Scenario:
    cannot_run = {role: [rule.expectation() for rule in contents.unavailable if role in rule.scripts] for role in ROLES}
    return Scenario(
        folder=folder,
        title=contents.title,
        sources=tuple(contents.sources),
        expectations={role: (*cannot_run[role], *contents.ranges(role)) for role in ROLES},
        fault=contents.fault,
        symptoms=tuple(contents.symptoms),
        related=tuple(contents.related),
        environments=environments,
    )


@functools.cache
def registered_ranges() -> Targets:
    return Targets(released_targets())


# scenario.toml


def read_toml(toml: Path, text: str | None) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The data in a file, or what is wrong with its syntax: each line that TOML stumbles over.

    A line with an error is left out and the rest read again, so that an error later in the file is told as well.
    """
    if text is None:
        return None, []
    problems: list[Problem] = []
    lines = text.split("\n")
    while len(problems) < MOST_SYNTAX_ERRORS:
        try:
            data = tomli.loads("\n".join(lines))
        except tomli.TOMLDecodeError as error:
            line = error.lineno
            found = f"line {line}: {error.msg}: {shown(lines[line - 1].strip())}"
            problems.append(Problem(toml, "TOML", found, "a TOML document"))
            if line >= len(lines) or not lines[line - 1]:
                break  # something that is not closed: what comes after it is not known
            lines[line - 1] = ""
        except RecursionError:
            problems.append(Problem(toml, "TOML", "values in values, too deep to read", "a TOML document"))
            break
        except ValueError as error:  # an integer of thousands of digits, a date that is none
            problems.append(Problem(toml, "TOML", str(error), "a TOML document"))
            break
        else:
            return (None if problems else data), problems
    return None, problems


def read_forms(toml: Path, data: dict[str, Any] | None) -> tuple[ScenarioFile | None, list[Problem]]:
    """The contents of a file, or every way in which they depart from the forms."""
    if data is None:
        return None, []
    try:
        return convert(data, ScenarioFile), []
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        from tbcookbook.scenarios.forms import form_problems  # slow to import

        if has_large_integer(data):
            return None, [Problem(toml, "TOML", "an integer of more than 64 bits", "a TOML document")]
        return None, form_problems(toml, data) or [Problem(toml, "top level", str(error), "what the format allows")]


def has_large_integer(data: Any) -> bool:
    """Whether there is an integer anywhere that TOML does not have. Some have too many digits for Python to print."""
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, int) and value.bit_length() > 64:
            return True
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return False


def ranges_of_file(data: dict[str, Any] | None, has_environments: bool) -> OnlyRanges | None:
    """The ranges of a file; None if it has any that cannot be read, or what it runs on is not known."""
    if data is None or ("environments" in data and not has_environments):
        return None
    try:
        ranges: OnlyRanges = convert(data, OnlyRanges)
    except (msgspec.ValidationError, RecursionError, OverflowError):
        return None
    return ranges


def environments_of(contents: ScenarioFile | None, data: dict[str, Any] | None) -> dict[Role, Recipe]:
    """What each script runs on, where a file says so; nothing if it does not, or says it wrongly."""
    found = contents.environments if contents is not None else None
    if contents is None and data is not None and "environments" in data:
        try:
            found = convert(data["environments"], Environments)
        except msgspec.ValidationError:
            found = None
    if found is None:
        return {}
    each = {"broken": found.broken, "fixed": found.fixed}
    return {
        role: Recipe(f"{role}-environment", each[role].python, tuple(each[role].requirements), each[role].env)
        for role in ROLES
    }


def convert(data: Any, table: Any) -> Any:
    return msgspec.convert(data, table, dec_hook=lambda _, value: parse_versions(value))
