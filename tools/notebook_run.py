"""Run the notebooks on a target: store them with their outputs, or have nbval judge them.

``python -m tools.notebook_run`` works in a checkout of the project, with the extra ``notebooks``. The kernel runs
in the target's interpreter, in a second environment that has also `ADDED`: the target's own stays as it is.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams, get_sanitize_patterns
from PIL import Image

from tbcookbook.errors import RecordingError, TargetError
from tbcookbook.recordings.store import load_recording
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.problems import ScenarioError
from tbcookbook.targets.environments import provision
from tbcookbook.targets.registry import RegisteredTarget, current_target, registered_targets
from tbcookbook.targets.target import Target
from tbcookbook.words import one_of
from tools.notebook import RAISES, has_notebook, notebook, repository

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "docs" / "notebooks"
TUTORIALS = ROOT / "docs" / "tutorials"
SANITIZE = NOTEBOOKS / "sanitize.cfg"

ADDED = ("ipykernel", "matplotlib", "scikit-learn")  # what notebooks need beside TensorFlow and TensorBoard
KERNEL = "tbcookbook-target"
WARM = {"provisioner_name": "warm-kernels", "config": {"preload": ["tensorflow"], "idle_seconds": 20}}
PLUGIN = "warm_kernels.nbval_plugin"
LONGEST_CELL = 600  # seconds


@click.group()
def main() -> None:
    """Run the notebooks of the documentation on targets."""


@main.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
def store(slugs: Sequence[str]) -> None:
    """Make the notebooks anew, run them on the current target, and store them with their outputs."""
    registered = current_target()
    patterns = volatile(SANITIZE)
    made = dict(notebooks(registered))
    for slug in slugs:
        if slug not in made:
            raise click.UsageError(f"no scenario {slug!r}; expected {one_of(made, slug)}")
    with kernel(environment(registered)) as folder:
        for slug in slugs or made:
            execute(made[slug], slug, folder)
            clean(made[slug], patterns)
            nbformat.write(made[slug], NOTEBOOKS / f"{slug}.ipynb")
            click.echo(slug)
    for stored in NOTEBOOKS.glob("*.ipynb"):
        if stored.stem not in made:
            stored.unlink()


@main.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "names", "--target", multiple=True, metavar="TARGET", help="A registered target, instead of the current one."
)
@click.option("--ordinary", is_flag=True, help="With ordinary kernels and nothing but nbval, instead of warm kernels.")
@click.option(
    "--every", type=click.IntRange(1), default=1, metavar="N", help="One notebook in N, of the current target."
)
@click.argument("options", nargs=-1, metavar="[PYTEST_OPTION]...")
def check(names: Sequence[str], ordinary: bool, every: int, options: Sequence[str]) -> None:
    """Run every notebook under nbval, on one target after another.

    On the current target what is stored must come out again, exceptions included. On another the notebooks are made for
    it, of its recording: the cells that failed there may fail, and no other. The tutorials run on the current one only.
    """
    targets = map(named, names or [current_target().name])
    statuses = [judge(registered, ordinary, every, options) for registered in targets]
    sys.exit(max(statuses))


def judge(registered: RegisteredTarget, ordinary: bool, every: int, options: Sequence[str]) -> int:
    """Run the notebooks of a target under nbval; pytest's exit status."""
    target = environment(registered)
    with kernel(target, ordinary) as folder:
        if registered == current_target():
            chosen = [str(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))[::every]]
            mode = ["--nbval", f"--nbval-sanitize-with={SANITIZE}", *chosen, str(TUTORIALS)]
        else:
            mode = ["--nbval-lax", str(folder)]
            for slug, made in notebooks(registered):
                nbformat.write(made, folder / f"{slug}.ipynb")
        click.echo(f"notebooks on {target.title}, with {'ordinary' if ordinary else 'warm'} kernels")
        command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml")]
        command += ["--nbval-kernel-name", KERNEL, *(() if ordinary else ("-p", PLUGIN))]
        return subprocess.run([*command, *mode, *options], cwd=ROOT, env=surroundings(target, folder)).returncode


def named(name: str) -> RegisteredTarget:
    found = {target.name: target for target in registered_targets()}
    if name not in found:
        raise click.UsageError(f"--target {name!r}: expected {one_of(found, name)}")
    return found[name]


