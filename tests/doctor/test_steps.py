"""What the steps of a curve tell."""

from typing import Any

import pytest


def test_points_that_all_have_one_step(log: Any) -> None:
    log.scalars(loss=[0, 0, 0, 0])
    found = log.the("all-at-one-step")
    assert (found.evidence["points"], found.evidence["shown"], found.evidence["step"]) == (4, 1, 0)
    assert found.scenarios[0] == "frozen-step"


@pytest.mark.parametrize(
    ("tag", "step", "slug"),
    [
        ("evaluation_loss_vs_iterations", 0, "evaluate-at-one-step"),
        ("batch_loss", 0, "update-freq-batch"),
        ("epoch_loss", 0, "callback-in-tf-function"),
        ("epoch_penalty", 1, "callback-in-loss"),
    ],
)
def test_the_tag_tells_whose_step_it_is(log: Any, tag: str, step: int, slug: str) -> None:
    log.scalars("train", **{tag: [step] * 3})
    assert log.the("all-at-one-step").scenarios[0] == slug


def test_steps_that_start_again(log: Any) -> None:
    """The steps and the four points that are left are those of the scenario step-restarts."""
    log.scalars(loss=[0, 1, 2, 3] * 3)
    found = log.the("steps-go-back")
    assert found.scenarios[0] == "step-restarts"
    assert (found.evidence["points"], found.evidence["shown"]) == (12, 4)
    assert (found.evidence["before"], found.evidence["after"], found.evidence["record"]) == (3, 0, 5)


def test_batches_and_epochs_in_one_tag(log: Any) -> None:
    log.scalars(loss=[0, 1, 2, 3, 0, 4, 5, 6, 7, 1, 8, 9, 10, 11, 2])
    found = log.the("steps-go-back")
    assert found.scenarios == ("batch-and-epoch-in-one-tag",)
    assert found.evidence["shown"] == 3


def test_a_resumed_training_that_overlaps(log: Any) -> None:
    log.scalars(loss=range(6))
    second = log.scalars(loss=range(4, 9), made=1_700_001_000)
    found = log.the("steps-go-back")
    assert found.scenarios[0] == "resumed-overlap"
    assert (found.evidence["points"], found.evidence["shown"]) == (11, 9)
    assert found.file == second.name


def test_a_second_training_in_the_same_run(log: Any) -> None:
    for _ in range(2):
        log.scalars("train", epoch_loss=range(3))
    found = log.the("steps-go-back")
    assert {"same-directory-twice", "second-fit-from-zero"} <= set(found.scenarios)
    assert found.run == "train"


def test_two_curves_in_one_tag(log: Any) -> None:
    log.scalars(loss=[0, 0, 1, 1, 2, 2])
    found = log.the("several-at-each-step")
    assert found.scenarios[0] == "train-and-validation-in-one-run"
    assert found.evidence["shown"] == 3


def test_two_curves_in_one_tag_beside_a_run_without_any(log: Any) -> None:
    log.scalars("train", loss=[0, 0, 1, 1, 2, 2])
    log.file("validation")
    assert log.the("several-at-each-step").scenarios[0] == "second-writer-ignored"


def test_two_writers_at_the_same_time(log: Any, new_scalar: Any) -> None:
    for start, pid in ((0.0, 7), (5.0, 8)):
        events = [new_scalar("loss", step, 1.0, 1_700_000_010.0 + start + step) for step in range(20)]
        log.file("train", events, pid=pid)
    found = log.the("two-writers")
    assert found.evidence["tags"] == ["loss"]


def test_an_older_file_that_goes_on(log: Any, new_scalar: Any) -> None:
    for start, tag in ((0.0, "loss"), (5.0, "other")):
        log.file("train", [new_scalar(tag, step, 1.0, 1_700_000_010.0 + start + step) for step in range(20)])
    assert log.checks() == ["older-file-hidden"]


@pytest.mark.parametrize(
    "steps",
    [
        [range(12)],
        [range(0, 100, 10), range(100, 200, 10)],  # resumed where it stopped
        [[1, 2, 3], [3, 4, 5]],  # the last step again
        [[0], [1], [2]],
        [[5]],
        [[5, 5]],
    ],
)
def test_curves_that_are_as_they_should_be(log: Any, steps: Any) -> None:
    for number, part in enumerate(steps):
        log.scalars("train", epoch_loss=part, pid=number)
    assert log.findings() == ()
