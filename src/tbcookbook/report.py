"""Verdicts and scenarios for people: tables, a failure with the script beside it, a recipe for the terminal."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tbcookbook.registry import RegisteredTarget
from tbcookbook.scenario import ROLES, Role, Scenario
from tbcookbook.verdict import Verdict, describe_ending

if TYPE_CHECKING:
    from tbcookbook.drift import Change
    from tbcookbook.matrix import Row
    from tbcookbook.recording import Recording

FAILURE_WIDTH = 118  # columns of a failure in a pytest report, which has no terminal of its own
CONTEXT_LINES = 4  # of the script, on either side of the line at fault
STDERR_LINES = 8
LONGEST_CELL = 1200  # characters of an expected or actual value
LONGEST_DRIFT = 3  # lines of what was before or after a change
LONGEST_MARKDOWN = 300  # the same, where a table has one line a row


def plain_text(renderable: RenderableType, width: int = FAILURE_WIDTH) -> str:
    """What a renderable looks like without colour."""
    stream = StringIO()
    Console(file=stream, width=width, no_color=True, highlight=False).print(renderable)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


# Verdicts


def failure(verdict: Verdict) -> RenderableType:
    """One verdict that is not as expected: the differences, the script with the line marked, the end of its stderr."""
    script = verdict.scenario.script(verdict.role)
    source = "nothing in scenario.toml"
    if verdict.expectation is not None:
        source = f'scenario.toml, [[{verdict.role}]] on "{verdict.expectation.on.text}"'
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("expected", ratio=1, overflow="fold")
    table.add_column("actual", ratio=1, overflow="fold")
    for mismatch in verdict.mismatches:
        table.add_row(Text(mismatch.what), cell(mismatch.expected), cell(mismatch.actual))
    parts: list[RenderableType] = [
        Text(f"{verdict.case}: not as expected", style="bold red"),
        Text(f"target    {verdict.target.title}"),
        Text(f"expected  {source}"),
        Text(f"ending    {describe_ending(verdict.observation).splitlines()[0]}"),
        Text(),
        table,
    ]
    parts += [Text(f"\n{hint}") for hint in dict.fromkeys(mismatch.hint for mismatch in verdict.mismatches) if hint]
    parts += [Text(f"\n{script}"), Text(marked_source(verdict))]
    if verdict.observation.stderr.strip():
        last = verdict.observation.stderr.rstrip().splitlines()[-STDERR_LINES:]
        parts += [Text("\nThe end of its stderr"), Text("\n".join(f"    {line}" for line in last))]
    return Group(*parts)


def cell(text: str) -> Text:
    return Text(shorten(text, LONGEST_CELL))


def marked_source(verdict: Verdict) -> str:
    """The lines of the script around the one at fault, that line with an arrow before it."""
    exception = verdict.observation.exception
    lines = verdict.scenario.source(verdict.role).splitlines()
    marked = exception.line if exception is not None and exception.line is not None else None
    if marked is None and verdict.role == "broken":
        marked = verdict.scenario.marked_line
    if marked is None:
        marked = len(lines)
    first, last = max(1, marked - CONTEXT_LINES), min(len(lines), marked + CONTEXT_LINES)
    return "\n".join(
        f"{'>' if number == marked else ' '} {number:3} {lines[number - 1]}" for number in range(first, last + 1)
    )


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """A row for each scenario and target: what the broken and the fixed script did."""
    several = len({verdict.target.name for verdict in verdicts}) > 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    if several:
        table.add_column("target", no_wrap=True)
    table.add_column("broken.py", no_wrap=True)
    table.add_column("fixed.py", no_wrap=True)
    found = {(verdict.scenario.folder, verdict.target.name, verdict.role): verdict for verdict in verdicts}
    for folder, target in dict.fromkeys((folder, target) for folder, target, _ in found):
        row = [Text(f"{folder.parent.name}/{folder.name}")] + ([Text(target)] if several else [])
        table.add_row(*row, *(result_cell(found.get((folder, target, role))) for role in ROLES))
    return table


def result_cell(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("not run", style="dim")
    text = Text("✔ " if not verdict.mismatches else "✘ ", style="green" if not verdict.mismatches else "bold red")
    return text.append(short_ending(verdict), style="default")


def short_ending(verdict: Verdict) -> str:
    """What a script did, in a few words."""
    observation = verdict.observation
    if observation.exception is not None:
        return f"raises {observation.exception.type.rpartition('.')[2]}"
    if observation.outcome != "ok":
        return describe_ending(observation)
    streams = observation.logs.streams
    points = sum(len(stream.steps) for stream in streams.values())
    if not points:
        return "logs nothing"
    return f"logs {points} point{'s' * (points != 1)} of {len(streams)} tag{'s' * (len(streams) != 1)}"


# Targets


def target_table(rows: Sequence[RegisteredTarget], states: Mapping[str, str], recorded: Collection[str]) -> Table:
    """The registry, with the state of each target on this machine."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("target", "status", "python", *REGISTRY_COLUMNS, "recorded", "here"):
        table.add_column(column, no_wrap=column != "here")
    for row in rows:
        versions = (row.versions.get(name, "none") for name in REGISTRY_COLUMNS)
        has_recording = "yes" if row.name in recorded else "not run"
        here = states[row.name]
        table.add_row(row.name, row.status, row.python, *versions, has_recording, here)
    return table


