"""``tbcookbook gather``: what several machines saw, each of a target of its own, as one folder of recordings."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tbcookbook.cli.choosing import select
from tbcookbook.cli.output import fail, print_json, print_text
from tbcookbook.cli.statuses import AS_EXPECTED, DIFFERS
from tbcookbook.cli.usage import json_option, markdown_option, observed_option

if TYPE_CHECKING:
    from tbcookbook.recordings.store import Recording


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(True, file_okay=False, path_type=Path)
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Put all of it into this folder of recordings as well.",
)
@markdown_option
@observed_option
@json_option
def gather(folders: Sequence[Path], into: Path | None, markdown: bool, observed: Path | None, as_json: bool) -> None:
    """Say of all that was seen elsewhere how it differs from what is recorded.

    Each FOLDER is what one machine saw, with matrix --check --into FOLDER.
    """
    from tbcookbook.drift import compare_recordings
    from tbcookbook.recordings.store import Recording, merge, observed_root, read_recordings
    from tbcookbook.render.pages import drift_json, drift_markdown, drift_text
    from tbcookbook.upgrade import upgrade

    if markdown and as_json:
        fail("either --json or --markdown")
    scenarios = select([])
    seen = gathered(folders)
    if not seen:
        fail(f"no recording in {', '.join(map(str, folders))}")
    recorded = read_recordings(observed or observed_root(), seen)
    if into is not None:
        for folder in folders:
            merge(folder, into)
    rows = []
    for name, after in seen.items():
        before = recorded.get(name, Recording(name, {}))
        missing = [f"{slug}/{role}" for slug, role in after.runs if before.run(slug, role) is None]
        rows.append((upgrade(before, after, scenarios), compare_recordings(before, after, scenarios), missing))
    different = [row for row in rows if row[1] or row[2]]
    if as_json:
        print_json([drift_json(*row) for row in rows])
    else:
        told = drift_markdown if markdown else drift_text
        agreed = f"{len(rows)} target{'s' * (len(rows) != 1)}, and none differs from its recording"
        print_text("\n\n".join(told(*row).rstrip("\n") for row in different) or agreed)
    sys.exit(DIFFERS if different else AS_EXPECTED)


def gathered(folders: Sequence[Path]) -> dict[str, Recording]:
    """What is recorded in several folders, as if it were one."""
    from tbcookbook.recordings.store import merge, read_recordings

    with tempfile.TemporaryDirectory() as whole:
        for folder in folders:
            merge(folder, Path(whole))
        return read_recordings(Path(whole))
