"""What TensorBoard shows, where something is expected of it."""

from __future__ import annotations

from collections.abc import Iterable

from tbcookbook.observation.record import Observation, Shown
from tbcookbook.scenarios.scenario import Expectation
from tbcookbook.verdict.mismatch import Mismatch, listed


def compare_shown(expectation: Expectation, seen: Observation) -> Iterable[Mismatch]:
    if not expectation.needs_shown:
        return
    shown = seen.shown
    if shown is None or shown.failure:
        why = "TensorBoard was not asked" if shown is None else shown.failure
        yield Mismatch("what TensorBoard shows", "what scenario.toml says", why)
        return
    wanted = expectation.dashboards
    if wanted is not None and sorted(wanted) != sorted(shown.dashboards):
        yield Mismatch("dashboards", listed(sorted(wanted)), listed(sorted(shown.dashboards)))
    plainly, slowly = expectation.shown or {}, expectation.shown_slow or {}
    for key, steps in plainly.items():
        yield from compare_steps(f"steps shown of {key}", steps, served(seen, shown, key, fast=True))
    for key in dict.fromkeys([*plainly, *slowly]):
        steps = slowly.get(key, in_files(seen, key))
        what = f"steps shown of {key} with --load_fast=false"
        yield from compare_steps(what, steps, served(seen, shown, key, fast=False))


def compare_steps(what: str, expected: Iterable[int], actual: Iterable[int]) -> Iterable[Mismatch]:
    if list(expected) != list(actual):
        yield Mismatch(what, listed(expected), listed(actual))


def served(seen: Observation, shown: Shown, key: str, fast: bool) -> list[int]:
    """The steps that TensorBoard serves: those in the files, where nothing else was recorded."""
    points = shown.points.get(key)
    if points is None:
        return in_files(seen, key)
    return list(points.fast if fast else points.slow)


def in_files(seen: Observation, key: str) -> list[int]:
    stream = seen.logs.streams.get(key)
    return [] if stream is None else list(stream.steps)
