"""What is found out about an interpreter, and what is said of one that cannot be a target."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

import pytest

from tbcookbook.errors import TargetError
from tbcookbook.targets import target as module
from tbcookbook.targets.target import (
    Target,
    describe,
    installed,
    keras_version,
    keras_versions,
    parse_target,
    shown_versions,
)


def distribution(folder: Path, name: str, version: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def python(folder: Path, script: str) -> Path:
    """A program that stands for an interpreter."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


# What is there


def test_this_interpreter(here: Target) -> None:
    assert here.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert here.versions["pytest"] == pytest.__version__
    assert any((Path(folder) / "pytest").is_dir() for folder in here.packages)
    assert any((Path(folder) / "json").is_dir() for folder in here.library)
    assert set(here.packages).isdisjoint(here.library)
    assert here.requirements is None
    assert here.title.startswith("this: ")


def test_a_path_alone_is_named_after_its_last_part(tmp_path: Path) -> None:
    own = python(tmp_path, f'exec {sys.executable} "$@"')
    assert parse_target(str(own)).name == "python"
    assert parse_target(f"mine={own}").name == "mine"


def test_names_are_normalised_and_builds_stand_for_tensorflow(tmp_path: Path) -> None:
    distribution(tmp_path, "tensorflow_cpu", "2.20.0")
    distribution(tmp_path, "Tb.Nightly", "2.22.0a1")
    distribution(tmp_path, "tf_keras", "2.20.1")
    found = installed([str(tmp_path)])
    assert (found["tensorflow"], found["tensorboard"], found["tf-keras"]) == ("2.20.0", "2.22.0a1", "2.20.1")


def test_the_first_on_the_path_counts(tmp_path: Path) -> None:
    distribution(tmp_path / "first", "keras", "3.0.0")
    distribution(tmp_path / "second", "keras", "2.0.0")
    assert installed([str(tmp_path / "first"), str(tmp_path / "second")])["keras"] == "3.0.0"


@pytest.mark.parametrize(
    ("installed", "preload", "expected"),
    [
        (["tensorflow"], None, ("tensorflow",)),
        (["tf_nightly"], None, ("tensorflow",)),
        (["tensorboard"], None, ()),
        (["tensorflow"], ("tensorflow", "keras"), ("tensorflow", "keras")),
        (["tensorflow"], (), ()),
    ],
)
def test_what_is_preloaded(
    installed: list[str], preload: tuple[str, ...] | None, expected: tuple[str, ...], tmp_path: Path
) -> None:
    for name in installed:
        distribution(tmp_path, name, "2.21.0")
    own = python(tmp_path, f'PYTHONPATH={tmp_path} exec {sys.executable} -S "$@"')
    assert describe("x", own, preload=preload).preload == expected


# Which Keras


@pytest.mark.parametrize(
    ("tensorflow", "package", "expected"), [("2.0.4", "tensorflow_core", "2.2.4"), ("2.2.3", "tensorflow", "2.3.0")]
)
def test_the_keras_that_tensorflow_brings(tensorflow: str, package: str, expected: str, tmp_path: Path) -> None:
    """Its source has two versions, one for each behaviour; a distribution of Keras beside it is not meant."""
    source = tmp_path / package / "python" / "keras" / "__init__.py"
    source.parent.mkdir(parents=True)
    source.write_text("if new:\n  __version__ = '2.3.0-tf'\nelse:\n  __version__ = '2.2.4-tf'\n")
    versions = {"tensorflow": tensorflow, "keras": "2.11.0"}
    assert keras_version(versions, ["/nowhere", str(tmp_path)], {}) == expected
    assert keras_version(versions, ["/nowhere"], {}) is None


