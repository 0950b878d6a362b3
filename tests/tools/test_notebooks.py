"""The stored notebooks are those of the scenarios as they are, and nbval tells when they no longer come out so.

Nothing here needs TensorFlow: `nox -s notebooks_check` runs the notebooks themselves.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import get_sanitize_patterns

from tbcookbook.recordings.store import Recording, load_recording, observed_root
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import current_target, released_targets
from tools.notebook import HELPERS, RAISES, blocks, colab, digest, failing_line, has_notebook, notebook, repository

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "docs" / "notebooks"
SANITIZE = NOTEBOOKS / "sanitize.cfg"
LARGEST = 100_000  # bytes
PRINTED = 5e-4  # relative: the notebooks print four significant digits

SCENARIOS = {scenario.slug: scenario for scenario in load_scenarios() if has_notebook(scenario)}


@functools.cache
def recorded(name: str) -> Recording:
    return load_recording(observed_root(), name)


# One that is not recorded is named by tests/test_observed.py, and one without its notebook by the first test here.
WANTED = {slug for slug in SCENARIOS if recorded(current_target().name).run(slug, "broken") is not None}
every_notebook = pytest.mark.parametrize(
    "slug", [slug for slug in SCENARIOS if slug in WANTED and (NOTEBOOKS / f"{slug}.ipynb").exists()]
)


@pytest.fixture
def recording() -> Recording:
    return recorded(current_target().name)


def stored(slug: str) -> NotebookNode:
    found: NotebookNode = nbformat.read(NOTEBOOKS / f"{slug}.ipynb", as_version=4)
    return found


def outputs(found: NotebookNode) -> Iterator[NotebookNode]:
    for cell in found.cells:
        yield from cell.get("outputs", [])


def test_one_notebook_for_each_scenario_that_can_have_one() -> None:
    """Made by ``nox -s notebooks -- SLUG``."""
    there = {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    assert WANTED - there == set()
    assert there - set(SCENARIOS) == set()


def test_what_a_cell_cannot_run_has_no_notebook(tmp_path: Path) -> None:
    """What is switched off for good, environments of a scenario's own, a command line, several files."""
    (folder := tmp_path / "x").mkdir()
    (folder / "fixed.py").touch()
    (folder / "broken.py").touch()
    plain = Scenario(folder, "", (), {})
    assert has_notebook(plain)
    (folder / "broken.py").write_text("tf.compat.v1.disable_eager_execution()\n")
    assert not has_notebook(plain)
    (folder / "broken.py").write_text("")
    recipe = Recipe("broken-environment", "3.11", ("setuptools==81.0.0",))
    assert not has_notebook(dataclasses.replace(plain, environments={"broken": recipe, "fixed": recipe}))
    (folder / "broken.py").rename(folder / "broken.sh")
    assert not has_notebook(plain)
    (folder / "broken").mkdir()
    (folder / "broken.sh").rename(folder / "broken" / "main.py")
    assert not has_notebook(plain)


@every_notebook
def test_notebook_is_of_the_scenario_as_it_is(slug: str, recording: Recording) -> None:
    """A notebook whose scenario, recording or wording has changed is stale: `nox -s notebooks` makes it anew."""
    found, made = stored(slug), notebook(SCENARIOS[slug], recording, repository(ROOT / "pyproject.toml"))
    nbformat.validate(found)
    assert found.metadata == made.metadata
    assert digest(found.cells) == found.metadata.tbcookbook.sha256
    for stale, fresh in zip(found.cells, made.cells, strict=True):
        for key in ("cell_type", "id", "metadata", "source"):
            assert stale[key] == fresh[key], f"docs/notebooks/{slug}.ipynb is stale: run nox -s notebooks"


