"""Steps: points that share one, go back, or come from two writers, and what TensorBoard's readers make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from tbcookbook.doctor.finding import Finding
from tbcookbook.doctor.series import Series
from tbcookbook.doctor.survey import File, Survey

FEW = 3  # points at one step, from which on it is no chance
FEWEST_PAIRS = 4  # points of a tag in which each step comes several times
SHARE_OF_REPEATS = 0.25
TOLD = 5  # tags of a run that are named
CLEARLY = 1.0  # seconds by which two writers overlap
CURVES = ("scalars", "histograms", "images", "audio")
# Why steps go back: what is told, and what to do.
RETURNS = {
    "two counters": ("two counters in one tag", "give batches and epochs a tag each, or one axis"),
    "restarts": (
        "the step starts again",
        "count through all epochs and all calls of `fit`: `initial_epoch`, or a counter of your own",
    ),
    "resumed": (
        "a resumed training writes steps again that were written before",
        "give the resumed run a folder of its own, or remove what came after its checkpoint",
    ),
    "again": (
        "a second training writes into the same run",
        "give each training a folder of its own, with a time in its name",
    ),
}
ALL_POINTS = "`tensorboard --load_fast=false` shows all points"


def all_at_one_step(survey: Survey) -> Iterator[Finding]:
    """Three points or more of a tag, all at one step."""
    for run, found in by_run(survey, lambda series: series.points >= FEW and series.least == series.greatest):
        first = found[0]
        yield Finding(
            "all-at-one-step",
            "error",
            f"{tags(found)}: all {first.points} points are at step {first.least}, and TensorBoard shows the last alone",
            run,
            file_of(first),
            {
                "tags": [series.tag for series in found],
                "step": first.least,
                "points": first.points,
                "shown": first.shown,
            },
            f"give each point a step of its own; {ALL_POINTS}",
            scenarios_at_one_step(first),
        )


def scenarios_at_one_step(series: Series) -> tuple[str, ...]:
    name = series.tag.rpartition("/")[2]
    if name.startswith("evaluation_"):
        return ("evaluate-at-one-step",)
    if name.startswith("batch_"):
        return ("update-freq-batch", "frozen-step")
    if name.startswith("epoch_"):
        if series.least == 0:
            return ("callback-in-tf-function", "callback-in-loss", "callback-in-metric")
        return ("callback-in-loss", "callback-in-metric", "callback-in-tf-function")
    if series.plugin in ("histograms", "images"):
        return ("histogram-names-collide", "summary-in-call-by-batch", "frozen-step")
    return ("frozen-step", "step-restarts")


def go_back(survey: Survey) -> Iterator[Finding]:
    """Steps that go back: points that the default reader drops."""
    for kind, (text, advice) in RETURNS.items():
        for run, found in by_run(survey, lambda series, kind=kind: kind_of_return(series) == kind):  # type: ignore[misc]
            first = max(found, key=lambda series: series.points - series.shown)
            place = first.places[0]
            yield Finding(
                "steps-go-back",
                "error",
                f"{tags(found)}: {text}, from {place.before} back to {place.after}; "
                f"TensorBoard shows {first.shown} of {first.points} points",
                run,
                place.file,
                {
                    "tags": [series.tag for series in found],
                    "kind": kind,
                    "record": place.record,
                    "before": place.before,
                    "after": place.after,
                    "returns": first.returns,
                    "points": first.points,
                    "shown": first.shown,
                },
                f"{advice}; {ALL_POINTS}",
                scenarios_of_return(kind, first),
            )


def kind_of_return(series: Series) -> str:
    """What may be behind steps that go back; "" if none does."""
    if not series.returns or series.least == series.greatest:
        return ""
    if series.ahead * 2 >= series.returns and series.ahead > 0 and series.shown < series.points:
        return "two counters"
    place = series.places[0]
    if all(place.file in {part.file for part in series.parts[1:]} for place in series.places):
        before, after = next(
            ((one, other) for one, other in pairwise(series.parts) if other.file == place.file), (series.parts[0],) * 2
        )
        return "resumed" if before.least < after.first <= before.greatest else "again"
    return "restarts" if place.after <= series.least else "resumed"


def scenarios_of_return(kind: str, series: Series) -> tuple[str, ...]:
    if kind == "two counters":
        return ("batch-and-epoch-in-one-tag",)
    if kind == "resumed":
        return ("resumed-overlap", "step-restarts")
    of_keras = series.tag.startswith(("epoch_", "batch_", "evaluation_"))
    if kind == "again":
        return ("same-directory-twice", "second-fit-from-zero", "resumed-overlap")  # whose files' names may be swapped
    return ("second-fit-from-zero", "step-restarts") if of_keras else ("step-restarts", "second-fit-from-zero")


def several_at_each_step(survey: Survey) -> Iterator[Finding]:
    """Several points of a tag at each step, as if two curves were one."""
    empty = {file.run for file in survey.files if not file.points}

    def doubled(series: Series) -> bool:
        if len(series.kinds) > 1:
            return False  # that is told as what it is
        often = series.repeats >= SHARE_OF_REPEATS * series.points
        return series.points >= FEWEST_PAIRS and often and series.least < series.greatest and not series.returns

    for run, found in by_run(survey, doubled):
        first = found[0]
        other = sorted(empty - {run})
        scenarios: tuple[str, ...] = ("train-and-validation-in-one-run", "second-writer-ignored")
        if first.plugin in ("histograms", "images"):
            scenarios = ("histogram-names-collide", *scenarios)
        yield Finding(
            "several-at-each-step",
            "error",
            f"{tags(found)}: several points at one step; TensorBoard shows {first.shown} of {first.points}"
            + (f", and {other[0]!r} has a file without any" if other else ""),
            run,
            file_of(first),
            {"tags": [series.tag for series in found], "points": first.points, "shown": first.shown, "empty": other},
            "give training and validation, or each worker, a run of its own",
            tuple(reversed(scenarios)) if other else scenarios,
        )


def two_writers(survey: Survey) -> Iterator[Finding]:
    """Two files of one run that are written at the same time."""
    for run in survey.runs:
        files = [file for file in survey.files_of(run) if file.points]
        for one, other in pairwise(files):
            if not overlap(one, other):
                continue
            shared = shared_tags(survey.series_of(run), one, other)
            if shared:
                yield Finding(
                    "two-writers",
                    "error",
                    f"two writers at the same time, and both write {named(shared)}: their points are one curve",
                    run,
                    other.name,
                    {"files": [one.name, other.name], "tags": shared, **span(one, other)},
                    "give each process a folder of its own",
                    ("same-directory-twice",),
                )
            else:
                yield Finding(
                    "older-file-hidden",
                    "note",
                    "an older file was still written when a newer one was there: a TensorBoard that runs with "
                    "--load_fast=false never comes back to it",
                    run,
                    one.name,
                    {"files": [one.name, other.name], "tags": [], **span(one, other)},
                    "give each writer a folder of its own, or add --reload_multifile=true",
                )


def overlap(one: File, other: File) -> bool:
    if one.first_time is None or one.last_time is None or other.first_time is None or other.last_time is None:
        return False
    return min(one.last_time, other.last_time) - max(one.first_time, other.first_time) > CLEARLY


def span(one: File, other: File) -> dict[str, Any]:
    return {"first": [one.first_time, one.last_time], "second": [other.first_time, other.last_time]}


def shared_tags(found: Iterable[Series], one: File, other: File) -> list[str]:
    both = {one.name, other.name}
    return [series.tag for series in found if both <= {part.file for part in series.parts}]


def by_run(survey: Survey, wanted: Callable[[Series], bool]) -> Iterator[tuple[str, list[Series]]]:
    """The curves that are wanted, run by run."""
    found: dict[str, list[Series]] = {}
    for series in survey.series.values():
        if series.plugin in CURVES and wanted(series):
            found.setdefault(series.run, []).append(series)
    yield from sorted(found.items())


def tags(found: Iterable[Series]) -> str:
    return named([series.tag for series in found])


def named(names: list[str]) -> str:
    more = len(names) - TOLD
    return ", ".join(names[:TOLD]) + (f" and {more} more" if more > 0 else "")


def file_of(series: Series) -> str:
    return series.parts[0].file


CHECKS = (all_at_one_step, go_back, several_at_each_step, two_writers)
