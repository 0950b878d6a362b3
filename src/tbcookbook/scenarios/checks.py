"""What can be wrong with a scenario: a function for each, which gives the problems that it finds in a draft.

A check says nothing where what it looks at is not there, or not readable: that is another check's problem.
"""

from __future__ import annotations

import difflib
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tbcookbook.scenarios.difference import changed_lines, name_of
from tbcookbook.scenarios.problems import Problem, shown
from tbcookbook.scenarios.ranges import AXES, Versions
from tbcookbook.scenarios.scenario import MAIN, MARK, README, ROLES, TOML, Role, files_of
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.target import shown_versions
from tbcookbook.words import one_of

SECTIONS = ("What you see", "Why", "The fix")  # of README.md, in this order; others may follow
LONGEST_SCRIPT = 40  # lines
LONGEST_FIX = 15  # lines taken away or added
WORDS = range(100, 351)  # of README.md
LARGEST_FILE = 1_000_000  # bytes
ENTRIES = [f"{role}{ending}" for role in ROLES for ending in (".py", ".sh", "")]  # a script: a file, or a folder


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


@dataclass(frozen=True)
class Draft:
    """A scenario's folder as it is read, before it is known to be one.

    `texts` has the files that could be read, `data` what TOML says in ``scenario.toml``, `ranges` the ranges in it;
    both are None where that cannot be read. `targets` are those that each script runs on.
    """

    folder: Path
    texts: Mapping[Path, str]
    data: Mapping[str, Any] | None
    ranges: OnlyRanges | None
    targets: Mapping[Role, Sequence[Recipe]]

    @property
    def toml(self) -> Path:
        return self.folder / TOML


Check = Callable[[Draft], Iterable[Problem]]


# The folder and its files


def check_slug(draft: Draft) -> Iterator[Problem]:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", draft.folder.name):
        yield Problem(draft.folder, "slug", shown(draft.folder.name), "lower-case words joined by hyphens")


def check_nothing_missing(draft: Draft) -> Iterator[Problem]:
    for name in (TOML, README):
        if not exists(draft.folder / name):
            yield Problem(draft.folder / name, "file", "nothing", "a file")
    for role in ROLES:
        if not any(exists(draft.folder / f"{role}{ending}") for ending in (".py", ".sh", "")):
            expected = f"a file, or {role}.sh, or a folder {role}/ with {' or '.join(MAIN)}"
            yield Problem(draft.folder / f"{role}.py", "file", "nothing", expected)


def check_one_script(draft: Draft) -> Iterator[Problem]:
    for role in ROLES:
        there = [name for name in (f"{role}.py", f"{role}.sh", f"{role}/") if exists(draft.folder / name)]
        if len(there) > 1:
            yield Problem(draft.folder, role, " and ".join(there), "one of them")
        inside = draft.folder / role
        if inside.is_dir():
            main = [name for name in MAIN if exists(inside / name)]
            if len(main) != 1:
                found = " and ".join(main) or "neither main.py nor main.sh"
                yield Problem(inside, "file", found, "one of them, which is what runs")


def check_no_other_file(draft: Draft) -> Iterator[Problem]:
    known = (TOML, README, *ENTRIES)
    for path in sorted(draft.folder.iterdir()):
        if path.name not in known and path.name != "__pycache__":
            yield Problem(path, "file", shown(path.name), one_of(known, path.name))


def check_readable(draft: Draft) -> Iterator[Problem]:
    for path in needed_texts(draft.folder):
        if path not in draft.texts and exists(path):
            yield Problem(path, "file", why_unreadable(path), "a text file in UTF-8 that can be read")


def check_mark(draft: Draft) -> Iterator[Problem]:
    files = [path for path in files_of(draft.folder, "broken") if path in draft.texts]
    marks = sum(bool(MARK.search(line)) for path in files for line in draft.texts[path].splitlines())
    if files and marks != 1:
        yield Problem(files[0], "# <-", f"{marks} marked lines", "one line that ends with a comment '# <- why'")


def check_length(draft: Draft) -> Iterator[Problem]:
    for path, text in draft.texts.items():
        lines = len(text.splitlines())
        if path.suffix in (".py", ".sh") and lines > LONGEST_SCRIPT:
            yield Problem(path, "length", f"{lines} lines", f"at most {LONGEST_SCRIPT}")


def check_fix(draft: Draft) -> Iterator[Problem]:
    before, after = (
        {
            name_of(draft.folder, role, path): draft.texts[path].splitlines()
            for path in files_of(draft.folder, role)
            if path in draft.texts
        }
        for role in ROLES
    )
    changed = changed_lines(before, after, LONGEST_FIX) if before and after else 0
    if changed > LONGEST_FIX:
        expected = f"at most {LONGEST_FIX}: the difference is the recipe"
        yield Problem(draft.folder, "difference", f"{changed} lines taken away or added", expected)


def check_sections(draft: Draft) -> Iterator[Problem]:
    readme = draft.folder / README
    if readme in draft.texts:
        headings = re.findall(r"^## (.*)$", draft.texts[readme], re.MULTILINE)
        if tuple(headings[: len(SECTIONS)]) != SECTIONS:
            found = ", ".join(headings) or "no section"
            yield Problem(readme, "##", found, f"the sections {', '.join(SECTIONS)}")


