"""Results of runs for people: tables, and a failure with the script beside it."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tbcookbook.render.printable import in_a_line, printable
from tbcookbook.scenarios.scenario import ROLES
from tbcookbook.verdict.endings import describe_ending
from tbcookbook.verdict.judge import Verdict
from tbcookbook.words import shorten

if TYPE_CHECKING:
    from tbcookbook.recordings.row import Row

FAILURE_WIDTH = 118  # columns of a failure in a pytest report, which has no terminal of its own
CONTEXT_LINES = 4  # of the script, on either side of the line at fault
STDERR_LINES = 8
LONGEST_CELL = 1200  # characters of an expected or actual value
LONGEST_LINE = 400  # characters of any other line
LONGEST_RESULT = 60  # characters of what a script did, in a table


def plain_text(renderable: RenderableType, width: int = FAILURE_WIDTH) -> str:
    """What a renderable looks like without colour."""
    stream = StringIO()
    Console(file=stream, width=width, no_color=True, highlight=False).print(renderable)
    return "\n".join(told.rstrip() for told in stream.getvalue().split("\n")).rstrip("\n")


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
        table.add_row(line(mismatch.what), cell(mismatch.expected), cell(mismatch.actual))
    parts: list[RenderableType] = [
        line(f"{verdict.case}: not as expected", "bold red"),
        line(f"target    {verdict.target.title}"),
        line(f"expected  {source}"),
        line(f"ending    {(describe_ending(verdict.observation).splitlines() or [''])[0]}"),
        Text(),
        table,
    ]
    for hint in dict.fromkeys(mismatch.hint for mismatch in verdict.mismatches):
        parts += [Text(), line(hint)] if hint else []
    parts += [Text(), line(str(script)), *marked_source(verdict)]
    if verdict.observation.stderr.strip():
        last = verdict.observation.stderr.rstrip().splitlines()[-STDERR_LINES:]
        parts += [Text("\nThe end of its stderr"), *(line(f"    {told}") for told in last)]
    return Group(*parts)


def line(text: str, style: str = "") -> Text:
    """A text in one line that can be printed."""
    return Text(in_a_line(shorten(text, LONGEST_LINE)), style=style)


def cell(text: str) -> Text:
    return Text(printable(shorten(text, LONGEST_CELL)))


def marked_source(verdict: Verdict) -> list[Text]:
    """The lines of the script around the one at fault, that line with an arrow before it."""
    exception = verdict.observation.exception
    lines = verdict.scenario.source(verdict.role).splitlines()
    marked = exception.line if exception is not None and exception.line is not None else None
    if (
        marked is None
        and verdict.role == "broken"
        and verdict.scenario.marked_file == verdict.scenario.script("broken")
    ):
        marked = verdict.scenario.marked_line
    if marked is None or marked > len(lines):
        marked = len(lines)
    first, last = max(1, marked - CONTEXT_LINES), min(len(lines), marked + CONTEXT_LINES)
    return [
        line(f"{'>' if number == marked else ' '} {number:3} {lines[number - 1]}") for number in range(first, last + 1)
    ]


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """A row for each scenario and target: what the broken and the fixed script did."""
    several = len({verdict.target.name for verdict in verdicts}) > 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("scenario", *["target"] * several, *ROLES):
        table.add_column(column, overflow="fold")
    found = {(verdict.scenario.folder, verdict.target.name, verdict.role): verdict for verdict in verdicts}
    for folder, target in dict.fromkeys((folder, target) for folder, target, _ in found):
        row = [line(f"{folder.parent.name}/{folder.name}")] + ([line(target)] if several else [])
        table.add_row(*row, *(result_cell(found.get((folder, target, role))) for role in ROLES))
    return table


def result_cell(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("not run", style="dim")
    text = Text("✔ " if not verdict.mismatches else "✘ ", style="green" if not verdict.mismatches else "bold red")
    return text.append(in_a_line(shorten(short_ending(verdict), LONGEST_RESULT)), style="default")


def short_ending(verdict: Verdict) -> str:
    """What a script did, in a few words."""
    observation = verdict.observation
    if observation.exception is not None:
        return f"raises {observation.exception.type.rpartition('.')[2]}"
    if observation.ending != "ok":
        return describe_ending(observation)
    streams = observation.logs.streams
    points = sum(len(stream.steps) for stream in streams.values())
    if not points:
        return "logs nothing"
    return f"{points} point{'s' * (points != 1)}, {len(streams)} tag{'s' * (len(streams) != 1)}"


def matrix_table(rows: Sequence[Row]) -> Table:
    """What came of each target of a matrix run."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("target", "state", "not as expected", "install s", "run s", ""):
        table.add_column(column, justify="right" if column.endswith(" s") else "left", overflow="fold")
    for row in rows:
        different = sum(bool(verdict.mismatches) for verdict in row.verdicts)
        seconds = (f"{row.install_seconds:.0f}", f"{row.run_seconds:.0f}")
        style = "bold red" if row.bad else ""
        table.add_row(line(row.target.name), line(row.state, style), str(different), *seconds, cell(row.text))
    return table
