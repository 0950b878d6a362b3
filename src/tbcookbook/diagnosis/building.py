"""Makes the table: sayings of message templates, of recorded messages and tracebacks, and of what reports quote."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tbcookbook.diagnosis.clean import bare, clean, flat
from tbcookbook.diagnosis.exceptions import RAISED, frames_in
from tbcookbook.diagnosis.table import Entry, Origin, Saying, Table
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import Recording, read_recordings
from tbcookbook.scenarios import message
from tbcookbook.scenarios.difference import difference
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.pointers import Pointer, load_pointers
from tbcookbook.scenarios.scenario import Scenario

LEAST_OF_A_LINE = 9  # letters that tell it from others: of the last line of a message alone
MOST_FRAMES = 8  # tracebacks a saying
RECORDED_HOLE = re.compile(r"0x…|<[a-z]+>|…|\d{3,}")  # what recordings replace, and what is a number by chance
NESTED = re.compile(r"(?:\n\s*|(?<=\}))(?=[\w.]*(?:Error|Exception): )")  # in a message that repeats a traceback
# What errors of all kinds say, and what has no meaning of its own.
COMMON = re.compile(
    r"object has no attribute|has no attribute|got an unexpected keyword argument|no module named|is not a package"
    r"|cannot import name|is not supported|not supported|is not defined|is not subscriptable|is not callable"
    r"|does not exist|no such file or directory|permission denied|access is denied|invalid argument"
    r"|too many open files|can.?t pickle|cannot pickle|_thread\.\w+"
    r"|codec can.?t decode byte|invalid (?:start|continuation) byte|in position|utf-8|connection refused"
    r"|in user code|in converted code|exception encountered when calling|cannot be interpreted as an"
    r"|failed to|must be|should be|could not|cannot|can only|did you mean|has been|instead|expected|found|argument"
    r"|\b(?:winerror|errno|module|object|nonetype|none|list|dict|str|tuple|int|float|integer|string|tensor"
    r"|model|sequential"
    r"|functional|tensorflow|keras|numpy|python|torch|items|keys|shape|name|data|type|class|file|value|error"
    r"|line|code"
    r"|get|with|from|not|the|and|for|are|was|were|you|use|using|can|has|have|does|that|this|when|call|called"
    r"|fit|lr)\b"
)


def build_table(root: Path, observed: Path) -> Table:
    """The table of the scenarios and pointers of a folder. Raises ScenarioError, RecordingError."""
    scenarios, pointers = load_scenarios(root), load_pointers(root)
    recordings = read_recordings(observed) if observed.is_dir() else {}
    entries = [entry_of(scenario) for scenario in scenarios]
    entries += [entry_of_pointer(name, pointer) for name, pointer in pointers.items()]
    functions: dict[str, int] = {}
    sayings: dict[tuple[Any, ...], Saying] = {}
    for number, scenario in enumerate(scenarios):
        for saying in sayings_of(scenario, number, recordings, functions):
            add(sayings, saying)
    for number, pointer in enumerate(pointers.values(), len(scenarios)):
        for text in (*pointer.messages, *pointer.symptoms):
            for saying in reported(text, number, pointer.harmless):
                add(sayings, saying)
    return Table(entries, list(sayings.values()), list(functions))


def add(sayings: dict[tuple[Any, ...], Saying], saying: Saying) -> None:
    """Add a saying; one that is there already gets the frames of both."""
    key = saying.entry, tuple(saying.pieces), saying.type
    known = sayings.setdefault(key, saying)
    if known is not saying:
        sets = dict.fromkeys(tuple(numbers) for numbers in (*known.frames, *saying.frames))
        sayings[key] = dataclasses.replace(known, frames=[list(numbers) for numbers in list(sets)[:MOST_FRAMES]])


def entry_of(scenario: Scenario) -> Entry:
    return Entry(
        "scenario",
        scenario.slug,
        scenario.chapter,
        scenario.title,
        f"scenarios/{scenario.chapter}/{scenario.slug}.html",
        scenario.symptoms,
        scenario.sections,
        difference(scenario),
        scenario.sources,
    )


def entry_of_pointer(name: str, pointer: Pointer) -> Entry:
    parts = {"What threads say": pointer.said, "Not run here": pointer.why, "What to check": pointer.check}
    symptoms = [holes_as_dots(text) for text in (*pointer.messages, *pointer.symptoms)]
    return Entry("pointer", name, "", pointer.title, f"pointers.html#{name}", symptoms, parts, "", pointer.sources)


# What scenarios say


def sayings_of(
    scenario: Scenario, entry: int, recordings: Mapping[str, Recording], functions: dict[str, int]
) -> Iterator[Saying]:
    """Of templates, with the frames of the tracebacks that they were recorded with; then recorded; then reported."""
    seen = list(observations(scenario, recordings))
    for expected in scenario.expectations["broken"]:
        if expected.message is None or expected.outcome == "unavailable":
            continue
        frames = frames_of((found for found in seen if matches(expected.message, found)), functions)
        warns = expected.outcome == "warns"
        yield from of_text(expected.message, entry, "template", expected.type or "", warns, expected.on.text, frames)
    for observation in seen:
        if observation.exception is not None:
            raised = observation.exception
            text = escape(conclusion(raised.message))
            yield from of_text(text, entry, "recorded", raised.type, False, "", frames_of([observation], functions))
    for text in scenario.symptoms:
        yield from reported(text, entry)


def observations(scenario: Scenario, recordings: Mapping[str, Recording]) -> Iterator[Observation]:
    """What the broken script did wherever it can run."""
    for recording in recordings.values():
        run = recording.run(scenario.slug, "broken")
        if run is not None:
            expected = scenario.expectation("broken", run.environment.versions)
            if expected is not None and expected.outcome != "unavailable":
                yield run.observation


def matches(template: str, seen: Observation) -> bool:
    return seen.exception is not None and message.matches(template, seen.exception.message)


def frames_of(seen: Iterable[Observation], functions: dict[str, int]) -> list[list[int]]:
    """The functions in the tracebacks on stderr, by number, each set once."""
    sets: dict[tuple[int, ...], None] = {}
    for observation in seen:
        names = dict.fromkeys(function for _, function in frames_in(clean(observation.stderr)))  # in one order
        numbers = {functions.setdefault(name, len(functions)) for name in names if name != "<module>"}
        sets[tuple(sorted(numbers))] = None
    return [list(numbers) for numbers in list(sets)[:MOST_FRAMES]]


def conclusion(text: str) -> str:
    """Of a message that repeats a traceback, what that traceback ends with."""
    return NESTED.split(text)[-1].strip()


def escape(text: str) -> str:
    """A recorded message as a template: what is an address or a path is a hole."""
    return RECORDED_HOLE.sub("{x}", text.replace("{", "{{").replace("}", "}}"))


def of_text(
    template: str, entry: int, origin: Origin, type_: str, warns: bool, on: str, frames: Sequence[Sequence[int]]
) -> Iterator[Saying]:
    """The sayings of a template: all of it, what it ends with, and its last line if that says enough."""
    begins = RAISED.match(template)
    if begins is not None:  # what a command or a traceback in a message says in the end
        type_, template = begins[1], template[begins.start(2) :] if begins[2] else template
    whole = saying(template, entry, origin, type_, warns, on, template, frames)
    if whole is None:
        return
    yield whole
    last = conclusion(template)
    named = RAISED.match(last)
    if last != template.strip() and named is not None:
        of_last = saying(named[2] + last[named.end() :], entry, origin, named[1], warns, on, template, frames)
        yield from filter(None, [of_last])
    line = last.rstrip().split("\n")[-1].strip()
    is_other = line != template.strip() and RAISED.match(line) is None
    alone = saying(line, entry, origin, "", warns, on, template, frames) if is_other else None
    if alone is not None and alone.weight >= LEAST_OF_A_LINE:
        yield alone


def reported(text: str, entry: int, warns: bool = False) -> Iterator[Saying]:
    """What a report says. It may have holes, as a message template has."""
    try:
        message.check(text)
    except ValueError:
        text = text.replace("{", "{{").replace("}", "}}")
    told = bare(text)
    named = RAISED.match(told)
    inner = named[2] if named and named[2] else told
    found = saying(inner, entry, "reported", named[1] if named else "", warns, "", text, ())
    if found is not None and named and inner == told:  # a type alone, which is only meant where it stands alone
        found = dataclasses.replace(found, type="", weight=0)
    yield from filter(None, [found])


def saying(
    template: str,
    entry: int,
    origin: Origin,
    type_: str,
    warns: bool,
    on: str,
    shown: str,
    frames: Sequence[Sequence[int]],
) -> Saying | None:
    """None for a template that has no letter."""
    try:
        found = message.pieces(template)
    except ValueError:  # a part of a template, between two of its braces
        return None
    pieces = [flat(piece) for piece in found]
    kept = [piece for piece in pieces if re.search(r"[^\W_]", piece)]
    if not kept:
        return None
    first, last = kept[0], kept[-1]
    before = len(pieces) > 1 and not pieces[0].startswith(first)
    after = len(pieces) > 1 and not pieces[-1].endswith(last)
    bare = type_.rpartition(".")[2]
    return Saying(entry, origin, bare, kept, before, after, weigh(kept), warns, on, holes_as_dots(shown), frames)


def weigh(pieces: Sequence[str]) -> int:
    """How many letters and digits there are that not every error has."""
    return len(re.sub(r"[\W_]", "", COMMON.sub(" ", " ".join(pieces))))


def holes_as_dots(template: str) -> str:
    try:
        return "…".join(message.pieces(template))
    except ValueError:
        return template