def check_words(draft: Draft) -> Iterator[Problem]:
    readme = draft.folder / README
    if readme in draft.texts:
        words = len(draft.texts[readme].split())
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
    broken = draft.ranges.broken if draft.ranges is not None else []
    if broken and all(table.outcome == "ok" for table in broken):
        yield Problem(draft.toml, "broken", "the outcome 'ok' everywhere", "a range of versions on which it is broken")


def check_fixed_everywhere(draft: Draft) -> Iterator[Problem]:
    for index, table in enumerate(draft.ranges.fixed if draft.ranges is not None else []):
        if isinstance(table.outcome, str) and table.outcome not in ("ok", "unavailable"):
            expected = "ok, or unavailable where an API does not exist"
            yield Problem(draft.toml, f"fixed[{index}].outcome", shown(table.outcome), expected)


def check_no_empty_range(draft: Draft) -> Iterator[Problem]:
    """That each range has a target in it: one that the tables before it leave."""
    for index, rule in enumerate(draft.ranges.unavailable if draft.ranges is not None else []):
        if not any(target.versions in rule.on for role in rule.scripts for target in draft.targets[role] if rule.on):
            yield from empty_range(draft, f"unavailable[{index}].on", rule.on)
    for role in ROLES:
        left = targets_left(draft, role)
        for index, table in enumerate(draft.ranges.of(role) if draft.ranges is not None else []):
            inside = [target for target in left if table.on is not None and target.versions in table.on]
            if not inside:
                yield from empty_range(draft, f"{role}[{index}].on", table.on)
                continue
            for stream, expected in table.events.items():
                if expected.on is not None and not any(target.versions in expected.on for target in inside):
                    yield from empty_range(draft, f"{role}[{index}].events.{stream}.on", expected.on)


def empty_range(draft: Draft, key: str, versions: Versions | None) -> Iterator[Problem]:
    if versions is not None and not unknown_axes(draft, versions):
        yield Problem(draft.toml, key, shown(versions.text), "a range with a registered target in it")


def check_no_overlap(draft: Draft) -> Iterator[Problem]:
    for role in ROLES:
        for target, having in tables_by_target(draft, role):
            if len(having) > 1:
                texts = " and ".join(shown(text) for _, text in having)
                found = f"{texts}, both with {titled(target)}"
                yield Problem(draft.toml, having[1][0], found, "ranges that do not overlap")
                break


def check_no_gap(draft: Draft) -> Iterator[Problem]:
    for role in ROLES:
        tables = draft.ranges.of(role) if draft.ranges is not None else []
        missing = [titled(target) for target, having in tables_by_target(draft, role) if not having]
        if missing and all(table.on is not None and not unknown_axes(draft, table.on) for table in tables):
            others = f" and {len(missing) - 1} more" if missing[1:] else ""
            expected = "ranges that leave no registered target out"
            yield Problem(draft.toml, role, f"no range with {missing[0]}{others}", expected)


def tables_by_target(draft: Draft, role: Role) -> Iterator[tuple[Recipe, list[tuple[str, str]]]]:
    """Each target that a script can run on, with the keys and the ranges of the tables that it is in."""
    tables = draft.ranges.of(role) if draft.ranges is not None else []
    ranges = [(f"{role}[{index}].on", table.on) for index, table in enumerate(tables) if table.on is not None]
    for target in targets_left(draft, role) if tables else []:
        yield target, [(key, on.text) for key, on in ranges if target.versions in on]


def titled(target: Recipe) -> str:
    return f"{target.name} ({shown_versions(target.versions, ('tensorflow', 'keras'))})"


def targets_left(draft: Draft, role: Role) -> list[Recipe]:
    """The targets on which a script can run."""
    rules = draft.ranges.unavailable if draft.ranges is not None else []
    ranges = [rule.on for rule in rules if role in rule.scripts and rule.on is not None]
    return [target for target in draft.targets[role] if not any(target.versions in on for on in ranges)]


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
        others = draft.folder.parents[1].glob("[!.]*/[!._]*")
        known = sorted(path.name for path in others if path.is_dir() and path != draft.folder)
        if isinstance(slug, str) and slug not in known:
            near = one_of(difflib.get_close_matches(slug, known) or ["the slugs of other scenarios"], slug)
            yield Problem(draft.toml, f"related[{index}]", shown(slug), near)


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


# Files that may be anything


def exists(path: Path) -> bool:
    """Whether there is something of this name, be it a link to nothing."""
    return path.exists() or path.is_symlink()


def needed_texts(folder: Path) -> list[Path]:
    """The files of a folder that must be text: all but what lies beside the script in a folder of its own."""
    entries = [folder / name for name in (TOML, README, *ENTRIES)]
    return [path for path in entries if path.is_file() or (exists(path) and not path.is_dir())] + [
        folder / role / name for role in ROLES for name in MAIN if exists(folder / role / name)
    ]


def read_text(path: Path) -> str | None:
    """A file's text; None for what is no regular file of a bearable size in UTF-8 that can be read."""
    return None if why_unreadable(path) else path.read_text(encoding="utf-8")


def why_unreadable(path: Path) -> str:
    """Why a file's text cannot be had; empty if it can. A pipe or a device is not opened."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return "a folder" if stat.S_ISDIR(about.st_mode) else "no regular file"
        if about.st_size > LARGEST_FILE:
            return f"{about.st_size:,} bytes"
        data = path.read_bytes()
    except (OSError, ValueError) as problem:
        return f"a file that cannot be read: {getattr(problem, 'strerror', None) or problem}"
    if b"\0" in data:
        return "a binary file"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return f"byte {data[problem.start]:#04x} at {problem.start}, which is not UTF-8"
    return ""
