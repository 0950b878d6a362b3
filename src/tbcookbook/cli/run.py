"""``tbcookbook run``: both scripts of scenarios on targets, held against what is expected."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tbcookbook.cli.choosing import open_targets, select
from tbcookbook.cli.output import PIPED_WIDTH, print_json, print_rich, say
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS
from tbcookbook.cli.usage import Quantity, json_option, observed_option

if TYPE_CHECKING:
    from tbcookbook.execution.sandbox import Isolation, Limits
    from tbcookbook.verdict.case import Case
    from tbcookbook.verdict.judge import Verdict

LONGEST_RUN = 86_400  # seconds: a day
LEAST_MEMORY, MOST_MEMORY = 2**-6, 2**20  # GiB


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG|CHAPTER]...")
@click.option(
    "targets",
    "--target",
    multiple=True,
    metavar="TARGET",
    help="A registered target, an interpreter's path or NAME=PATH, instead of the interpreter of the cookbook itself "
    "('this'). Repeatable.",
)
@click.option(
    "--isolation",
    type=click.Choice(["fork", "spawn"]),
    default="fork",
    show_default=True,
    help="fork: TensorFlow is imported once a target; spawn: every script has a fresh process.",
)
@click.option("--jobs", type=click.IntRange(1), help="Scripts to run at a time.  [default: one a core]")
@click.option(
    "--seconds",
    type=Quantity("seconds", 0.001, LONGEST_RUN),
    default=60.0,
    show_default=True,
    help="Time limit of a script.",
)
@click.option(
    "--memory",
    type=Quantity("GiB", LEAST_MEMORY, MOST_MEMORY),
    default=4.0,
    show_default=True,
    help="Memory limit of a script, in GiB.",
)
@observed_option
@click.option("--write", is_flag=True, help="Print the tables of scenario.toml that say what was seen, to be edited.")
@json_option
def run(
    slugs: Sequence[str],
    targets: Sequence[str],
    isolation: Isolation,
    jobs: int | None,
    seconds: float,
    memory: float,
    observed: Path | None,
    write: bool,
    as_json: bool,
) -> None:
    """Run scenarios on real TensorFlow and compare what they do with what is expected, and with what is recorded."""
    need_isolation()
    from tbcookbook.execution.sandbox import Limits
    from tbcookbook.recordings.differences import against_recording, not_recorded
    from tbcookbook.recordings.store import observed_root
    from tbcookbook.render.report import failure, verdict_table
    from tbcookbook.suite import cases, environment_cases

    scenarios = select(slugs)
    found = cases(scenarios, open_targets(targets)) + environment_cases(scenarios)
    root = observed or observed_root()
    ran = run_watched(found, isolation, Limits(seconds=seconds, memory=int(memory * 2**30)), jobs)
    verdicts = [against_recording(verdict, root) for verdict in ran]
    different = [verdict for verdict in verdicts if verdict.mismatches]
    if write:
        for text in proposals(verdicts):
            click.echo(text)
    elif as_json:
        print_json(run_json(verdicts))
    else:
        print_rich(verdict_table(verdicts), width=PIPED_WIDTH)
        for verdict in different:
            print_rich(failure(verdict), before="\n")
    for line in not_recorded(verdicts):
        say(line)
    scripts = f"{len(verdicts)} script runs on {len({verdict.target.name for verdict in verdicts})} target(s)"
    say(f"{scripts}, {len(different)} not as expected")
    sys.exit(DIFFERS if different else AS_EXPECTED)


def proposals(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The tables that say what was seen, for each scenario, with the notes that all scenarios have."""
    from tbcookbook.verdict.proposal import Seen, propose

    everything = select(())
    for scenario in dict.fromkeys(verdict.scenario.folder for verdict in verdicts):
        mine = [verdict for verdict in verdicts if verdict.scenario.folder == scenario]
        seen = {
            name: Seen(
                next(found.target.versions for found in mine if found.target.name == name),
                {found.role: found.observation for found in mine if found.target.name == name},
            )
            for name in dict.fromkeys(found.target.name for found in mine)
        }
        others = [other for other in everything if other.folder != scenario]
        yield propose(mine[0].scenario, seen, others)


def need_isolation() -> None:
    """Raises TargetError, saying what is needed, on a system where scripts cannot be isolated."""
    import os
    from importlib.util import find_spec

    from tbcookbook.errors import TargetError

    lacking = [name for name in ("fcntl", "resource") if find_spec(name) is None]
    lacking += ["os.fork"] if not hasattr(os, "fork") else []
    if lacking:
        raise TargetError(
            f"running scripts needs Linux (or WSL, or a container): this system lacks {', '.join(lacking)}; "
            "list, explain and diff work here"
        )


def run_watched(found: Sequence[Case], isolation: Isolation, limits: Limits, jobs: int | None) -> list[Verdict]:
    """Run cases, with a bar on stderr if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tbcookbook.suite import run_all

    console = Console(stderr=True)
    columns = [TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("importing TensorFlow", total=len(found))

        def report(verdict: Verdict) -> None:
            progress.update(task, advance=1, description=verdict.case.name)

        return run_all(found, isolation, limits, jobs, report, say)


def run_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The document that ``run --json`` prints."""
    targets = {verdict.target.name: verdict.target for verdict in verdicts}
    return {
        "targets": {
            name: {"python": str(target.python), "platform": target.platform, "versions": dict(target.versions)}
            for name, target in targets.items()
        },
        "runs": [verdict.as_json() for verdict in verdicts],
        "not_as_expected": sum(bool(verdict.mismatches) for verdict in verdicts),
    }
