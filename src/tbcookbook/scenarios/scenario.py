"""Scenarios: one mistake and its cure, a folder with two scripts, what each does on which versions, and a page.

The tables of ``scenario.toml`` as records, and the scenario that is made of them. `loading` reads them, `checks` says
what is wrong with them, `schema` is the JSON Schema of them. A rule on one value stands beside its key here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from tbcookbook.scenarios import message
from tbcookbook.scenarios.faults import Fault
from tbcookbook.scenarios.ranges import Versions
from tbcookbook.targets.recipe import Recipe

Role = Literal["broken", "fixed"]
ROLES: tuple[Role, ...] = get_args(Role)

TOML, README = "scenario.toml", "README.md"
MAIN = ("main.py", "main.sh")  # what runs in a folder of a role
MARK = re.compile(r"# <- \S")  # the comment on the line of the broken script that fails or holds the mistake


class Table(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A table of ``scenario.toml``: immutable, no key but those named, no value converted to another type."""


def says(words: str, **more: Any) -> dict[str, Any]:
    """For the JSON Schema: what is expected of a value, in the words of an error."""
    return {"$comment": words, **more}


AtLeastOne = Meta(min_length=1)
Text = Annotated[str, AtLeastOne]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", extra_json_schema=says("the name of a scenario"))]
Address = Annotated[
    str, Meta(pattern=r"^https://\S+\.\S+$", extra_json_schema=says("an address that begins with https://"))
]
Template = Annotated[str, Meta(extra_json_schema={"format": "template"})]
StreamName = Annotated[
    str,
    Meta(pattern="^[^/]+/.", extra_json_schema=says('a key "run/tag", with "." for the log directory itself')),
]
PythonVersion = Annotated[
    str, Meta(pattern=r"^3\.([7-9]|[1-9][0-9])$", extra_json_schema=says('a minor version such as "3.11", from 3.7 on'))
]
Pin = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][\w.-]*(\[[\w,.-]+\])?==[0-9][\w.+!-]*$",
        extra_json_schema=says('an exact pin such as "tensorboard==2.20.0"'),
    ),
]
Positive = Annotated[float, Meta(ge=0)]
Step = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]  # what an event file holds
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Status = Annotated[int, Meta(ge=0, le=255)]


class Contents(Table, frozen=True):
    """What a stream holds at a step. Which keys a plugin has: `HOLDS`. `within` is a relative tolerance."""

    value: float | None = None
    count: float | None = None
    sum: float | None = None
    least: float | None = None
    greatest: float | None = None
    buckets: Count | None = None
    number: Count | None = None
    width: Count | None = None
    height: Count | None = None
    channels: Count | None = None
    means: list[float] | None = None
    rate: float | None = None
    length: Count | None = None
    texts: list[str] | None = None
    within: Positive | None = None


HOLDS: dict[str, tuple[str, ...]] = {
    # plugin: what can be said of a step
    "scalars": ("value",),
    "histograms": ("count", "sum", "least", "greatest", "buckets"),
    "images": ("number", "width", "height", "channels", "means"),
    "audio": ("number", "rate", "length", "channels"),
    "text": ("texts",),
}


class StreamExpectation(Table, frozen=True):
    """What one run and tag must hold.

    `equals` names a global of the script that has the same contents, `differs` one that has others: a dotted path goes
    through keys and attributes. `holds` has the contents themselves: of every step, or a list with one for each.
    `on` restricts the stream to a part of the range it stands in. `shape` is not checked if it is left out, but for
    scalars, which are one number; "varying" is not the same at each step.
    """

    steps: Annotated[list[Step], AtLeastOne]
    plugin: str = "scalars"
    shape: list[Count] | Literal["varying"] | None = None
    dtype: str | None = None
    equals: str | None = None
    differs: str | None = None
    holds: Contents | list[Contents] | None = None
    on: Versions | None = None

    def __post_init__(self) -> None:
        known = (*HOLDS.get(self.plugin, ()), "within")
        others = [key for key in Contents.__struct_fields__ if key not in known]
        if any(getattr(table, key) is not None for table in self.contents for key in others):
            raise ValueError(self.plugin)

    @property
    def contents(self) -> list[Contents]:
        """What it must hold, step by step; empty if nothing is said of it."""
        if self.holds is None:
            return []
        return self.holds if isinstance(self.holds, list) else [self.holds] * len(self.steps)


