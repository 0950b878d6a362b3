"""What single dashboards want: profiles, the projector, hyperparameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tfevents.messages import NOT_PARSED, HParamsPluginData, ProjectorConfig, RunMetadata

from tbcookbook.doctor.checkpoint import shapes
from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.steps import named
from tbcookbook.doctor.survey import PROFILE_EMPTY, Survey
from tbcookbook.observation.walk import Entry, open_regular

PROFILE = re.compile(r"(?:(.*)/)?plugins/profile/([^/]+)/[^/]+$")
PROJECTOR = "projector_config.pbtxt"
LONGEST_CONFIG = 2**18  # bytes
LONGEST_TABLE = 2**24  # bytes of a file with the rows of a table
CHECKPOINT = (".index", ".data-00000-of-00001", "")
WEIGHTS_OF_KERAS = ".weights.h5"
TRACED_GRAPH, TRACED_PROFILE = "graph_run_metadata_graph", "graph_run_metadata"
BATCH = re.compile(r"batch_\d+")  # of a Keras callback that profiles: Keras 3 writes them empty
ADDED = frozenset(("_Arg", "_DeviceArg", "_DeviceRetval", "_EagerConst", "_Retval", "NoOp"))


def profile_elsewhere(survey: Survey) -> Iterator[Finding]:
    """A profile in a folder that is no run: the Profile dashboard looks into runs alone."""
    runs = set(survey.runs)
    for run, names in sorted(profiles(survey).items()):
        if run in runs or run == ".":  # the plugin looks into the log directory itself too
            continue
        below = [other for other in survey.runs if other.startswith(f"{run}/")]
        if not below:
            continue
        yield Finding(
            "profile-elsewhere",
            "warning",
            f"a profile lies in {run!r}, which has no event file: the Profile dashboard looks into runs alone",
            run,
            names[0],
            {"profiles": len(names), "runs": below[:10]},
            f"move {run}/plugins into a run ({named(below)}), or write an event file beside it",
            ("profile-in-another-place",),
        )


def profiles(survey: Survey) -> dict[str, list[str]]:
    """The files of profiles by the folder that has ``plugins/profile``."""
    found: dict[str, list[str]] = {}
    for entry in survey.others:
        if (match := PROFILE.match(entry.name)) is not None:
            found.setdefault(match[1] or ".", []).append(entry.name)
    return found


def profile_empty(survey: Survey) -> Iterator[Finding]:
    """What is left of a profile that was begun: an event file that marks it, and no profile."""
    there = profiles(survey)
    for file in survey.files:
        if file.base.endswith(PROFILE_EMPTY) and file.run not in there:
            yield Finding(
                "profile-empty",
                "note",
                "it marks a profile, and there is none in this run",
                file.run,
                file.name,
                {"size": file.size},
                "remove it, or profile again: `profile_batch`, or tf.profiler.experimental.start",
                ("off-by-default", "bad-range"),
            )


def projector(survey: Survey) -> Iterator[Finding]:
    """Projector configurations that name files which are not there, or cannot be read."""
    for entry in survey.others:
        if entry.name.rpartition("/")[2] != PROJECTOR:
            continue
        config, problem = read_config(entry, survey.directory)
        run = entry.name.rpartition("/")[0] or "."
        if problem:
            yield Finding("projector", "error", f"the configuration cannot be read: {problem}", run, entry.name)
            continue
        missing = list(missing_files(config, Path(entry.path).parent))
        if missing:
            yield Finding(
                "projector",
                "error",
                f"the configuration names files that are not there: {named([path for _, path in missing])}",
                run,
                entry.name,
                {"missing": [{"what": what, "path": path} for what, path in missing]},
                "`save` adds a number: take the path that it returns; metadata are sought beside the configuration",
                ("projector-paths",),
            )
        if no_tensors(config, survey, run):
            weights = [other.name for other in survey.others if other.name.endswith(WEIGHTS_OF_KERAS)]
            yield Finding(
                "projector",
                "error",
                "the configuration names tensors, and no checkpoint of TensorFlow that would have them"
                + (f" ({weights[0]} is of Keras)" if weights else ""),
                run,
                entry.name,
                {"tensors": [embedding.tensor_name for embedding in config.embeddings], "weights": weights[:10]},
                "save the vectors with tf.train.Checkpoint, and name it in model_checkpoint_path",
                ("embeddings-in-the-projector",),
            )
        names = [embedding.tensor_name for embedding in config.embeddings if not embedding.tensor_path]
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            yield Finding(
                "projector",
                "warning",
                f"several embeddings name the same tensor: {named(twice)}",
                run,
                entry.name,
                {"tensors": twice},
                "write the configuration yourself: the Keras callback gives each embedding the name of the first",
                ("embeddings-in-the-projector",),
            )
        yield from lines_of_metadata(config, Path(entry.path).parent, run, entry.name)


def read_config(entry: Entry, directory: Path) -> tuple[Any, str]:
    """A projector configuration, and what is wrong with it."""
    config = ProjectorConfig()
    try:
        with open_regular(entry.path, directory) as file:
            data = file.read(LONGEST_CONFIG + 1)
        if len(data) > LONGEST_CONFIG:
            return config, f"more than {LONGEST_CONFIG} bytes"
        text_format.Parse(data.decode("utf-8"), config)
    except OSError as problem:
        return config, problem.strerror or type(problem).__name__
    except (text_format.ParseError, ValueError, RecursionError) as problem:
        return config, str(problem)
    return config, ""


def missing_files(config: Any, folder: Path) -> Iterator[tuple[str, str]]:
    """What a configuration names that is not there."""
    path = config.model_checkpoint_path
    if path and not any(exists(place, f"{path}{end}") for place in places_of(folder) for end in CHECKPOINT):
        yield "model_checkpoint_path", path
    for embedding in config.embeddings:
        for what, path in (
            ("metadata_path", embedding.metadata_path),
            ("tensor_path", embedding.tensor_path),
            ("bookmarks_path", embedding.bookmarks_path),
            ("sprite.image_path", embedding.sprite.image_path),
        ):
            if path and not exists(folder, path):
                yield what, path


def places_of(folder: Path) -> list[Path]:
    """Where a relative path of a checkpoint may be meant to begin: wherever TensorBoard is started."""
    return [Path.cwd(), folder, *list(folder.resolve().parents)[:4]]


def exists(folder: Path, path: str) -> bool:
    try:
        return (folder / path).exists()
    except (OSError, ValueError):
        return False


def no_tensors(config: Any, survey: Survey, run: str) -> bool:
    """Whether nothing has the tensors: the dashboard takes the newest checkpoint of the run if none is named."""
    if config.model_checkpoint_path or not config.embeddings:
        return False
    if all(embedding.tensor_path for embedding in config.embeddings):
        return False
    return not any(entry.name.endswith(".index") for entry in survey.others)


def lines_of_metadata(config: Any, folder: Path, run: str, file: str) -> Iterator[Finding]:
    """Metadata with another number of rows than the vectors have."""
    saved = shapes_saved(config, folder) if config.model_checkpoint_path else {}
    for embedding in config.embeddings:
        labels = rows_of(folder, embedding.metadata_path) if embedding.metadata_path else []
        if embedding.tensor_path:
            vectors = len(rows_of(folder, embedding.tensor_path))
        else:
            vectors = (saved.get(embedding.tensor_name) or (0,))[0]
        if not vectors or not labels:
            continue
        columns = labels[0].count(b"\t") + 1
        wanted = vectors + (columns > 1)  # with a heading where there are several columns
        if len(labels) != wanted:
            yield Finding(
                "metadata-lines",
                "error",
                f"{embedding.metadata_path} has {len(labels)} lines for {vectors} vectors; expected {wanted}",
                run,
                file,
                {"vectors": vectors, "lines": len(labels), "columns": columns, "expected": wanted},
                "a line a vector; one line more, the names of the columns, if and only if there are several columns",
                ("projector-metadata-lines",),
            )


def shapes_saved(config: Any, folder: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of the tensors in the checkpoint that a configuration names."""
    for place in places_of(folder):
        if found := shapes(place / f"{config.model_checkpoint_path}.index"):
            return found
    return {}


