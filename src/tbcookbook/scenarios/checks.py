"""What can be wrong with a scenario: a function for each, which gives the problems that it finds in a draft.

A check says nothing where what it looks at is not there, or not readable: that is another check's problem.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tbcookbook.scenarios.difference import changed_lines, name_of
from tbcookbook.scenarios.files import Files
from tbcookbook.scenarios.problems import Problem, shown
from tbcookbook.scenarios.ranges import AXES, Versions
from tbcookbook.scenarios.scenario import MAIN, MARK, README, ROLES, TOML, Role
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.target import shown_versions
from tbcookbook.words import one_of

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SECTIONS = ("What you see", "Why", "The fix")  # of README.md, in this order; others may follow
LONGEST_SCRIPT = 40  # lines
LONGEST_FIX = 15  # lines taken away or added
WORDS = range(100, 351)  # of README.md


class OnlyOn(msgspec.Struct, frozen=True):
    """The range of a table, whatever else the table says."""

    on: Versions | None = None
    outcome: Any = None
    scripts: tuple[Role, ...] = ROLES
    events: dict[str, OnlyOn] = {}


class OnlyRanges(msgspec.Struct, frozen=True):
    """The ranges of a ``scenario.toml`` that may be wrong in other ways."""

    broken: list[OnlyOn]
    fixed: list[OnlyOn]
    unavailable: list[OnlyOn] = []
    environments: Any = None

    def of(self, role: Role) -> list[OnlyOn]:
        return self.broken if role == "broken" else self.fixed


class Targets:
    """What a script runs on. Remembers which of them are in a range: ninety scenarios ask of the same few."""

    def __init__(self, recipes: Sequence[Recipe]) -> None:
        self.recipes = tuple(recipes)
        self._inside: dict[Versions, frozenset[int]] = {}

    def inside(self, versions: Versions) -> frozenset[int]:
        """Those that are in a range, by their places in `recipes`."""
        if versions not in self._inside:
            self._inside[versions] = frozenset(
                place for place, recipe in enumerate(self.recipes) if recipe.versions in versions
            )
        return self._inside[versions]


@dataclass(frozen=True)
class Draft:
    """A scenario's folder as it is read, before it is known to be one.

    `data` is what TOML says in ``scenario.toml``, `ranges` are the ranges in it; both are None where that cannot be
    read. `targets` are those that each script runs on.
    """

    folder: Path
    files: Files
    data: Mapping[str, Any] | None
    ranges: OnlyRanges | None
    targets: Mapping[Role, Targets]

    @property
    def toml(self) -> Path:
        return self.folder / TOML

    def tables(self, role: Role) -> list[OnlyOn]:
        """The tables of a role, as far as their ranges go."""
        return self.ranges.of(role) if self.ranges is not None else []

    def left(self, role: Role) -> frozenset[int]:
        """The targets on which a script can run."""
        targets = self.targets[role]
        rules = self.ranges.unavailable if self.ranges is not None else []
        cannot = [targets.inside(rule.on) for rule in rules if role in rule.scripts and rule.on is not None]
        return frozenset(range(len(targets.recipes))).difference(*cannot)


Check = Callable[[Draft], Iterable[Problem]]


# The folder and its files


def check_slug(draft: Draft) -> Iterator[Problem]:
    if not SLUG.fullmatch(draft.folder.name):
        yield Problem(draft.folder, "slug", shown(draft.folder.name), "lower-case words joined by hyphens")


def check_nothing_missing(draft: Draft) -> Iterator[Problem]:
    for name in (TOML, README):
        if name not in draft.files.names:
            yield Problem(draft.folder / name, "file", "nothing", "a file")
    for role in ROLES:
        if not scripts_named(draft, role):
            expected = f"a file, or {role}.sh, or a folder {role}/ with {' or '.join(MAIN)}"
            yield Problem(draft.folder / f"{role}.py", "file", "nothing", expected)


def check_one_script(draft: Draft) -> Iterator[Problem]:
    for role in ROLES:
        there = scripts_named(draft, role)
        if len(there) > 1:
            yield Problem(draft.folder, role, " and ".join(there), "one of them")
        if there == [f"{role}/"]:
            main = [path.name for path in draft.files.scripts[role] if path.parent == draft.folder / role]
            main = [name for name in MAIN if name in main]
            if len(main) != 1:
                found = " and ".join(main) or "neither main.py nor main.sh"
                yield Problem(draft.folder / role, "file", found, "one of them, which is what runs")


def scripts_named(draft: Draft, role: Role) -> list[str]:
    """The entries of the folder that could be a role's script."""
    return [name for name in draft.files.names if name in (f"{role}.py", f"{role}.sh", f"{role}/")]