class GraphExpectation(Table, frozen=True):
    """A graph or a Keras model in the Graphs dashboard. `nodes` counts the nodes of a graph, the layers of a model."""

    plugin: str | None = None
    nodes: Count | None = None


Outcomes = Literal["raises", "warns", "wrong-events", "ok", "crashes", "unavailable"]


class Expectation(Table, frozen=True):
    """What a script does on a range of versions. Which keys an outcome needs and allows: `KEYS_OF_OUTCOME`.

    None, for the keys after `events` that say what there must be, is: nothing is said of it.
    """

    on: Versions
    outcome: Outcomes
    type: Text | None = None
    message: Template | None = None
    line: Count | None = None
    exit: Status | None = None
    signal: Text | None = None
    note: Text | None = None
    events: dict[StreamName, StreamExpectation] = {}
    graphs: dict[StreamName, GraphExpectation] | None = None
    projector: dict[str, list[str]] | None = None
    files: list[Template] | None = None
    outside: list[Template] = []
    damaged: list[Template] = []
    prints: list[Template] = []
    dashboards: list[str] | None = None
    shown: dict[StreamName, list[Step]] | None = None
    shown_slow: dict[StreamName, list[Step]] | None = None

    def __post_init__(self) -> None:
        needed, allowed = KEYS_OF_OUTCOME[self.outcome]
        present = {key for key in CONDITIONAL_KEYS if getattr(self, key) is not None}
        if not set(needed) <= present <= {*needed, *allowed}:
            raise ValueError(self.outcome)
        if self.outcome == "crashes" and (self.exit is None) == (self.signal is None):
            raise ValueError(self.outcome)
        message_ = [] if self.message is None else [self.message]
        for template in (*message_, *self.prints, *(self.files or ()), *self.outside, *self.damaged):
            message.check(template)

    def streams_on(self, versions: Mapping[str, str]) -> dict[str, StreamExpectation]:
        """The streams expected on a target with these versions."""
        return {key: stream for key, stream in self.events.items() if stream.on is None or versions in stream.on}

    @property
    def needs_shown(self) -> bool:
        """Whether it says what TensorBoard shows."""
        return (self.dashboards, self.shown, self.shown_slow) != (None, None, None)


CONDITIONAL_KEYS = ("type", "message", "line", "exit", "signal", "note")
KEYS_OF_OUTCOME: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # outcome: keys it needs, further keys it allows
    "raises": (("type", "message"), ("line", "note")),
    "warns": (("message",), ("type", "note")),
    "wrong-events": ((), ("note",)),
    "ok": ((), ("note",)),
    "crashes": ((), ("exit", "signal", "message", "note")),
    "unavailable": (("type", "message", "note"), ()),
}


class Unavailable(Table, frozen=True):
    """Targets on which a script cannot run, for a reason that is not what the scenario is about."""

    on: Versions
    type: Text
    message: Template
    note: Text
    scripts: Annotated[tuple[Role, ...], AtLeastOne] = ROLES

    def __post_init__(self) -> None:
        message.check(self.message)

    def expectation(self) -> Expectation:
        return Expectation(on=self.on, outcome="unavailable", type=self.type, message=self.message, note=self.note)


class Environment(Table, frozen=True):
    """What one script runs on, where it brings its own environment."""

    python: PythonVersion
    requirements: Annotated[list[Pin], AtLeastOne]
    env: dict[str, str] = {}


