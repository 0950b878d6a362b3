"""What warm kernels save: notebooks under nbval, each with an ordinary and with a warm kernel, in one run of pytest.

Every notebook is there twice, and the two come one after the other, now one first and now the other, so that a busy
machine is busy for both. The first warm kernel waits for the one import, which counts. The two must come out the same,
cell by cell. Exit status 1 if they do not.

``python benchmarks/notebooks.py [--preload MODULE]... [PATH]...`` takes notebooks and folders of such, by default those
of the documentation, and what the warm kernels have imported, by default what these notebooks import that is slow.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import click
import nbformat
from rich.console import Console
from rich.table import Table

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"
SANITIZE = NOTEBOOKS / "sanitize.cfg"
KERNELS = ("ordinary", "warm")
PRELOAD = ("tensorflow", "tensorboard.backend.event_processing.event_accumulator", "matplotlib.backends.backend_agg")
LEAST_SPEED_UP = 5.0


class Cell(NamedTuple):
    """What became of a cell, and the seconds it took; those of the first have the kernel's start in them."""

    verdict: str
    seconds: float


Seen = dict[tuple[str, str], list[Cell]]  # by the number of the notebook and the kernel


@click.command(help=__doc__)
@click.option("--preload", multiple=True, metavar="MODULE", default=PRELOAD)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(paths: tuple[Path, ...], preload: tuple[str, ...]) -> None:
    """Run, and report."""
    given = paths or (NOTEBOOKS,)
    notebooks = [path for name in given for path in (sorted(name.glob("*.ipynb")) if name.is_dir() else [name])]
    with tempfile.TemporaryDirectory() as name:
        specify(Path(name), list(preload))
        copy(notebooks, Path(name))
        seen = run(Path(name))
    sys.exit(report(notebooks, seen))


def report(notebooks: list[Path], seen: Seen) -> int:
    """Print what the notebooks took; give the exit status."""
    console = Console()
    table = Table("notebook", *(f"{kernel} s" for kernel in KERNELS), "cells", box=None)
    sums = [0.0, 0.0]
    different = []
    for number, path in enumerate(notebooks):
        cells = [seen[f"{number:03}", kernel] for kernel in KERNELS]
        seconds = [sum(cell.seconds for cell in column) for column in cells]
        sums = [before + more for before, more in zip(sums, seconds, strict=True)]
        table.add_row(path.stem, *(f"{value:.2f}" for value in seconds), str(len(cells[0])))
        for cell, (ordinary, warm) in enumerate(zip(*cells, strict=True)):
            if ordinary.verdict != warm.verdict:
                different.append(f"{path.stem}, cell {cell}: {ordinary.verdict} / {warm.verdict}")
    console.print(table)
    first = seen["000", "warm"][0].seconds
    console.print(
        f"sums: ordinary {sums[0]:.1f} s, warm {sums[1]:.1f} s, of which {first:.1f} s to the end of the first cell"
    )
    console.print(f"ordinary over warm: {sums[0] / sums[1]:.1f} (aim: at least {LEAST_SPEED_UP})")
    for line in different:
        console.print(line, markup=False)
    verdicts = [cell.verdict for column in seen.values() for cell in column]
    failed = len(verdicts) - verdicts.count("passed")
    console.print(f"{len(verdicts)} cells run, {failed} not passed, {len(different)} with different verdicts")
    return 1 if different else 0


def specify(folder: Path, preload: list[str]) -> None:
    """Write the specifications of both kernels."""
    warm = {"provisioner_name": "tbcookbook-warm", "config": {"preload": preload, "idle_seconds": 120}}
    for kernel, metadata in zip(KERNELS, ({}, {"kernel_provisioner": warm}), strict=True):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        specification = {"argv": argv, "display_name": kernel, "language": "python", "metadata": metadata}
        (folder / "kernels" / kernel).mkdir(parents=True)
        (folder / "kernels" / kernel / "kernel.json").write_text(json.dumps(specification))


def copy(notebooks: list[Path], folder: Path) -> None:
    """Copy each notebook once for every kernel, named so that pytest runs the copies side by side."""
    for number, path in enumerate(notebooks):
        notebook = nbformat.read(path, as_version=4)
        for turn, kernel in enumerate(KERNELS if number % 2 == 0 else reversed(KERNELS)):
            notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
            nbformat.write(notebook, folder / f"{number:03}_{turn}_{kernel}.ipynb")


def run(folder: Path) -> Seen:
    """Run all notebooks of a folder; give the cells of each by its number and kernel."""
    report = folder / "report.xml"
    (folder / "runtime").mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", "--nbval"]
    command += [f"--nbval-sanitize-with={SANITIZE}", f"--junitxml={report}", str(folder)]
    # A folder of warm processes of its own: none is there yet.
    environment = {**os.environ, "JUPYTER_PATH": str(folder), "XDG_RUNTIME_DIR": str(folder / "runtime")}
    subprocess.run(command, env=environment, stdout=sys.stderr)
    seen: Seen = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = re.search(r"(\d{3})_\d_([\w-]+)\.ipynb", case.attrib["classname"])
        assert name is not None
        seen.setdefault((name[1], name[2]), []).append(Cell(verdict(case), float(case.attrib["time"])))
    return seen


def verdict(case: ElementTree.Element) -> str:
    return next(iter(outcomes(case)), "passed")


def outcomes(case: ElementTree.Element) -> Iterator[str]:
    for element in case:
        if element.tag in ("failure", "error", "skipped"):
            yield element.tag


if __name__ == "__main__":
    main()
