"""Runs and their tags: what is missing, what has another name, what should be one curve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.series import Series
from tbcookbook.doctor.steps import named
from tbcookbook.doctor.survey import Survey

KERAS_GRAPH = "graph_keras_model"
FEW_RUNS = 3  # runs of one point each, from which on they look like one curve
# Runs that are numbered and have one point each as they should: of a cross-validation, a search, an ensemble.
NO_EPOCH = re.compile(r"(?<![a-z])(?:fold|split|cv|trial|seed|worker|rank|replica|member)s?[-_ /]?\d", re.IGNORECASE)
SUFFIX = re.compile(r"(.*?)_(\d{1,3})$")
ALIASES = {"acc": "accuracy"}
LONG = 60.0  # seconds that a run has taken, after which one point is few


def parent_of(run: str) -> str:
    return run.rpartition("/")[0]


def last_of(run: str) -> str:
    return run.rpartition("/")[2]


def graph_alone(survey: Survey) -> Iterator[Finding]:
    """A Keras callback has written the graph of its model, and nothing that was trained."""
    for run in survey.runs:
        found = survey.series_of(run)
        if (
            found
            and all(series.plugin.startswith("graph") for series in found)
            and any(series.plugin == KERAS_GRAPH for series in found)
        ):
            yield Finding(
                "graph-alone",
                "error",
                "the graph of a Keras model, and no epoch: the callback saw the model and no end of an epoch",
                run,
                found[0].parts[0].file,
                {"tags": [series.tag for series in found]},
                "train with `fit` and hand it the callback; if it failed, look at its error; "
                "in a loop of your own call `on_epoch_end`, or use `tf.summary`",
                (
                    "train-on-batch",
                    "list-as-logs",
                    "never-compiled",
                    "second-fit-dead-writer",
                    "batch-begin-without-train-begin",
                ),
            )


def no_plugin(survey: Survey) -> Iterator[Finding]:
    """Tags that no dashboard shows, since they name no plugin."""
    for run in survey.runs:
        found = [series for series in survey.series_of(run) if not series.plugin]
        if not found:
            continue
        alone = len(found) == len(survey.series_of(run))
        yield Finding(
            "no-plugin",
            "error" if alone else "warning",
            f"{named([series.tag for series in found])}: written without the name of a plugin, so no dashboard shows it"
            + (", and the run has nothing else" if alone else ""),
            run,
            found[0].parts[0].file,
            {"tags": [series.tag for series in found]},
            "write with `tf.summary.scalar`, `image`, `histogram`, `text`: `tf.summary.write` needs metadata",
        )


def one_point(survey: Survey) -> Iterator[Finding]:
    """A run that took a while, in which no scalar has a second point."""
    for run in survey.runs:
        found = survey.series_of(run)
        scalars = [series for series in found if series.plugin == "scalars"]
        if not scalars or any(series.points > 1 for series in scalars) or any(s.plugin == "hparams" for s in found):
            continue
        times = [time for file in survey.files_of(run) for time in (file.first_time, file.last_time, file.made) if time]
        if not times or max(times) - min(times) < LONG:
            continue
        yield Finding(
            "one-point",
            "warning",
            f"a dot, no line: one point in each of {len(scalars)} tags, in a run of {max(times) - min(times):.0f} s",
            run,
            scalars[0].parts[0].file,
            {"tags": [series.tag for series in scalars], "seconds": max(times) - min(times)},
            "write at every epoch or every so many batches: `update_freq`, or `step=` of your own",
            ("update-freq-batch",),
        )


def run_for_each_epoch(survey: Survey) -> Iterator[Finding]:
    """Runs side by side, numbered, each with a single point of the same tags."""
    groups: dict[tuple[str, str], list[str]] = {}
    for run in survey.runs:
        scalars = survey.series_of(run, "scalars")
        if NO_EPOCH.search(run) or any(series.plugin == "hparams" for series in survey.series_of(run)):
            continue
        if scalars and all(series.points == 1 for series in scalars) and (number := re.search(r"\d+", run)):
            pattern = run[: number.start()] + "#" + run[number.end() :]
            groups.setdefault((pattern, repr(sorted(series.tag for series in scalars))), []).append(run)
    for (pattern, _), runs in groups.items():
        numbers = sorted(int(match[0]) for run in runs if (match := re.search(r"\d+", run)))
        if len(runs) >= FEW_RUNS and numbers == list(range(numbers[0], numbers[0] + len(runs))):
            yield Finding(
                "run-for-each-epoch",
                "error",
                f"{len(runs)} runs {pattern} with a single point each: they look like the epochs of one curve",
                runs[0],
                None,
                {"runs": runs[:20], "number": len(runs)},
                "one folder and one callback for the whole training, made before the loop",
                ("a-run-per-epoch",),
            )


def validation_alone(survey: Survey) -> Iterator[Finding]:
    """A validation run without its train run."""
    runs = set(survey.runs)
    for run in survey.runs:
        train = (f"{parent_of(run)}/" if parent_of(run) else "") + "train"
        if last_of(run) == "validation" and train not in runs and survey.series_of(run):
            outside = run == "validation" and (survey.directory.parent / "train").is_dir()
            yield Finding(
                "validation-alone",
                "warning",
                "a validation run without its train run" + (", which lies one folder up" if outside else ""),
                run,
                None,
                {"expected": train},
                "give --logdir the folder that has both; `fit` writes both below `log_dir`",
            )


def names_changed(survey: Survey) -> Iterator[Finding]:
    """A tag that has another name in another run: `auc` and `auc_1`, `acc` and `accuracy`."""
    runs = {run: {series.tag for series in survey.series_of(run, "scalars")} for run in survey.runs}
    told: set[tuple[str, str]] = set()
    for run, tags in runs.items():
        for tag in sorted(tags):
            for other_name in other_names(tag, tags):
                others = [other for other, theirs in runs.items() if other_name in theirs and tag not in theirs]
                if other_name in tags or not others or (tag, other_name) in told:
                    continue
                told.add((tag, other_name))
                yield Finding(
                    "names-changed",
                    "warning",
                    f"{tag} here, and {other_name} in {others[0]!r}: two charts for what looks like one metric",
                    run,
                    None,
                    {"tag": tag, "other": other_name, "runs": [run, *others[:10]]},
                    "give the metric a name: `tf.keras.metrics.AUC(name='auc')`",
                    ("metric-name-suffix",) if SUFFIX.match(tag) else ("acc-or-accuracy",),
                )


def other_names(tag: str, tags: set[str]) -> Iterator[str]:
    """Names that the same metric may have in another run. One of several that are numbered is meant so."""
    if (match := SUFFIX.match(tag)) is not None:
        base, number = match[1], int(match[2])
        if not any(other != tag and (one := SUFFIX.match(other)) and one[1] == base for other in tags):
            yield base
            if number > 1:
                yield f"{base}_{number - 1}"
    head, _, last = tag.rpartition("_")
    if last in ALIASES:
        yield f"{head}_{ALIASES[last]}" if head else ALIASES[last]


def epochs_missing(survey: Survey) -> Iterator[Finding]:
    """Epochs of a Keras run that have no point, where batches have some."""
    for run in survey.runs:
        parent = parent_of(run)
        beside = [series for series in survey.series.values() if parent_of(series.run) == parent]
        batches = any(series.tag.startswith("batch_") for series in beside)
        epochs = [series for series in survey.series_of(run, "scalars") if series.tag.startswith("epoch_")]
        gaps = [series for series in epochs if batches and has_gaps(series)]
        if gaps and not (
            last_of(run) == "validation"
            and any(f.run != run and f.tag.startswith("epoch_") and has_gaps(f) for f in beside)
        ):
            validation = last_of(run) == "validation"
            first = gaps[0]
            yield Finding(
                "epochs-missing",
                "error",
                f"{named([series.tag for series in gaps])}: "
                f"{first.points} points from epoch {first.least} to {first.greatest}: epochs are missing",
                run,
                first.parts[0].file,
                {"tags": [series.tag for series in gaps], "steps": list(first.steps), "points": first.points},
                'use update_freq="epoch", or "batch"; if `validation_freq` is more than 1 the gaps are meant'
                if validation
                else 'use update_freq="epoch", or a writer of your own for the batches',
                ("update-freq-drops-evaluation", "update-freq-drops-epochs")
                if validation
                else ("update-freq-drops-epochs", "update-freq-drops-evaluation", "record-if-suppresses"),
            )


def has_gaps(series: Series) -> bool:
    """Whether the first steps, counted from 0, are not in a row."""
    steps = series.steps
    rising = all(one < other for one, other in pairwise(steps))
    if not rising or len(steps) < 2:
        return False
    if steps[0] == steps[1] - steps[0]:  # Keras before 2.3 counts samples
        return False
    return any(other - one > 1 for one, other in pairwise(steps))


CHECKS = (
    graph_alone,
    no_plugin,
    one_point,
    run_for_each_epoch,
    validation_alone,
    names_changed,
    epochs_missing,
)