def check_no_other_file(draft: Draft) -> Iterator[Problem]:
    known = (TOML, README, *(f"{role}{ending}" for role in ROLES for ending in (".py", ".sh", "/")))
    for name in draft.files.names:
        if name not in known and name != "__pycache__/":
            yield Problem(draft.folder / name, "file", shown(name), one_of(known, name))


def check_readable(draft: Draft) -> Iterator[Problem]:
    for path, why in draft.files.unreadable.items():
        yield Problem(path, "file", why, "a text file in UTF-8 that can be read")


def check_mark(draft: Draft) -> Iterator[Problem]:
    files = [path for path in draft.files.scripts["broken"] if path in draft.files.texts]
    marks = sum(bool(MARK.search(line)) for path in files for line in draft.files.texts[path].splitlines())
    if files and marks != 1:
        yield Problem(files[0], "# <-", f"{marks} marked lines", "one line that ends with a comment '# <- why'")


def check_length(draft: Draft) -> Iterator[Problem]:
    for path, text in draft.files.texts.items():
        lines = len(text.splitlines())
        if path.suffix in (".py", ".sh") and lines > LONGEST_SCRIPT:
            yield Problem(path, "length", f"{lines} lines", f"at most {LONGEST_SCRIPT}")


def check_fix(draft: Draft) -> Iterator[Problem]:
    before, after = (
        {
            name_of(draft.folder, role, path): draft.files.texts[path].splitlines()
            for path in draft.files.scripts[role]
            if path in draft.files.texts
        }
        for role in ROLES
    )
    changed = changed_lines(before, after, LONGEST_FIX) if before and after else 0
    if changed > LONGEST_FIX:
        expected = f"at most {LONGEST_FIX}: the difference is the recipe"
        yield Problem(draft.folder, "difference", f"{changed} lines taken away or added", expected)


def check_sections(draft: Draft) -> Iterator[Problem]:
    readme = draft.folder / README
    if readme in draft.files.texts:
        headings = re.findall(r"^## (.*)$", draft.files.texts[readme], re.MULTILINE)
        if tuple(headings[: len(SECTIONS)]) != SECTIONS:
            found = ", ".join(headings) or "no section"
            yield Problem(readme, "##", found, f"the sections {', '.join(SECTIONS)}")


def check_words(draft: Draft) -> Iterator[Problem]:
    readme = draft.folder / README
    if readme in draft.files.texts:
        words = len(draft.files.texts[readme].split())
        if words not in WORDS:
            yield Problem(readme, "length", f"{words} words", f"{WORDS[0]} to {WORDS[-1]}")


# scenario.toml: what one value cannot show


def check_axes(draft: Draft) -> Iterator[Problem]:
    """That a range is of something that the registered targets differ in."""
    for key, versions in ranges_of(draft.ranges) if draft.ranges is not None else ():
        for name in unknown_axes(draft, versions)[:1]:
            yield Problem(draft.toml, key, shown(versions.text), f"a range of {one_of(AXES, name)}")


def unknown_axes(draft: Draft, versions: Versions) -> list[str]:
    if draft.ranges is not None and draft.ranges.environments is not None:
        return []
    return [name for name in versions.names if name not in AXES]


def check_broken_somewhere(draft: Draft) -> Iterator[Problem]:
    tables = draft.tables("broken")
    if tables and all(table.outcome == "ok" for table in tables):
        yield Problem(draft.toml, "broken", "the outcome 'ok' everywhere", "a range of versions on which it is broken")


def check_fixed_everywhere(draft: Draft) -> Iterator[Problem]:
    for index, table in enumerate(draft.tables("fixed")):
        if isinstance(table.outcome, str) and table.outcome not in ("ok", "unavailable"):
            expected = "ok, or unavailable where an API does not exist"
            yield Problem(draft.toml, f"fixed[{index}].outcome", shown(table.outcome), expected)


def check_no_empty_range(draft: Draft) -> Iterator[Problem]:
    """That each range has a target in it: one that the tables before it leave."""
    for index, rule in enumerate(draft.ranges.unavailable if draft.ranges is not None else []):
        if rule.on is not None and not any(draft.targets[role].inside(rule.on) for role in rule.scripts):
            yield from empty_range(draft, f"unavailable[{index}].on", rule.on)
    for role in ROLES:
        targets, left = draft.targets[role], draft.left(role)
        for index, table in enumerate(draft.tables(role)):
            inside = left & targets.inside(table.on) if table.on is not None else frozenset()
            if not inside:
                yield from empty_range(draft, f"{role}[{index}].on", table.on)
                continue
            for stream, expected in table.events.items():
                if expected.on is not None and not inside & targets.inside(expected.on):
                    yield from empty_range(draft, f"{role}[{index}].events.{stream}.on", expected.on)


