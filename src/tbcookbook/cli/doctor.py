"""``tbcookbook diagnose DIRECTORY``: what is wrong with a log directory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tbcookbook.cli.output import print_json, print_text
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS, INTERNAL_ERROR

if TYPE_CHECKING:
    from tbcookbook.doctor.survey import Progress


def examine_directory(path: Path, as_json: bool, python: Path | None = None) -> int:
    """Tell what is wrong with a log directory, or with a path that is none. Gives the exit status.

    With `python` the environment of that interpreter is looked at too. Raises TargetError if it does not run.
    """
    from tbcookbook.doctor.examine import examine
    from tbcookbook.render.doctor import examination_json, examination_text
    from tbcookbook.targets.target import describe

    target = None if python is None else describe("python", python)
    with reading(path) as progress:
        found = examine(path, target, progress)
    if as_json:
        print_json(examination_json(found))
    else:
        print_text(examination_text(found))
    if found.findings:
        return DIFFERS
    return INTERNAL_ERROR if found.failures else AS_EXPECTED


@contextlib.contextmanager
def reading(path: Path) -> Iterator[Progress]:
    """A bar on stderr while event files are read, if that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda number, name: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from tbcookbook.doctor.survey import bytes_below
    from tbcookbook.render.printable import in_a_line
    from tbcookbook.words import shorten

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(
        TextColumn("{task.description}", markup=False), *columns, console=console, transient=True
    ) as progress:
        task = progress.add_task("event files", total=bytes_below(path) or None)

        def report(number: int, name: str) -> None:
            progress.update(task, advance=number, description=in_a_line(shorten(name, 60)))

        yield report
