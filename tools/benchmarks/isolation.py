"""What isolation costs: every script run three ways, in one go, on the interpreter that runs this file.

* runpy: ``runpy.run_path`` in a process that has just imported TensorFlow; the import is not counted. Given twice:
  until the script is done, and until the process has ended, since the end of an interpreter with TensorFlow in it takes
  a while and is part of running a script.
* warm: `Sandbox` on a warm probe, from the request to the finished observation; the one import is counted apart.
* fresh: `Sandbox` with a process of its own for every script, its import of TensorFlow included.

The three take turns script by script, so that a busy machine is busy for all of them. The observations of warm and
fresh are compared: they must agree in everything but times. Exit status 1 if they do not.

Then the same scenarios are run by ``tbcookbook run``, and that is held against what it could cost at least: one import
and the work of the scripts themselves, on all cores. Name scenarios to take these; without, a sample is taken over all
chapters. Scripts that start a server, that need an environment of their own or that kill their process are left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tbcookbook.execution.sandbox import Probe, Sandbox
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.differences import observation_differences
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Scenario
from tbcookbook.suite import cases
from tbcookbook.targets.target import Target, this_target
from tbcookbook.verdict.case import Case

RUNPY = """
import contextlib, runpy, sys, time
import tensorflow
began = time.perf_counter()
with contextlib.suppress(BaseException):
    runpy.run_path(sys.argv[1], run_name="__main__")
print("SECONDS", began, time.perf_counter())
"""

MOST_COST, LEAST_SPEED_UP = 0.1, 6.0  # seconds a script over runpy; fresh over warm
MOST_OVER_LEAST = 1.2  # a whole run over one import and the scripts' own work
SAMPLE = 15  # scenarios, if none are named
LASTING = ("subprocess", "tensorboard.program")  # what a script that starts a server has


def main() -> int:
    console = Console()
    target = this_target()
    console.print(target.title)
    chosen = sample(load_scenarios(), sys.argv[1:])
    found = cases(chosen, [target])
    rows: list[Row] = []
    disagreeing: list[tuple[str, str, str, str]] = []
    began = time.perf_counter()
    with Probe(target) as probe:
        warm, fresh = Sandbox(target, probe.folder), Sandbox(target)
        warm.run(Path(__file__).with_name("nothing.py"))  # the import, and the driver's own first use
        start = time.perf_counter() - began
        for case in found:
            script = case.scenario.script(case.role)
            values = case.scenario.values(case.role)
            alone = in_process(script, target)
            if alone is None:
                console.print(f"{name(case)}: left out, it ends its process", markup=False)
                continue
            done, ended = alone
            warm_seconds, warm_seen = timed(warm, script, values)
            fresh_seconds, fresh_seen = timed(fresh, script, values)
            rows.append(Row(name(case), done, ended, warm_seconds, fresh_seconds))
            disagreeing += [(name(case), *difference) for difference in observation_differences(warm_seen, fresh_seen)]
    report(console, rows, start)
    report_whole_run(console, rows, [scenario.slug for scenario in chosen])
    for case_name, path, before, after in disagreeing:
        console.print(f"{case_name}: warm and fresh disagree on {path}: {before} / {after}", markup=False)
    console.print(f"{len(rows)} scripts, {len(disagreeing)} disagreements between warm and fresh")
    return 1 if disagreeing else 0


def sample(scenarios: Sequence[Scenario], slugs: Sequence[str]) -> list[Scenario]:
    """The scenarios that are named, or some of every chapter: those whose scripts can run by themselves."""
    if slugs:
        return [scenario for scenario in scenarios if scenario.slug in slugs]
    plain = [scenario for scenario in scenarios if not scenario.environments and all(map(alone, scripts(scenario)))]
    return plain[:: max(1, len(plain) // SAMPLE)][:SAMPLE]


def scripts(scenario: Scenario) -> list[Path]:
    return [scenario.script(role) for role in ROLES]


def alone(script: Path) -> bool:
    return script.suffix == ".py" and not any(word in script.read_text(encoding="utf-8") for word in LASTING)


def timed(sandbox: Sandbox, script: Path, values: list[str]) -> tuple[float, Observation]:
    began = time.perf_counter()
    seen = sandbox.run(script, values)
    return time.perf_counter() - began, seen


class Row(NamedTuple):
    """Seconds of one script: alone until it is done, alone until its process has ended, warm, fresh."""

    name: str
    done: float
    ended: float
    warm: float
    fresh: float


def in_process(script: Path, target: Target) -> tuple[float, float] | None:
    """Seconds that a script takes by itself, after the import of TensorFlow: until it is done, until its end.

    None if it never comes to the end of its text, and of that of the measuring.
    """
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.run(
            [target.python, "-c", RUNPY, script],
            cwd=folder,
            env=target.variables(Path(folder) / "keras"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        ended = time.perf_counter()  # the same clock in all processes: CLOCK_MONOTONIC
    _, mark, times = process.stdout.rpartition("SECONDS")
    if not mark:
        return None
    began, done = map(float, times.split())
    return done - began, ended - began


def report(console: Console, rows: list[Row], start: float) -> None:
    table = Table("script", "runpy s", "to its end", "warm s", "fresh s", "fresh / warm", box=None)
    for row in rows:
        table.add_row(row.name, *(f"{value:.2f}" for value in (*row[1:], row.fresh / row.warm)))
    console.print(table)
    done, ended = sum(row.done for row in rows), sum(row.ended for row in rows)
    warm, fresh = sum(row.warm for row in rows), sum(row.fresh for row in rows)
    console.print(
        f"sums: runpy {done:.1f} s, to its end {ended:.1f} s, warm {warm:.1f} s (and {start:.1f} s to start), "
        f"fresh {fresh:.1f} s"
    )
    for what, costs in [
        ("runpy to the end of its process", [row.warm - row.ended for row in rows]),
        ("runpy alone", [row.warm - row.done for row in rows]),
    ]:
        mean, median = statistics.mean(costs), statistics.median(costs)
        told = f"mean {mean:.3f} s, median {median:.3f} s (aim: under {MOST_COST} s)"
        console.print(f"cost of the harness a script, over {what}: {told}")
    console.print(
        f"fresh over warm: {fresh / warm:.1f}, with the start of the probe {fresh / (warm + start):.1f} "
        f"(aim: at least {LEAST_SPEED_UP})"
    )


def report_whole_run(console: Console, rows: list[Row], slugs: Sequence[str]) -> None:
    """A run of all, side by side with its import: alone, and with the scripts' own work divided by the cores."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import tensorflow"], check=True, stderr=subprocess.DEVNULL)
    imported = time.perf_counter() - began
    began = time.perf_counter()
    run = [sys.executable, "-m", "tbcookbook", "run", *slugs]
    subprocess.run(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    whole = time.perf_counter() - began
    cores = len(os.sched_getaffinity(0))
    for what, work in [
        ("until they are done", sum(row.done for row in rows)),
        ("to the ends of their processes", sum(row.ended for row in rows)),
    ]:
        least = imported + work / cores
        console.print(
            f"all in one run: {whole:.1f} s, {whole / least:.2f} times one import ({imported:.1f} s) and the scripts "
            f"{what} ({work:.1f} s on {cores} cores) (aim: at most {MOST_OVER_LEAST})"
        )


def name(case: Case) -> str:
    return f"{case.scenario.slug}/{case.role}"


if __name__ == "__main__":
    sys.exit(main())
