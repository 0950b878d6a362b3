"""Drift: what changes between two targets, grouped by what a user would notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tbcookbook.observation.logs import Stream
from tbcookbook.observation.record import Observation, Points, Shown
from tbcookbook.recordings.differences import MEASURED, differences
from tbcookbook.recordings.form import recorded_form
from tbcookbook.recordings.store import Recording, Run
from tbcookbook.scenarios import message
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.verdict.contents import same_as_computed, told
from tbcookbook.verdict.endings import describe_ending
from tbcookbook.verdict.judge import judge

Kind = Literal[
    "fixed no longer works",
    "broken no longer breaks",
    "now raises",
    "raises something else",
    "no longer raises",
    "ends in another way",
    "message reworded",
    "tags renamed",
    "steps moved",
    "data lost",
    "data gained",
    "shown otherwise",
    "values changed",
    "warnings changed",
]
KINDS: tuple[Kind, ...] = get_args(Kind)  # in the order in which they are told


@dataclass(frozen=True)
class Change:
    """One change from a target to another, of one script. `subject` is the stream or file it is about, if any."""

    kind: Kind
    scenario: str
    script: Role
    before: str
    after: str
    subject: str = ""


def compare_recordings(before: Recording, after: Recording, scenarios: Sequence[Scenario]) -> list[Change]:
    """All changes, in the order of `KINDS`. A script that was not run on one of the two is left out."""
    changes: list[Change] = []
    for scenario in scenarios:
        for role in ROLES:
            old, new = before.run(scenario.slug, role), after.run(scenario.slug, role)
            if old is not None and new is not None:
                changes += compare_scripts(scenario, role, old, new)
    return sorted(changes, key=lambda change: (KINDS.index(change.kind), change.scenario, change.script))


def not_compared(before: Recording, after: Recording, scenarios: Sequence[Scenario]) -> list[str]:
    """The scripts that were not run on one of two targets, or on neither."""
    return [
        f"{scenario.slug}/{role}"
        for scenario in scenarios
        if not scenario.environments  # which run there, and nowhere else
        for role in ROLES
        if before.observation(scenario.slug, role) is None or after.observation(scenario.slug, role) is None
    ]


def compare_scripts(scenario: Scenario, role: Role, old: Run, new: Run) -> Iterable[Change]:
    """The changes of one script."""
    before, after = old.observation, new.observation
    versions = old.environment.versions, new.environment.versions

    def change(kind: Kind, old: str, new: str, subject: str = "") -> Change:
        return Change(kind, scenario.slug, role, old, new, subject)

    endings = describe_ending(before), describe_ending(after)
    worked = [fails_to_cure(scenario, role, *pair) for pair in zip((before, after), versions, strict=True)]
    if not worked[0] and worked[1]:
        yield change("fixed no longer works", "works", worked[1])
    harm = [does_harm(scenario, role, found) for found in versions]
    if harm == [True, False]:
        yield change("broken no longer breaks", endings[0], endings[1])
    yield from compare_endings(scenario, role, before, after)
    yield from compare_streams(scenario.slug, role, before.logs.streams, after.logs.streams)
    yield from compare_other_data(scenario.slug, role, before, after)
    yield from compare_shown(scenario.slug, role, before.shown, after.shown)
    yield from compare_values(scenario, role, old, new)
    said = [sorted({*map(warning_text, observation.warnings)}) for observation in (before, after)]
    if said[0] != said[1]:
        yield change("warnings changed", "\n".join(said[0]) or "none", "\n".join(said[1]) or "none")


def fails_to_cure(scenario: Scenario, role: Role, seen: Observation, versions: Mapping[str, str]) -> str:
    """Why a fixed script does not do what it should; empty if it does, or the script is the broken one."""
    if role == "broken":
        return ""
    verdict = judge(scenario, role, versions, seen)
    if verdict.expectation is not None and verdict.expectation.outcome == "unavailable":
        return describe_ending(seen)
    return "; ".join(f"{mismatch.what}: {mismatch.actual}" for mismatch in verdict.mismatches)


def does_harm(scenario: Scenario, role: Role, versions: Mapping[str, str]) -> bool:
    """Whether the broken script is expected to break on these versions."""
    expectation = scenario.expectation(role, versions)
    return role == "broken" and expectation is not None and expectation.outcome != "ok"


def compare_endings(scenario: Scenario, role: Role, before: Observation, after: Observation) -> Iterable[Change]:
    endings = describe_ending(before), describe_ending(after)
    old, new = before.exception, after.exception

    def change(kind: Kind) -> Change:
        return Change(kind, scenario.slug, role, *endings)

    if old is None and new is not None:
        yield change("now raises")
    elif old is not None and new is None:
        yield change("no longer raises")
    elif old is not None and new is not None:
        if old.type.rpartition(".")[2] != new.type.rpartition(".")[2]:
            yield change("raises something else")
        elif not same_message(scenario, role, old.message, new.message):
            yield change("message reworded")
    elif (before.ending, before.exit, before.signal) != (after.ending, after.exit, after.signal):
        yield change("ends in another way")


def same_message(scenario: Scenario, role: Role, before: str, after: str) -> bool:
    """Whether two messages are the same, apart from what one of the scenario's templates leaves open."""
    templates = [found.message for found in scenario.expectations[role] if found.message is not None]
    return before == after or any(message.matches(text, before) and message.matches(text, after) for text in templates)


