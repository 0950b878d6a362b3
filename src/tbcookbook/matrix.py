"""Make one target after another, run every scenario on it, and record what happens or hold it to the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tbcookbook.errors import RecordingError, TargetError
from tbcookbook.execution.sandbox import close_all_probes
from tbcookbook.recordings.store import load_recording, new_recording, save_recording, staleness, with_differences
from tbcookbook.scenarios.scenario import Scenario
from tbcookbook.suite import available_cores, cases, run_all
from tbcookbook.targets.environments import MissingInterpreterError, is_ready, provision, remove
from tbcookbook.targets.registry import RegisteredTarget
from tbcookbook.verdict.judge import Verdict

State = Literal["recorded", "fresh", "as recorded", "different", "failed", "skipped"]


@dataclass(frozen=True)
class Row:
    """What came of one target. `text` says more: why it failed, or how many scripts ran. Seconds are wall time."""

    target: RegisteredTarget
    state: State
    text: str
    verdicts: tuple[Verdict, ...] = ()
    install_seconds: float = 0.0
    run_seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        return {
            "target": self.target.name,
            "state": self.state,
            "text": self.text,
            "not_as_expected": [verdict.as_json() for verdict in self.verdicts if verdict.mismatches],
            "install_seconds": round(self.install_seconds, 1),
            "run_seconds": round(self.run_seconds, 1),
        }

    @property
    def bad(self) -> bool:
        return self.state in ("failed", "different") or any(verdict.mismatches for verdict in self.verdicts)


@dataclass(frozen=True)
class Plan:
    """How to go about it.

    `check` compares with the recordings and leaves them as they are; what was seen is then written to the folder
    `into`, if there is one. `again` runs targets too whose recording is fresh.
    """

    observed: Path
    date: str
    keep: bool = False
    check: bool = False
    into: Path | None = None
    again: bool = False
    jobs: int | None = None


def run_matrix(
    targets: Sequence[RegisteredTarget],
    scenarios: Sequence[Scenario],
    plan: Plan,
    log: Callable[[str], None],
    report: Callable[[Row], None],
) -> list[Row]:
    """Take the targets, as many side by side as there are cores. One that fails is reported, and the next one taken.

    `report` is called with each row as it is ready; the rows come back in the order of the targets. On an interrupt
    what runs is ended, and nothing is recorded of it.
    """
    side_by_side = max(1, min(len(targets), plan.jobs or available_cores()))
    jobs = max(1, (plan.jobs or available_cores()) // side_by_side)
    pool = ThreadPoolExecutor(side_by_side)
    try:
        futures = [pool.submit(run_row, target, scenarios, plan, jobs, log) for target in targets]
        for future in as_completed(futures):
            report(future.result())
        return [future.result() for future in futures]
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        close_all_probes()
        raise
    finally:
        pool.shutdown()


def run_row(
    target: RegisteredTarget, scenarios: Sequence[Scenario], plan: Plan, jobs: int, log: Callable[[str], None]
) -> Row:
    if not (plan.check or plan.again) and is_fresh(target, scenarios, plan.observed):
        return Row(target, "fresh", "recorded before, with the same scripts and packages")
    kept = plan.keep or is_ready(target)
    try:
        return record_or_check(target, scenarios, plan, jobs, log)
    except MissingInterpreterError as problem:
        return Row(target, "skipped", str(problem))
    except (TargetError, RecordingError) as problem:
        # What is not released yet may not be there at all.
        return Row(target, "skipped" if target.status == "preview" else "failed", str(problem))
    except OSError as problem:
        return Row(target, "failed", f"target {target.name}: {problem}")
    finally:
        if not kept:
            remove(target)


def record_or_check(
    registered: RegisteredTarget, scenarios: Sequence[Scenario], plan: Plan, jobs: int, log: Callable[[str], None]
) -> Row:
    began = time.monotonic()
    target = provision(registered, log)
    installed = time.monotonic()
    log(f"{registered.name}: running {2 * len(scenarios)} scripts")
    verdicts = run_all(cases(scenarios, [target]), jobs=jobs)
    seconds = {"install_seconds": installed - began, "run_seconds": time.monotonic() - installed}
    observations = [(verdict.scenario, verdict.role, verdict.observation) for verdict in verdicts]
    recording = new_recording(target, registered.requirements, plan.date, observations)
    if plan.check:
        if plan.into is not None:
            save_recording(plan.into, recording)
        changed = compare_with_recording(registered, verdicts, scenarios, plan.observed)
        state: State = "different" if any(verdict.mismatches for verdict in changed) else "as recorded"
        return Row(registered, state, f"{len(verdicts)} scripts", tuple(changed), **seconds)
    save_recording(plan.observed, recording)
    return Row(registered, "recorded", f"{len(verdicts)} scripts", tuple(verdicts), **seconds)


def is_fresh(target: RegisteredTarget, scenarios: Sequence[Scenario], observed: Path) -> bool:
    try:
        return not staleness(load_recording(observed, target.name), target, scenarios)
    except RecordingError:
        return False


def compare_with_recording(
    target: RegisteredTarget, verdicts: Sequence[Verdict], scenarios: Sequence[Scenario], observed: Path
) -> list[Verdict]:
    """The verdicts, with a mismatch for each difference from the recording.

    Raises RecordingError if there is none, or it is stale.
    """
    if not (observed / f"{target.name}.json").exists():
        raise RecordingError(f"no recording of {target.name!r} in {observed} to compare with")
    recording = load_recording(observed, target.name)
    reasons = staleness(recording, target, scenarios)
    if reasons:
        raise RecordingError(f"the recording of {target.name} is stale: {'; '.join(reasons)}")
    return [
        with_differences(verdict, recording.observation(verdict.scenario.slug, verdict.role)) for verdict in verdicts
    ]
