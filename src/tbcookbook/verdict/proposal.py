"""What ``scenario.toml`` could say, given what the scripts did on many targets.

Targets that did the same are one table, with a range that tells them from the others, and a template that all their
messages match. Where a script cannot run for a reason that other scenarios have a note for, it gets that note. What the
scenario says already is kept where it holds: templates with the names of their holes, notes, and outcomes that only a
person can know, such as "ok" of a broken script that does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tbcookbook.observation.logs import Stream
from tbcookbook.observation.record import Observation
from tbcookbook.scenarios import message
from tbcookbook.scenarios.generalise import generalise
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scenario import HOLDS, ROLES, Expectation, Role, Scenario
from tbcookbook.scenarios.separating import Piece, VersionsOf, separate
from tbcookbook.verdict.contents import contents_of, same, same_as_computed
from tbcookbook.verdict.endings import describe_ending, is_type, last_line

TO_DO = "TODO: say why it cannot run here."
TOLERANCE = 1e-4  # of what two scripts logged on one target
WHOLE = ("count", "buckets", "number", "width", "height", "channels", "length", "texts")  # of contents: told exactly


@dataclass(frozen=True)
class Seen:
    """What the scripts of a scenario did on one target, and the versions of what is installed there."""

    versions: Mapping[str, str]
    observations: Mapping[Role, Observation]


@dataclass(frozen=True)
class Table:
    """A table of ``scenario.toml``, as lines without its head, and the targets it is for."""

    head: str
    on: str | list[str] | None
    lines: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass
class Group:
    """Targets on which a script did the same, with one of the observations of each."""

    seen: dict[str, Observation] = field(default_factory=dict)


def propose(scenario: Scenario, seen: Mapping[str, Seen], others: Sequence[Scenario] = ()) -> str:
    """The tables ``[[broken]]``, ``[[fixed]]`` and ``[[unavailable]]``, as TOML.

    `seen` has the targets by name. `others` are scenarios whose notes on where a script cannot run may be used.
    """
    versions = {name: found.versions for name, found in seen.items()}
    cannot: dict[Role, dict[str, Expectation]] = {
        role: dict(cannot_run(role, seen, [scenario, *others])) for role in ROLES
    }
    for name, reason in fail_alike(scenario, seen, cannot).items():
        for role in ROLES:
            cannot[role].setdefault(name, reason)
    tables: list[Table] = []
    for role in ROLES:
        left = {
            name: found.observations[role]
            for name, found in seen.items()
            if role in found.observations and name not in cannot[role]
        }
        tables += role_tables(scenario, role, left, seen)
    tables += unavailable_tables(cannot, seen, versions)
    return "\n".join(written(table) for table in tables)


def written(table: Table) -> str:
    shown = ", ".join(table.targets[:3]) + (f" … {table.targets[-1]}" if len(table.targets) > 3 else "")
    comment = f"# {len(table.targets)} target{'s' * (len(table.targets) != 1)}: {shown}"
    on = "# TODO: no range tells these from the others" if table.on is None else f"on = {toml(table.on)}"
    return "\n".join([comment, f"[[{table.head}]]", on, *table.lines, ""])


# Where a script cannot run


def cannot_run(
    role: Role, seen: Mapping[str, Seen], scenarios: Sequence[Scenario]
) -> Iterable[tuple[str, Expectation]]:
    """The targets on which a script ends as scenarios say that scripts do for another reason than their mistake."""
    rules = [rule for found in scenarios for rule in found.expectations[role] if rule.outcome == "unavailable"]
    for name, found in seen.items():
        observation = found.observations.get(role)
        raised = observation.exception if observation is not None and observation.ending == "raises" else None
        if raised is not None:
            for rule in rules:
                assert rule.type is not None
                assert rule.message is not None
                known = rule.on.text != "*" and found.versions in rule.on
                if known and is_type(rule.type, raised.type) and message.matches(rule.message, raised.message):
                    yield name, rule
                    break


def fail_alike(
    scenario: Scenario, seen: Mapping[str, Seen], cannot: Mapping[Role, Mapping[str, Expectation]]
) -> dict[str, Expectation]:
    """The targets on which both scripts end with the same exception: it is not the mistake that it comes of."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, both in seen.items():
        raised = [both.observations[role].exception for role in ROLES if role in both.observations]
        first, *rest = raised or [None]
        known = name in cannot["broken"] and name in cannot["fixed"]
        if not known and first is not None and rest and rest[0] is not None:
            texts = [first.message, rest[0].message]
            if first.type == rest[0].type and generalise(texts) is not None:
                found.setdefault(first.type, {})[name] = texts
    reasons = {}
    for kind, texts_of in found.items():
        alike = generalise([text for texts in texts_of.values() for text in texts])
        for name, texts in texts_of.items():
            text = alike or generalise(texts)
            reasons[name] = Expectation(
                on=parse_versions("*"), outcome="unavailable", type=kind, message=text, note=TO_DO
            )
    return reasons


