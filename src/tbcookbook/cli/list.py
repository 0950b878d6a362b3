"""``tbcookbook list``: what there is."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tbcookbook.cli.choosing import select
from tbcookbook.cli.output import print_json, print_text
from tbcookbook.cli.usage import json_option
from tbcookbook.scenarios.faults import FAULTS, Fault


@click.command("list")
@click.argument("slugs", nargs=-1, metavar="[SLUG|CHAPTER]...")
@click.option(
    "--fault",
    type=click.Choice(FAULTS),
    help="Only those whose mistake is in the reader's code, in the environment, or in the library.",
)
@json_option
def list_command(slugs: Sequence[str], fault: Fault | None, as_json: bool) -> None:
    """List the scenarios."""
    from tbcookbook.render.pages import scenario_json, scenario_list

    found = [scenario for scenario in select(slugs) if fault in (None, scenario.fault)]
    if as_json:
        print_json([scenario_json(scenario) for scenario in found])
    else:
        print_text(scenario_list(found))
