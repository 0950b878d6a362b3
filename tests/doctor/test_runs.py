"""What is missing in a run, or has another name."""

from typing import Any

import pytest


def test_a_keras_graph_alone(log: Any, new_tensor: Any) -> None:
    log.file("train", [new_tensor("keras", 0, [b"{}"], "graph_keras_model")])
    assert log.the("graph-alone").scenarios[0] == "train-on-batch"


def test_a_keras_graph_with_an_epoch(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    log.file("train", [new_tensor("keras", 0, [b"{}"], "graph_keras_model"), new_scalar("epoch_loss", 0, 1.0)])
    assert log.findings() == ()


def test_another_graph_alone(log: Any, new_tensor: Any) -> None:
    log.file("train", [new_tensor("model", 0, [b""], "graphs")])
    assert log.findings() == ()


def test_tags_without_a_plugin(log: Any, new_tensor: Any) -> None:
    log.file("train", [new_tensor("loss", step, [1.0], "") for step in range(3)])
    assert log.the("no-plugin").severity == "error"


def test_one_tag_without_a_plugin(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    log.file("train", [new_tensor("other", 0, [1.0], ""), new_scalar("loss", 0, 1.0)])
    assert log.the("no-plugin").severity == "warning"


def test_one_point_after_an_hour(log: Any, new_scalar: Any) -> None:
    log.file("train", [new_scalar("loss", 0, 1.0, 1_700_003_600.0)])
    assert log.the("one-point").evidence["seconds"] > 3000


@pytest.mark.parametrize(("steps", "seconds"), [(1, 5.0), (2, 3600.0)])
def test_one_point_at_once_or_two(log: Any, new_scalar: Any, steps: int, seconds: float) -> None:
    log.file("train", [new_scalar("loss", step, 1.0, 1_700_000_000 + seconds) for step in range(steps)])
    assert log.findings() == ()


def test_a_run_for_each_epoch(log: Any) -> None:
    for epoch in range(4):
        log.scalars(f"{epoch}/train", epoch_loss=[0])
    found = log.the("run-for-each-epoch")
    assert found.evidence["number"] == 4
    assert found.scenarios == ("a-run-per-epoch",)


@pytest.mark.parametrize(
    "runs",
    [
        {"0/train": [0], "1/train": [0]},
        {"1/train": [0], "5/train": [0], "9/train": [0]},
        {"0/train": [0, 1], "1/train": [0, 1], "2/train": [0, 1]},
        {"a/train": [0], "b/train": [0], "c/train": [0]},
        {"fold-0": [0], "fold-1": [0], "fold-2": [0]},
        {"search/trial_1/train": [0], "search/trial_2/train": [0], "search/trial_3/train": [0]},
    ],
)
def test_runs_side_by_side(log: Any, runs: Any) -> None:
    for run, steps in runs.items():
        log.scalars(run, epoch_loss=steps)
    assert log.findings() == ()


def test_a_validation_run_alone(log: Any) -> None:
    log.scalars("first/validation", epoch_loss=range(3))
    assert log.the("validation-alone").evidence["expected"] == "first/train"


def test_a_validation_run_with_its_train_run(log: Any) -> None:
    log.scalars("first/train", epoch_loss=range(3))
    log.scalars("first/validation", epoch_loss=range(3))
    assert log.findings() == ()


@pytest.mark.parametrize(
    ("first", "second", "slug"),
    [("epoch_auc", "epoch_auc_1", "metric-name-suffix"), ("epoch_accuracy", "epoch_acc", "acc-or-accuracy")],
)
def test_a_metric_with_two_names(log: Any, first: str, second: str, slug: str) -> None:
    log.scalars("one/train", **{first: range(3)})
    log.scalars("two/train", **{second: range(3)})
    found = log.the("names-changed")
    assert found.scenarios == (slug,)
    assert found.evidence["runs"][0] == "two/train"


def test_metrics_with_numbers_in_their_names(log: Any) -> None:
    for run in ("one/train", "two/train"):
        log.scalars(run, top_1=range(3), top_5=range(3), loss=range(3))
    log.scalars("three/train", top=range(3), top_1=range(3))
    assert log.findings() == ()


def test_epochs_without_a_point(log: Any) -> None:
    log.scalars("train", epoch_loss=[1, 3], batch_loss=[2, 4, 6, 8, 10, 12])
    assert log.the("epochs-missing").scenarios[0] == "update-freq-drops-epochs"


def test_evaluations_without_a_point(log: Any) -> None:
    log.scalars("train", epoch_loss=range(4), batch_loss=range(1, 13))
    log.scalars("validation", epoch_loss=[1, 3])
    assert log.the("epochs-missing").scenarios[0] == "update-freq-drops-evaluation"


@pytest.mark.parametrize(
    "tags",
    [
        {"epoch_loss": range(4), "batch_loss": range(1, 13)},
        {"epoch_loss": [1, 3]},  # no batches: `update_freq` is not what did it
        {"epoch_loss": [32, 64, 96], "batch_loss": range(1, 13)},  # Keras before 2.3 counts samples
        {"epoch_loss": [4, 5, 6], "batch_loss": range(1, 13)},  # resumed
    ],
)
def test_epochs_that_are_all_there(log: Any, tags: Any) -> None:
    log.scalars("train", **tags)
    assert log.findings() == ()
