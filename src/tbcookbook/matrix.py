"""Run what is stale on many targets, each made for it, and record what happens; or hold all to the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tbcookbook.errors import RecordingError, TargetError
from tbcookbook.execution.sandbox import close_all_probes
from tbcookbook.recordings.differences import against_recording
from tbcookbook.recordings.freshness import run_made, scripts_of, stale_scripts
from tbcookbook.recordings.row import Row, State
from tbcookbook.recordings.store import Recording, Run, read_recordings, record
from tbcookbook.scenarios.scenario import Role, Scenario
from tbcookbook.suite import available_cores, run_all
from tbcookbook.targets.environments import MissingInterpreterError, is_ready, provision, remove
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import RegisteredTarget
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import Verdict


@dataclass(frozen=True)
class Plan:
    """How to go about it.

    `check` runs all scripts, compares with the recordings and leaves them as they are; what was seen is then written to
    the folder `into`, if there is one. `again` runs all scripts too. Otherwise those are run whose recording is stale,
    and a target that has none costs nothing.
    """

    observed: Path
    date: str
    keep: bool = False
    check: bool = False
    into: Path | None = None
    again: bool = False
    jobs: int | None = None


def run_matrix(
    targets: Sequence[Recipe],
    scenarios: Sequence[Scenario],
    plan: Plan,
    log: Callable[[str], None],
    report: Callable[[Row], None],
) -> list[Row]:
    """Take targets and environments of scenarios, as many side by side as there are cores.

    One that fails is reported, and the next one taken. `report` is called with each row as it is ready; the rows come
    back in the order of the targets. On an interrupt what runs is ended, and nothing is recorded of it.
    """
    side_by_side = max(1, min(len(targets), plan.jobs or available_cores()))
    # Half of a script's time TensorBoard is waited for, so two at a time keep one core busy.
    jobs = 2 * max(1, (plan.jobs or available_cores()) // side_by_side)
    recorded = read_recordings(plan.observed, [target.name for target in targets])
    pool = ThreadPoolExecutor(side_by_side)
    try:
        futures = [
            pool.submit(
                run_row, target, scripts_to_run(target, recorded.get(target.name), scenarios, plan), plan, jobs, log
            )
            for target in targets
        ]
        for future in as_completed(futures):
            report(future.result())
        return [future.result() for future in futures]
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        close_all_probes()
        raise
    finally:
        pool.shutdown()


Script = tuple[Scenario, Role]


def scripts_to_run(
    target: Recipe, recording: Recording | None, scenarios: Sequence[Scenario], plan: Plan
) -> list[Script]:
    if plan.check or plan.again:
        return scripts_of(target, scenarios)
    return [(stale.scenario, stale.role) for stale in stale_scripts(recording, target, scenarios)]


def run_row(target: Recipe, scripts: Sequence[Script], plan: Plan, jobs: int, log: Callable[[str], None]) -> Row:
    if not scripts:
        return Row(target, "fresh", "recorded before, with the same scripts and packages")
    kept = plan.keep or is_ready(target)
    try:
        return record_or_check(target, scripts, plan, jobs, log)
    except MissingInterpreterError as problem:
        return Row(target, "skipped", str(problem))
    except (TargetError, RecordingError) as problem:
        # What is not released yet may not be there at all.
        preview = isinstance(target, RegisteredTarget) and target.status == "preview"
        return Row(target, "skipped" if preview else "failed", str(problem))
    except OSError as problem:
        return Row(target, "failed", f"target {target.name}: {problem}")
    finally:
        if not kept:
            remove(target)


def record_or_check(
    recipe: Recipe, scripts: Sequence[Script], plan: Plan, jobs: int, log: Callable[[str], None]
) -> Row:
    began = time.monotonic()
    target = provision(recipe, log)
    installed = time.monotonic()
    log(f"{recipe.name}: running {len(scripts)} scripts")
    verdicts = run_all([Case(scenario, role, target) for scenario, role in scripts], jobs=jobs, show=True)
    seconds = {"install_seconds": installed - began, "run_seconds": time.monotonic() - installed}
    into = plan.into if plan.check else plan.observed
    if into is not None:
        record(into, target.name, made(verdicts, plan.date))
    state: State = "recorded"
    if plan.check:
        verdicts = [against_recording(verdict, plan.observed) for verdict in verdicts]
        state = state_of(verdicts)
    return Row(recipe, state, f"{len(verdicts)} scripts", tuple(verdicts), **seconds)


def made(verdicts: Sequence[Verdict], date: str) -> Iterator[tuple[Scenario, Role, Run]]:
    for found in verdicts:
        yield found.scenario, found.role, run_made(found.scenario, found.role, found.target, found.observation, date)


def state_of(verdicts: Sequence[Verdict]) -> State:
    """How a target compares with its recording."""
    if any(verdict.mismatches for verdict in verdicts):
        return "different"
    return "not recorded" if any(verdict.recorded == "not recorded" for verdict in verdicts) else "as recorded"