def empty_range(draft: Draft, key: str, versions: Versions | None) -> Iterator[Problem]:
    if versions is not None and not unknown_axes(draft, versions):
        yield Problem(draft.toml, key, shown(versions.text), "a range with a registered target in it")


def check_no_overlap(draft: Draft) -> Iterator[Problem]:
    for role in ROLES:
        targets, left = draft.targets[role], draft.left(role)
        ranges = [(index, table.on) for index, table in enumerate(draft.tables(role)) if table.on is not None]
        both = [
            (second, one, other, min(left & targets.inside(one) & targets.inside(other)))
            for first, one in ranges
            for second, other in ranges
            if first < second and left & targets.inside(one) & targets.inside(other)
        ]
        for index, one, other, place in both[:1]:
            found = f"{shown(one.text)} and {shown(other.text)}, both with {titled(targets.recipes[place])}"
            yield Problem(draft.toml, f"{role}[{index}].on", found, "ranges that do not overlap")


def check_no_gap(draft: Draft) -> Iterator[Problem]:
    for role in ROLES:
        tables, targets = draft.tables(role), draft.targets[role]
        ranges = [table.on for table in tables if table.on is not None and not unknown_axes(draft, table.on)]
        missing = draft.left(role).difference(*map(targets.inside, ranges))
        if missing and tables and len(ranges) == len(tables):
            others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            found = f"no range with {titled(targets.recipes[min(missing)])}{others}"
            yield Problem(draft.toml, role, found, "ranges that leave no registered target out")


def titled(target: Recipe) -> str:
    return f"{target.name} ({shown_versions(target.versions, ('tensorflow', 'keras'))})"


def check_each_step(draft: Draft) -> Iterator[Problem]:
    """That a list of contents has one for each step."""
    for role in ROLES:
        tables = draft.data.get(role) if draft.data is not None else None
        for index, table in enumerate(tables if isinstance(tables, list) else []):
            events = table.get("events") if isinstance(table, dict) else None
            for stream, said in (events if isinstance(events, dict) else {}).items():
                steps, holds = (said.get(key) if isinstance(said, dict) else None for key in ("steps", "holds"))
                if isinstance(steps, list) and isinstance(holds, list) and len(steps) != len(holds):
                    key = f"{role}[{index}].events.{stream}.holds"
                    yield Problem(draft.toml, key, f"a list of {len(holds)}", f"one for each of {len(steps)} steps")


def check_related(draft: Draft) -> Iterator[Problem]:
    related = draft.data.get("related") if draft.data is not None else None
    for index, slug in enumerate(related if isinstance(related, list) else []):
        if isinstance(slug, str) and not is_another(slug, draft.folder):
            others = draft.folder.parents[1].glob("[!.]*/[!._]*")
            known = sorted(path.name for path in others if path.is_dir() and path != draft.folder)
            near = one_of(difflib.get_close_matches(slug, known) or ["the slugs of other scenarios"], slug)
            yield Problem(draft.toml, f"related[{index}]", shown(slug), near)


def is_another(slug: str, folder: Path) -> bool:
    """Whether another scenario beside a folder has this slug. Most have: so not all of them are looked through."""
    if not SLUG.fullmatch(slug) or slug == folder.name:
        return False
    with os.scandir(folder.parents[1]) as chapters:
        return any(Path(chapter.path, slug).is_dir() for chapter in chapters if not chapter.name.startswith("."))


FOLDER_CHECKS: tuple[Check, ...] = (
    check_slug,
    check_nothing_missing,
    check_one_script,
    check_no_other_file,
    check_readable,
    check_mark,
    check_length,
    check_fix,
    check_sections,
    check_words,
)
FILE_CHECKS: tuple[Check, ...] = (
    check_axes,
    check_broken_somewhere,
    check_fixed_everywhere,
    check_no_empty_range,
    check_no_overlap,
    check_no_gap,
    check_each_step,
    check_related,
)


def ranges_of(ranges: OnlyRanges) -> Iterator[tuple[str, Versions]]:
    """All ranges of a file, with their keys."""
    named = [("broken", ranges.broken), ("fixed", ranges.fixed), ("unavailable", ranges.unavailable)]
    for name, tables in named:
        for index, table in enumerate(tables):
            if table.on is not None:
                yield f"{name}[{index}].on", table.on
            for stream, expected in table.events.items():
                if expected.on is not None:
                    yield f"{name}[{index}].events.{stream}.on", expected.on