@pytest.mark.parametrize(
    ("versions", "env", "expected"),
    [
        ({"tensorflow": "2.15.1", "keras": "2.15.0", "tf-keras": "2.15.1"}, {"TF_USE_LEGACY_KERAS": "1"}, "2.15.0"),
        ({"tensorflow": "2.16.2", "keras": "3.3.3", "tf-keras": "2.16.0"}, {"TF_USE_LEGACY_KERAS": "1"}, "2.16.0"),
        ({"tensorflow": "2.16.2", "keras": "3.3.3", "tf-keras": "2.16.0"}, {}, "3.3.3"),
        ({"tensorflow": "2.16.2", "keras": "3.3.3"}, {"TF_USE_LEGACY_KERAS": "1"}, None),
        ({"keras": "3.15.1"}, {}, "3.15.1"),
        ({"keras-nightly": "3.16.0.dev1"}, {}, "3.16.0.dev1"),
        ({}, {}, None),
    ],
)
def test_the_keras_behind_tf_keras(versions: dict[str, str], env: dict[str, str], expected: str | None) -> None:
    assert keras_version(versions, [], env) == expected


def test_keras_has_a_second_name_with_its_backend() -> None:
    assert keras_versions("3.15.1", {"KERAS_BACKEND": "jax"}) == {"keras": "3.15.1", "keras[jax]": "3.15.1"}
    assert keras_versions("2.15.0", {"KERAS_BACKEND": "jax"}) == {"keras": "2.15.0", "keras[tensorflow]": "2.15.0"}
    assert keras_versions(None, {}) == {}


# What its processes get


def test_variables(here: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PYTHONPATH", "PYTEST_ADDOPTS", "COV_CORE_SOURCE", "TF_USE_LEGACY_KERAS", "XLA_FLAGS"):
        monkeypatch.setenv(name, "of the driver")
    monkeypatch.setenv("LANG", "C")
    found = dataclasses.replace(here, env={"KERAS_BACKEND": "jax"}).variables(tmp_path)
    assert "of the driver" not in found.values()
    assert (found["LANG"], found["KERAS_BACKEND"], found["KERAS_HOME"]) == ("C", "jax", str(tmp_path))
    assert (found["CUDA_VISIBLE_DEVICES"], found["PYTHONHASHSEED"]) == ("-1", "0")


def test_shown_versions() -> None:
    assert shown_versions({"keras": "3.15.1", "six": "1", "tensorflow": "2.21.0"}) == "tensorflow 2.21.0, keras 3.15.1"


# What cannot be one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected NAME=PATH_TO_PYTHON"),
        ("x", "expected NAME=PATH_TO_PYTHON"),
        ("=/usr/bin/python3", "expected NAME=PATH_TO_PYTHON"),
        ("a b=/usr/bin/python3", "the name may have"),
        ("x=/nowhere/python", "cannot be started: No such file"),
        ("x=/", "is a folder"),
        ("x=/bin/true", "is not a Python that works"),
        ("x=/bin/false", "is not a Python that works: exit status 1"),
        ("x=/etc/hostname", "cannot be started"),
    ],
)
def test_bad_target(text: str, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        parse_target(text)


def test_a_folder_with_an_interpreter_in_it_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    python(tmp_path / "bin", "exit 0")
    with pytest.raises(TargetError, match=rf"is a folder.*; did you mean {tmp_path}/bin/python\?"):
        describe("x", tmp_path)


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = python(tmp_path, """echo '{"python": "2.7.18", "path": [], "platform": "Linux"}'""")
    with pytest.raises(TargetError, match=r"is Python 2\.7\.18, expected 3\.7 or later"):
        describe("x", old)


def test_a_python_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.2)
    with pytest.raises(TargetError, match=r"did not answer within 0\.2 s"):
        describe("x", python(tmp_path, "exec sleep 60"))


def test_a_relative_path_is_kept_as_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter of a virtual environment is a symbolic link, which must not be resolved."""
    link = tmp_path / "link"
    link.symlink_to(python(tmp_path, f'exec {sys.executable} "$@"'))
    monkeypatch.chdir(tmp_path)
    assert parse_target("x=link").python == link
    assert link.readlink() == tmp_path / "python"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_program_that_says_more_than_any_interpreter(tmp_path: Path, stream: str) -> None:
    program = tmp_path / "talker"
    program.write_text("#!/bin/sh\n" + {"stdout": "exec yes\n", "stderr": "yes | head -c 9000000 >&2\n"}[stream])
    program.chmod(0o755)
    began = time.monotonic()
    with pytest.raises(TargetError, match="is not a Python that works: ") as caught:
        parse_target(f"talker={program}")
    assert len(str(caught.value)) < 400
    assert time.monotonic() - began < module.ANSWER_SECONDS  # it was not waited for