def unavailable_tables(
    cannot: Mapping[Role, Mapping[str, Expectation]], seen: Mapping[str, Seen], versions: VersionsOf
) -> list[Table]:
    """One table for each reason; without `scripts` where it is that of both on the same targets."""
    reasons: dict[tuple[str, str, str], dict[Role, list[str]]] = {}
    for role in ROLES:
        for name, rule in cannot[role].items():
            key = (str(rule.type), str(rule.message), str(rule.note))
            reasons.setdefault(key, {}).setdefault(role, []).append(name)
    tables = []
    for (kind, text, note), roles in reasons.items():
        alike = len(roles) == 2 and roles["broken"] == roles["fixed"]
        for role in ROLES if not alike else ROLES[:1]:
            for piece in pieces_of(roles.get(role, []), seen, versions):
                lines = [] if alike else [f'scripts = ["{role}"]']
                lines += [f"type = {toml(kind)}", f"message = {toml(text)}", f"note = {toml(note)}"]
                tables.append(Table("unavailable", on_of(piece), tuple(lines), in_order(piece.targets, seen)))
    return tables


# What a script does elsewhere


def role_tables(
    scenario: Scenario, role: Role, left: Mapping[str, Observation], seen: Mapping[str, Seen]
) -> list[Table]:
    """The tables of a script, for the targets on which it can run."""
    versions = {name: found.versions for name, found in seen.items()}
    groups = groups_of(left, versions)
    harmless = [role == "broken" and does_no_harm(group, seen) for group in groups]
    tables = []
    for group, ok in zip(groups, harmless, strict=True):
        for piece in pieces_of(group.seen, left, versions):
            part = {name: observation for name, observation in group.seen.items() if name in piece.targets}
            names = in_order(part, left)
            before = [scenario.expectation(role, versions[name]) for name in names]
            default = "ok" if role == "fixed" or (ok and not all(harmless)) else "wrong-events"
            head, lines = body(
                scenario, role, part, [found for found in before if found is not None], versions, default
            )
            tables.append(Table(head, on_of(piece), tuple(lines), names))
    return tables


def does_no_harm(group: Group, seen: Mapping[str, Seen]) -> bool:
    """Whether a broken script logs what the fixed one does, on all targets of a group."""
    for name, broken in group.seen.items():
        fixed = seen[name].observations.get("fixed")
        if fixed is None or (broken.ending, fixed.ending) != ("ok", "ok"):
            return False
        streams, others = broken.logs.streams, fixed.logs.streams
        if streams.keys() != others.keys():
            return False
        if not all(same_form(streams[key], others[key]) for key in streams):
            return False
        if not all(same(streams[key].values, others[key].values, TOLERANCE) for key in streams):
            return False
    return True


def groups_of(seen: Mapping[str, Observation], versions: VersionsOf) -> list[Group]:
    """Targets that did the same: ended alike, and logged the same wherever they logged the same stream."""
    groups: list[Group] = []
    for name, observation in seen.items():
        home = next((group for group in groups if fits(group, observation)), None)
        if home is None:
            groups.append(home := Group())
        home.seen[name] = observation
    return [part for group in groups for part in by_streams(group, versions)]


def fits(group: Group, observation: Observation) -> bool:
    first = next(iter(group.seen.values()))
    if (first.ending, first.exit, first.signal) != (observation.ending, observation.exit, observation.signal):
        return False
    if first.outside != observation.outside:
        return False
    if first.exception is not None and observation.exception is not None:
        names = [found.exception.type.rpartition(".")[2] for found in (first, observation) if found.exception]
        said = [found.exception.message for found in (*group.seen.values(), observation) if found.exception]
        if names[0] != names[1] or first.exception.line != observation.exception.line or generalise(said) is None:
            return False
    return all(
        same_form(stream, observation.logs.streams[key])
        for found in group.seen.values()
        for key, stream in found.logs.streams.items()
        if key in observation.logs.streams
    )


