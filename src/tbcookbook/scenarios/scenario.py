"""Scenarios: one mistake and its cure, a folder with two scripts, what each does on which versions, and a page.

`load_scenarios` reads and checks them. Everything wrong with a folder is a `Problem`, which says in which file, under
which key, what was found and what was expected.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tbcookbook.errors import CookbookError
from tbcookbook.scenarios import message
from tbcookbook.targets.registry import RegisteredTarget, released_targets
from tbcookbook.targets.target import BACKENDS
from tbcookbook.words import one_of

Role = Literal["broken", "fixed"]
ROLES: tuple[Role, ...] = ("broken", "fixed")

SCRIPTS = {role: f"{role}.py" for role in ROLES}
TOML, README = "scenario.toml", "README.md"
MARK = re.compile(r"# <- \S")  # the comment on the line of broken.py that fails or holds the mistake
LONGEST_SCRIPT = 40  # lines
PACKAGE = Path(__file__).parents[1]
AXES = ("tensorflow", "keras", "tensorboard", "numpy", "protobuf", "python", *BACKENDS)
SECTIONS = ("What you see", "Why", "The fix")  # of README.md, in this order; others may follow


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a scenario's folder."""

    file: Path
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: found {self.found}; expected {self.expected}"


class ScenarioError(CookbookError):
    """Scenarios that cannot be used, with all the problems found in them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*map(str, problems))
        self.problems = tuple(problems)


class Versions:
    """A set of targets: all whose versions are in every range. `text` is what ``scenario.toml`` says.

    A range is a name with a specifier, or with None for a package that must not be installed. No dataclass, since
    msgspec would expect a table for one.
    """

    def __init__(self, text: str, ranges: tuple[tuple[str, SpecifierSet | None], ...]) -> None:
        self.text = text
        self.ranges = ranges

    def __contains__(self, versions: Mapping[str, str]) -> bool:
        """Whether a target with these versions (distribution name -> version) belongs to the set."""
        return all(
            name not in versions
            if specifier is None
            else name in versions and specifier.contains(versions[name], prereleases=True)
            for name, specifier in self.ranges
        )


class UnexpectedError(ValueError):
    """A value that is not what ``scenario.toml`` may have there; `key` is relative to the table that is checked."""

    def __init__(self, found: str, expected: str, key: str = "") -> None:
        super().__init__(expected)
        self.found = found
        self.expected = expected
        self.key = key


def parse_versions(value: object) -> Versions:
    """``"*"``, a range, or a list of ranges that must all hold. Raises UnexpectedError.

    A range is ``keras>=2.6,<3``, ``tensorboard`` (any version), or ``!tensorboard`` (not installed).
    """
    if value == "*":
        return Versions("*", ())
    texts: list[Any] = value if isinstance(value, list) else [value]
    ranges: list[tuple[str, SpecifierSet | None]] = []
    for text in texts:
        found = re.fullmatch(r"(!?)([A-Za-z][\w-]*(?:\[\w+\])?) *([<>=!~].*)?", text) if isinstance(text, str) else None
        if found is None or (found[1] and found[3]):
            raise UnexpectedError(repr(value), RANGE)
        if found[2] not in AXES:
            raise UnexpectedError(repr(value), f"a range of {one_of(AXES, found[2])}")
        try:
            ranges.append((found[2], None if found[1] else SpecifierSet(found[3] or "")))
        except InvalidSpecifier:
            raise UnexpectedError(repr(value), RANGE) from None
    if not ranges:
        raise UnexpectedError(repr(value), RANGE)
    return Versions(" and ".join(texts), tuple(ranges))


RANGE = 'a range such as "keras>=2.6,<3", a list of ranges that must all hold, or "*"'


class Table(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A table of ``scenario.toml``: immutable, no key but those named, no value converted to another type."""


AnyTable = TypeVar("AnyTable", bound=Table)
AtLeastOne = msgspec.Meta(min_length=1)


class StreamExpectation(Table, frozen=True):
    """What one run and tag must hold.

    `equals` names a global of the script that has the same numbers, `differs` one that has others: a dotted path goes
    through keys and attributes. `on` restricts the stream to a part of the range it stands in.
    """

    steps: Annotated[list[int], AtLeastOne]
    plugin: str = "scalars"
    shape: list[int] = []
    dtype: str | None = None
    equals: str | None = None
    differs: str | None = None
    on: Versions | None = None


Outcomes = Literal["raises", "warns", "wrong-events", "ok", "crashes", "unavailable"]


