"""``tbcookbook explain``: one recipe."""

from __future__ import annotations

import click

from tbcookbook.cli.choosing import select
from tbcookbook.cli.output import print_json, print_text
from tbcookbook.cli.usage import json_option


@click.command()
@click.argument("slug")
@json_option
def explain(slug: str, as_json: bool) -> None:
    """Explain one scenario: what you see, why, and the two lines to change."""
    from tbcookbook.render.pages import recipe, scenario_json
    from tbcookbook.scenarios.difference import difference

    (scenario,) = select([slug], chapters=False)
    if as_json:
        print_json({**scenario_json(scenario), "readme": scenario.readme, "difference": difference(scenario)})
    else:
        print_text(recipe(scenario))