def same_form(stream: Stream, other: Stream) -> bool:
    """Whether one table can speak of both. A shape is left out where the contents are told instead."""
    alike = (stream.plugin, stream.steps) == (other.plugin, other.steps)
    return alike and (stream.shape == other.shape or (stream.plugin in HOLDS and stream.plugin != "scalars"))


def by_streams(group: Group, versions: VersionsOf) -> list[Group]:
    """A group, or parts of it where no range tells on which of its targets a stream is there."""
    for key in sorted({key for found in group.seen.values() for key in found.logs.streams}):
        having = [name for name, found in group.seen.items() if key in found.logs.streams]
        lacking = [name for name in group.seen if name not in having]
        if lacking and len(separate(having, lacking, versions)) != 1:
            parts = [Group({name: group.seen[name] for name in names}) for names in (having, lacking)]
            return [smaller for part in parts for smaller in by_streams(part, versions)]
    return [group]


def body(
    scenario: Scenario,
    role: Role,
    seen: Mapping[str, Observation],
    before: Sequence[Expectation],
    versions: VersionsOf,
    default: str,
) -> tuple[str, list[str]]:
    """The head of a table and its lines but for the range. `before` is what is said of these targets already.

    `default` is how a script that runs to its end is called if nothing was said of it.
    """
    first = next(iter(seen.values()))
    old = before[0] if before and all(found.outcome == before[0].outcome for found in before) else None
    note = [f"note = {toml(old.note)}"] if old is not None and old.note else []
    if first.exception is not None and first.ending == "raises":
        lines = exception_lines(scenario, role, [found.exception for found in seen.values() if found.exception])
        if role == "fixed":
            head = ['scripts = ["fixed"]', *lines[1:]]
            return "unavailable", [*head, *(note or [f"note = {toml(TO_DO)}"])]
        if old is not None and old.outcome == "unavailable":
            lines[0] = 'outcome = "unavailable"'
    elif first.ending in ("exits", "killed"):
        lines = crash_lines([found.stderr for found in seen.values()], first)
    elif first.ending != "ok":
        return role, [f"# TODO: {describe_ending(first)}: nothing can be expected of that"]
    else:
        lines = outcome_lines(role, old, default)
    lines += [*outside_lines(first), *stream_lines(seen, versions), *shown_lines(scenario, role, seen)]
    return role, [*lines, *note]


def outside_lines(first: Observation) -> list[str]:
    """The files beside ``logs/``, which are the same on all targets of a group."""
    names = [name.replace("{", "{{").replace("}", "}}") for name in first.outside]
    return [f"outside = {toml(names)}"] if names else []


def exception_lines(scenario: Scenario, role: Role, raised: Sequence[object]) -> list[str]:
    kinds = sorted({str(getattr(found, "type", "")) for found in raised})
    kind = kinds[0] if len(kinds) == 1 else kinds[0].rpartition(".")[2]
    said = [str(getattr(found, "message", "")) for found in raised]
    lines = {getattr(found, "line", None) for found in raised}
    other = role == "broken" and len(lines) == 1 and lines.isdisjoint({scenario.marked_line, None})
    shown = [f"line = {lines.pop()}"] if other else []
    return ['outcome = "raises"', f"type = {toml(kind)}", f"message = {toml(template(scenario, role, said))}", *shown]


def crash_lines(stderrs: Sequence[str], first: Observation) -> list[str]:
    how = f"signal = {toml(first.signal)}" if first.signal is not None else f"exit = {first.exit}"
    said = generalise([last_line(text) for text in stderrs])
    return ['outcome = "crashes"', how, *([f"message = {toml(said)}"] if said else [])]


def outcome_lines(role: Role, old: Expectation | None, default: str) -> list[str]:
    """How a script that runs to its end is called: as it was, where that is possible."""
    if role == "fixed" or old is None or old.outcome not in ("ok", "warns", "wrong-events"):
        return [f'outcome = "{default}"']
    if old.outcome != "warns":
        return [f'outcome = "{old.outcome}"']
    kind = [f"type = {toml(old.type)}"] if old.type else []
    return ['outcome = "warns"', *kind, f"message = {toml(str(old.message))}"]


def template(scenario: Scenario, role: Role, said: Sequence[str]) -> str:
    """A template of the scenario's own that matches all messages, or else one made of them."""
    for found in scenario.expectations[role]:
        if found.message is not None and all(message.matches(found.message, text) for text in said):
            return found.message
    return generalise(said) or said[0].replace("{", "{{").replace("}", "}}")


