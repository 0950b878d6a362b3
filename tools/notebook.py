"""A notebook for a scenario: its page, with both scripts in cells and what TensorBoard would show of each.

Those that a cell cannot run have none: `has_notebook` says which.

`notebook` makes one without outputs, of a scenario and of what was seen of it on a target. `tools.notebook_run`
runs them. A notebook needs nothing of ours: TensorFlow, TensorBoard and Matplotlib are enough.
"""

from __future__ import annotations

import ast
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import Recording
from tbcookbook.scenarios.difference import difference
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario

RAISES = "raises-exception"  # the tag of a cell that must fail, which nbclient, nbval and Jupyter know
BRANCH = "main"  # that Colab opens

HELPERS = '''\
import gc
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def start_afresh():
    """Forget the models made so far and work in a new folder, which `logs` will be in."""
    tf.keras.backend.clear_session()
    os.chdir(tempfile.mkdtemp())


def show(logs):
    """Print what the event files below a folder hold, and draw the scalars."""
    for thing in gc.get_objects():  # a script writes everything out when it ends; a notebook does not end
        if issubclass(type(thing), tf.summary.SummaryWriter) and vars(thing):
            thing.flush()
    scalars, others = {}, {}
    folders = sorted({file.parent for file in Path(logs).rglob("*tfevents*")})
    for folder in folders:
        run = folder.relative_to(logs)
        found = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0}).Reload()
        for tag in found.Tags()["scalars"]:  # as old versions write them
            scalars[f"{run}/{tag}"] = [(event.step, event.value) for event in found.Scalars(tag)]
        for tag in found.Tags()["tensors"]:
            plugin, events = found.SummaryMetadata(tag).plugin_data.plugin_name, found.Tensors(tag)
            if plugin == "scalars":
                scalars[f"{run}/{tag}"] = [(e.step, float(tf.make_ndarray(e.tensor_proto))) for e in events]
            else:
                others[f"{run}/{tag}"] = f"{plugin} at steps {[event.step for event in events]}"
    for name, points in scalars.items():
        steps, values = zip(*points)
        print(f"{name}: steps {list(steps)}, values {[float(f'{value:.4g}') for value in values]}")
    for name, what in others.items():
        print(f"{name}: {what}")
    if not scalars:
        print("There is an event file, but no scalar." if folders else "Nothing was written: there is no event file.")
        return
    figure, axes = plt.subplots(1, len(scalars), figsize=(3 * len(scalars), 2), squeeze=False)
    figure.subplots_adjust(wspace=0.4)
    for axis, (name, points) in zip(axes[0], scalars.items()):
        axis.plot(*zip(*points), marker=".")
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("step")
        axis.locator_params(nbins=4)
        axis.locator_params(axis="x", integer=True)
        axis.ticklabel_format(useOffset=False)
    plt.show()'''

HELPERS_ARE = "Two helpers, the same in all these notebooks: a fresh start, and a look into the event files."
FAILS = (
    "The next cell fails. A script ends at its first error, so what follows the failing line stands in the same cell "
    "and does not run here either. Should your notebook stop there, go on with the cell below it."
)
SILENT = "Nothing fails here."
AFRESH = "Nothing is left of the first run: a new folder, no model, and the seeds are set again."
# What holds to the end of the process, for the second script too: graph mode, a trace whose export failed, and a writer
# that was made by half, which TensorFlow fails to close when it is forgotten.
LASTING = ("disable_eager_execution", "profiler=True", "az://")


# What these say in a notebook is not what was recorded: frames of the kernel in a message, an address, numbers that are
# none, a line of a log between the curves, files of the writer that was not closed, rates that were measured, the lines
# of a progress bar.
OTHERWISE_IN_A_KERNEL = (
    *("second-fit-dead-writer", "closed-too-early", "histogram-of-nan", "graph-without-get-config"),
    *("a-writer-per-epoch", "log-dir-deleted"),  # the writer of TensorFlow 2.0 raises where the others say nothing
    "log-dir-is-a-file",  # a writer that was made by half cannot be flushed
    "step-not-a-scalar",  # kills the kernel before TensorFlow 2.21
    *("summary-in-xla", "saved-with-summary"),
    *("steps-per-second", "graph-of-the-training"),
)


def has_notebook(scenario: Scenario) -> bool:
    """Whether there is one: for Python scripts of one file each, which run on what the kernel runs on, one by one."""
    plain = all(scenario.script_name(role) == f"{role}.py" for role in ROLES)
    if not plain or scenario.environments or scenario.slug in OTHERWISE_IN_A_KERNEL:
        return False
    texts = [scenario.script(role).read_text(encoding="utf-8") for role in ROLES]
    return not any(mark in text for mark in LASTING for text in texts)


