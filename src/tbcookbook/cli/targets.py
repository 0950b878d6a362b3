"""``tbcookbook targets``: the registry, and what of it is ready here."""

from __future__ import annotations

from typing import Literal

import click

from tbcookbook.cli.output import print_json, print_text, waiting
from tbcookbook.cli.usage import json_option

State = Literal["ready", "can be installed", "no interpreter"]  # of a target on this machine


@click.command("targets")
@json_option
def targets_command(as_json: bool) -> None:
    """Show the registered targets, and which of them are ready on this machine."""
    from tbcookbook.recordings.store import observed_root, recorded_targets
    from tbcookbook.render.pages import target_list
    from tbcookbook.targets.environments import find_interpreter, is_ready
    from tbcookbook.targets.registry import registered_targets

    rows = registered_targets()
    with waiting("looking for interpreters"):
        interpreters = {version: find_interpreter(version) for version in dict.fromkeys(row.python for row in rows)}
    states: dict[str, State] = {
        row.name: "ready" if is_ready(row) else "can be installed" if interpreters[row.python] else "no interpreter"
        for row in rows
    }
    recorded = set(recorded_targets(observed_root()))
    if as_json:
        print_json(
            [
                {
                    **row.as_json(),
                    "interpreter": None if interpreters[row.python] is None else str(interpreters[row.python]),
                    "state": states[row.name],
                    "recorded": row.name in recorded,
                }
                for row in rows
            ]
        )
    else:
        print_text(target_list(rows, states, recorded))
