"""The pytest wiring, in pytest sessions of its own: ids, selection, workers, failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Kitchen

SUITE = Path(__file__).with_name("test_scenarios.py").read_text(encoding="utf-8")


@pytest.fixture
def session(pytester: pytest.Pytester, kitchen: Kitchen) -> pytest.Pytester:
    """A folder with the cookbook's own suite, on the kitchen's scenarios and interpreter."""
    pytester.makepyfile(test_scenarios=SUITE)
    pytester.makeini(
        f"[pytest]\naddopts = -p tbcookbook.pytest_plugin --scenarios {kitchen.root} --target {kitchen.target}\n"
    )
    return pytester


def test_ids_and_header(session: pytest.Pytester, kitchen: Kitchen) -> None:
    result = session.runpytest_subprocess("-v")
    result.assert_outcomes(passed=4)
    result.stdout.re_match_lines([r"target fake: tensorflow 2.21.0, keras 3.15.1, .*python 3\."])
    for name in ("first/broken", "first/fixed", "second/broken", "second/fixed"):
        result.stdout.fnmatch_lines([f"*test_scenario?{name}@fake? PASSED*"])
    assert kitchen.imports() == 1


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_one_import_for_all_workers(workers: int, session: pytest.Pytester, kitchen: Kitchen) -> None:
    session.runpytest_subprocess("-n", str(workers)).assert_outcomes(passed=4)
    assert kitchen.imports() == 1


def test_one_import_for_each_target(session: pytest.Pytester, kitchen: Kitchen) -> None:
    session.runpytest_subprocess("-n", "2", "--target", f"other={kitchen.python}").assert_outcomes(passed=8)
    assert kitchen.imports() == 2


def test_spawn(session: pytest.Pytester, kitchen: Kitchen) -> None:
    session.runpytest_subprocess("-n", "2", "--isolation", "spawn").assert_outcomes(passed=4)
    assert kitchen.imports() == 4


def test_selection(session: pytest.Pytester, kitchen: Kitchen) -> None:
    session.runpytest_subprocess("-k", "first and fixed").assert_outcomes(passed=1, deselected=3)
    kitchen.change("broken.py", "raise ValueError", "raise TypeError")
    session.runpytest_subprocess("-x").assert_outcomes(failed=1)
    session.runpytest_subprocess().assert_outcomes(failed=1, passed=3)
    session.runpytest_subprocess("--lf").assert_outcomes(failed=1)


def test_nothing_is_imported_for_nothing(session: pytest.Pytester, kitchen: Kitchen) -> None:
    session.runpytest_subprocess("--collect-only", "-q")
    assert kitchen.imports() == 0


def test_failure_is_readable(session: pytest.Pytester, kitchen: Kitchen) -> None:
    kitchen.change("broken.py", "saw shape", "saw a shape")
    result = session.runpytest_subprocess("-n", "2")
    result.assert_outcomes(failed=1, passed=3)
    result.stdout.fnmatch_lines(
        [
            "first/broken@fake: not as expected",
            "target *fake: tensorflow 2.21.0*",
            "*expected*actual*",
            "message*Expected scalar shape, saw shape:*Expected scalar shape, saw a shape:*",
            '>   5 raise ValueError("Expected scalar shape*# <- not a number',
            "The end of its stderr",
            "    ValueError: Expected scalar shape, saw a shape: (32,).",
        ]
    )
    result.stdout.no_fnmatch_line("*tbcookbook/runner.py*")


def test_swapped_scripts_fail(session: pytest.Pytester, kitchen: Kitchen) -> None:
    """Both, in words a stranger understands."""
    folder = kitchen.root / "chapter" / "first"
    broken, fixed = (folder / name for name in ("broken.py", "fixed.py"))
    texts = broken.read_text(), fixed.read_text()
    broken.write_text(texts[1].rstrip() + "  # <- marked\n")
    fixed.write_text(texts[0])
    result = session.runpytest_subprocess()
    result.assert_outcomes(failed=2, passed=2)
    result.stdout.fnmatch_lines(["*broken.py no longer breaks here*"])
    result.stdout.fnmatch_lines(["*fixed.py does not work here, so the recipe is not a cure*"])


WITHOUT_TENSORFLOW = """
import dataclasses
from tbcookbook.targets import target

this_target = target.this_target

def without_tensorflow():
    this = this_target()
    return dataclasses.replace(this, versions={"python": this.versions["python"]})

target.this_target = without_tensorflow
"""


@pytest.fixture
def bare_session(pytester: pytest.Pytester, kitchen: Kitchen) -> pytest.Pytester:
    """The cookbook's own suite and another test, where pytest's interpreter has no TensorFlow as far as we know."""
    pytester.makeconftest(WITHOUT_TENSORFLOW)
    pytester.makepyfile(test_scenarios=SUITE, test_other="def test_other(): pass\n")
    pytester.makeini(f"[pytest]\naddopts = -p tbcookbook.pytest_plugin -rs --scenarios {kitchen.root}\n")
    return pytester


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "workers"])
def test_without_tensorflow_the_scenarios_are_left_out(bare_session: pytest.Pytester, options: tuple[str, ...]) -> None:
    """All else runs, one line says what does not, and that is no failure; even if nothing else is there."""
    result = bare_session.runpytest_subprocess(*options)
    result.assert_outcomes(passed=1, skipped=1)
    assert result.ret == pytest.ExitCode.OK
    said = [line for line in result.outlines if "left out" in line]
    assert len(said) == 1
    assert "2 scenarios are left out: there is no TensorFlow in " in said[0]
    assert bare_session.runpytest_subprocess("test_scenarios.py", *options).ret == pytest.ExitCode.OK


def test_without_tensorflow_another_target_runs(bare_session: pytest.Pytester, kitchen: Kitchen) -> None:
    bare_session.runpytest_subprocess("--target", kitchen.target).assert_outcomes(passed=5)


def test_a_target_that_was_asked_for_needs_tensorflow(bare_session: pytest.Pytester, kitchen: Kitchen) -> None:
    result = bare_session.runpytest_subprocess("--target", kitchen.target, "--target", "this")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*target this: there is no TensorFlow in *"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "nonsense"], "*expected NAME=PATH_TO_PYTHON*"),
        (["--target", "x=/nowhere"], "*/nowhere cannot be started*"),
    ],
)
def test_bad_target(arguments: list[str], said: str, session: pytest.Pytester) -> None:
    result = session.runpytest_subprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_bad_scenario(session: pytest.Pytester, kitchen: Kitchen) -> None:
    kitchen.change("scenario.toml", "outcome", "outcom")
    result = session.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*chapter/first/scenario.toml: broken*unknown key 'outcom'*"])
    assert len(result.outlines) < 20