def notebook(scenario: Scenario, recording: Recording, repository: str) -> NotebookNode:
    """The notebook of a scenario, without outputs.

    `recording` says which cells fail, if any, and of which versions it is true. `repository` is OWNER/NAME on GitHub,
    for the link to Colab.
    """
    see, why, fix, *rest = (f"## {heading}\n\n{text}" for heading, text in scenario.sections.items())
    cells = [
        new_markdown_cell(heading(scenario, recording, repository)),
        new_markdown_cell(see),
        new_markdown_cell(HELPERS_ARE),
        new_code_cell(HELPERS),
        new_markdown_cell(f"### The broken script\n\n{docstring(scenario.source('broken'))}"),
        *part(scenario, recording, "broken"),
        new_markdown_cell(why),
        new_markdown_cell(f"{fix}\n\n```diff\n{difference(scenario, marks=True)}```"),
        new_markdown_cell(f"### The fixed script\n\n{AFRESH}"),
        *part(scenario, recording, "fixed"),
        *map(new_markdown_cell, rest),
        new_markdown_cell("## Reported in\n\n" + "\n".join(f"- <{source}>" for source in scenario.sources)),
    ]
    identify(cells)
    made: NotebookNode = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "tbcookbook": {"scenario": f"{scenario.chapter}/{scenario.slug}", "sha256": digest(cells)},
        },
    )
    return made


def digest(cells: Iterable[NotebookNode]) -> str:
    """SHA-256 of what is in the cells, outputs apart."""
    return hashlib.sha256("\0".join(cell.source for cell in cells).encode()).hexdigest()


def repository(pyproject: Path) -> str:
    """OWNER/NAME of the repository on GitHub, which a ``pyproject.toml`` has among the project's addresses."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/").rstrip("/")


def colab(repository: str, slug: str) -> str:
    """The address that opens a scenario's notebook in Colab."""
    return f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/docs/notebooks/{slug}.ipynb"


def heading(scenario: Scenario, recording: Recording, repository: str) -> str:
    link = f"[Open in Colab]({colab(repository, scenario.slug)})"
    versions = " with ".join(f"{name} {recording.versions[name.lower()]}" for name in ("TensorFlow", "Keras"))
    return f"# {scenario.title}\n\n{link}\n\nThe outputs are those of {versions}. Other versions may do otherwise."


def part(scenario: Scenario, recording: Recording, role: Role) -> list[NotebookNode]:
    """The cells of one script, and what it has logged."""
    source = scenario.source(role)
    failing = failing_line(recording.observation(scenario.slug, role))
    *before, last = blocks(source, failing)
    cells = [
        new_code_cell("start_afresh()"),
        *map(new_code_cell, before),
        *([new_markdown_cell(FAILS)] if failing else []),
        new_code_cell(last, metadata={"tags": [RAISES]} if failing else {}),
    ]
    quiet = [] if failing or role == "fixed" else [new_markdown_cell(SILENT)]
    return [*cells, *quiet, new_code_cell('show("logs")')]


def failing_line(observation: Observation | None) -> int | None:
    """The line of a script's own statements, counted from 1, at which it raised; None if it did not."""
    return None if observation is None or observation.exception is None else observation.exception.statement


def blocks(source: str, failing: int | None = None) -> list[str]:
    """A script in cells: cut at the blank lines between its statements, without its docstring.

    Imports stay together, and a line that stands alone goes with what follows it. From the block that has the line
    `failing` on, all is one cell.
    """
    lines = source.splitlines()
    body = ast.parse(source).body
    first, *others = body[1:] if is_docstring(body[0]) else body
    cuts, above = [first_line(first, lines)], first
    for node in others:
        start = first_line(node, lines)
        imports = isinstance(above, IMPORTS) and isinstance(node, IMPORTS)
        alone = sum(map(bool, lines[cuts[-1] : start])) == 1
        if not (lines[start - 1] or imports or alone):
            cuts.append(start)
        above = node
    kept = [cut for cut in cuts if failing is None or cut < failing]
    return ["\n".join(lines[start:end]).strip() for start, end in zip(kept, [*kept[1:], None], strict=True)]


def docstring(source: str) -> str:
    return ast.get_docstring(ast.parse(source)) or ""


IMPORTS = (ast.Import, ast.ImportFrom)


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def first_line(node: ast.stmt, lines: list[str]) -> int:
    """The index of the line that a statement begins with, its decorators and the comments above it included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    while start and lines[start - 1].startswith("#"):
        start -= 1
    return start


def identify(cells: Iterable[NotebookNode]) -> None:
    """Give cells ids that depend on what is in them, and on nothing else."""
    seen: Counter[str] = Counter()
    for cell in cells:
        seen[cell.source] += 1
        cell.id = hashlib.sha256(f"{seen[cell.source]} {cell.source}".encode()).hexdigest()[:8]
