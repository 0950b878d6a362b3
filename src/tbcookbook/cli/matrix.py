"""``tbcookbook matrix``: what is stale on many targets, recorded; or everything, held to the record."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tbcookbook.cli.choosing import select
from tbcookbook.cli.output import PIPED_WIDTH, Clock, fail, print_json, print_rich, say
from tbcookbook.cli.run import need_isolation
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS
from tbcookbook.cli.usage import json_option, observed_option

if TYPE_CHECKING:
    from tbcookbook.targets.recipe import Recipe


@click.command()
@click.argument("names", nargs=-1, metavar="[TARGET]...")
@click.option(
    "--all", "all_targets", is_flag=True, help="Every released target and each environment that a scenario brings."
)
@click.option("--keep", is_flag=True, help="Keep the environments; otherwise each is removed when it is done.")
@click.option("--check", is_flag=True, help="Compare with the recordings instead of writing them.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --check: put what was seen into this folder of recordings.",
)
@click.option("--again", is_flag=True, help="Run the scripts whose recording is fresh too.")
@observed_option
@click.option("--jobs", type=click.IntRange(1), help="Targets, or scripts of one, at a time.  [default: one a core]")
@json_option
def matrix(
    names: Sequence[str],
    all_targets: bool,
    keep: bool,
    check: bool,
    into: Path | None,
    again: bool,
    observed: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Run the scripts whose recordings are stale, on each target in its environment, and record what happens."""
    need_isolation()
    from tbcookbook.matrix import Plan, run_matrix
    from tbcookbook.recordings.freshness import own_environments
    from tbcookbook.recordings.row import Row
    from tbcookbook.recordings.store import observed_root, prune, today
    from tbcookbook.render.report import failure, matrix_table
    from tbcookbook.targets.registry import registered_targets, released_targets
    from tbcookbook.words import one_of

    registered = {target.name: target for target in registered_targets()}
    for name in names:
        if name not in registered:
            fail(f"no target {name!r}; expected {one_of(registered, name)}")
    if bool(names) == all_targets:
        fail("name the targets to run, or give --all" if not names else "either name targets or give --all")
    scenarios = select([])
    own = own_environments(scenarios)
    chosen: list[Recipe] = [registered[name] for name in dict.fromkeys(names)]
    if all_targets:
        chosen = [*released_targets(), *own]
    if into is not None and not check:
        fail("--into goes with --check")
    plan = Plan(observed or observed_root(), today(), keep, check, into, again, jobs)
    clock = Clock(len(chosen))

    def report(row: Row) -> None:
        say(f"{row.target.name}: {row.state}, {row.text}{clock.tick()}")

    rows = run_matrix(chosen, scenarios, plan, say, report)
    if not check:
        whole = all_targets and click.get_current_context().obj is None
        kept = {f"{scenario.chapter}/{scenario.slug}" for scenario in scenarios} if whole else None
        prune(plan.observed, kept, {*registered, *(recipe.name for recipe in own)} if all_targets else None)
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        for row in rows:
            for verdict in row.verdicts:
                if verdict.mismatches:
                    print_rich(failure(verdict), before="\n")
        print_rich(matrix_table(rows), width=PIPED_WIDTH)
    sys.exit(DIFFERS if any(row.bad for row in rows) else AS_EXPECTED)