REGISTRY_COLUMNS = ("tensorflow", "keras", "tensorboard")


def matrix_table(rows: Sequence[Row]) -> Table:
    """What came of each target of a matrix run."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("target", "state", "not as expected", "install s", "run s", ""):
        table.add_column(column, justify="right" if column.endswith(" s") else "left", overflow="fold")
    for row in rows:
        different = sum(bool(verdict.mismatches) for verdict in row.verdicts)
        seconds = (f"{row.install_seconds:.0f}", f"{row.run_seconds:.0f}")
        style = "bold red" if row.bad else ""
        table.add_row(row.target.name, Text(row.state, style=style), str(different), *seconds, Text(row.text))
    return table


# Drift


def drift_table(before: Recording, after: Recording, changes: Sequence[Change]) -> RenderableType:
    """The changes from one target to another, grouped by kind."""
    parts: list[RenderableType] = [Text(drift_title(before, after), style="bold")]
    for kind, rows in drift_rows(changes):
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("before", "after", "scripts"):
            table.add_column(column, ratio=1, overflow="fold")
        for row in rows:
            table.add_row(*(Text(text) for text in row))
        parts += [Text(f"\n{kind}", style="bold"), table]
    return Group(*parts, *([] if changes else [Text("no change")]))


def drift_markdown(before: Recording, after: Recording, changes: Sequence[Change], missing: Sequence[str]) -> str:
    """The same for a pull request or the summary of a CI job."""
    lines = [f"### {drift_title(before, after)}", ""]
    for kind, rows in drift_rows(changes):
        lines += [f"#### {kind}", "", "| before | after | scripts |", "|---|---|---|"]
        lines += [f"| {markdown_cell(old)} | {markdown_cell(new)} | {scripts} |" for old, new, scripts in rows]
        lines.append("")
    lines += ["No change.", ""] * (not changes)
    lines += [f"Not run on one of the two: {', '.join(missing)}.", ""] * bool(missing)
    return "\n".join(lines)


def markdown_cell(text: str) -> str:
    """Text for a cell of a Markdown table, in which nothing is markup."""
    code = shorten(text, LONGEST_MARKDOWN).replace("\n", " ⏎ ").replace("`", "'").replace("|", "\\|")
    return f"`{code}`" if code.strip() else ""


def drift_rows(changes: Sequence[Change]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """For each kind its rows: before, after, and the scripts of which that is true."""
    kinds: dict[str, dict[tuple[str, str], list[str]]] = {}
    for change in changes:
        scripts = kinds.setdefault(change.kind, {}).setdefault(sides(change), [])
        scripts.append(f"{change.scenario}/{change.script}")
    return [
        (kind, [(old, new, ", ".join(scripts)) for (old, new), scripts in rows.items()]) for kind, rows in kinds.items()
    ]


def sides(change: Change) -> tuple[str, str]:
    """What was before and after, in brief, each with the stream it is about if that is not said anyway."""
    about = f"{change.subject}: " if change.subject and change.subject not in change.before + change.after else ""
    return about + brief(change.before), about + brief(change.after)


def brief(text: str) -> str:
    """The first and the last line of a long text: of a traceback, what is raised."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return text if len(lines) <= LONGEST_DRIFT else f"{lines[0]} … {lines[-1]}"


