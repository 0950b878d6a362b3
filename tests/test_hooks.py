"""The library: a call, an excepthook, and the extension of IPython."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tbcookbook
from tbcookbook.hooks import recipe_line

TEXT = (
    "No step set. Please specify one either through the `step` argument or through tf.summary.experimental.set_step()"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TBCOOKBOOK_HOME", str(tmp_path))


def test_an_exception_and_a_text() -> None:
    assert tbcookbook.diagnose(ValueError(TEXT)).answers[0].entry.name == "no-step"
    assert tbcookbook.diagnose(f"ValueError: {TEXT}").answers[0].entry.name == "no-step"
    assert not tbcookbook.diagnose(KeyError("label"))


def test_a_line_below_the_traceback() -> None:
    program = f"import sys, tbcookbook; sys.excepthook = tbcookbook.excepthook; raise ValueError({TEXT!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2] == f"ValueError: {TEXT}"
    assert done.stderr.splitlines()[-1].endswith("tbcookbook explain no-step")


def test_a_hook_says_nothing_of_other_errors_and_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recipe_line(KeyError("label")) == ""

    def fail(_: object) -> None:
        raise OSError

    monkeypatch.setattr("tbcookbook.hooks.diagnose_text", fail)
    assert recipe_line(ValueError(TEXT)) == ""


def test_the_extension_of_ipython(capsys: pytest.CaptureFixture[str]) -> None:
    shells = pytest.importorskip("IPython.core.interactiveshell")
    shell = shells.InteractiveShell()
    shell.run_line_magic("load_ext", "tbcookbook")
    shell.run_cell(f"raise ValueError({TEXT!r})")
    assert "tbcookbook explain no-step" in capsys.readouterr().err
    shell.run_line_magic("unload_ext", "tbcookbook")
    shell.run_cell(f"raise ValueError({TEXT!r})")
    assert "tbcookbook explain" not in capsys.readouterr().err


PAGE = Path(__file__).parents[1] / "docs/how-to/diagnose.md"


@pytest.mark.parametrize(
    "program", re.findall(r"<!-- tested -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
)
def test_the_examples_of_the_page_run(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