class Expectation(Table, frozen=True):
    """What a script does on a range of versions. Which keys an outcome needs and allows: `KEYS_OF_OUTCOME`."""

    on: Versions
    outcome: Outcomes
    type: str | None = None
    message: str | None = None
    exit: int | None = None
    signal: str | None = None
    note: str | None = None
    events: dict[str, StreamExpectation] = {}

    def __post_init__(self) -> None:
        needed, allowed = KEYS_OF_OUTCOME[self.outcome]
        present = {key for key in CONDITIONAL_KEYS if getattr(self, key) is not None}
        for key in needed:
            if key not in present:
                raise UnexpectedError("nothing", f"a value, which the outcome {self.outcome!r} needs", key)
        for key in CONDITIONAL_KEYS:
            if key in present and key not in (*needed, *allowed):
                found = repr(getattr(self, key))
                raise UnexpectedError(found, f"no such key with the outcome {self.outcome!r}", key)
        if self.outcome == "crashes" and (self.exit is None) == (self.signal is None):
            found = "both exit and signal" if self.signal else "neither exit nor signal"
            raise UnexpectedError(found, "one of them", "exit")
        if self.message is not None:
            check_template(self.message)
        for stream in self.events:
            if not re.fullmatch(r"[^/]+/.+", stream):
                expected = 'a key "run/tag", with "." for the run of the log directory itself'
                raise UnexpectedError(repr(stream), expected, "events")

    def streams_on(self, versions: Mapping[str, str]) -> dict[str, StreamExpectation]:
        """The streams expected on a target with these versions."""
        return {key: stream for key, stream in self.events.items() if stream.on is None or versions in stream.on}


def check_template(template: str) -> None:
    try:
        message.holes(template)
        some_text = bool(message.literals(template))
    except ValueError as problem:
        raise UnexpectedError(repr(template), f"a template: {problem}", "message") from None
    if not some_text:
        raise UnexpectedError(repr(template), "a message with some text outside its holes", "message")


CONDITIONAL_KEYS = ("type", "message", "exit", "signal", "note")
KEYS_OF_OUTCOME: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # outcome: keys it needs, further keys it allows
    "raises": (("type", "message"), ("note",)),
    "warns": (("message",), ("type", "note")),
    "wrong-events": ((), ("note",)),
    "ok": ((), ("note",)),
    "crashes": ((), ("exit", "signal", "message", "note")),
    "unavailable": (("type", "message", "note"), ()),
}


class Unavailable(Table, frozen=True):
    """Targets on which a script cannot run, for a reason that is not what the scenario is about."""

    on: Versions
    type: str
    message: str
    note: str
    scripts: Annotated[tuple[Role, ...], AtLeastOne] = ROLES

    def __post_init__(self) -> None:
        check_template(self.message)

    def expectation(self) -> Expectation:
        return Expectation(on=self.on, outcome="unavailable", type=self.type, message=self.message, note=self.note)


class ScenarioFile(Table, frozen=True):
    """The contents of ``scenario.toml``."""

    title: Annotated[str, AtLeastOne]
    sources: Annotated[list[str], AtLeastOne]
    broken: Annotated[list[Expectation], AtLeastOne]
    fixed: Annotated[list[Expectation], AtLeastOne]
    unavailable: list[Unavailable] = []

    def ranges(self, role: Role) -> list[Expectation]:
        return self.broken if role == "broken" else self.fixed

    def __post_init__(self) -> None:
        for index, source in enumerate(self.sources):
            if not re.fullmatch(r"https://\S+\.\S+", source):
                raise UnexpectedError(repr(source), "an address that begins with https://", f"sources[{index}]")


@dataclass(frozen=True)
class Scenario:
    """One mistake and its cure. `slug` is the folder's name, unique in the cookbook; `chapter` that of its parent.

    The first of a script's expectations whose range has a target is the one that holds there: where it cannot run at
    all, then the ranges of ``[[broken]]`` or ``[[fixed]]``.
    """

    folder: Path
    title: str
    sources: tuple[str, ...]
    expectations: Mapping[Role, tuple[Expectation, ...]]

    @property
    def slug(self) -> str:
        return self.folder.name

    @property
    def chapter(self) -> str:
        return self.folder.parent.name

    @property
    def readme(self) -> str:
        """The prose of the page, in Markdown, without a title."""
        return (self.folder / README).read_text(encoding="utf-8")

    @property
    def sections(self) -> dict[str, str]:
        """The sections of the page, without their headings, by heading."""
        pieces = re.split(r"^## (.+)\n", self.readme, flags=re.MULTILINE)[1:]
        return {heading: text.strip() for heading, text in zip(pieces[::2], pieces[1::2], strict=True)}

    def script(self, role: Role) -> Path:
        return self.folder / SCRIPTS[role]

    def source(self, role: Role) -> str:
        return self.script(role).read_text(encoding="utf-8")

    @property
    def marked_line(self) -> int:
        """The line of ``broken.py``, counted from 1, that is marked as the one at fault."""
        return next(number for number, line in enumerate(self.source("broken").splitlines(), 1) if MARK.search(line))

    def expectation(self, role: Role, versions: Mapping[str, str]) -> Expectation | None:
        """What the script does on a target with these versions; None if no range has them."""
        return next((found for found in self.expectations[role] if versions in found.on), None)

    def values(self, role: Role) -> list[str]:
        """The globals of a script that its expectations speak of."""
        streams = (stream for found in self.expectations[role] for stream in found.events.values())
        return sorted({path for stream in streams for path in (stream.equals, stream.differs) if path is not None})