def drift_json(
    before: Recording, after: Recording, changes: Sequence[Change], missing: Sequence[str]
) -> dict[str, object]:
    return {
        "before": {"target": before.name, "date": before.date, "versions": dict(before.versions)},
        "after": {"target": after.name, "date": after.date, "versions": dict(after.versions)},
        "changes": [vars(change) for change in changes],
        "not_compared": list(missing),
    }


def drift_title(before: Recording, after: Recording) -> str:
    versions = (
        ", ".join(
            f"{name} {recording.versions[name]}" for name in ("tensorflow", "keras") if name in recording.versions
        )
        for recording in (before, after)
    )
    return f"{before.name} ({next(versions)}) → {after.name} ({next(versions)})"


def shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


# Scenarios


def scenario_table(scenarios: Iterable[Scenario]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("mistake", ratio=1)
    for scenario in scenarios:
        table.add_row(Text(f"{scenario.chapter}/{scenario.slug}"), Text(scenario.title))
    return table


def recipe(scenario: Scenario) -> RenderableType:
    """The page of a scenario: messages, prose, the change, and what happens on which versions."""
    from rich.markdown import Markdown  # these two are slow to import, and needed here only
    from rich.syntax import Syntax

    parts: list[RenderableType] = [Text(scenario.title, style="bold underline"), Text()]
    messages = dict.fromkeys(
        f"{expectation.type}: {expectation.message}" if expectation.type else str(expectation.message)
        for expectation in scenario.expectations["broken"]
        if expectation.message is not None
    )
    parts += [Text(message, style="red") for message in messages] + [Text()] * bool(messages)
    parts += [Markdown(scenario.readme), Text("\nThe change", style="bold"), Syntax(difference(scenario), "diff")]
    parts += [Text("On which versions", style="bold"), expectation_table(scenario), Text("\nSources", style="bold")]
    return Group(*parts, *(Text(source) for source in scenario.sources))


def difference(scenario: Scenario) -> str:
    """The fix, as a unified diff."""
    before, after = (scenario.source(role).splitlines(keepends=True) for role in ROLES)
    return "".join(difflib.unified_diff(before, after, "broken.py", "fixed.py", n=2))


def expectation_table(scenario: Scenario) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("script", "on", "outcome", "what it does"):
        table.add_column(column, ratio=1 if column == "what it does" else None, overflow="fold")
    for role in ROLES:
        for expectation in scenario.expectations[role]:
            streams = ", ".join(expectation.events) or "nothing written"
            told = expectation.message if expectation.type else streams
            note = f" ({expectation.note})" if expectation.note else ""
            table.add_row(f"{role}.py", Text(expectation.on.text), expectation.outcome, Text(f"{told}{note}"))
    return table


def scenario_json(scenario: Scenario) -> dict[str, object]:
    """A scenario as plain data, for programs."""

    def expectations(role: Role) -> list[dict[str, object]]:
        plain = msgspec.to_builtins(scenario.expectations[role], enc_hook=lambda versions: versions.text)
        return [{key: value for key, value in found.items() if value} for found in plain]

    return {
        "scenario": scenario.slug,
        "chapter": scenario.chapter,
        "title": scenario.title,
        "folder": str(scenario.folder),
        "sources": list(scenario.sources),
        "expectations": {role: expectations(role) for role in ROLES},
    }
