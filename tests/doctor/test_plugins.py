"""Profiles, the projector, traces and hyperparameters."""

import os
from pathlib import Path
from typing import Any

import pytest
from tfevents.messages import HParamsPluginData, RunMetadata

PROFILE = "plugins/profile/2026_01_01_00_00_00/host.xplane.pb"


def put(path: Path, text: str = "x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_profile_beside_a_run(log: Any) -> None:
    log.scalars("first/train", loss=range(3))
    put(log.directory / "first" / PROFILE)
    assert log.the("profile-elsewhere").scenarios == ("profile-in-another-place",)


@pytest.mark.parametrize("folder", ["first/train", "."])
def test_a_profile_where_the_plugin_looks(log: Any, folder: str) -> None:
    log.scalars("first/train", loss=range(3))
    put(log.directory / folder / PROFILE)
    assert log.findings() == ()


def test_what_marks_a_profile_that_is_not_there(log: Any) -> None:
    log.scalars("train", loss=range(3))
    log.file("train", end=".profile-empty")
    assert log.checks() == ["profile-empty"]


def test_what_marks_a_profile(log: Any) -> None:
    log.scalars("train", loss=range(3))
    log.file("train", end=".profile-empty")
    put(log.directory / "train" / PROFILE)
    assert log.findings() == ()


def test_a_checkpoint_of_another_name(log: Any) -> None:
    put(log.directory / "vectors.ckpt-1.index")
    put(
        log.directory / "projector_config.pbtxt",
        'model_checkpoint_path: "vectors.ckpt"\nembeddings { tensor_name: "vectors" }',
    )
    found = log.the("projector")
    assert found.evidence["missing"] == [{"what": "model_checkpoint_path", "path": "vectors.ckpt"}]
    assert found.scenarios == ("projector-paths",)


def test_no_checkpoint_at_all(log: Any) -> None:
    put(log.directory / "train" / "keras_embedding.ckpt-0.weights.h5")
    put(log.directory / "projector_config.pbtxt", 'embeddings { tensor_name: "layer_with_weights-0/embeddings" }')
    assert log.the("projector").scenarios == ("embeddings-in-the-projector",)


def test_two_embeddings_of_one_tensor(log: Any) -> None:
    put(log.directory / "a.index")
    put(log.directory / "projector_config.pbtxt", 'embeddings { tensor_name: "a" }\n' * 2)
    assert log.the("projector").evidence["tensors"] == ["a"]


def test_a_configuration_that_is_none(log: Any) -> None:
    put(log.directory / "projector_config.pbtxt", "embeddings {")
    assert "cannot be read" in log.the("projector").text


def test_a_configuration_that_is_a_fifo(log: Any) -> None:
    os.mkfifo(log.directory / "projector_config.pbtxt")
    assert log.checks() == ["projector"]


def test_metadata_of_another_length(log: Any) -> None:
    put(log.directory / "vectors.tsv", "1\t2\n3\t4\n")
    put(log.directory / "names.tsv", "name\nred\ngreen\n")
    put(
        log.directory / "projector_config.pbtxt",
        'embeddings { tensor_name: "v" tensor_path: "vectors.tsv" metadata_path: "names.tsv" }',
    )
    found = log.the("metadata-lines")
    assert (found.evidence["lines"], found.evidence["expected"]) == (3, 2)


@pytest.mark.parametrize("names", ["red\ngreen\n", "name\tnumber\nred\t1\ngreen\t2\n"])
def test_a_projector_that_is_as_it_should_be(log: Any, names: str) -> None:
    put(log.directory / "vectors.tsv", "1\t2\n3\t4\n")
    put(log.directory / "names.tsv", names)
    put(
        log.directory / "projector_config.pbtxt",
        'embeddings { tensor_name: "v" tensor_path: "vectors.tsv" metadata_path: "names.tsv" }',
    )
    assert log.findings() == ()


def trace(*operations: str) -> bytes:
    metadata = RunMetadata()
    graph = metadata.partition_graphs.add()
    for operation in operations:
        graph.node.add(op=operation)
    return bytes(metadata.SerializeToString())


@pytest.mark.parametrize(
    ("tag", "plugin", "data", "slugs"),
    [
        ("product", "graph_run_metadata_graph", trace("_Arg", "_Retval"), ["graph-traced-too-late"]),
        ("product", "graph_run_metadata_graph", trace("_Arg", "MatMul", "_Retval"), []),
        ("batch_2", "graph_run_metadata_graph", trace(), []),
        ("square", "graph_run_metadata", trace(), ["trace-without-outdir"]),
    ],
)
def test_traces(log: Any, new_tensor: Any, tag: str, plugin: str, data: bytes, slugs: list[str]) -> None:
    log.file("train", [new_tensor(tag, 0, [data], plugin)])
    assert [finding.scenarios[0] for finding in log.findings()] == slugs


def session(**values: float) -> bytes:
    data = HParamsPluginData()
    data.session_start_info.SetInParent()
    for name in values:
        data.session_start_info.hparams.add(key=name)
    return bytes(data.SerializeToString())


def experiment(columns: list[str], metrics: list[str]) -> bytes:
    data = HParamsPluginData()
    data.experiment.SetInParent()
    for name in columns:
        data.experiment.hparam_infos.add(name=name)
    for tag in metrics:
        data.experiment.metric_infos.add().name.tag = tag
    return bytes(data.SerializeToString())


def hparams(new_tensor: Any, content: bytes) -> bytes:
    return bytes(new_tensor("_hparams_/x", 0, [0.0], "hparams", (), content))


def test_hyperparameters_without_a_metric(log: Any, new_tensor: Any) -> None:
    for run in ("first", "second"):
        log.file(run, [hparams(new_tensor, session(rate=0.1))])
    assert log.the("hparams-no-metric").scenarios == ("no-metric",)


def test_one_run_with_hyperparameters_alone(log: Any, new_tensor: Any) -> None:
    log.file("first", [hparams(new_tensor, session(rate=0.1))])
    assert log.the("hparams-no-metric").run == "first"


def test_the_scalars_of_runs_below_a_session_are_its_metrics(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    log.file("first", [hparams(new_tensor, session(rate=0.1))])
    log.file("first/train", [new_scalar("epoch_loss", step, 1.0) for step in range(3)])
    assert log.findings() == ()


def test_hyperparameters_below_the_curves(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    """As Accelerate leaves them, in a folder named after the time, without a metric: nobody asked for a table."""
    log.scalars("first", loss=range(3))
    log.file("first/1700000003.25", [hparams(new_tensor, session(rate=0.1))])
    assert log.findings() == ()
    log.scalars("second", loss=range(3))
    log.file("second/1700000005.25", [hparams(new_tensor, session(rate=0.2))])
    assert log.the("hparams-no-metric").severity == "note"


def test_hyperparameters_below_the_curves_of_the_top(log: Any, new_tensor: Any) -> None:
    """As SummaryWriter("logs") of PyTorch leaves them."""
    log.scalars(".", loss=range(3))
    log.file("1700000003.25", [hparams(new_tensor, session(rate=0.1))])
    assert log.findings() == ()


def test_hyperparameters_with_a_curve(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    for run in ("first", "second"):
        log.file(run, [hparams(new_tensor, session(rate=0.1)), new_scalar("loss", 0, 1.0)])
    assert log.findings() == ()


def test_a_metric_under_another_tag(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    log.file(".", [hparams(new_tensor, experiment(["rate"], ["accuracy"]))])
    log.file("first", [hparams(new_tensor, session(rate=0.1)), new_scalar("epoch_accuracy", 0, 1.0)])
    found = log.the("hparams-other-tag")
    assert (found.evidence["metric"], found.evidence["tags"]) == ("accuracy", ["epoch_accuracy"])
    assert found.scenarios == ("metric-under-another-tag",)


def test_a_metric_under_its_tag(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    log.file(".", [hparams(new_tensor, experiment(["rate"], ["accuracy"]))])
    log.file("first", [hparams(new_tensor, session(rate=0.1)), new_scalar("accuracy", 0, 1.0)])
    assert log.findings() == ()


def test_columns_that_differ(log: Any, new_tensor: Any, new_scalar: Any) -> None:
    for run, column in (("first", "momentum"), ("second", "dropout")):
        content = experiment(["rate", column], ["loss"])
        log.file(run, [hparams(new_tensor, content)])
        log.file(run, [hparams(new_tensor, session(rate=0.1)), new_scalar("loss", 0, 1.0)])
    assert log.the("hparams-columns").evidence["all"] == ["dropout", "momentum", "rate"]
