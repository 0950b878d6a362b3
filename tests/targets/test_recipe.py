"""Recipes: what their requirements pin, and what will be found."""

from __future__ import annotations

from tbcookbook.targets.recipe import Recipe


def test_pins_have_normalised_names() -> None:
    wanted = ("tf_keras==2.18.0", "TensorBoard[extra]==2.18.0; python_version >= '3'", "numpy<2", "tf-nightly")
    assert Recipe("x", "3.11", wanted).pins == {"tf-keras": "2.18.0", "tensorboard": "2.18.0"}


def test_versions_are_those_that_a_target_will_have() -> None:
    plain = Recipe("x", "3.11", ("tensorflow-cpu==2.20.0", "keras==3.11.3"))
    assert plain.versions["tensorflow"] == "2.20.0"
    assert plain.versions["keras[tensorflow]"] == "3.11.3"
    assert Recipe("x", "3.11", ("keras==3.11.3",), env={"KERAS_BACKEND": "jax"}).versions["keras[jax]"] == "3.11.3"


def test_the_keras_that_tensorflow_brings_or_that_replaces_it() -> None:
    assert Recipe("x", "3.7", ("tensorflow==2.0.4",), keras="2.2.4").versions["keras"] == "2.2.4"
    legacy = ("tensorflow==2.18.1", "keras==3.6.0", "tf-keras==2.18.0")
    assert Recipe("x", "3.11", legacy, env={"TF_USE_LEGACY_KERAS": "1"}).versions["keras"] == "2.18.0"


def test_without_tensorflow() -> None:
    assert Recipe("x", "3.11", ("tensorboard==2.20.0", "setuptools==82.0.1")).versions == {
        "python": "3.11",
        "tensorboard": "2.20.0",
        "setuptools": "82.0.1",
    }
