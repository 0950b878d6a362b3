"""``tbcookbook new``: the folder of a new scenario."""

from __future__ import annotations

import click

from tbcookbook.cli.output import fail, print_text


@click.command()
@click.argument("name", metavar="CHAPTER/SLUG")
def new(name: str) -> None:
    """Make the folder of a new scenario, with everything in it that has to be filled in."""
    from tbcookbook.scenarios.loading import scenario_root
    from tbcookbook.scenarios.scaffold import create_scenario

    try:
        folder = create_scenario(click.get_current_context().obj or scenario_root(), name)
    except ValueError as problem:
        fail(str(problem))
    print_text(str(folder))
