"""The table that texts are matched with: one compact form for the terminal and the page, made of what is known.

`building` makes it of scenarios, recordings and pointers; `cache` keeps it between runs.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tbcookbook.diagnosis.clean import WORD

FORMAT = 1
Kind = Literal["scenario", "pointer"]


@dataclass(frozen=True)
class Entry:
    """What a text can be matched with: a scenario, or a pointer.

    `name` is the slug or the pointer's name, `page` its page on the site. `symptoms` are in the words of reports;
    `parts` the prose by heading; `difference` the change as a unified diff, "" for a pointer; `sources` addresses.
    """

    kind: Kind
    name: str
    chapter: str
    title: str
    page: str
    symptoms: Sequence[str]
    parts: Mapping[str, str]
    difference: str
    sources: Sequence[str]


Origin = Literal["template", "recorded", "reported"]


@dataclass(frozen=True)
class Saying:
    """One thing that a program says when an entry's mistake is made: texts that must follow each other.

    `pieces` are flat (see `clean.flat`). `open_before` and `open_after` say that a hole is before the first or after
    the last of them. `weight` counts the letters that tell it from others. `type` is the bare type, ""
    if it is none. `warns` says that the program goes on. `frames` are numbers of functions, one set a recorded
    traceback. `shown` is the message for people.
    """

    entry: int
    origin: Origin
    type: str
    pieces: Sequence[str]
    open_before: bool
    open_after: bool
    weight: int
    warns: bool
    on: str
    shown: str
    frames: Sequence[Sequence[int]]

    @property
    def length(self) -> int:
        return sum(map(len, self.pieces))


@dataclass(frozen=True)
class Table:
    """All entries, all sayings, and the names of the functions that frames speak of by number."""

    entries: Sequence[Entry]
    sayings: Sequence[Saying]
    functions: Sequence[str]

    @functools.cached_property
    def telling(self) -> Mapping[str, Sequence[int]]:
        """The longest word of each saying, with the sayings that have it: no other needs to be looked for."""
        found: dict[str, list[int]] = {}
        for number, saying in enumerate(self.sayings):
            found.setdefault(telling_word(saying), []).append(number)
        return found

    @functools.cached_property
    def number_of_function(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.functions)}


def telling_word(saying: Saying) -> str:
    """The longest word of at least four letters that stands whole in every text of a saying; "" if there is none."""
    words = []
    last = len(saying.pieces) - 1
    for number, piece in enumerate(saying.pieces):
        begin = 0 if number == 0 and not saying.open_before else 1  # beside a hole it may be the end of a word
        end = len(piece) if number == last and not saying.open_after else len(piece) - 1
        words += [found[0] for found in WORD.finditer(piece) if found.start() >= begin and found.end() <= end]
    return max(words, key=len, default="")


def plain(table: Table) -> dict[str, Any]:
    """The table as JSON data: rows without names, since there are hundreds of them."""
    return {
        "format": FORMAT,
        "entries": [list(vars(entry).values()) for entry in table.entries],
        "sayings": [list(vars(saying).values()) for saying in table.sayings],
        "functions": list(table.functions),
    }


def table_of(data: Mapping[str, Any]) -> Table:
    """The table of JSON data. Raises KeyError, TypeError or ValueError if it is of another form."""
    if data["format"] != FORMAT:
        raise ValueError(data["format"])
    return Table([Entry(*row) for row in data["entries"]], [Saying(*row) for row in data["sayings"]], data["functions"])