class Environments(Table, frozen=True):
    """The environments of both scripts, which then run on these alone and on no registered target."""

    broken: Environment
    fixed: Environment


class ScenarioFile(Table, frozen=True):
    """The contents of ``scenario.toml``."""

    title: Text
    sources: Annotated[list[Address], AtLeastOne]
    broken: Annotated[list[Expectation], AtLeastOne]
    fixed: Annotated[list[Expectation], AtLeastOne]
    fault: Fault = "code"
    symptoms: list[Text] = []
    related: list[Slug] = []
    environments: Environments | None = None
    unavailable: list[Unavailable] = []

    def ranges(self, role: Role) -> list[Expectation]:
        return self.broken if role == "broken" else self.fixed


@dataclass(frozen=True)
class Scenario:
    """One mistake and its cure. `slug` is the folder's name, unique in the cookbook; `chapter` that of its parent.

    The first of a script's expectations whose range has a target is the one that holds there: where it cannot run at
    all, then the ranges of ``[[broken]]`` or ``[[fixed]]``. `environments` has what each script runs on, if the
    scenario brings its own; it is empty for one that runs on the registered targets. `fault` is whose mistake it is,
    `symptoms` the words of people who had it, `related` the slugs of near scenarios.
    """

    folder: Path
    title: str
    sources: tuple[str, ...]
    expectations: Mapping[Role, tuple[Expectation, ...]]
    fault: Fault = "code"
    symptoms: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    environments: Mapping[Role, Recipe] = field(default_factory=dict)

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
        """The file that runs."""
        return script_of(self.folder, role)

    def script_name(self, role: Role) -> str:
        """The file that runs, as it is named within the folder: ``broken.py``, ``broken/main.py``."""
        return self.script(role).relative_to(self.folder).as_posix()

    def files(self, role: Role) -> tuple[Path, ...]:
        """All files of a script: the one that runs first, then those beside it in a folder of the role's own."""
        return files_of(self.folder, role)

    def source(self, role: Role) -> str:
        """The text of the file that runs."""
        return self.script(role).read_text(encoding="utf-8")

    @property
    def marked_file(self) -> Path:
        """The file of the broken script that has the line at fault."""
        return self.mark[0]

    @property
    def marked_line(self) -> int:
        """The line of `marked_file`, counted from 1, that is marked as the one at fault."""
        return self.mark[1]

    @functools.cached_property
    def mark(self) -> tuple[Path, int]:
        return next(
            (path, number)
            for path in self.files("broken")
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
            if MARK.search(line)
        )

    def expectation(self, role: Role, versions: Mapping[str, str]) -> Expectation | None:
        """What the script does on a target with these versions; None if no range has them."""
        return next((found for found in self.expectations[role] if versions in found.on), None)

    def values(self, role: Role) -> list[str]:
        """The globals of a script that its expectations speak of."""
        streams = (stream for found in self.expectations[role] for stream in found.events.values())
        return sorted({path for stream in streams for path in (stream.equals, stream.differs) if path is not None})

    def needs_shown(self, role: Role) -> bool:
        """Whether anything is expected of what TensorBoard shows, so that it has to be asked."""
        return any(found.needs_shown for found in self.expectations[role])


def script_of(folder: Path, role: Role) -> Path:
    """The file of a role that runs: ``broken.py``, ``broken.sh``, ``broken/main.py`` or ``broken/main.sh``."""
    usual = folder / f"{role}.py"
    others = (folder / f"{role}.sh", *(folder / role / name for name in MAIN))
    return usual if usual.is_file() else next((path for path in others if path.is_file()), usual)


def files_of(folder: Path, role: Role) -> tuple[Path, ...]:
    """All files of a role, the one that runs first, the others by name. What Python caches is none of them."""
    script = script_of(folder, role)
    if script.parent == folder:
        return (script,)
    inside = sorted(path for path in script.parent.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return (script, *(path for path in inside if path != script))