def environment(registered: RegisteredTarget) -> Target:
    """The target in an environment that has also what notebooks need."""
    beside = dataclasses.replace(
        registered, name=f"{registered.name}-notebooks", requirements=(*registered.requirements, *ADDED)
    )
    try:
        return provision(beside, lambda line: click.echo(line, err=True))
    except TargetError as problem:
        raise click.UsageError(str(problem)) from None


def notebooks(registered: RegisteredTarget) -> Iterator[tuple[str, NotebookNode]]:
    """The notebook of every scenario that has one, without outputs, as it is on a target."""
    try:
        recording = load_recording(ROOT / "tests" / "observed", registered.name)
        scenarios = load_scenarios()
    except (RecordingError, ScenarioError) as problem:
        raise click.UsageError(str(problem)) from None
    address = repository(ROOT / "pyproject.toml")
    for scenario in filter(has_notebook, scenarios):
        yield scenario.slug, notebook(scenario, recording, address)


@contextlib.contextmanager
def kernel(target: Target, ordinary: bool = False) -> Iterator[Path]:
    """A temporary folder with the specification of a kernel, `KERNEL`, that runs in a target."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specification = {
            # What C++ writes to the process's own stderr is about the hardware, and no output of a cell.
            "argv": [
                *(str(target.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"),
                "--IPKernelApp.capture_fd_output=False",
            ],
            "display_name": target.title,
            "language": "python",
            "env": surroundings(target, folder),
            "metadata": {} if ordinary else {"kernel_provisioner": WARM},
        }
        (folder / "kernels" / KERNEL).mkdir(parents=True)
        (folder / "kernels" / KERNEL / "kernel.json").write_text(json.dumps(specification), encoding="utf-8")
        yield folder


def surroundings(target: Target, folder: Path) -> dict[str, str]:
    """The environment of a kernel, and of a pytest that finds it: all that is written goes below a folder."""
    (folder / "tmp").mkdir(exist_ok=True)
    return {
        **target.variables(folder / "keras"),
        "JUPYTER_PATH": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "TMPDIR": str(folder / "tmp"),
    }


def execute(found: NotebookNode, slug: str, folder: Path) -> None:
    """Run a notebook in place. Raises click.ClickException if a cell fails that should not, or the other way round."""
    manager = AsyncKernelManager(
        kernel_name=KERNEL, kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(folder / "kernels")])
    )
    metadata = dict(found.metadata)
    client = NotebookClient(
        found, km=manager, timeout=LONGEST_CELL, record_timing=False, resources={"metadata": {"path": str(folder)}}
    )
    try:
        with Path(os.devnull).open("w") as nowhere:
            client.execute(stderr=nowhere)
    finally:  # a client ends no kernel that it was given
        run_sync(manager.shutdown_kernel)(now=True)
    found.metadata = nbformat.from_dict(metadata)
    for cell in found.cells:
        if RAISES in cell.metadata.get("tags", ()) and not any(o.output_type == "error" for o in cell.outputs):
            raise click.ClickException(f"{slug}: a cell that failed when it was recorded does not fail:\n{cell.source}")


def volatile(sanitize: Path) -> list[tuple[str, str]]:
    """The patterns of a sanitising file that put a name in the place of something; those that cut numbers do not."""
    patterns = get_sanitize_patterns(sanitize.read_text(encoding="utf-8"))
    return [(pattern, replacement) for pattern, replacement in patterns if "<" in replacement]


def clean(found: NotebookNode, patterns: Sequence[tuple[str, str]]) -> None:
    """Bring outputs into a form that is the same after every run."""
    for cell in found.cells:
        if cell.cell_type == "code":
            cell.outputs = [cleaned(output, patterns) for output in coalesce_streams(cell.outputs)]


def cleaned(value: Any, patterns: Sequence[tuple[str, str]]) -> Any:
    """An output, or a part of one, with its texts sanitised and its images without what made them."""
    if isinstance(value, dict):
        return nbformat.from_dict(
            {key: bare(part) if key == "image/png" else cleaned(part, patterns) for key, part in value.items()}
        )
    if isinstance(value, list):
        return [cleaned(part, patterns) for part in value]
    if isinstance(value, str):
        for pattern, replacement in patterns:
            value = re.sub(pattern, replacement, value)
    return value


def bare(png: str) -> str:
    """A PNG in base 64 without metadata, which names the version of Matplotlib."""
    smaller = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(png))).quantize(64).save(smaller, "PNG", optimize=True)
    return base64.b64encode(smaller.getvalue()).decode()


if __name__ == "__main__":
    main()
