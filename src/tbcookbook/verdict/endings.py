"""How a script ended, and what it said on the way: exceptions, warnings, crashes, lines that it printed."""

from __future__ import annotations

from collections.abc import Iterable

from tbcookbook.observation.record import Observation, Raised
from tbcookbook.scenarios import message
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario
from tbcookbook.verdict.mismatch import Mismatch

ENDINGS = {
    "raises": ("raises",),
    "unavailable": ("raises",),
    "warns": ("ok",),
    "wrong-events": ("ok",),
    "ok": ("ok",),
    "crashes": ("killed", "exits"),
}


def compare_endings(scenario: Scenario, role: Role, expectation: Expectation, seen: Observation) -> Iterable[Mismatch]:
    if seen.ending not in ENDINGS[expectation.outcome]:
        expected, hint = describe_expected_ending(expectation), hint_on_ending(scenario, role, expectation, seen)
        yield Mismatch("outcome", expected, describe_ending(seen), hint)
        return
    if seen.exception is not None and expectation.outcome in ("raises", "unavailable"):
        yield from compare_exceptions(scenario, role, expectation, seen.exception)
    if expectation.outcome == "warns":
        command_line = scenario.script(role).suffix == ".sh"
        yield from compare_warnings(expectation, seen, command_line)
    if expectation.outcome == "crashes":
        yield from compare_crashes(expectation, seen)
    yield from compare_prints(expectation, seen)


def compare_exceptions(scenario: Scenario, role: Role, expectation: Expectation, raised: Raised) -> Iterable[Mismatch]:
    assert expectation.type is not None
    assert expectation.message is not None
    if not is_type(expectation.type, raised.type):
        yield Mismatch("exception type", expectation.type, raised.type)
    if not message.matches(expectation.message, raised.message):
        yield Mismatch("message", expectation.message, raised.message)
    if role == "broken" and expectation.outcome == "raises":
        script = scenario.script(role)
        # In a folder, the mark may be in a file that the traceback's lines are not of.
        line = scenario.marked_line if expectation.line is None else expectation.line
        if script == scenario.marked_file and raised.line != line:
            actual = f"outside {script.name}" if raised.line is None else f"line {raised.line}"
            hint = "The traceback shows another line than the comment '# <-' marks, or `line` says."
            yield Mismatch("line", f"line {line}", actual, hint)


def is_type(expected: str, actual: str) -> bool:
    """Whether a type is the expected one: a qualified name is that type alone, a bare one any class of that name."""
    return expected == (actual if "." in expected else actual.rpartition(".")[2])


def compare_warnings(expectation: Expectation, seen: Observation, command_line: bool) -> Iterable[Mismatch]:
    """A Python warning or a line of a log; of a command line, any line on stderr."""
    text, kind = expectation.message, expectation.type
    assert text is not None
    shown = [(warning.type, warning.message) for warning in seen.warnings]
    shown += [(line.level, line.message) for line in seen.log]
    if command_line:
        shown += [("", line) for line in seen.stderr.splitlines()]
    if not any(message.matches(text, said) and (kind is None or is_type(kind, type_)) for type_, said in shown):
        expected = text if kind is None else f"{kind}: {text}"
        actual = "\n".join(f"{type_}: {said}" if type_ else said for type_, said in shown)
        yield Mismatch("warning", expected, actual or "no warning")


def compare_crashes(expectation: Expectation, seen: Observation) -> Iterable[Mismatch]:
    expected = expectation.signal if expectation.signal is not None else f"exit status {expectation.exit}"
    actual = seen.signal if seen.signal is not None else f"exit status {seen.exit}"
    if expected != actual:
        yield Mismatch("crash", expected, actual)
    text = expectation.message
    if text is not None and not any(message.matches(text, line) for line in seen.stderr.splitlines()):
        yield Mismatch("a line on stderr", text, last_line(seen.stderr))


def compare_prints(expectation: Expectation, seen: Observation) -> Iterable[Mismatch]:
    """The lines that must be printed, in this order."""
    lines = iter(seen.stdout.splitlines())
    for template in expectation.prints:
        if not any(message.matches(template, line) for line in lines):
            yield Mismatch("a line on stdout", template, seen.stdout.strip() or "nothing printed")
            return


def describe_expected_ending(expectation: Expectation) -> str:
    if expectation.outcome in ("raises", "unavailable"):
        return f"raises {expectation.type}: {expectation.message}"
    if expectation.outcome == "crashes":
        return f"dies of {expectation.signal or f'exit status {expectation.exit}'}"
    return "runs to its end"


def describe_ending(seen: Observation) -> str:
    """How a script ended, in words."""
    if seen.exception is not None and seen.ending == "raises":
        where = "" if seen.exception.line is None else f" (line {seen.exception.line})"
        return f"raises {seen.exception.type}: {seen.exception.message.strip()}{where}"
    return {
        "ok": "runs to its end",
        "raises": "raises",
        "exits": f"ends with exit status {seen.exit}",
        "killed": f"is killed by {seen.signal}",
        "time": "is stopped at the time limit",
        "memory": "is stopped at the memory limit",
        "output": "is stopped at the limit of its output",
        "lost": "kills the process that watches it",
        "unknown": "ends in a way that was not witnessed",
    }[seen.ending]


def hint_on_ending(scenario: Scenario, role: Role, expectation: Expectation, seen: Observation) -> str:
    if role == "broken" and seen.ending == "ok":
        name = scenario.script(role).name
        return f"{name} no longer breaks here: either it was repaired, or these versions need a range of their own."
    if role == "fixed" and expectation.outcome == "ok" and seen.ending in ("raises", "exits", "killed"):
        return f"{scenario.script(role).name} does not work here, so the recipe is not a cure on these versions."
    return ""


def last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