def rows_of(folder: Path, path: str) -> list[bytes]:
    try:
        with open_regular(str(folder / path), folder) as file:
            data = file.read(LONGEST_TABLE + 1)
    except (OSError, ValueError):
        return []
    return data.rstrip(b"\n").split(b"\n") if len(data) <= LONGEST_TABLE else []


# Traces


def empty_trace(survey: Survey) -> Iterator[Finding]:
    """Traces of a graph that have no operation of the traced function, and of a profile that nobody wrote."""
    for series in survey.series.values():
        if series.plugin not in (TRACED_GRAPH, TRACED_PROFILE) or BATCH.fullmatch(series.tag):
            continue
        found = [operations(point) for point in series.blobs]
        scenarios: tuple[str, ...] = ("graph-traced-too-late", "trace-export-without-trace")
        if series.plugin == TRACED_GRAPH and found and all(number == 0 for number in found):
            text = f"the graph {series.tag!r} has no operation: the function was traced before"
            advice = "call tf.summary.trace_on before the function's first call"
        elif series.plugin == TRACED_PROFILE and series.run not in profiles(survey):
            text = f"{series.tag!r} was traced with a profiler, and there is no profile in this run"
            advice = "give trace_on(profiler=True) a profiler_outdir, or leave the profiler out"
            scenarios = ("trace-without-outdir",)
        else:
            continue
        yield Finding(
            "empty-trace", "warning", text, series.run, series.parts[0].file, {"tag": series.tag}, advice, scenarios
        )


