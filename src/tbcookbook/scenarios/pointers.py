"""Pointers: causes that threads report and that are not run here. ``scenarios/pointers.toml``, a table for each.

A pointer is no scenario and is never counted as one: it says what threads say, where, why it is not run here, and what
a reader can check.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec

from tbcookbook.scenarios import message
from tbcookbook.scenarios.files import read_text
from tbcookbook.scenarios.loading import read_toml, scenario_root
from tbcookbook.scenarios.problems import Problem, ScenarioError, UnexpectedError, shown
from tbcookbook.words import shorten

FILE = "pointers.toml"
FORM = "a table as docs/reference/scenario-format.md describes it"
LONGEST_NAME = 60  # characters, in a message
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^\S[^\n]*$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^https://[^\s]+$")]


class Pointer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One cause. `messages` are templates as those of scenarios; `said` is what the threads of `sources` say.

    `why` says why it is not run here, `check` what a reader can look at or change. What is `harmless` is no error:
    any error beside it comes first.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^\S[^\n]*$")]
    said: Line
    why: Line
    check: Line
    sources: Annotated[tuple[Address, ...], msgspec.Meta(min_length=1)]
    messages: tuple[Line, ...] = ()
    symptoms: tuple[Line, ...] = ()
    harmless: bool = False


def load_pointers(root: Path | None = None) -> dict[str, Pointer]:
    """The pointers beside the scenarios of a folder, by name; none if it has no such file. Raises ScenarioError."""
    path = (scenario_root() if root is None else root) / FILE
    if not path.exists():
        return {}
    text, why = read_text(path)
    if text is None:
        raise ScenarioError([Problem(path, "file", why, "a text file in UTF-8 that can be read")])
    data, problems = read_toml(path, text)
    pointers: dict[str, Pointer] = {}
    for name, table in (data or {}).items():
        try:
            pointers[name] = pointer_of(name, table)
        except UnexpectedError as error:
            problems.append(Problem(path, shorten(name, LONGEST_NAME), error.found, error.expected))
        except (msgspec.ValidationError, RecursionError, OverflowError) as error:
            problems.append(Problem(path, shorten(name, LONGEST_NAME), str(error), FORM))
    if problems:
        raise ScenarioError(problems)
    return pointers


def pointer_of(name: str, table: object) -> Pointer:
    """One table. Raises UnexpectedError, msgspec.ValidationError."""
    if not NAME.fullmatch(name):
        raise UnexpectedError(shown(name), "a name of lower-case letters, digits and single hyphens")
    pointer = msgspec.convert(table, Pointer)
    for template in pointer.messages:
        try:
            message.check(template)
        except ValueError as error:
            raise UnexpectedError(f"messages: {shown(template)}", str(error)) from None
    return pointer