# What it logs


def stream_lines(seen: Mapping[str, Observation], versions: VersionsOf) -> list[str]:
    lines = []
    for key in sorted({key for found in seen.values() for key in found.logs.streams}):
        having = {name: found for name, found in seen.items() if key in found.logs.streams}
        pieces = separate(having, [name for name in seen if name not in having], versions)
        stream = next(iter(having.values())).logs.streams[key]
        parts = [f"steps = {list(stream.steps)}"]
        parts += [f"plugin = {toml(stream.plugin)}"] if stream.plugin != "scalars" else []
        held = equal_to(key, list(having.values())) or held_by(key, list(having.values()))
        shapes = {found.logs.streams[key].shape for found in having.values()}
        shape = "varying" if stream.shape is None else list(stream.shape)
        told = shape and not held and len(shapes) == 1 and (shape != "varying" or stream.plugin == "scalars")
        parts += [f"shape = {toml(shape)}"] if told else []
        parts += held
        parts += [f"on = {toml(pieces[0].on)}"] if len(having) < len(seen) else []
        lines.append(f"events.{toml(key)} = {{ {', '.join(parts)} }}")
    return lines


def equal_to(key: str, seen: Sequence[Observation]) -> list[str]:
    """A global of the script that has what was logged, on every target."""
    for path in sorted({path for found in seen for path in found.values}, key=lambda path: (path.count("."), path)):
        if all(same_as_computed(found.logs.streams[key], found.values.get(path)) for found in seen):
            return [f"equals = {toml(path)}"]
    return []


def held_by(key: str, seen: Sequence[Observation]) -> list[str]:
    """What every step holds on every target, of the kinds that are told exactly."""
    stream = seen[0].logs.streams[key]
    if stream.plugin == "scalars" or stream.plugin not in HOLDS:
        return []
    steps = [content for found in seen for content in contents_of(found.logs.streams[key])]
    alike = {
        name: steps[0].get(name)
        for name in HOLDS[stream.plugin]
        if name in WHOLE and steps and all(content.get(name) == steps[0].get(name) for content in steps)
    }
    said = [f"{name} = {toml(value)}" for name, value in alike.items() if value is not None]
    return [f"holds = {{ {', '.join(said)} }}"] if said else []


def shown_lines(scenario: Scenario, role: Role, seen: Mapping[str, Observation]) -> list[str]:
    """What TensorBoard shows, where that is another thing than the files hold, or the scenario speaks of it."""
    answers = [found.shown for found in seen.values() if found.shown is not None and not found.shown.failure]
    if len(answers) < len(seen):
        return []
    lines = []
    dashboards = {tuple(sorted(answer.dashboards)) for answer in answers}
    if scenario.needs_shown(role) and len(dashboards) == 1:
        lines.append(f"dashboards = {toml(list(dashboards.pop()))}")
    first = next(iter(seen.values()))
    for key, points in sorted(answers[0].points.items()):
        if all(answer.points.get(key) == points for answer in answers):
            lines.append(f"shown.{toml(key)} = {list(points.fast)}")
            if key in first.logs.streams and points.slow != first.logs.streams[key].steps:
                lines.append(f"shown_slow.{toml(key)} = {list(points.slow)}")
    return lines


# Words


def pieces_of(names: Iterable[str], all_names: Iterable[str], versions: VersionsOf) -> list[Piece]:
    """The ranges of some targets; one piece without a range if none tells them from the others."""
    inside = list(names)
    pieces = separate(inside, [name for name in all_names if name not in inside], versions)
    return pieces or ([Piece((), frozenset(inside))] if inside else [])


def on_of(piece: Piece) -> str | list[str] | None:
    return piece.on if piece.ranges else None


def in_order(names: Iterable[str], seen: Mapping[str, object]) -> tuple[str, ...]:
    wanted = set(names)
    return tuple(name for name in seen if name in wanted)


def toml(value: object) -> str:
    """A text, a number, or a list of them as TOML; a text of several lines as it is read best."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str) and "\n" in value:
        text = json.dumps(value, ensure_ascii=False)[1:-1].replace("\\n", "\n")
        plain = '""' not in value and not value.endswith('"')
        return '"""\n' + (text.replace('\\"', '"') if plain else text) + '"""'
    return json.dumps(value, ensure_ascii=False)
