"""The errors that scripts ended with: word for word, what each says in the end, and their templates."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.observation.record import Observation
from tbcookbook.scenarios.message import matches
from tbcookbook.scenarios.scenario import ROLES, Expectation, Role, Scenario

ANSI = re.compile(r"\x1b\[[0-9;]*m")  # Keras 3 writes parts of its messages in bold
RAISED = re.compile(r"\s+\w*(Error|Exception)\b.*: ")  # in a traceback inside a message
SAID = re.compile(r"([\w.]*(?:Error|Exception)): (.+)")  # the last line of a traceback
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Message:
    """One error as it was seen, with the targets on which it was: an exception, or what a command that failed said.

    `type` is "" for an error of a command that is no exception of Python.

    Messages of one template are one, with several `wordings`, newest first; each has the targets that it was seen on.
    `conclusion` is what the newest says in the end.
    """

    scenario: Scenario
    role: Role
    type: str
    conclusion: str
    unavailable: bool
    wordings: Mapping[str, Sequence[str]]

    @property
    def bare_type(self) -> str:
        return self.type.rpartition(".")[2]

    @property
    def is_long(self) -> bool:
        return any(text.strip() != self.conclusion for text in self.wordings)

    @property
    def targets(self) -> list[str]:
        return [name for names in self.wordings.values() for name in names]


def messages_of(cookbook: Cookbook, scenario: Scenario) -> list[Message]:
    """Every error that a scenario's scripts ended with, those of the newest targets first."""
    found: dict[tuple[Role, str | None, bool], tuple[str, dict[str, list[str]]]] = {}
    order = {target.name: index for index, target in enumerate(cookbook.targets)}
    for role in ROLES:
        places = cookbook.places(scenario, role)
        for target in sorted(places, key=lambda target: (target != cookbook.current, -order.get(target.name, 0))):
            seen, expected = cookbook.seen(target.name, scenario, role), cookbook.expected(target, scenario, role)
            error = None if seen is None or expected is None else error_of(seen, expected)
            if error is None or expected is None:
                continue
            key = (role, expected.message or error[0], expected.outcome == "unavailable")
            _, wordings = found.setdefault(key, (error[0], {}))
            wordings.setdefault(plain(error[1]), []).append(target.name)
    messages = [
        Message(scenario, role, kind, conclusion(next(iter(wordings))), unavailable, wordings)
        for (role, _, unavailable), (kind, wordings) in found.items()
    ]
    return sorted(messages, key=lambda message: message.unavailable)


def error_of(seen: Observation, expected: Expectation) -> tuple[str, str] | None:
    """What a script ended with, (type, message): an exception, or the line of a crash that says what is wrong."""
    if seen.exception is not None:
        return seen.exception.type, seen.exception.message
    if expected.outcome != "crashes" or expected.message is None:
        return None
    line = next((line for line in seen.stderr.splitlines() if matches(expected.message, line)), None)
    if line is None:
        return None
    raised = SAID.fullmatch(line)
    return (raised[1], raised[2]) if raised else ("", line)


def plain(text: str) -> str:
    """Text without the terminal's escapes and other control characters, which HTML cannot hold."""
    return CONTROL.sub("", ANSI.sub("", text))


def conclusion(text: str) -> str:
    """The part of a message that says what is wrong: of one that repeats a traceback, what that traceback ends with."""
    lines = text.strip("\n").split("\n")
    starts = [number for number, line in enumerate(lines) if RAISED.match(line)]
    return textwrap.dedent("\n".join(lines[starts[-1] :])).strip() if starts else text.strip()


def headline(message: Message) -> str:
    """What a traceback ends with."""
    told = message.conclusion
    return told if not message.type or told.startswith((message.type, message.bare_type)) else f"{message.type}: {told}"


@dataclass(frozen=True)
class Template:
    """A message of ``scenario.toml``, with holes, and the targets on which it is expected."""

    scenario: Scenario
    role: Role
    expectation: Expectation
    targets: tuple[str, ...]

    @property
    def text(self) -> str:
        assert self.expectation.message is not None
        return self.expectation.message


def templates_of(cookbook: Cookbook) -> list[Template]:
    """The message templates of all scenarios, in the order of the scenarios."""
    return [
        Template(
            scenario,
            role,
            expected,
            tuple(
                found.name
                for found in cookbook.places(scenario, role)
                if cookbook.expected(found, scenario, role) is expected
            ),
        )
        for scenario in cookbook.scenarios
        for role in ROLES
        for expected in scenario.expectations[role]
        if expected.message is not None
    ]