def scenario_root() -> Path:
    """The folder of all scenarios: beside the package in a wheel, at the top of a checkout otherwise."""
    inside = PACKAGE / "cookbook"
    return inside if inside.is_dir() else PACKAGE.parents[1] / "scenarios"


def load_scenarios(root: Path | None = None) -> tuple[Scenario, ...]:
    """Every scenario below a folder, by chapter and slug. Raises ScenarioError with all that is wrong in any."""
    root = scenario_root() if root is None else root
    scenarios, problems = [], []
    folders = sorted(path for path in root.glob("[!.]*/[!._]*") if path.is_dir())
    if not folders:
        problems.append(Problem(root, "folder", "no scenario", "folders CHAPTER/SLUG"))
    for folder in folders:
        try:
            scenarios.append(load_scenario(folder))
        except ScenarioError as error:
            problems.extend(error.problems)
    counts = Counter(folder.name for folder in folders)
    for folder in folders:
        if counts[folder.name] > 1:
            twin = next(other for other in folders if other.name == folder.name and other != folder)
            problems.append(Problem(folder, "slug", f"{folder.name!r}, as {twin} has", "a name that no other has"))
            break
    if problems:
        raise ScenarioError(problems)
    return tuple(scenarios)


def load_scenario(folder: Path, targets: Sequence[RegisteredTarget] | None = None) -> Scenario:
    """Read and check one folder. Raises ScenarioError. `targets` stands in for the registry in tests."""
    problems = list(check_files(folder))
    if problems:
        raise ScenarioError(problems)
    contents = read_toml(folder / TOML)
    scenario = Scenario(
        folder=folder,
        title=contents.title,
        sources=tuple(contents.sources),
        expectations={
            role: (
                *(rule.expectation() for rule in contents.unavailable if role in rule.scripts),
                *contents.ranges(role),
            )
            for role in ROLES
        },
    )
    targets = released_targets() if targets is None else targets
    problems = [*check_outcomes(contents, folder / TOML), *check_ranges(contents, folder / TOML, targets)]
    if problems:
        raise ScenarioError(problems)
    return scenario


def check_files(folder: Path) -> Iterable[Problem]:
    """What is missing in a folder, or wrong with its scripts and its README."""
    needed = (TOML, README, *SCRIPTS.values())
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder.name):
        yield Problem(folder, "slug", repr(folder.name), "lower-case words joined by hyphens")
    for name in needed:
        if not (folder / name).is_file():
            yield Problem(folder / name, "file", "nothing", "a file")
    for path in sorted(folder.iterdir()):
        if path.name not in needed and path.name != "__pycache__":
            yield Problem(path, "file", repr(path.name), one_of(needed, path.name))
    if (folder / SCRIPTS["broken"]).is_file():
        source = (folder / SCRIPTS["broken"]).read_text(encoding="utf-8")
        marks = sum(bool(MARK.search(line)) for line in source.splitlines())
        if marks != 1:
            found = f"{marks} marked lines"
            yield Problem(folder / SCRIPTS["broken"], "# <-", found, "one line that ends with a comment '# <- why'")
    for name in SCRIPTS.values():
        if (folder / name).is_file():
            lines = len((folder / name).read_text(encoding="utf-8").splitlines())
            if lines > LONGEST_SCRIPT:
                yield Problem(folder / name, "length", f"{lines} lines", f"at most {LONGEST_SCRIPT}")
    if (folder / README).is_file():
        headings = re.findall(r"^## (.*)$", (folder / README).read_text(encoding="utf-8"), re.MULTILINE)
        if tuple(headings[: len(SECTIONS)]) != SECTIONS:
            found = ", ".join(headings) or "no section"
            yield Problem(folder / README, "##", found, f"the sections {', '.join(SECTIONS)}")


