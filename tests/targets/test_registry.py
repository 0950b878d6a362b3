"""The registry as it is: what it must have, and what other modules take from it."""

from __future__ import annotations

import pytest
from packaging.version import Version

from tbcookbook.targets.registry import (
    RegisteredTarget,
    by_family,
    current_target,
    plain_install,
    plain_step,
    registered_targets,
    released_targets,
)

MINORS = {
    "tensorflow": ("tensorflow", [f"2.{minor}" for minor in range(22)]),
    "keras": ("keras", [f"3.{minor}" for minor in range(16)]),
    "keras-jax": ("keras", ["3.15"]),
    "keras-torch": ("keras", ["3.15"]),
    "tf-keras": ("tf-keras", [f"2.{minor}" for minor in range(16, 22)]),
    "pip": ("tensorflow", [f"2.{minor}" for minor in range(15, 22)]),
}


def test_all_minors_are_there_in_order() -> None:
    found = {family.name: [row.version for row in rows] for family, rows in by_family(released_targets()).items()}
    assert found == {name: versions for name, (_, versions) in MINORS.items()}


def test_names_are_unique() -> None:
    assert len({row.name for row in registered_targets()}) == len(registered_targets())


@pytest.mark.parametrize("row", released_targets(), ids=lambda row: row.name)
def test_what_matters_is_pinned(row: RegisteredTarget) -> None:
    package, _ = MINORS[row.family.name]
    assert Version(row.versions[package]).release[:2] == Version(row.version).release[:2]
    needed = {"tensorflow", "keras", "numpy", "protobuf", "python"}
    has_tensorboard = row.name != "pip-tf-2.21"  # TensorFlow 2.21 no longer asks for it
    assert needed <= row.versions.keys()
    assert ("tensorboard" in row.versions) == has_tensorboard


def test_plain_installations_have_the_same_tensorflow() -> None:
    """And nobody takes one for the other: their names begin otherwise."""
    pairs = [(row, plain) for row in registered_targets() if (plain := plain_install(row)) is not None]
    assert [plain.name for _, plain in pairs] == [f"pip-tf-2.{minor}" for minor in range(15, 22)]
    assert all(row.versions["tensorflow"] == plain.versions["tensorflow"] for row, plain in pairs)


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ("tf-2.20", "tf-2.21", ("pip-tf-2.20", "pip-tf-2.21")),
        ("tf-2.9", "tf-2.21", ("tf-2.9", "pip-tf-2.21")),
        ("tf-2.9", "tf-2.10", None),
        ("pip-tf-2.20", "pip-tf-2.21", None),
        ("tf-2.21", "this", None),
        ("tf-2.21", "tf-nightly", ("pip-tf-2.21", "tf-nightly")),
    ],
)
def test_the_step_that_pip_makes(before: str, after: str, step: tuple[str, str] | None) -> None:
    assert plain_step(before, after) == step


def test_words() -> None:
    words = {row.name: row.words for row in registered_targets()}
    assert words["tf-2.9"] == "TensorFlow 2.9"
    assert words["keras-3.15-jax"] == "Keras 3.15 on JAX"
    assert words["tf-nightly"] == "TensorFlow nightly"
    assert next(iter(by_family(released_targets()))).title == "TensorFlow"


def test_the_current_target() -> None:
    assert current_target().family.name == "tensorflow"
    assert current_target() == max(released_targets(), key=lambda row: Version(row.versions["tensorflow"]))
