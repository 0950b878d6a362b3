"""``tbcookbook list``: what there is."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tbcookbook.cli.choosing import select
from tbcookbook.cli.output import print_json, print_text
from tbcookbook.cli.usage import json_option


@click.command("list")
@click.argument("slugs", nargs=-1, metavar="[SLUG|CHAPTER]...")
@json_option
def list_command(slugs: Sequence[str], as_json: bool) -> None:
    """List the scenarios."""
    from tbcookbook.render.pages import scenario_json, scenario_list

    found = select(slugs)
    if as_json:
        print_json([scenario_json(scenario) for scenario in found])
    else:
        print_text(scenario_list(found))
