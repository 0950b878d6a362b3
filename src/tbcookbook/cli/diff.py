"""``tbcookbook diff``: what changes for your logs from one target to another."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tbcookbook.cli.choosing import open_targets, select
from tbcookbook.cli.output import fail, print_json, print_text, say, waiting
from tbcookbook.cli.run import need_isolation
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS
from tbcookbook.cli.usage import json_option, markdown_option, observed_option
from tbcookbook.scenarios.scenario import ROLES, Role
from tbcookbook.words import one_of

if TYPE_CHECKING:
    from tbcookbook.recordings.store import Recording
    from tbcookbook.render.pages import Drift
    from tbcookbook.scenarios.scenario import Scenario


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--only", type=click.Choice(ROLES), help="Only the scripts of this kind: fixed is correct code.")
@click.option(
    "fatal",
    "--fail-on",
    multiple=True,
    metavar="KIND",
    help="Exit status 1 for a change of this kind alone, 'now raises' say. Repeatable.",
)
@markdown_option
@observed_option
@json_option
def diff(
    before: str,
    after: str,
    only: Role | None,
    fatal: Sequence[str],
    markdown: bool,
    observed: Path | None,
    as_json: bool,
) -> None:
    """Say what changes for your logs from A to B: in three lines, and then in full.

    A and B are recorded targets, FOLDER/TARGET of another folder of recordings, or interpreters that are run on the
    spot: a path, NAME=PATH, or 'this'. Where a plain installation gives something else than a registered target has,
    what changes with that comes first.
    """
    from tbcookbook.drift import KINDS
    from tbcookbook.recordings.store import observed_root
    from tbcookbook.render.pages import drift_json, drift_markdown, drift_text, upgrade_markdown, upgrade_text
    from tbcookbook.targets.registry import plain_step

    if markdown and as_json:
        fail("either --json or --markdown")
    for kind in fatal:
        if kind not in KINDS:
            fail(f"diff: --fail-on: no kind of change {kind!r}; expected {one_of(KINDS, kind)}")
    scenarios = select([])
    root = observed or observed_root()
    pinned = compared(before, after, scenarios, root, only)
    installed = plain_step(before, after)
    plain = None if installed is None else compared(*installed, scenarios, root, only)
    if as_json:
        print_json({**drift_json(*pinned), "plain_install": None if plain is None else drift_json(*plain)})
    elif plain is None:
        print_text(drift_markdown(*pinned) if markdown else drift_text(*pinned))
    else:
        print_text(upgrade_markdown(plain, pinned) if markdown else upgrade_text(plain, pinned))
    changes = [*pinned[1], *(plain[1] if plain is not None else [])]
    differs = any(change.kind in fatal for change in changes) if fatal else bool(changes)
    sys.exit(DIFFERS if differs else AS_EXPECTED)


def compared(before: str, after: str, scenarios: Sequence[Scenario], observed: Path, only: Role | None) -> Drift:
    """What changes from A to B as the arguments name them. Ends the program if one cannot be had."""
    from tbcookbook.drift import compare_recordings, not_compared
    from tbcookbook.recordings.store import read_recordings
    from tbcookbook.upgrade import upgrade

    pair = [with_only(recorded_or_run(text, scenarios, observed), only) for text in (before, after)]
    old, new = pair
    changes = compare_recordings(old, new, scenarios)
    missing = [name for name in not_compared(old, new, scenarios) if only is None or name.endswith(f"/{only}")]
    return upgrade(old, new, scenarios, read_recordings(observed) if changes else {}), changes, missing


def with_only(recording: Recording, only: Role | None) -> Recording:
    """The runs of one kind of script alone."""
    if only is None:
        return recording
    return dataclasses.replace(recording, runs={key: run for key, run in recording.runs.items() if key[1] == only})


def recorded_or_run(text: str, scenarios: Sequence[Scenario], observed: Path) -> Recording:
    """The recording of a target, or a fresh one of an interpreter. Ends the program if there is none."""
    from tbcookbook.errors import RecordingError
    from tbcookbook.recordings.freshness import staleness
    from tbcookbook.recordings.store import holds_recordings, load_recording, recorded_targets
    from tbcookbook.targets.registry import registered_targets
    from tbcookbook.targets.target import THIS

    registered = {target.name: target for target in registered_targets()}
    if holds_recordings(Path(text).parent):
        observed, text = Path(text).parent, Path(text).name
    if text == THIS or "=" in text or Path(text).exists():
        return run_now(text, scenarios)
    try:
        recording = load_recording(observed, text)
    except RecordingError as problem:
        missing = text in registered and text not in recorded_targets(observed)
        fail(str(problem), *([f"run it first: tbcookbook matrix {text}"] if missing else []))
    if text in registered and (reasons := staleness(recording, registered[text], scenarios)):
        say(f"the recording of {text} is stale: {'; '.join(reasons)}")
    return recording


def run_now(text: str, scenarios: Sequence[Scenario]) -> Recording:
    """The recording of an interpreter as it is now. Raises TargetError."""
    need_isolation()
    from tbcookbook.recordings.freshness import run_made
    from tbcookbook.recordings.store import Recording, today
    from tbcookbook.suite import cases, run_all

    (target,) = open_targets([text])
    say(f"running {2 * len(scenarios)} scripts on {target.title}")
    with waiting(f"running scripts on {target.name}"):
        verdicts = run_all(cases(scenarios, [target]))
    runs = {
        (found.scenario.slug, found.role): run_made(found.scenario, found.role, target, found.observation, today())
        for found in verdicts
    }
    return Recording(target.name, runs)
