"""``tbcookbook bisect``: the steps at which a behaviour changed, from the recordings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tbcookbook.cli.choosing import select
from tbcookbook.cli.output import fail, print_json, print_text
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS
from tbcookbook.cli.usage import json_option, observed_option
from tbcookbook.scenarios.scenario import ROLES

if TYPE_CHECKING:
    from tbcookbook.recordings.store import Recording
    from tbcookbook.scenarios.scenario import Scenario


@click.command()
@click.argument("slug")
@click.argument("between", nargs=-1, metavar="[A B]")
@observed_option
@json_option
def bisect(slug: str, between: Sequence[str], observed: Path | None, as_json: bool) -> None:
    """Say at which versions a behaviour of a scenario's scripts changed, from A to B.

    A and B are recorded targets of one family, tf-2.9 and tf-2.16 say; without them every TensorFlow and every Keras.
    Nothing is run. The exit status is 0 if nothing changed, 1 if something did.
    """
    from tbcookbook.recordings.store import observed_root, read_recordings
    from tbcookbook.render.pages import turns_json, turns_text
    from tbcookbook.upgrade import turns

    (scenario,) = select([slug], chapters=False)
    recordings = read_recordings(observed or observed_root())
    if scenario.environments:
        fail(f"{slug} brings environments of its own, so there are no versions between which it could change")
    ways = [way(between)] if between else [members("tensorflow"), members("keras")]
    ways = [[name for name in names if is_recorded(recordings.get(name), scenario)] for names in ways]
    found = [turn for names in ways for turn in turns(scenario, [recordings[name] for name in names])]
    steps = sum(max(len(names) - 1, 0) for names in ways)
    if not steps:
        fail(f"{slug} is not recorded on two targets there")
    if as_json:
        print_json(turns_json(scenario, steps, found))
    else:
        print_text(turns_text(steps, found))
    sys.exit(DIFFERS if found else AS_EXPECTED)


def members(family: str) -> list[str]:
    from tbcookbook.targets.registry import released_targets

    return [target.name for target in released_targets() if target.family.name == family]


def way(between: Sequence[str]) -> list[str]:
    """The targets from A to B. Ends the program if these are not two of one family."""
    from tbcookbook.targets.registry import released_targets
    from tbcookbook.words import one_of

    known = {target.name: target for target in released_targets()}
    if len(between) != 2:
        fail(f"found {len(between)} target{'s' * (len(between) != 1)}; expected two, A and B, or none")
    for name in between:
        if name not in known:
            fail(f"no target {name!r}; expected {one_of(known, name)}")
    first, last = between
    names = members(known[first].family.name)
    if last not in names:
        fail(f"{first} and {last} are not of one family; expected {one_of(names, last)} in place of {last!r}")
    start, end = names.index(first), names.index(last)
    return names[start : end + 1] if start <= end else names[end : start + 1][::-1]


def is_recorded(recording: Recording | None, scenario: Scenario) -> bool:
    return recording is not None and any(recording.run(scenario.slug, role) is not None for role in ROLES)