def compare_streams(
    slug: str, role: Role, before: Mapping[str, Stream], after: Mapping[str, Stream]
) -> Iterable[Change]:
    lost, gained = ({key: a[key] for key in a.keys() - b.keys()} for a, b in ((before, after), (after, before)))
    for key, stream in sorted(lost.items()):
        renamed = next((new for new, other in sorted(gained.items()) if same_points(stream, other)), None)
        if renamed is None:
            yield Change("data lost", slug, role, describe_stream(stream), "nothing written", key)
        else:
            del gained[renamed]
            yield Change("tags renamed", slug, role, key, renamed, key)
    for key, stream in sorted(gained.items()):
        yield Change("data gained", slug, role, "nothing written", describe_stream(stream), key)
    for key in sorted(before.keys() & after.keys()):
        yield from compare_stream(slug, role, key, before[key], after[key])


def compare_stream(slug: str, role: Role, key: str, before: Stream, after: Stream) -> Iterable[Change]:
    texts = describe_stream(before), describe_stream(after)
    if before.steps != after.steps:
        kind: Kind = "steps moved"
        if len(before.steps) != len(after.steps):
            kind = "data lost" if len(before.steps) > len(after.steps) else "data gained"
        yield Change(kind, slug, role, *texts, key)
    elif (before.plugin, before.shape, before.dtype) != (after.plugin, after.shape, after.dtype):
        yield Change("values changed", slug, role, *texts, key)


def same_points(before: Stream, after: Stream) -> bool:
    """Whether two streams are one under two names: plugin, steps, shape and values are the same."""
    same_kind = (before.plugin, before.steps, before.shape) == (after.plugin, after.steps, after.shape)
    return same_kind and not differences(list(before.values), list(after.values))


def describe_stream(stream: Stream) -> str:
    shape = "" if stream.shape == () else f", shape {'varying' if stream.shape is None else list(stream.shape)}"
    plugin = "" if stream.plugin == "scalars" else f"{stream.plugin or 'no plugin'}, "
    return f"{plugin}steps {', '.join(map(str, stream.steps))}{shape}"


def compare_other_data(slug: str, role: Role, before: Observation, after: Observation) -> Iterable[Change]:
    """Graphs, and files that are no event files."""
    for what, old, new in [
        ("graph", graph_names(before), graph_names(after)),
        ("file", set(before.logs.files), set(after.logs.files)),
        ("file outside logs/", set(before.outside), set(after.outside)),
    ]:
        for name in sorted(old - new):
            yield Change("data lost", slug, role, f"{what} {name}", "nothing written", name)
        for name in sorted(new - old):
            yield Change("data gained", slug, role, "nothing written", f"{what} {name}", name)


def compare_shown(slug: str, role: Role, before: Shown | None, after: Shown | None) -> Iterable[Change]:
    """What TensorBoard makes of the files, where it was asked on both."""
    if before is None or after is None or before.failure or after.failure:
        return
    dashboards = [", ".join(shown.dashboards) or "no dashboard is active" for shown in (before, after)]
    if dashboards[0] != dashboards[1]:
        yield Change("shown otherwise", slug, role, dashboards[0], dashboards[1])
    for key in sorted(before.points.keys() | after.points.keys()):
        served = [told_points(shown.points.get(key)) for shown in (before, after)]
        if served[0] != served[1]:
            yield Change("shown otherwise", slug, role, served[0], served[1], key)


