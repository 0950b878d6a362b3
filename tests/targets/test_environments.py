"""Environments made by the real uv from wheels of a few bytes, with nothing downloaded."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from tbcookbook.errors import TargetError
from tbcookbook.targets import environments
from tbcookbook.targets.environments import environment, find_interpreter, is_ready, lock_file, provision, remove
from tbcookbook.targets.recipe import Recipe

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place that uv installs from; environments are made beside it."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, version in [("Board", "2.20.0"), ("setup_tools", "82.0.1"), ("tensorflow", "2.21.0")]:
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            info = f"{name}-{version}.dist-info"
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    (tmp_path / "uv.toml").write_text(f"no-index = true\nfind-links = [{str(folder)!r}]\n")
    monkeypatch.setenv("UV_CONFIG_FILE", str(tmp_path / "uv.toml"))
    monkeypatch.setenv("TBCOOKBOOK_HOME", str(tmp_path))
    return folder


def recipe(*requirements: str, python: str = PYTHON) -> Recipe:
    return Recipe("broken-environment", python, requirements)


def test_any_recipe_becomes_a_target(wheels: Path) -> None:
    """One without TensorFlow, as a scenario brings it: made once, described, nothing preloaded."""
    wanted = recipe("board==2.20.0", "setup.tools==82.0.1")
    told: list[str] = []
    target = provision(wanted, told.append)
    assert (target.name, target.versions["board"], target.preload) == ("broken-environment", "2.20.0", ())
    assert told == [f"broken-environment: installing board==2.20.0 on Python {PYTHON}"]
    assert is_ready(wanted)
    assert lock_file(environment(wanted)).exists()
    assert provision(wanted, told.append) == target
    assert len(told) == 1
    remove(wanted)
    assert not environment(wanted).exists()


def test_tensorflow_is_preloaded_where_it_is_installed_if_nothing_else_is_said(wheels: Path) -> None:
    assert provision(recipe("tensorflow==2.21.0")).preload == ("tensorflow",)
    assert provision(Recipe("x", PYTHON, ("tensorflow==2.21.0",), preload=())).preload == ()


def test_every_pin_is_held_against_what_is_there(wheels: Path) -> None:
    wanted = recipe("board==2.20.0", "setup_tools==82.0.1")
    provision(wanted)
    (changed,) = environment(wanted).glob("lib/python*/site-packages/setup_tools-82.0.1.dist-info/METADATA")
    changed.write_text(changed.read_text().replace("82.0.1", "81.0"))
    with pytest.raises(TargetError, match=r"setup-tools is 81\.0 in .*, expected 82\.0\.1, as pinned"):
        provision(wanted)


def test_what_cannot_be_installed_is_told_in_one_line(wheels: Path) -> None:
    wanted = recipe("board==9.9")
    with pytest.raises(TargetError) as caught:
        provision(wanted)
    said = str(caught.value)
    assert said.startswith("target broken-environment: the installation failed (uv pip install): ")
    assert "board==9.9" in said
    assert "\n" not in said
    assert not environment(wanted).exists()


def test_a_missing_interpreter_says_how_to_get_it(wheels: Path) -> None:
    with pytest.raises(environments.MissingInterpreterError, match=r"get it with 'uv python install 3\.99'"):
        provision(recipe("board==2.20.0", python="3.99"))


def test_interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_interpreter(PYTHON) is not None
    assert find_interpreter("3.99") is None
    monkeypatch.setenv("TBCOOKBOOK_HOME", str(tmp_path))
    assert environments.environments() == tmp_path / "targets"


def test_the_name_of_a_folder_follows_from_python_and_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another name would make every kept environment useless."""
    monkeypatch.setenv("TBCOOKBOOK_HOME", "/home")
    row = Recipe("tf-2.9", "3.11", ("tensorflow==2.16.2", "keras==3.3.3"))
    ingredients = '["3.11", ["tensorflow==2.16.2", "keras==3.3.3"]]'
    assert environment(row) == Path(f"/home/targets/tf-2.9-{hashlib.sha256(ingredients.encode()).hexdigest()[:8]}")