@every_notebook
def test_notebook_has_its_outputs_and_is_small(slug: str) -> None:
    counts = [cell.execution_count for cell in stored(slug).cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert (NOTEBOOKS / f"{slug}.ipynb").stat().st_size < LARGEST


@every_notebook
def test_exceptions_are_the_recorded_ones(slug: str, recording: Recording) -> None:
    """In a cell that says so, with the message of the script but for files and lines; and no other."""
    seen = [recording.observation(slug, role) for role in ROLES]
    expected = [found.exception for found in seen if found is not None and found.exception is not None]
    errors = [output for output in outputs(stored(slug)) if output.output_type == "error"]
    assert [error.ename for error in errors] == [raised.type.rpartition(".")[2] for raised in expected]
    for error, raised in zip(errors, expected, strict=True):
        assert without_lines(error.evalue) == without_lines(raised.message)
    for cell in stored(slug).cells:
        failed = any(output.output_type == "error" for output in cell.get("outputs", []))
        assert failed == (RAISES in cell.metadata.get("tags", []))


def without_lines(message: str) -> str:
    return re.sub(r'File "(?:<cell>|broken\.py)", line \d+', "File", message)


@every_notebook
def test_curves_are_the_recorded_ones(slug: str, recording: Recording) -> None:
    """What each of the two scripts logs in a notebook is what it logs on its own."""
    texts = [output.text for output in outputs(stored(slug)) if output.output_type == "stream"]
    told = [text for text in texts if re.search(r"^\S+/.+: |There is an event file|no event file", text)]
    for role, text in zip(ROLES, told, strict=True):
        observation = recording.observation(slug, role)
        assert observation is not None
        streams = {key: found for key, found in observation.logs.streams.items() if found.plugin == "scalars"}
        printed = curves(text)
        assert printed.keys() == streams.keys(), role
        for name, (steps, values) in printed.items():
            assert steps == list(streams[name].steps)
            assert values == pytest.approx(list(streams[name].values), rel=PRINTED)
        nothing = not observation.logs.event_files
        assert ("Nothing was written" in text) == nothing


def curves(text: str) -> dict[str, tuple[list[int], list[float]]]:
    """The steps and values of each run and tag in what a notebook prints."""
    found = re.findall(r"^(.+): steps (\[.*\]), values (\[.*\])$", text, re.MULTILINE)
    return {name: (ast.literal_eval(steps), ast.literal_eval(values)) for name, steps, values in found}


@every_notebook
def test_outputs_tell_nothing_of_the_machine(slug: str) -> None:
    """No path, address, time or process number of where they were made: nothing that nbval has to overlook."""
    told = re.compile(
        r"(?:/|~/)(?:root|home|tmp|usr|var|work|opt|Users|lib)/|0x[0-9a-f]{6,}|\.py:\d+ \d{4}-|tfevents\.\d"
    )
    volatile = [pattern for pattern, name in get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")) if "<" in name]
    assert volatile
    for text in texts_of(list(outputs(stored(slug)))):
        assert told.search(text) is None
        for pattern in volatile:
            assert re.search(pattern, text) is None, pattern


def texts_of(value: Any) -> Iterator[str]:
    """Every text in outputs, images apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key != "image/png":
                yield from texts_of(part)


@every_notebook
def test_notebook_stands_alone(slug: str) -> None:
    """It imports nothing of ours, names its address in Colab, and no script takes a name from the helpers."""
    found = stored(slug)
    code = "\n".join(cell.source for cell in found.cells if cell.cell_type == "code")
    assert "tbcookbook" not in code
    assert colab(repository(ROOT / "pyproject.toml"), slug) in found.cells[0].source
    helpers = {node.name for node in ast.parse(HELPERS).body if isinstance(node, ast.FunctionDef)}
    assert helpers
    for role in ROLES:
        assert not helpers & assigned(SCENARIOS[slug].source(role))


def assigned(source: str) -> set[str]:
    """The names that a script gives to its own things, in functions too."""
    nodes = list(ast.walk(ast.parse(source)))
    made = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return made | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


@pytest.mark.parametrize("role", ROLES)
@every_notebook
def test_cells_are_the_script(slug: str, role: Role) -> None:
    """On every target: all statements and no other; nothing stands behind the cell that fails."""
    source = SCENARIOS[slug].source(role)
    body = ast.parse(source).body[1:]
    for registered in released_targets():
        failing = failing_line(recorded(registered.name).observation(slug, role))
        cells = blocks(source, failing)
        assert [ast.dump(node) for cell in cells for node in ast.parse(cell).body] == [ast.dump(node) for node in body]
        if failing is not None:
            assert source.splitlines()[failing - 1] in cells[-1].splitlines()


# nbval, with tiny notebooks that need no TensorFlow

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PLOT = f"""
from IPython.display import display

print("train/loss: steps [0, 1], values [7.46, 7.1]")
display({{"image/png": {PNG!r}, "text/plain": "<Figure size 300x220 with 1 Axes>"}}, raw=True)
"""
VOLATILE = """
import os, pathlib, socket, tempfile, time
import IPython

print("in", tempfile.mkdtemp(), "at", hex(id(os)), "on", time.strftime("%Y-%m-%d %H:%M:%S"), 1 / 3, 20 / 3)
print(IPython.__file__, f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}.{os.getpid()}.0.v2")
print(pathlib.Path(tempfile.gettempdir(), "__autograph_generated_file1a2b.py"))
raise OSError(f'File "{(lambda: 0).__code__.co_filename}", line 5, in {os.__file__}')
"""
BAR = "print('1/2 - 0s 3s/step - loss: 1.3   ', end=chr(13)); print('2/2 - 0s 8ms/step - loss: 1.2 ')"
KEPT = "print('loss', 7.4599)"
RAISED = "raise ValueError('Expected scalar shape, saw shape: (32,).')"


def stream(text: str) -> NotebookNode:
    return NotebookNode(nbformat.v4.new_output("stream", text=text))


def error(ename: str, evalue: str) -> NotebookNode:
    return NotebookNode(nbformat.v4.new_output("error", ename=ename, evalue=evalue, traceback=["not compared"]))


def plot(values: str = "[7.46, 7.1]") -> list[NotebookNode]:
    image = {"image/png": "another", "text/plain": "<Figure size 300x220 with 1 Axes>"}
    return [
        stream(f"train/loss: steps [0, 1], values {values}\n"),
        nbformat.v4.new_output("display_data", data=image),
    ]


message = "Expected scalar shape, saw shape: (32,)."
elsewhere = (
    "in /var/tmp/another at 0x7fffdeadbeef on 2020-02-02 02:02:02 0.333331 6.66661\n"
    "~/env/Lib/site-packages/IPython/__init__.py events.out.tfevents.1600000000.another.host.1.0.v2\n"
    "/scratch/__autograph_generated_file3c4d.py\n",
    'File "/scratch/ipykernel_1/2.py", line 5, in /opt/python/lib/python3.13/os.py',
)

# name: (source, tags, stored outputs, whether nbval passes it)
CELLS: dict[str, tuple[str, list[str], list[NotebookNode], bool]] = {
    "output": (KEPT, [], [stream("loss 7.4599\n")], True),
    "changed output": (KEPT, [], [stream("loss 7.4598\n")], False),
    "lost output": (KEPT, [], [], False),
    "exception": (RAISED, [RAISES], [error("ValueError", message)], True),
    "changed message": (RAISED, [RAISES], [error("ValueError", message.replace("32", "3"))], False),
    "changed exception": (RAISED, [RAISES], [error("TypeError", message)], False),
    "new exception": (RAISED, [], [], False),
    "lost exception": ("pass", [RAISES], [error("ValueError", message)], False),
    "plot": (PLOT, [], plot(), True),
    "changed plot": (PLOT, [], plot("[7.46, 7.2]"), False),
    "lost curve": (PLOT, [], plot()[1:], False),
    "lost figure": (PLOT, [], plot()[:1], False),
    "another machine": (VOLATILE, [RAISES], [stream(elsewhere[0]), error("OSError", elsewhere[1])], True),
    "another pace": (BAR, [], [stream("2/2 - <time>/step - loss: 1.2\n")], True),
    "another number": (
        VOLATILE,
        [RAISES],
        [stream(elsewhere[0].replace("6.666", "6.667")), error("OSError", elsewhere[1])],
        False,
    ),
}


@pytest.fixture
def tiny(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with one notebook that has a cell for each of `CELLS`."""
    cells = [
        nbformat.v4.new_code_cell(source, execution_count=1, metadata={"tags": tags}, outputs=found)
        for source, tags, found, _ in CELLS.values()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, pytester.path / "tiny.ipynb")
    return pytester


def run(tiny: pytest.Pytester, *options: str) -> dict[str, bool]:
    """Whether each cell passes under nbval, with the project's own configuration of pytest."""
    result = tiny.runpytest_subprocess("-c", str(ROOT / "pyproject.toml"), "-v", "--color=no", *options, "tiny.ipynb")
    told = dict(re.findall(r"::Cell (\d+) (PASSED|FAILED)", result.stdout.str()))
    return {name: told[str(index)] == "PASSED" for index, name in enumerate(CELLS)}


def test_nbval_bites(tiny: pytest.Pytester) -> None:
    """A changed output, exception or curve fails; what changes from machine to machine does not."""
    found = run(tiny, "--nbval", f"--nbval-sanitize-with={SANITIZE}")
    assert found == {name: passes for name, (_, _, _, passes) in CELLS.items()}


def test_lax_nbval_allows_only_the_cells_that_may_fail(tiny: pytest.Pytester) -> None:
    """Outputs and exceptions may be others there, or none; an exception in another cell fails."""
    assert run(tiny, "--nbval-lax") == {name: name != "new exception" for name in CELLS}


def test_pytest_alone_leaves_notebooks_alone(tiny: pytest.Pytester) -> None:
    result = tiny.runpytest_subprocess("-c", str(ROOT / "pyproject.toml"), "tiny.ipynb")
    assert result.ret in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)