def read_toml(toml: Path) -> ScenarioFile:
    """Read and check ``scenario.toml`` by itself. Raises ScenarioError with the first thing that is wrong."""
    try:
        data = tomllib.loads(toml.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError([Problem(toml, "TOML", str(error), "a TOML document in UTF-8")]) from None
    for key, stream in streams_in(data):  # one by one, since msgspec does not tell the keys of a dict
        convert(toml, stream, StreamExpectation, key)
    return convert(toml, data, ScenarioFile)


def streams_in(data: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """The expectations of streams in a ``scenario.toml`` of any form, with their keys."""
    for role in ROLES:
        tables = data.get(role)
        for index, table in enumerate(tables if isinstance(tables, list) else []):
            events = table.get("events") if isinstance(table, dict) else None
            for stream, expected in (events if isinstance(events, dict) else {}).items():
                yield f"{role}[{index}].events.{stream}", expected


def convert(toml: Path, data: Any, table: type[AnyTable], where: str = "") -> AnyTable:
    """Make a table of plain data. Raises ScenarioError with the first thing that is wrong."""
    try:
        return msgspec.convert(data, table, dec_hook=lambda _, value: parse_versions(value))
    except msgspec.ValidationError as error:
        raise ScenarioError([problem_of(toml, data, where, error)]) from None


def problem_of(toml: Path, data: Any, where: str, error: msgspec.ValidationError) -> Problem:
    """A problem in the project's terms, of one in msgspec's: "Expected `str`, got `int` - at `$.broken[0].type`"."""
    text, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`")
    key = (where + path).removeprefix(".")
    found = repr(value_at(data, path))
    if isinstance(error.__cause__, UnexpectedError):
        cause = error.__cause__
        return Problem(toml, ".".join(filter(None, [key, cause.key])), cause.found, cause.expected)
    if unknown := re.search(r"unknown field `(.*)`", text):
        found = f"the unknown key {unknown[1]!r}"
        return Problem(toml, key or "top level", found, one_of(keys_of(key), unknown[1]))
    if missing := re.search(r"missing required field `(.*)`", text):
        return Problem(toml, ".".join(filter(None, [key, missing[1]])), "nothing", "a value")
    if text.startswith("Invalid enum value"):
        choices = ROLES if key.startswith("unavailable") else get_args(Outcomes)
        return Problem(toml, key, found, one_of(choices, str(value_at(data, path))))
    expected = text.removeprefix("Expected ").partition(", got")[0].replace("`", "").replace("object", "table")
    return Problem(toml, key, found, expected)


def value_at(data: Any, path: str) -> Any:
    """The value at one of msgspec's paths: ``.broken[0].type``."""
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        data = data[name] if name else data[int(index)]
    return data


def keys_of(key: str) -> tuple[str, ...]:
    """The keys that the table under a key of ``scenario.toml`` may have."""
    if ".events." in key:
        return StreamExpectation.__struct_fields__
    if key.startswith("unavailable"):
        return Unavailable.__struct_fields__
    return (Expectation if key else ScenarioFile).__struct_fields__


def check_outcomes(contents: ScenarioFile, toml: Path) -> Iterable[Problem]:
    if all(expectation.outcome == "ok" for expectation in contents.broken):
        yield Problem(toml, "broken", "the outcome 'ok' everywhere", "a range of versions on which it is broken")
    for index, expectation in enumerate(contents.fixed):
        if expectation.outcome not in ("ok", "unavailable"):
            key = f"fixed[{index}].outcome"
            yield Problem(toml, key, repr(expectation.outcome), "ok, or unavailable where an API does not exist")


def check_ranges(contents: ScenarioFile, toml: Path, targets: Sequence[RegisteredTarget]) -> Iterable[Problem]:
    """Ranges that overlap, leave a gap over the registered targets, or have none of them."""
    in_it = "a range with a registered target in it"
    for index, rule in enumerate(contents.unavailable):
        if not any(target.versions in rule.on for target in targets):
            yield Problem(toml, f"unavailable[{index}].on", repr(rule.on.text), in_it)
            return
    for role in ROLES:
        left = [target for target in targets if not is_unavailable(contents, role, target)]
        ranges = [(f"{role}[{index}].on", found) for index, found in enumerate(contents.ranges(role))]
        for key, expectation in ranges:
            inside = [target for target in left if target.versions in expectation.on]
            if not inside:
                yield Problem(toml, key, repr(expectation.on.text), in_it)
                return
            for stream, expected in expectation.events.items():
                if expected.on is not None and not any(target.versions in expected.on for target in inside):
                    where = f"{key.removesuffix('.on')}.events.{stream}.on"
                    yield Problem(toml, where, repr(expected.on.text), in_it)
                    return
        for target in left:
            having = [(key, found.on.text) for key, found in ranges if target.versions in found.on]
            if len(having) > 1:
                texts = " and ".join(repr(text) for _, text in having)
                yield Problem(toml, having[1][0], f"{texts}, both with {target.title}", "ranges that do not overlap")
                break
            if not having:
                yield Problem(toml, role, f"no range with {target.title}", "ranges that leave no registered target out")
                break


def is_unavailable(contents: ScenarioFile, role: Role, target: RegisteredTarget) -> bool:
    return any(role in rule.scripts and target.versions in rule.on for rule in contents.unavailable)