def operations(point: Any) -> int | None:
    """How many operations a trace has, those that TensorFlow adds aside; None if it cannot be read."""
    try:
        metadata = RunMetadata.FromString(point.array().reshape(-1)[0])
    except (ValueError, IndexError, TypeError, *NOT_PARSED):
        return None
    graphs = [
        *metadata.partition_graphs,
        *(graph for one in metadata.function_graphs for graph in one.partition_graphs),
    ]
    return sum(node.op not in ADDED for graph in graphs for node in graph.node)


# Hyperparameters


def hparams(survey: Survey) -> Iterator[Finding]:
    """Tables of hyperparameters that lack a metric, or columns."""
    sessions, experiments = messages(survey)
    if not sessions and not experiments:
        return
    scalars: dict[str, set[str]] = {}
    for series in survey.series.values():
        if series.plugin == "scalars":
            scalars.setdefault(series.run, set()).add(series.tag)
    declared = [
        (info.name.group, info.name.tag) for experiment in experiments.values() for info in experiment.metric_infos
    ]
    if declared:
        yield from other_tags(declared, sessions, scalars)
    elif sessions and not any(is_below(run, session) for run in scalars for session in sessions):
        many = len(sessions) > 1
        # A writer that puts them into a folder of their own, below the curves: its user has not asked for the table.
        beside = all((session.rpartition("/")[0] or ".") in scalars for session in sessions)
        if beside and not many:
            return
        yield Finding(
            "hparams-no-metric",
            "note" if beside else "warning",
            f"{len(sessions)} run{'s' * many} with hyperparameters, and no metric{' to compare them by' * many}",
            min(sessions),
            None,
            {"runs": sorted(sessions)[:20]},
            "write a scalar into the run of each session, and name it in hp.Metric",
            ("no-metric",),
            ("hparams-columns",),
        )
    yield from other_columns(experiments)


def is_below(run: str, session: str) -> bool:
    """Whether TensorBoard counts the scalars of a run to a session: those of its own run, and of runs below it."""
    return session in (".", run) or run.startswith(f"{session}/")


def messages(survey: Survey) -> tuple[dict[str, Any], dict[str, Any]]:
    """What each run says of its session, and of the experiment."""
    sessions: dict[str, Any] = {}
    experiments: dict[str, Any] = {}
    for series in survey.series.values():
        if series.plugin != "hparams":
            continue
        for point in series.blobs:
            if isinstance(point.summary, bytes):
                continue
            try:
                data = HParamsPluginData.FromString(point.summary.metadata.plugin_data.content)
            except NOT_PARSED:
                continue
            if data.HasField("session_start_info"):
                sessions[series.run] = data.session_start_info
            if data.HasField("experiment"):
                experiments[series.run] = data.experiment
    return sessions, experiments


def other_tags(
    declared: list[tuple[str, str]], sessions: dict[str, Any], scalars: dict[str, set[str]]
) -> Iterator[Finding]:
    """Metrics that are declared, and no session has under that name."""
    for group, tag in sorted(set(declared)):
        folders = [f"{session}/{group}" if group else session for session in sessions]
        found = {name for folder in folders for name in scalars.get(folder.removeprefix("./"), set())}
        if not sessions or tag in found:
            continue
        others = sorted({name for run in sessions for name in scalars.get(run, set())} | found)
        yield Finding(
            "hparams-other-tag",
            "error",
            f"the metric {tag!r} is declared, and no run has a scalar of that name"
            + (f"; they have {named(others)}" if others else ""),
            min(sessions),
            None,
            {"metric": tag, "group": group, "tags": others[:20], "runs": sorted(sessions)[:20]},
            "give hp.Metric the tag of the curve, as in epoch_accuracy, and its folder as `group`",
            ("metric-under-another-tag",) if others else ("no-metric", "metric-under-another-tag"),
        )


def other_columns(experiments: dict[str, Any]) -> Iterator[Finding]:
    """Experiments that declare different columns: TensorBoard takes those of one."""
    columns = {run: frozenset(info.name for info in experiment.hparam_infos) for run, experiment in experiments.items()}
    if len(set(columns.values())) > 1:
        everything = sorted(frozenset().union(*columns.values()))
        first, *_ = sorted(columns)
        yield Finding(
            "hparams-columns",
            "warning",
            f"{len(columns)} runs declare different columns of hyperparameters: the table has those of one",
            first,
            None,
            {"columns": {run: sorted(names) for run, names in columns.items()}, "all": everything},
            "declare all columns once, in the folder above the runs",
            ("schemas-differ",),
            ("hparams-columns",),
        )


CHECKS = (profile_elsewhere, profile_empty, projector, empty_trace, hparams)