def told_points(points: Points | None) -> str:
    return "the points that were written" if points is None else f"steps {', '.join(map(str, points.fast)) or 'none'}"


# Values
#
# What a model logs depends on the numbers that it begins with, and these are others in another TensorFlow, seed or not.
# So a stream that the scenario ties to numbers of the script's own is held against these, on either side. Any other is
# compared as it is, where the script's own numbers are the same on both sides; where they are not, it proves nothing.


def compare_values(scenario: Scenario, role: Role, old: Run, new: Run) -> Iterable[Change]:
    """What is in the streams that both have, with the same steps, and in Keras models and projector configurations."""
    before, after = old.observation, new.observation
    same_training = before.values == after.values or not differences(before.values, after.values)
    for key in sorted(before.logs.streams.keys() & after.logs.streams.keys()):
        if key.endswith(MEASURED):
            continue
        streams = before.logs.streams[key], after.logs.streams[key]
        if looks_of(streams[0]) != looks_of(streams[1]):
            continue
        relations = relations_of(scenario, role, key, old, new)
        if relations is not None and relations[0] != relations[1]:
            texts = [f"{relation}: {told(stream)}" for relation, stream in zip(relations, streams, strict=True)]
            yield Change("values changed", scenario.slug, role, texts[0], texts[1], key)
        elif relations is None and tied_somewhere(scenario, key):
            continue  # it is of the training, and the script came to no numbers to hold it against
        elif same_training and not same_contents(*streams):
            texts = [told(stream) for stream in streams]
            yield Change("values changed", scenario.slug, role, texts[0], texts[1], key)
    sides = [{**layers_of(seen), **seen.logs.projector} for seen in (before, after)]
    for name in sorted(sides[0].keys() & sides[1].keys()):
        if sides[0][name] != sides[1][name]:
            pair = [", ".join(side[name]) or "nothing" for side in sides]
            yield Change("values changed", scenario.slug, role, pair[0], pair[1], name)


def relations_of(scenario: Scenario, role: Role, key: str, old: Run, new: Run) -> tuple[str, str] | None:
    """How a stream relates to the script's own numbers on either side; None if the scenario ties it to none."""
    expected = [
        expectation.streams_on(run.environment.versions).get(key)
        for run in (old, new)
        if (expectation := scenario.expectation(role, run.environment.versions)) is not None
    ]
    ties = [stream.equals or stream.differs for stream in expected if stream is not None]
    tie = next((name for name in ties if name is not None), None)
    if tie is None or not all(isinstance(run.observation.values.get(tie), list) for run in (old, new)):
        return None
    before, after = (
        f"as {tie}"
        if same_as_computed(run.observation.logs.streams[key], run.observation.values[tie])
        else f"other than {tie}"
        for run in (old, new)
    )
    return before, after


def tied_somewhere(scenario: Scenario, key: str) -> bool:
    """Whether the scenario holds a stream against numbers of one of its scripts, on any versions."""
    streams = (found.events.get(key) for role in ROLES for found in scenario.expectations[role])
    return any(stream is not None and (stream.equals or stream.differs) for stream in streams)


def looks_of(stream: Stream) -> tuple[object, ...]:
    """What `compare_stream` compares: where that differs, the values do as well."""
    return stream.steps, stream.plugin, stream.shape, stream.dtype


def same_contents(before: Stream, after: Stream) -> bool:
    """Whether two streams hold the same, numbers within a tolerance: values, and what else there is a step."""
    return before == after or not differences(recorded_form(before), recorded_form(after))


def layers_of(seen: Observation) -> dict[str, tuple[str, ...]]:
    """How many layers each Keras model has. The nodes of a graph are TensorFlow's own business, and change with it."""
    return {
        f"{graph.run}/{graph.tag}": (f"{graph.nodes} layers",)
        for graph in seen.logs.graphs
        if graph.plugin == "graph_keras_model" and graph.nodes is not None
    }


def graph_names(seen: Observation) -> set[str]:
    return {f"{graph.run}/{graph.tag}" for graph in seen.logs.graphs}


def warning_text(warning: Any) -> str:
    return f"{warning.type}: {warning.message}"
