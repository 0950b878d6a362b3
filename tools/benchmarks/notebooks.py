"""What warm kernels save: notebooks under stock nbval, and under nbval with warm kernels and our plugin, in one run.

Every notebook has its turn with both, one after the other, now one first and now the other, so that a busy machine is
busy for both. Pytest's own start does not count; the start of each kernel does, and so does the one import that the
first warm kernel waits for. The two must come out the same, cell by cell. Exit status 1 if they do not.

``python -m tools.benchmarks.notebooks [--preload MODULE]... [PATH]...`` takes notebooks and folders of such, by default
those of the documentation, and what the warm kernels have imported, by default what these notebooks import that is
slow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import click
from rich.console import Console
from rich.table import Table

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
SANITIZE = NOTEBOOKS / "sanitize.cfg"
OPTIONS = {  # of pytest, for each kernel
    "ordinary": (),
    "warm": ("-p", "warm_kernels.nbval_plugin"),
}
PRELOAD = ("tensorflow", "tensorboard.backend.event_processing.event_accumulator", "matplotlib.backends.backend_agg")
LEAST_SPEED_UP = 5.0


class Cell(NamedTuple):
    """What became of a cell, and the seconds it took; those of the first have the kernel's start in them."""

    verdict: str
    seconds: float


@click.command(help=__doc__)
@click.option("--preload", multiple=True, metavar="MODULE", default=PRELOAD)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(paths: tuple[Path, ...], preload: tuple[str, ...]) -> None:
    """Run, and report."""
    given = paths or (NOTEBOOKS,)
    notebooks = [path for name in given for path in (sorted(name.glob("*.ipynb")) if name.is_dir() else [name])]
    seen: dict[str, list[list[Cell]]] = {kernel: [] for kernel in OPTIONS}
    with tempfile.TemporaryDirectory() as name:
        specify(Path(name), list(preload))
        for number, path in enumerate(notebooks):
            for kernel in seen if number % 2 == 0 else reversed(seen):
                seen[kernel].append(run(path, kernel, Path(name)))
    sys.exit(report(notebooks, seen["ordinary"], seen["warm"]))


def report(notebooks: list[Path], ordinary: list[list[Cell]], warm: list[list[Cell]]) -> int:
    """Print what the notebooks took; give the exit status."""
    console = Console()
    table = Table("notebook", "ordinary s", "warm s", "cells", box=None)
    different = []
    for path, *columns in zip(notebooks, ordinary, warm, strict=True):
        table.add_row(path.stem, *(f"{total(column):.2f}" for column in columns), str(len(columns[0])))
        for cell, (one, other) in enumerate(zip(*columns, strict=True)):
            if one.verdict != other.verdict:
                different.append(f"{path.stem}, cell {cell}: {one.verdict} / {other.verdict}")
    console.print(table)
    sums = [sum(map(total, kernel)) for kernel in (ordinary, warm)]
    console.print(
        f"sums: ordinary {sums[0]:.1f} s, warm {sums[1]:.1f} s, "
        f"of which {warm[0][0].seconds:.1f} s to the end of the first cell"
    )
    console.print(f"ordinary over warm: {sums[0] / sums[1]:.1f} (aim: at least {LEAST_SPEED_UP})")
    for line in different:
        console.print(line, markup=False)
    verdicts = [cell.verdict for cells in (*ordinary, *warm) for cell in cells]
    failed = len(verdicts) - verdicts.count("passed")
    console.print(f"{len(verdicts)} cells run, {failed} not passed, {len(different)} with different verdicts")
    return 1 if different else 0


def total(cells: list[Cell]) -> float:
    return sum(cell.seconds for cell in cells)


def specify(folder: Path, preload: list[str]) -> None:
    """Write the specifications of both kernels."""
    warm = {"provisioner_name": "warm-kernels", "config": {"preload": preload, "idle_seconds": 120}}
    for kernel, metadata in zip(OPTIONS, ({}, {"kernel_provisioner": warm}), strict=True):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        specification = {"argv": argv, "display_name": kernel, "language": "python", "metadata": metadata}
        (folder / "kernels" / kernel).mkdir(parents=True)
        (folder / "kernels" / kernel / "kernel.json").write_text(json.dumps(specification))
    for name in ("runtime", "written"):
        (folder / name).mkdir()


def run(notebook: Path, kernel: str, folder: Path) -> list[Cell]:
    """Run a notebook; give its cells."""
    report = folder / f"{notebook.stem}-{kernel}.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", *OPTIONS[kernel]]
    command += ["--nbval", f"--nbval-kernel-name={kernel}", f"--nbval-sanitize-with={SANITIZE}"]
    # A folder of warm processes of its own, in which there is none yet, and one for what the notebooks write.
    places = {"XDG_RUNTIME_DIR": folder / "runtime", "TMPDIR": folder / "written"}
    environment = {**os.environ, "JUPYTER_PATH": str(folder), **{name: str(place) for name, place in places.items()}}
    subprocess.run([*command, f"--junitxml={report}", str(notebook)], env=environment, stdout=sys.stderr)
    cases = ElementTree.parse(report).iter("testcase")
    return [Cell(verdict(case), float(case.attrib["time"])) for case in cases]


def verdict(case: ElementTree.Element) -> str:
    return next(iter(outcomes(case)), "passed")


def outcomes(case: ElementTree.Element) -> Iterator[str]:
    for element in case:
        if element.tag in ("failure", "error", "skipped"):
            yield element.tag


if __name__ == "__main__":
    main()
